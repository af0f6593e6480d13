"""The settings' section on newer versions: whether to look, and a look now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QVBoxLayout, QWidget

from asa_desktop import __version__, words
from asa_desktop.ui.pages.settings import section, setting
from asa_desktop.ui.tr import sentences, tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.choice import Switch
from asa_desktop.ui.widgets.frames import label, row
from asa_desktop.ui.widgets.notice import announce

if TYPE_CHECKING:
    from asa_desktop.ui.context import AppContext


class UpdatesSection(QWidget):
    """A switch that is off until somebody moves it, and a button; both dead without a place."""

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._updates = updates = context.updates
        on = context.settings.updates and updates.place is not None
        self.by_itself = Switch(tr("Look for newer versions"), on=on)
        self.by_itself.toggled.connect(lambda on: context.change(updates=on))
        self.now = Button(tr("Look now"), icon="refresh-cw", action=updates.look)
        self.said = label("", "caption", tone="muted", wrap=True)
        for control in (self.by_itself, self.now):
            control.setEnabled(updates.place is not None)
        if updates.place is None:
            remark = tr("This build has no place to look for newer versions, so it never does.")
        else:
            remark = tr(
                "Once a day at most the program asks {host} for a list of releases. Nothing about"
                " you is sent, but as with any page {host} sees your internet address. Nothing is"
                " downloaded or installed.",
                host=updates.place.host,
            )
        holder = QWidget()
        box = row(self.now, self.said)
        box.setStretch(1, 1)
        holder.setLayout(box)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(
            section(
                tr("Newer versions"),
                setting(tr("By itself"), self.by_itself, remark=remark),
                setting(tr("Now"), holder),
            )
        )
        updates.changed.connect(self._tell)
        self._tell()

    def _tell(self) -> None:
        updates = self._updates
        before, said = self.said.text(), self._sentence()
        self.now.setEnabled(updates.place is not None and not updates.looking)
        self.said.setText(said)
        if said and said != before and updates.looked_now and self.isVisible():
            announce(self, said)

    def _sentence(self) -> str:
        updates = self._updates
        if updates.place is None:
            return ""
        if updates.looking:
            return tr("Looking…")
        if updates.error is not None:
            return words.say(updates.error)
        memory = updates.memory
        if memory is None or memory.looked is None:
            return tr("Nobody has looked yet.")
        when = QLocale().toString(memory.looked.astimezone(), QLocale.FormatType.ShortFormat)
        looked = tr("Last look: {when}.", when=when)
        if memory.outcome:
            return sentences(looked, words.sentence(memory.outcome))
        release = memory.newer()
        if release is None:
            return sentences(looked, tr("{version} is the newest version.", version=__version__))
        return sentences(looked, tr("Version {version} is out.", version=release.version))
