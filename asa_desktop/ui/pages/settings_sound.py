"""The settings of microphone and headphones: which, how, heard at once, and their delay."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from asa_desktop import words
from asa_desktop.engine.messages import Device, Play
from asa_desktop.services.files import write_wav
from asa_desktop.services.paths import private_folder
from asa_desktop.services.rehearsal import setup_of
from asa_desktop.ui.pages.check import delay_words
from asa_desktop.ui.pages.record_words import ALSA_DEFAULT, fault_text
from asa_desktop.ui.pages.settings import section, setting
from asa_desktop.ui.theme.tokens import XS, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.choice import DropDown
from asa_desktop.ui.widgets.frames import column, label, row
from asa_desktop.ui.widgets.meter import LevelMeter

if TYPE_CHECKING:
    from asa_desktop.services.library import DelayRow
    from asa_desktop.services.recorder import Recorder
    from asa_desktop.ui.context import AppContext

BLOCKS = (64, 128, 256, 512, 1024, 2048)
TONE_S, TONE_HZ, TONE_GAIN = 1.5, 440.0, 0.08
_TEST_S, _FRAME_MS = 12, 33


class SoundSection(QWidget):
    """One card: system, microphone, headphones, block, a test, the delay.

    The list is read anew whenever the section is shown and when the button asks for it.
    """

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.devices: tuple[Device, ...] = ()
        self.testing = False
        self._known: tuple[DelayRow, ...] = ()
        self._make()
        self._lay_out()
        self.setFocusProxy(self.input)
        self._frames = QTimer(self, interval=_FRAME_MS)
        self._frames.timeout.connect(self._frame)
        self._over = QTimer(self, singleShot=True, interval=_TEST_S * 1000)
        self._over.timeout.connect(self.end_test)
        self._fill()

    def _make(self) -> None:
        change = self.context.change
        self.api = DropDown(tr("Sound system"))
        self.api.picked.connect(lambda value: self._picked(host_api=value, input="", output=""))
        self.input = DropDown(tr("Microphone"))
        self.input.picked.connect(lambda value: self._picked(input=value, input_channel=0))
        self.channel = DropDown(tr("Microphone's channel"))
        self.channel.picked.connect(lambda value: self._picked(input_channel=int(value)))
        self.output = DropDown(tr("Headphones"))
        self.output.picked.connect(lambda value: self._picked(output=value, output_channel=0))
        self.pair = DropDown(tr("Headphones' channels"))
        self.pair.picked.connect(lambda value: self._picked(output_channel=int(value)))
        self.block = DropDown(
            tr("Block size"),
            _blocks(self.context.settings.block),
            value=str(self.context.settings.block),
        )
        self.block.picked.connect(lambda value: change(block=int(value)))
        self.refresh = Button(tr("Look again"), icon="refresh-cw", action=self.look)
        self.fault = label("", "caption", tone="record", wrap=True)
        self.test = Button(tr("Play a tone and listen"), icon="volume-2", action=self.toggle_test)
        self.meter = LevelMeter(tr("Microphone"))
        self.delay = label("", "caption", tone="muted", wrap=True)
        self.check = Button(tr("Sound check"), icon="headphones", action=self._to_check)

    def _lay_out(self) -> None:
        for each in (self.fault, self.meter, self.channel, self.pair, self.api):
            each.hide()  # until there is something to choose or to show
        inputs = _held(column(self.input, self.channel, spacing=XS))
        outputs = _held(column(self.output, self.pair, spacing=XS))
        system = column(self.api, _left(self.refresh), self.fault, spacing=S)
        test = column(_left(self.test), self.meter, spacing=M)
        card = section(
            tr("Sound"),
            setting(tr("Microphone"), inputs),
            setting(tr("Headphones"), outputs),
            setting(
                tr("Block size"), self.block,
                remark=tr("Larger blocks help where sound drops out; the delay grows with them."),
            ),
            setting(tr("Devices"), _held(system)),
            setting(tr("Test"), _held(test)),
            setting(tr("Delay"), _held(column(_left(self.check), self.delay, spacing=XS))),
        )  # fmt: skip
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(card)

    # Devices

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not event.spontaneous():
            self.look()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        if not event.spontaneous():
            self.end_test()

    def look(self) -> None:
        """Have the system list its devices anew."""
        self.end_test()
        self.refresh.setEnabled(False)
        self.context.recorder.run(
            lambda it: it.devices(), done=self._listed, failed=self._failed, owner=self
        )
        self.context.library.run(
            lambda it: tuple(it.delays()), done=self._knows, failed=lambda error: None, owner=self
        )

    def _listed(self, devices: tuple[Device, ...]) -> None:
        self.devices = devices
        self.refresh.setEnabled(True)
        self._say_fault("" if devices else tr("The system has no sound devices; plug some in."))
        self._fill()

    def _failed(self, error: BaseException) -> None:
        self.refresh.setEnabled(True)
        self._end_showing()
        self._say_fault(fault_text(error, self.context.diary))

    def _knows(self, delays: tuple[DelayRow, ...]) -> None:
        self._known = delays
        self._show_delay()

    def _say_fault(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.setVisible(bool(text))

    def _picked(self, **values: object) -> None:
        self.end_test()
        self.context.change(**values)
        self._fill()

    def _fill(self) -> None:
        """The choices that there are, with what was chosen shown even where it is away."""
        settings = self.context.settings
        apis = list(dict.fromkeys(each.host_api for each in self.devices))
        usual = tr("As the system")
        self.api.set_options(
            _options(apis, chosen=settings.host_api, usual=usual), value=settings.host_api
        )
        self.api.setVisible(len(apis) > 1 or bool(settings.host_api))
        fitting = [each for each in self.devices if settings.host_api in ("", each.host_api)]
        sources = [each for each in fitting if each.inputs]
        sinks = [each for each in fitting if each.outputs]
        for choice, there, chosen in (
            (self.input, sources, settings.input), (self.output, sinks, settings.output),
        ):  # fmt: skip
            first = _default(there, output=choice is self.output)
            named = first not in ("", ALSA_DEFAULT)
            usual = tr("System default: {name}", name=first) if named else tr("System default")
            names = list(dict.fromkeys(each.name for each in there))
            choice.set_options(_options(names, chosen=chosen, usual=usual), value=chosen)
        source = _chosen(sources, settings.input, output=False)
        sink = _chosen(sinks, settings.output, output=True)
        self._fill_channels(source, sink)
        self._show_delay()

    def _fill_channels(self, source: Device | None, sink: Device | None) -> None:
        settings = self.context.settings
        count = max(source.inputs if source else 1, settings.input_channel + 1)
        channels = [(str(each), tr("Channel {number}", number=each + 1)) for each in range(count)]
        self.channel.set_options(channels, value=str(settings.input_channel))
        self.channel.setVisible(count > 1)
        wide = max(sink.outputs if sink else 2, settings.output_channel + 2)
        pairs = [
            (str(each), tr("Channels {first} and {second}", first=each + 1, second=each + 2))
            for each in range(0, wide - 1, 2)
        ]
        self.pair.set_options(pairs, value=str(settings.output_channel))
        self.pair.setVisible(wide > 2)

    # The delay

    def _show_delay(self) -> None:
        known = self._delay_of_chosen()
        if known is None:
            self.delay.setText(tr("Not measured for these devices."))
        else:
            self.delay.setText(delay_words(known))

    def _delay_of_chosen(self) -> DelayRow | None:
        settings = self.context.settings
        source = _chosen([d for d in self.devices if d.inputs], settings.input, output=False)
        sink = _chosen([d for d in self.devices if d.outputs], settings.output, output=True)
        if source is None or sink is None:
            return None
        block = setup_of(settings).block
        return next(
            (
                each for each in self._known
                if (each.input, each.output, each.block) == (source.name, sink.name, block)
                and settings.host_api in ("", each.host_api)
            ),
            None,
        )  # fmt: skip

    def _to_check(self) -> None:
        self.context.navigate("check")

    # The test

    def toggle_test(self) -> None:
        """Play a soft tone and show what the microphone brings; a second press ends it."""
        if self.testing:
            self.end_test()
            return
        self.testing = True
        self.test.say(tr("Stop"), icon="square")
        self.meter.clear()
        self.meter.show()
        self._say_fault("")
        setup, folder = setup_of(self.context.settings), self.context.places.cache / "check"

        def play(it: Recorder) -> None:
            opened = it.open(setup)
            it.play(Play(accompaniment=tone_file(folder, rate=opened.rate)))

        self.context.recorder.run(play, done=self._plays, failed=self._failed, owner=self)

    def _plays(self, _: object) -> None:
        if self.testing:
            self._frames.start()
            self._over.start()

    def end_test(self) -> None:
        """Be silent, and let go of the microphone."""
        if not self.testing:
            return
        self._end_showing()
        self.context.recorder.run(
            lambda it: it.close_devices(), failed=lambda error: None, owner=self
        )

    def _end_showing(self) -> None:
        self.testing = False
        self._frames.stop()
        self._over.stop()
        self.test.say(tr("Play a tone and listen"), icon="volume-2")
        self.meter.hide()

    def _frame(self) -> None:
        it = self.context.recorder.value
        if it is None:
            return
        try:
            now = it.snapshot()
        except ValueError:  # the engine was just closed
            return
        self.meter.set_level(now.peak_db, clipped=now.clipping)


def tone_file(folder: Path, *, rate: int) -> Path:
    """A soft tone that swells and fades, as a file that the engine plays. Raises `PlaceError`."""
    import numpy as np

    path = private_folder(folder) / f"tone-{rate}.wav"
    if not path.exists():
        t = np.arange(round(TONE_S * rate)) / rate
        swell = np.sin(math.pi * t / TONE_S) ** 2
        write_wav(path, TONE_GAIN * swell * np.sin(2 * math.pi * TONE_HZ * t), rate=rate)
    return path


def _options(names: Iterable[str], *, chosen: str, usual: str) -> list[tuple[str, str]]:
    """The system's own choice first; what was chosen stays though it is away."""
    found = [("", usual), *((name, words.on_one_line(name)) for name in names)]
    if chosen and chosen not in dict(found):
        found.append((chosen, tr("{name} (not there)", name=words.on_one_line(chosen))))
    return found


def _default(devices: Sequence[Device], *, output: bool) -> str:
    flag = "default_output" if output else "default_input"
    return next((words.on_one_line(each.name) for each in devices if getattr(each, flag)), "")


def _chosen(devices: Sequence[Device], name: str, *, output: bool) -> Device | None:
    flag = "default_output" if output else "default_input"
    return next(
        (each for each in devices if (each.name == name if name else getattr(each, flag))), None
    )


def _blocks(chosen: int) -> list[tuple[str, str]]:
    sizes = sorted({*BLOCKS, *((chosen,) if chosen else ())})
    return [
        ("0", tr("Automatic")),
        *((str(each), tr("{count} frames", count=each)) for each in sizes),
    ]


def _left(button: Button) -> QWidget:
    return _held(row(button, None, spacing=0))


def _held(box: QVBoxLayout | object) -> QWidget:
    holder = QWidget()
    holder.setLayout(box)  # type: ignore[arg-type]
    return holder
