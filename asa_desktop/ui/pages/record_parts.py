"""The head and the bar of the record page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.services.playback import Parts
from asa_desktop.services.settings import Settings
from asa_desktop.ui.pages.record_words import trouble_text
from asa_desktop.ui.plots.timeaxis import clock
from asa_desktop.ui.theme.tokens import ICON_SMALL, XS, L, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button, IconButton, RecordButton
from asa_desktop.ui.widgets.choice import Switch
from asa_desktop.ui.widgets.frames import Card, Elided, column, label, row, set_tone
from asa_desktop.ui.widgets.meter import LevelMeter
from asa_desktop.ui.widgets.notice import Sign
from asa_desktop.ui.widgets.singer import SingerField
from asa_desktop.ui.widgets.slider import LabelledSlider

_LEAST_ARTIST = 112
"""Less of a name says nothing."""


class Head(QWidget):
    """Song, who sings, devices with their delay, and where in the song we are."""

    def __init__(
        self,
        *,
        back: Callable[[], object],
        check: Callable[[], object],
        named: Callable[[str], object],
    ) -> None:
        super().__init__()
        self.title = Elided("", "page")
        self.artist = Elided("", tone="muted", least=_LEAST_ARTIST)
        self.devices = Elided("", tone="muted")
        self.devices.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.delay = label("", tone="muted")
        self.check = Button(tr("Check"), kind="quiet", action=check)
        self.check.setAccessibleDescription(tr("microphone, headphones and delay"))
        self.at = label("0:00", "page")
        self.total = label("", tone="muted")
        self._sign = Sign("headphones", "muted")
        self.singer = SingerField()
        self.singer.setFixedWidth(132)
        self.singer.setToolTip(tr("Who sings: the take goes under this name"))
        self.singer.editingFinished.connect(lambda: named(self.singer.name))
        left = row(
            IconButton("chevron-left", tr("Back"), keys="Esc", action=back),
            self.title, self.artist, spacing=S,
        )  # fmt: skip
        left.setStretch(2, 1)
        left.setAlignment(self.artist, Qt.AlignmentFlag.AlignVCenter)
        right = row(
            self.singer,
            self._sign,
            self.devices,
            self.delay,
            self.check,
            XS,
            self.at,
            self.total,
            spacing=S,
        )
        box = row(left, right, spacing=L)
        box.setStretch(0, 1)
        self.setLayout(box)
        self.setFixedHeight(40)
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.say_devices("")
        self.set_time(0.0, None)

    def set_song(self, title: str, artist: str) -> None:
        self.title.setText(title)
        self.artist.setText(artist)

    def say_devices(self, name: str, delay: str = "", *, calibrated: bool = True) -> None:
        """Which devices; where their delay was never measured, the check stands out."""
        self.devices.setText(name)
        self.delay.setText(f"({delay})" if delay else "")
        for part in (self._sign, self.devices, self.delay, self.check):
            part.setVisible(bool(name))
        self.check.kind = "quiet" if calibrated else "secondary"
        self.check.update()

    def set_time(self, at: float, total: float | None) -> None:
        """Elapsed and whole time, in seconds of the song."""
        text = clock(int(at))
        if text != self.at.text():
            self.at.setText(text)
        whole = "" if total is None else f"/ {clock(int(total))}"
        if whole != self.total.text():
            self.total.setText(whole)
        self.total.setVisible(bool(whole))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self.devices.setMaximumWidth(max(96, self.width() // 4))
        super().resizeEvent(event)


class Bar(Card):
    """Level, volumes, the round button, and how octaves are drawn."""

    def __init__(
        self,
        settings: Settings,
        *,
        toggle: Callable[[], object],
        again: Callable[[], object],
        volumes: Callable[[], object],
        fold: Callable[[bool], object],
    ) -> None:
        super().__init__(margin=M, name=tr("Recording"))
        self.meter = LevelMeter(tr("Microphone"))
        self.meter.setMaximumWidth(220)
        self.backing = LabelledSlider(
            tr("Accompaniment"), value=settings.accompaniment_volume, shown=lambda _: ""
        )
        self.mix = LabelledSlider(
            tr("Song"), value=settings.accompaniment_volume, shown=lambda _: ""
        )
        self.voice = LabelledSlider(
            tr("Original voice"), value=settings.voice_volume, shown=lambda _: ""
        )
        self.sliders = (self.backing, self.mix, self.voice)
        for slider in self.sliders:
            slider.slider.setAccessibleDescription("")
            slider.setMaximumWidth(132)
            slider.moved.connect(lambda _: volumes())
        self.button = RecordButton(tr("Record"), tr("Stop"), keys=tr("Space"), action=toggle)
        self.fold = Switch(tr("Fold octaves"), on=settings.octave_folding)
        self.fold.setToolTip(tr("Draw what you sing in the octave of the notes"))
        self.fold.toggled.connect(fold)
        self.again = Button(tr("Again"), icon="rotate-ccw", keys="R", action=again)
        self.again.setToolTip(tr("Keep this take and begin anew"))
        self._sign = Sign("triangle-alert", "sharp", size=ICON_SMALL)
        self._trouble = label("", "caption", tone="muted")
        said = row(None, self._sign, self._trouble, spacing=XS)
        right = column(said, row(None, self.fold, self.again, spacing=M), spacing=XS)
        left = row(self.meter, *self.sliders, None, spacing=L)
        for at, share in enumerate((20, 10, 10, 10, 1)):
            left.setStretch(at, share)
        box = row(spacing=L)
        for part, share in ((left, 1), (self.button, 0), (right, 1)):
            if isinstance(part, QWidget):
                box.addWidget(part)
            else:
                box.addLayout(part, share)
        self.box.addLayout(box)
        self.show_parts(Parts())
        self.show_trouble(xruns=0, gaps=0, clipped=False, live=False)

    def show_parts(self, parts: Parts) -> None:
        """Volumes for what there is to be heard, and no others."""
        self.backing.setVisible(parts.backing is not None and not parts.backing_sings)
        self.mix.setVisible(parts.backing is not None and parts.backing_sings)
        self.voice.setVisible(parts.voice is not None)
        self._sings = parts.backing_sings

    @property
    def gains(self) -> tuple[float, float]:
        """Of accompaniment (or the whole song) and of the original voice."""
        return (self.mix if self._sings else self.backing).value, self.voice.value

    def show_trouble(self, *, xruns: int, gaps: int, clipped: bool, live: bool) -> None:
        """Dropouts and gaps so far; while singing also that there were none."""
        text = trouble_text(xruns=xruns, gaps=gaps, clipped=clipped)
        self._sign.setVisible(bool(text))
        set_tone(self._trouble, "sharp" if text else "muted")
        text = text or (tr("no dropouts") if live else "")
        if text != self._trouble.text():
            self._trouble.setText(text)
            self._trouble.setAccessibleName(text)

    @property
    def trouble(self) -> str:
        return self._trouble.text()

    _sings = False
