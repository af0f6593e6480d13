"""The sound check: is everything ready to sing, and what to do where it is not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from asa_desktop import words
from asa_desktop.core.errors import PlaceError
from asa_desktop.engine.messages import Opened
from asa_desktop.engine.snapshot import State
from asa_desktop.services.rehearsal import hours_left
from asa_desktop.services.soundcheck import QUIET_DB, Bleed, Listening
from asa_desktop.ui.pages.base import Page, in_the_middle
from asa_desktop.ui.pages.check_done import mark_checked, mark_headphones, wears_headphones
from asa_desktop.ui.pages.check_measure import Measuring
from asa_desktop.ui.pages.check_rows import CheckRow
from asa_desktop.ui.pages.choosing import choose_devices
from asa_desktop.ui.pages.introduction import leave_introduction, look_at_example
from asa_desktop.ui.pages.record_ready import OPEN_AGAIN_MS
from asa_desktop.ui.pages.record_words import COMES_BACK, device_name, fault_text, moment_text
from asa_desktop.ui.theme.tokens import XS, L, S
from asa_desktop.ui.tr import sentences, tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.frames import Card, column, label, line, row
from asa_desktop.ui.widgets.meter import LevelBar, level_text
from asa_desktop.ui.widgets.steps import step_text

if TYPE_CHECKING:
    from asa_desktop.services.library import DelayRow
    from asa_desktop.ui.context import AppContext

WIDE = 640
_FRAME_MS, _WORDS_EVERY = 33, 8


class CheckPage(Page):
    """``navigate("check", song=row)``, or without a song from the settings.

    Each line is measured on the devices that are open now. Nothing has to be good: the check can
    be skipped, and is not asked for again with the same devices.
    """

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title=tr("Sound check"))
        self.measuring = Measuring(context)
        self.heard = Listening()
        self._song: int | None = None
        self._delay: DelayRow | None = None
        self._bleed: Bleed | None = None
        self._faults = {"bleed": "", "delay": ""}  # what went wrong last, said until measured anew
        self._frames_seen = 0
        self._away = False
        self._make_rows()
        self._lay_out()
        self._connect()
        self._frames = QTimer(self, interval=_FRAME_MS)
        self._frames.timeout.connect(self._frame)
        self._opens = QTimer(self, interval=OPEN_AGAIN_MS, singleShot=True)
        self._opens.timeout.connect(self.measuring.open_again)
        self._show_busy("")

    # Lines

    def _make_rows(self) -> None:
        measuring = self.measuring
        self.retry = Button(tr("Try again"), icon="refresh-cw", action=self._open)
        self.reopen = Button(tr("Try again"), icon="refresh-cw", action=self._open)
        self.change = Button(tr("Change"), kind="quiet", action=self._to_settings)
        self.meter = LevelBar(tr("Level"))
        self.anew = Button(tr("Again"), kind="quiet", action=self._listen_anew)
        self.listen = Button(tr("Play and listen"), icon="volume-2", action=self._listen)
        self.worn = Button(tr("I wear headphones"), icon="headphones", action=self._wear)
        self.calibrate = Button(tr("Calibrate"), action=lambda: measuring.calibrate(by_ear=False))
        self.by_ear = Button(
            tr("By ear"), kind="quiet", action=lambda: measuring.calibrate(by_ear=True)
        )
        self.stop_listening = Button(tr("Stop"), icon="square", action=measuring.cancel)
        self.stop_delay = Button(tr("Stop"), icon="square", action=measuring.cancel)
        self.permission = CheckRow(tr("Permission"), self.retry)
        self.input = CheckRow(tr("Devices"), self.reopen, self.change)
        self.level = CheckRow(tr("Level"), self.anew, below=self.meter)
        self.noise = CheckRow(tr("Noise"))
        self.bleed = CheckRow(
            tr("Headphones"), self.listen, self.worn, self.stop_listening, stacked=True
        )
        self.delay = CheckRow(tr("Delay"), self.calibrate, self.by_ear, self.stop_delay)
        self.disk = CheckRow(tr("Disk"))
        self.rows = (
            self.permission, self.input, self.level, self.noise, self.bleed, self.delay, self.disk,
        )  # fmt: skip

    def _lay_out(self) -> None:
        self.summary = label("", tone="muted", wrap=True)
        card = Card(margin=L, spacing=0, name=tr("Sound check"))
        card.box.setContentsMargins(L, XS, L, XS)
        for number, each in enumerate(self.rows):
            if number:
                card.box.addWidget(line())
            card.box.addWidget(each)
        self.step = label(step_text(2), "caption", tone="muted")
        self.skip = Button(tr("Skip"), kind="quiet", action=self._skip)
        self.before = Button(tr("Back"), action=lambda: self.context.navigate("introduction"))
        self.example = Button(
            tr("Look at an example"), icon="eye", action=lambda: look_at_example(self.context)
        )
        self.go = Button(tr("Start singing"), kind="primary", icon="mic", action=self._go_on)
        middle = QWidget()
        middle.setMaximumWidth(WIDE)
        middle.setLayout(
            column(
                self.step, label(tr("Is everything ready to sing?"), "page"), self.summary, S, card,
                S, row(self.skip, None, self.before, self.example, self.go), spacing=S,
            )
        )  # fmt: skip
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(in_the_middle(middle, name=self.title, below=3))

    def _connect(self) -> None:
        measuring = self.measuring
        measuring.opened.connect(self._opened)
        measuring.delay_known.connect(self._knows_delay)
        measuring.bleed_found.connect(self._found_bleed)
        measuring.failed.connect(self._failed)
        measuring.busy_changed.connect(self._show_busy)

    # What the window calls

    def activated(self, *, song: int | None = None, **_: Any) -> None:
        """Check for a song that is to be sung (its row), or for nothing in particular."""
        self._song = song
        self.skip.setVisible(song is not None)
        self._show_step()
        self.setFocus()
        self._open()
        self._frames.start()

    def deactivated(self) -> None:
        self._frames.stop()
        self._opens.stop()
        self.measuring.close()

    def back(self) -> bool:
        if self.measuring.busy in ("bleed", "delay"):
            self.measuring.cancel()
            return True
        if self.context.touring:
            self.context.navigate("introduction")
            return True
        if self._song is not None:  # the way back would lead to the record page, and here again
            self.context.navigate("songs")
            return True
        return False

    # What can be pressed

    def _open(self) -> None:
        self._bleed = self._delay = None
        self._away = False
        self._faults = dict.fromkeys(self._faults, "")
        self.heard = Listening()
        self.meter.clear()
        for each in self.rows:
            each.say("waiting", "")
        self.permission.offer()
        self._opens.stop()
        self.measuring.open()

    def _listen(self) -> None:
        self.measuring.listen(self._song)

    def _listen_anew(self) -> None:
        self.heard = Listening()
        self.meter.clear()

    def _wear(self) -> None:
        if self.measuring.devices is not None:
            mark_headphones(self.context, self.measuring.devices)
            self._show_bleed()

    def _to_settings(self) -> None:
        choose_devices(self.context, page="check", song=self._song)

    def _show_step(self) -> None:
        """In the introduction there is a step before, and one after it."""
        touring = self.context.touring
        for part in (self.step, self.before, self.example):
            part.setVisible(touring)
        if touring:
            self.go.say(tr("Sing 30 seconds"), icon="mic")
        elif self._song is not None:
            self.go.say(tr("Start singing"), icon="mic")
        else:
            self.go.say(tr("Done"), icon="check")
        self._show_way()

    def _show_way(self) -> None:
        """Without a microphone the way through the introduction is the example."""
        can_sing = self.measuring.devices is not None and not self._away
        touring = self.context.touring
        self.go.setEnabled(can_sing or not touring)
        self.example.kind = "secondary" if can_sing else "primary"
        self.example.update()

    def _skip(self) -> None:
        if self.context.touring:
            leave_introduction(self.context)
        else:
            self._go_on()

    def _go_on(self) -> None:
        if self.measuring.devices is not None:
            mark_checked(self.context, self.measuring.devices)
        if self._song is not None:
            self.context.navigate("record", song=self._song, checked=True)
        else:
            self.context.navigate("settings")

    # What was found

    def _opened(self, opened: Opened) -> None:
        self.permission.say("good", tr("Microphone allowed"))
        self.permission.offer()
        self._name_devices(opened)
        self._show_disk(opened.rate)
        self._show_bleed()

    def _name_devices(self, opened: Opened) -> None:
        self.input.say(
            "good",
            tr("{name}, channel {channel}, {rate} kHz", name=device_name(opened),
               channel=self.context.settings.input_channel + 1, rate=f"{opened.rate / 1000:g}"),
        )  # fmt: skip

    def _knows_delay(self, delay: DelayRow | None) -> None:
        self._delay = delay
        self._show_delay()

    def _found_bleed(self, bleed: Bleed) -> None:
        self._bleed = bleed
        self._show_bleed()

    def _failed(self, what: str, error: BaseException) -> None:
        text = fault_text(error, self.context.diary)
        if what == "open":
            refused = getattr(error, "code", "") == "device_refused"
            (self.permission if refused else self.input).say("bad", text)
            other = self.input if refused else self.permission
            other.say("waiting", tr("Not known before a microphone is open"))
            if getattr(error, "code", "") in COMES_BACK:
                self._opens.start()  # it is plugged in, allowed or let go of: nobody has to press
            else:
                self.input.offer(self.reopen, self.change)
        else:
            self._faults[what] = text
            (self.bleed if what == "bleed" else self.delay).say("warning", text)
            self._show_bleed()
            self._show_delay()
        self._sum_up()

    def _show_busy(self, what: str) -> None:
        open_now = self.measuring.devices is not None
        free = not what and open_now
        if what in self._faults:
            self._faults[what] = ""
        self.input.offer(self.change)
        if what == "bleed":
            self.bleed.say("busy", tr("Stay quiet for a few seconds: the song plays."))
            self.bleed.offer(self.stop_listening)
        elif what == "delay":
            self.delay.say(
                "busy",
                tr("Hold the headphones against the microphone while it chirps; by ear, clap with"
                   " the low clicks."),
            )  # fmt: skip
            self.delay.offer(self.stop_delay)
        elif what == "open":
            self.input.say("busy", tr("Opening the devices"))
        for each in (self.listen, self.worn, self.calibrate, self.by_ear):
            each.setEnabled(free)
        if not what:
            self._show_bleed()
            self._show_delay()

    def _show_bleed(self) -> None:
        opened = self.measuring.devices
        if opened is None or self.measuring.busy == "bleed":
            return
        bleed, worn = self._bleed, wears_headphones(self.context, opened)
        voice_db = self.heard.voice_db if self.heard.level in ("good", "hot") else None
        if self._faults["bleed"]:
            self.bleed.say("warning", self._faults["bleed"])
            self.bleed.offer(self.listen, self.worn)
        elif bleed is not None and not bleed.harms(voice_db=voice_db):
            if bleed.level_db > -120:
                text = tr("The song reaches the microphone at {level}: too soft to matter",
                          level=level_text(max(bleed.level_db, -59.0)))  # fmt: skip
            else:
                text = tr("Nothing of the song reaches the microphone")
            self.bleed.say("good", text)
            self.bleed.offer()
        elif worn:
            self.bleed.say("good", tr("You wear headphones"))
            self.bleed.offer(self.listen)
        elif bleed is not None:
            self.bleed.say(
                "warning",
                tr("The song reaches the microphone at {level}. Wear headphones, or the song is"
                   " scored as your voice.", level=level_text(bleed.level_db)),
            )  # fmt: skip
            self.bleed.offer(self.listen, self.worn)
        else:
            self.bleed.say("waiting", tr("Does the microphone hear what you hear?"))
            self.bleed.offer(self.listen, self.worn)
        self.listen.say(tr("Again") if bleed is not None else tr("Play and listen"))
        self._sum_up()

    def _show_delay(self) -> None:
        if self.measuring.devices is None or self.measuring.busy == "delay":
            return
        delay = self._delay
        if self._faults["delay"]:
            self.delay.say("warning", self._faults["delay"])
            self.delay.offer(self.calibrate, self.by_ear)
        elif delay is None:
            self.delay.say(
                "warning", tr("Not measured: takes are shifted by what the system claims.")
            )
            self.delay.offer(self.calibrate, self.by_ear)
        else:
            self.delay.say("good", delay_words(delay))
            self.delay.offer(self.calibrate)
        self.calibrate.say(tr("Calibrate") if delay is None else tr("Again"))
        self._sum_up()

    def _show_disk(self, rate: int) -> None:
        hours = hours_left(self.context.places.library, rate=rate)
        if hours is None:
            self.disk.say("waiting", tr("The disk does not tell"))
        elif hours >= 1:
            self.disk.say("good", tr("Room for {hours} hours", hours=f"{hours:,.0f}"))
        else:
            minutes = int(hours * 60)
            self.disk.say(
                "warning" if minutes >= 10 else "bad",
                tr("Room for {minutes} minutes; make room on the disk.", minutes=minutes),
            )

    # Every frame

    def _frame(self) -> None:
        it = self.context.recorder.value
        if it is None or self.measuring.devices is None:
            return
        try:
            now = it.snapshot()
        except ValueError:  # the engine was just closed
            return
        self._watch_for_loss(away=now.state is State.LOST)
        if self._away:
            return
        self.meter.set_level(now.peak_db, clipped=now.clipping)
        if self.measuring.busy in ("", "open"):  # what is played is no voice and no room
            self.heard.add(time.monotonic(), now)
        self._frames_seen += 1
        if self._frames_seen % _WORDS_EVERY == 0:
            self._show_level()
            self._show_noise()
            self._sum_up()

    def _watch_for_loss(self, *, away: bool) -> None:
        """Devices that go are said where they stand; the engine looks for them by itself."""
        opened = self.measuring.devices
        if away == self._away or opened is None:
            return
        self._away = away
        if away:
            self.meter.clear()
            self.input.say("bad", fault_text(PlaceError("device_lost"), self.context.diary))
        else:
            self._name_devices(opened)
        self._sum_up()

    def _show_level(self) -> None:
        heard, state = self.heard, self.heard.level
        peak = level_text(heard.peak_db)
        if state == "dead":
            self.permission.say(
                "bad",
                tr("Nothing at all comes in: switch the microphone on, and allow it in the"
                   " system's privacy settings."),
            )  # fmt: skip
            self.permission.offer(self.retry)
            self.level.say("waiting", tr("Sing a note as loud as you will sing"))
            return
        if self.permission.state == "bad":
            self.permission.say("good", tr("Microphone allowed"))
            self.permission.offer()
        if state == "hot":
            self.level.say("warning", tr("Too loud: turn the microphone down."))
        elif state == "soft":
            self.level.say("warning", tr("Peaks at {peak}: turn the microphone up.", peak=peak))
        elif state == "good":
            self.level.say("good", tr("Peaks at {peak}: good", peak=peak))
        elif self.level.state == "waiting":
            self.level.say("waiting", tr("Sing a note as loud as you will sing"))
        self.level.offer(*((self.anew,) if self.level.state == "warning" else ()))

    def _show_noise(self) -> None:
        noise = self.heard.noise_db
        if noise is None or self.heard.level == "dead":
            return
        level = f"{noise:.0f} dB".replace("-", "−")
        if noise <= QUIET_DB:
            self.noise.say("good", tr("Room at {level}: quiet", level=level))
        else:
            self.noise.say(
                "warning",
                tr("Room at {level}: close the window, turn fans off, or come closer.",
                   level=level),
            )  # fmt: skip

    def _sum_up(self) -> None:
        self._show_way()
        todo = sum(each.state in ("warning", "bad") for each in self.rows)
        waiting = sum(each.state in ("waiting", "busy") for each in self.rows)
        if todo:
            head = tr("One thing to do.") if todo == 1 else tr("{count} things to do.", count=todo)
        else:
            head = tr("All is ready.") if not waiting else ""
        rest = ""
        if self.measuring.devices is not None or self.measuring.busy == "open":
            rest = tr("Each line is measured now, on this microphone and these headphones.")
        self.summary.setText(sentences(head, rest))


def delay_words(delay: DelayRow) -> str:
    """38 ms, spread 0.4 ms over 12 chirps, 24 Nov 2026."""
    ms, spread = f"{1000 * delay.delay_s:.0f}", f"{1000 * delay.spread_s:.1f}"
    when = moment_text(delay.measured_at)
    if delay.method == "chirps":
        return tr("{ms} ms, spread {spread} ms over {found} chirps, {when}",
                  ms=ms, spread=spread, found=delay.found, when=when)  # fmt: skip
    return tr("{ms} ms, spread {spread} ms, {method}, {when}",
              ms=ms, spread=spread, method=words.method_text(delay.method), when=when)  # fmt: skip
