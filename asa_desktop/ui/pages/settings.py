"""Settings: few, each of which does something at once."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from asa_desktop import __version__
from asa_desktop.services.catalogues import LANGUAGES
from asa_desktop.services.paths import private_folder, resources
from asa_desktop.services.settings import DEVICES
from asa_desktop.services.singers import singer_names
from asa_desktop.ui.models.model_options import model_options
from asa_desktop.ui.opening import open_path
from asa_desktop.ui.pages.base import PAGE_MARGINS, Page
from asa_desktop.ui.theme import motion
from asa_desktop.ui.theme.fonts import han_families
from asa_desktop.ui.theme.tokens import CONTROL, XL, XS, L, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.choice import DropDown, Segmented, Switch
from asa_desktop.ui.widgets.frames import Card, Elided, PageHeader, column, label, line, row
from asa_desktop.ui.widgets.singer import SingerField

if TYPE_CHECKING:
    from asa_desktop.ui.context import AppContext

WIDE = 720
SOUND = "asa_desktop.ui.pages.settings_sound"
"""The section on microphone and headphones, where there is one: ``SoundSection(context)``."""


class SettingsPage(Page):
    """One column of cards."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title=tr("Settings"))
        body = QWidget()
        body.setObjectName("scrolled")
        body.setMaximumWidth(WIDE + 2 * XL)
        inside = QVBoxLayout(body)
        inside.setContentsMargins(*PAGE_MARGINS)
        inside.setSpacing(L)
        inside.addWidget(PageHeader(self.title))
        for section in self._sections():
            inside.addWidget(section)
        inside.addStretch(1)
        self._area = area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName(self.title)
        area.setWidget(body)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(area)

    def activated(self, *, part: str = "", **_: Any) -> None:
        """`part` "sound": with the choice of microphone and headphones in sight and in hand."""
        if part == "sound" and self.sound is not None:
            QTimer.singleShot(0, self.sound, self._show_sound)
        self.context.library.run(singer_names, done=self.singer.offer, owner=self)
        chosen = self.context.settings.model
        self.context.jobs.start(
            lambda task: model_options(chosen),
            done=lambda found: self.model.set_options(found, value=chosen), owner=self,
        )  # fmt: skip

    def _show_sound(self) -> None:
        """Its head at the top; what is chosen there first has the focus."""
        assert self.sound is not None
        body = self._area.widget()
        self._area.verticalScrollBar().setValue(self.sound.mapTo(body, QPoint(0, -S)).y())
        self.sound.setFocus()

    def resume(self, before: Page) -> None:
        """The same place on the page, and the language's choice in hand if it was."""
        if isinstance(before, SettingsPage):
            at = before._area.verticalScrollBar().value()
            bar = self._area.verticalScrollBar()
            QTimer.singleShot(0, bar, lambda: bar.setValue(at))
            if before.focusWidget() is before.language:
                self.language.setFocus()

    def _sections(self) -> list[QWidget]:
        sections = [self._looks(), self._singer()]
        self.sound: QWidget | None = None
        if importlib.util.find_spec(SOUND) is not None:
            self.sound = importlib.import_module(SOUND).SoundSection(self.context)
            sections.append(self.sound)
        from asa_desktop.ui.pages.settings_updates import UpdatesSection  # it needs this module

        self.updates = UpdatesSection(self.context)
        return [*sections, self._analysis(), self._library(), self.updates, self._about()]

    def _looks(self) -> QWidget:
        settings = self.context.settings
        looks = (("system", tr("As the system")), ("light", tr("Light")), ("dark", tr("Dark")))
        self.theme = Segmented(tr("Theme"), looks, value=settings.theme)
        self.theme.chosen.connect(lambda value: self.context.change(theme=value))
        self.still = Switch(tr("Reduce motion"), on=settings.reduced_motion == "on")
        self.still.toggled.connect(
            lambda on: self.context.change(reduced_motion="on" if on else "system")
        )
        remark = tr("The system asks for it already.") if motion.reduced() else ""
        languages = (("system", tr("As the system")), *LANGUAGES.items())
        self.language = DropDown(tr("Language"), languages, value=settings.language)
        self.language.picked.connect(lambda value: self.context.change(language=value))
        unreadable = "" if han_families() else tr(
            "This system has no font for Chinese; install one, such as Noto Sans CJK."
        )  # fmt: skip
        return section(
            tr("Appearance"),
            setting(tr("Language"), self.language, remark=unreadable),
            setting(tr("Theme"), self.theme),
            setting(tr("Motion"), self.still, remark=remark),
        )

    def _singer(self) -> QWidget:
        self.singer = SingerField(self.context.settings.singer)
        self.singer.setPlaceholderText(tr("Me"))
        self.singer.setAccessibleName(tr("Name"))
        self.singer.editingFinished.connect(lambda: self.context.change(singer=self.singer.name))
        remark = tr("New takes go under this name; each take can be given another.")
        return section(tr("Who sings"), setting(tr("Name"), self.singer, remark=remark))

    def _analysis(self) -> QWidget:
        settings = self.context.settings
        self.model = DropDown(tr("Model"), [(settings.model, settings.model or tr("Bundled"))])
        self.model.picked.connect(lambda value: self.context.change(model=value))
        self.device = DropDown(tr("Runs on"), devices(settings.device), value=settings.device)
        self.device.picked.connect(lambda value: self.context.change(device=value))
        return section(
            tr("Analysis"),
            setting(
                tr("Model"), self.model, remark=tr("Takes can be assessed again with another.")
            ),
            setting(tr("Runs on"), self.device, remark=tr("Used from the next start on.")),
        )

    def _library(self) -> QWidget:
        folder = self.context.places.library
        where = Elided(str(folder), tone="muted")
        where.setAccessibleName(tr("Folder: {path}", path=folder))
        shows = Button(tr("Open folder"), icon="folder-open", action=self._open_library)
        box = row(where, shows, spacing=M)
        box.setStretch(0, 1)
        holder = QWidget()
        holder.setLayout(box)
        remark = tr("Songs that came with the program stay where they are.")
        return section(tr("Library"), setting(tr("Folder"), holder, remark=remark))

    def _about(self) -> QWidget:
        licences = Button(
            tr("Licences"), icon="info", action=lambda: open_path(resources() / "LICENSES.md")
        )
        holder = QWidget()
        holder.setLayout(row(label(f"ASA Desktop {__version__}", tone="muted"), None, licences))
        again = Button(
            tr("Show the introduction again"),
            action=lambda: self.context.navigate("introduction"),
        )
        self.logs = Button(tr("Open folder"), icon="folder-open", action=self._open_logs)
        self.logs.setAccessibleName(tr("Open the folder of the logs"))
        remark = tr("What the program did and what went wrong, never what was sung. Nothing is"
                    " sent.")  # fmt: skip
        return section(
            tr("About"),
            setting(tr("Version"), holder),
            setting(tr("Introduction"), again),
            setting(tr("Logs"), self.logs, remark=remark),
        )

    def _open_logs(self) -> None:
        open_path(private_folder(self.context.places.logs))

    def _open_library(self) -> None:
        open_path(private_folder(self.context.places.library))


def section(title: str, *settings: QWidget) -> Card:
    """A card of settings under a title, a hairline between two."""
    card = Card(margin=L, spacing=M, name=title)
    card.box.addWidget(label(title, "section"))
    for number, one in enumerate(settings):
        if number:
            card.box.addWidget(line())
        card.box.addWidget(one)
    return card


def setting(name: str, control: QWidget, *, remark: str = "") -> QWidget:
    """One setting: its name at the left, its control beside it, a remark below that."""
    words = label(name)
    words.setFixedWidth(140)
    words.setMinimumHeight(min(control.sizeHint().height(), CONTROL))
    right = column(spacing=XS)
    wide = isinstance(control, QLineEdit) or type(control) is QWidget
    right.addWidget(control, 0, Qt.AlignmentFlag(0) if wide else Qt.AlignmentFlag.AlignLeft)
    if remark:
        right.addWidget(label(remark, "caption", tone="muted", wrap=True))
        control.setAccessibleDescription(remark)
    holder = QWidget()
    box = row(spacing=S)
    box.addWidget(words, 0, Qt.AlignmentFlag.AlignTop)
    box.addLayout(right, 1)
    holder.setLayout(box)
    return holder


def devices(chosen: str, *, system: str = sys.platform) -> list[tuple[str, str]]:
    """The devices that this system can have, and the one chosen."""
    names = {
        "auto": tr("Whatever is fastest"),
        "cpu": tr("Processor"),
        "cuda": tr("NVIDIA graphics card"),
        "mps": tr("Apple graphics"),
    }
    absent = {"cuda"} if system == "darwin" else {"mps"}
    return [(one, names[one]) for one in DEVICES if one not in absent or one == chosen]
