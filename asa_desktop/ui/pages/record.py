"""The record page: sing over a song and see how each note comes out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.types import ClipScore
from asa_desktop.engine.messages import Job, Measured, Opened
from asa_desktop.engine.snapshot import Snapshot, State
from asa_desktop.services.playback import parts_of
from asa_desktop.services.rehearsal import larger_block
from asa_desktop.services.singers import likely_singer
from asa_desktop.ui.pages import record_words
from asa_desktop.ui.pages.base import Page
from asa_desktop.ui.pages.check_done import was_checked
from asa_desktop.ui.pages.introduction import TRY_S, leave_introduction, look_at_example
from asa_desktop.ui.pages.record_flow import Flow
from asa_desktop.ui.pages.record_parts import Bar, Head
from asa_desktop.ui.pages.record_ready import Sheet
from asa_desktop.ui.plots.lane import PitchLane
from asa_desktop.ui.plots.lane_clips import ClipCells
from asa_desktop.ui.plots.lane_clock import SongClock
from asa_desktop.ui.plots.lane_lyrics import Lyrics
from asa_desktop.ui.theme.tokens import S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.empty import EmptyState
from asa_desktop.ui.widgets.frames import Card, label
from asa_desktop.ui.widgets.notice import NoticeBar, announce
from asa_desktop.ui.widgets.progress import ProgressRow
from asa_desktop.ui.widgets.steps import StepBar

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, TakeRow
    from asa_desktop.ui.context import AppContext

FRAME_MS, IDLE_FRAME_MS = 16, 40
_EARLY_S, _LATE_S = 1.0, 0.5


class RecordPage(Page):
    """``navigate("record", song=row)``: the lane, the words, and the round button.

    One timer looks into the engine's shared memory and moves everything.

    For an analysis beside it: `song_loaded` comes with the `Song` as soon as it is read,
    `took_began` with the engine's job (its `part` grows from then on), then either `took_ended`
    with the take's row or `took_left`, where what was sung did not become a take by itself.
    `set_clip` takes a clip's score as soon as somebody knows it.
    """

    song_loaded = Signal(object)
    took_began = Signal(object)
    took_ended = Signal(object)
    took_left = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title=tr("Sing"))
        self.flow = Flow(context)
        self._clip_s = FeatureSpec().clip_s
        self._clock = SongClock()
        self._engine: object = None
        self._next = 0
        self._xruns, self._xruns_seen = 0, 0
        self._loudest_db = -120.0
        self._checked = self._closing = self._again = False
        self._song: int | None = None
        self._lay_out()
        self._connect()
        self._frames = QTimer(self, interval=IDLE_FRAME_MS)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.timeout.connect(self._frame)
        self.add_shortcut("Space", tr("record or stop"), self.toggle)
        self.add_shortcut("R", tr("again, and keep this take"), self.again)
        self._show_stage("empty")

    def _lay_out(self) -> None:
        self.head = Head(back=self._leave, check=self._to_check, named=self._named)
        self.notice = NoticeBar()
        self.progress = ProgressRow(tr("Making the song ready"), cancel=self._leave)
        self.lane = PitchLane()
        self.lane.set_folding(self.context.settings.octave_folding)
        self.card = Card(margin=S, spacing=0)
        self.card.box.addWidget(self.lane)
        self.lyrics = Lyrics()
        self.clips = ClipCells()
        self.unscored = label(
            tr("Not scored: this song has no original voice and no notes. Your take is kept."),
            tone="muted",
        )
        self.unscored.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = Bar(
            self.context.settings,
            toggle=self.toggle,
            again=self.again,
            volumes=self._volumes,
            fold=self._fold,
        )
        self.none = EmptyState(
            tr("No song is chosen"),
            tr("Choose a song, and sing it here."),
            Button(tr("Go to the songs"), action=lambda: self.context.navigate("songs")),
        )
        self.example = Button(
            tr("Look at an example"), icon="eye", action=lambda: look_at_example(self.context)
        )
        self.skip = Button(
            tr("Skip"), kind="quiet", action=lambda: leave_introduction(self.context)
        )
        self.step = StepBar(
            3,
            tr("Press Space and sing along, on la if you like. It ends by itself after 30"
               " seconds."),
            self.example, self.skip,
        )  # fmt: skip
        for part in (self.step, self.head, self.notice, self.progress):
            self.box.addWidget(part)
        self.box.addWidget(self.card, 1)
        for part in (self.lyrics, self.clips, self.unscored, self.bar):
            self.box.addWidget(part)
        self.box.addWidget(self.none, 1)
        self.box.setSpacing(S + 4)
        self.lyrics.hide()
        self.unscored.hide()

    def _connect(self) -> None:
        flow = self.flow
        flow.stage_changed.connect(self._show_stage)
        flow.loaded.connect(self._loaded)
        flow.opened_devices.connect(self._opened)
        flow.progressed.connect(self._progressed)
        flow.said.connect(self._say)
        flow.hushed.connect(self.notice.dismiss)
        flow.began.connect(self._began)
        flow.ended.connect(self._ended)
        flow.kept.connect(self._left)

    # What the window calls

    def activated(self, *, song: int | None = None, checked: bool = False, **_: Any) -> None:
        """Make a song (its row in the library) ready; `checked`: the sound check was just made."""
        self._checked = checked
        song = self._song if song is None else song
        self._song = song
        self.flow.limit_s = TRY_S if self.context.touring else None
        self._show_stage(self.flow.stage)
        self.setFocus()
        if self.context.touring:
            announce(self, self.step.sentence.text())
        self.context.library.run(_singers, done=self._show_singers, owner=self)
        if song is not None:
            self.flow.prepare(song)
            self._frames.start(IDLE_FRAME_MS)

    def deactivated(self) -> None:
        self._frames.stop()
        if not self.flow.busy:
            self.flow.leave()

    def may_leave(self, *, closing: bool) -> bool:
        if not self.flow.busy or self._closing:
            return True  # the second time the engine ends the take by itself
        if closing:
            self._closing = True
            self.flow.stop()
            self.notice.say(tr("The take is being saved; then the window closes."))
        else:
            self.notice.say(tr("A take is running: Space or Esc ends it."), for_s=4)
        return False

    @property
    def busy(self) -> bool:
        return self.flow.busy

    def wind_up(self) -> None:
        self.flow.stop()

    def back(self) -> bool:
        if self.flow.busy:
            self.flow.stop()
            return True
        if self.notice.sentence and self.notice.sentence != self.flow.obstacle:
            self.notice.dismiss()
            return True
        if self._checked:  # the way back would lead to the sound check
            self.context.navigate("songs")
            return True
        return False

    # What can be pressed

    def toggle(self) -> None:
        """Space: begin a take, or end it."""
        if self.flow.busy:
            self.flow.stop()
        elif self.flow.obstacle:
            self.flow.say_obstacle()
            announce(self, self.flow.obstacle, urgent=True)
        else:
            self.flow.start()

    def again(self) -> None:
        """R: keep the take that is running, and begin anew."""
        if self.flow.stage == "singing":
            self._again = True
            self.flow.retake()

    def set_clip(self, clip: ClipScore) -> None:
        """A clip of the take that is being sung has its score, or a reason for none."""
        self.clips.set_clip(clip)

    def _leave(self) -> None:
        if not self.back():
            self.context.navigate("songs")

    def _to_check(self) -> None:
        self.context.navigate("check", song=self._song)

    def _named(self, name: str) -> None:
        self.context.change(singer=name)
        self.setFocus()  # the space bar is the record button's again

    def _show_singers(self, found: tuple[str, list[str]]) -> None:
        likely, names = found
        self.head.singer.offer(names)
        self.head.singer.show_name(self.context.settings.singer or likely)

    def _volumes(self) -> None:
        accompaniment, voice = self.bar.gains
        self.context.change(accompaniment_volume=accompaniment, voice_volume=voice)
        self.flow.set_gains(accompaniment, voice)

    def _fold(self, on: bool) -> None:
        self.context.change(octave_folding=on)
        self.lane.set_folding(on)

    # What the flow tells

    def _show_stage(self, stage: str) -> None:
        there, live = self._song is not None, stage in ("starting", "singing", "ending")
        self.none.setVisible(not there)
        for part in (self.head, self.card, self.bar):
            part.setVisible(there)
        self.step.setVisible(self.context.touring)
        for part in (self.example, self.skip):
            part.setVisible(not live)
        self.bar.button.set_recording(live)
        self.bar.button.setEnabled(stage in ("ready", "starting", "singing"))
        self.bar.button.hold_back("" if live else self.flow.obstacle)
        if stage in ("away", "broken"):
            self.bar.meter.clear()
        self.bar.again.setEnabled(stage == "singing")
        self.head.check.setVisible(not live and self.flow.opened is not None)
        self.head.singer.setEnabled(not live)
        if stage != "preparing":
            self.progress.hide()
        said = {
            "starting": tr("Recording"),
            "singing": tr("Recording"),
            "ending": tr("Saving the take"),
            "preparing": tr("Getting ready"),
            "away": tr("Not ready"),
            "broken": tr("Not ready"),
        }
        self.set_status(said.get(stage, ""))
        if stage == "preparing":
            self.head.say_devices("")
            self.progress.begin(tr("Making the song ready"))
        if stage == "ready":
            self._show_length()
        self._frames.setInterval(FRAME_MS if live else IDLE_FRAME_MS)

    def _show_length(self) -> None:
        """What is known once the recordings are ready: how long it is, how many clips."""
        end_s = self.flow.end_s
        self.head.set_time(0.0, end_s)
        sheet = self.flow.sheet
        scored = sheet is not None and (
            sheet.song.vocal is not None or sheet.song.melody is not None
        )
        self.clips.set_count(0 if end_s is None else int(end_s / self._clip_s))
        self.clips.setVisible(bool(end_s) and scored)
        self.unscored.setVisible(sheet is not None and not scored)

    def _loaded(self, sheet: Sheet) -> None:
        self.head.set_song(sheet.song.title, sheet.song.artist)
        self.lane.set_score(sheet.score)
        self.lyrics.set_lines(sheet.lines)
        self.clips.set_count(0)
        self.bar.show_parts(parts_of(sheet.song))
        self.head.set_time(0.0, None)
        self.song_loaded.emit(sheet.song)

    def _opened(self, opened: Opened) -> None:
        delay_s = self.flow.delay_s
        self.head.say_devices(
            record_words.device_name(opened),
            record_words.delay_text(delay_s),
            calibrated=delay_s is not None,
        )
        if not self._checked and not was_checked(self.context, opened):
            QTimer.singleShot(0, self, self._to_check)

    def _progressed(self, share: float | None, text: str) -> None:
        if self.flow.stage == "preparing":
            self.progress.show()
            self.progress.show_part(share, text)

    def _say(self, sentence: str, level: str, button: str, action: Any) -> None:
        if self.isVisible():
            passing = 8.0 if level == "info" else 0.0
            stands = sentence == self.flow.obstacle
            if stands:
                self.bar.button.hold_back(sentence)
            self.notice.say(
                sentence, level=level, button=button, action=action, for_s=passing, stands=stands
            )
        else:
            self.context.notify(sentence, level=level, button=button, action=action)

    def _began(self, job: Job) -> None:
        self.lane.clear(start_s=job.start_s)
        self._clock.reset()
        self.bar.meter.clear()
        self._next, self._xruns, self._xruns_seen = self._newest(), 0, -1
        self._loudest_db = -120.0
        self._show_length()
        announce(self, tr("Recording"))
        self.took_began.emit(job)

    def _ended(self, row: TakeRow, measured: Measured | None) -> None:
        self.took_ended.emit(row)
        again, self._again = self._again, False
        if self._closing:
            self._close_if_asked()
        elif not again:
            remark, block = "", 0
            if measured is not None:
                remark = record_words.ended_text(measured, loudest_db=self._loudest_db)
                if record_words.only_dropouts(measured, loudest_db=self._loudest_db):
                    block = larger_block(self.context.settings)
            self.context.navigate("review", take=row.id)
            if remark and block:
                self.context.notify(
                    remark, level="warning", button=tr("Larger blocks"),
                    action=lambda: self._enlarge_blocks(block),
                )  # fmt: skip
            elif remark:
                self.context.notify(remark, level="warning")

    def _enlarge_blocks(self, block: int) -> None:
        self.context.change(block=block)
        self.context.notify(
            tr("Blocks of {count} frames from now on. Calibrate again: the delay is another.",
               count=block)
        )  # fmt: skip

    def _left(self) -> None:
        self._again = False
        self.took_left.emit()
        self._close_if_asked()

    def _close_if_asked(self) -> None:
        if self._closing:
            self.window().close()

    # Every frame

    def _newest(self) -> int:
        it = self.context.recorder.value
        return it.points(0)[1] if it is not None else 0

    def _frame(self) -> None:
        it = self.context.recorder.value
        if it is None:
            return
        if it is not self._engine:
            self._engine, self._next = it, 0
        try:
            now = it.snapshot()
            points, self._next = it.points(self._next)
        except ValueError:  # the engine was just closed
            return
        if self.flow.stage not in ("away", "broken"):
            self._show_level(now)
        if not self.flow.busy:
            self.lane.warm_up(now.hz if now.state is not State.LOST else 0.0)
            return
        job = self.flow.job
        if job is None or now.state not in (State.RECORDING, State.LOST):
            return
        delay_s = now.stamp_delay_s if job.delay_s is None else job.delay_s
        song_s = self._clock.at(time.monotonic(), now.song_s)
        heard_s = max(job.start_s, song_s - delay_s)
        times = points["song_s"]
        ours = (times >= job.start_s - _EARLY_S) & (times <= now.song_s + _LATE_S)
        self.lane.add(times[ours], points["hz"][ours])
        self.lane.move_to(heard_s, live=now.state is State.RECORDING)
        self.lyrics.move_to(heard_s)
        self.clips.move_to(int(heard_s / self._clip_s))
        end_s = self.flow.end_s
        self.head.set_time(heard_s, end_s)
        self._show_trouble(now)

    def _show_level(self, now: Snapshot) -> None:
        live = now.state is State.RECORDING
        self.bar.meter.set_level(now.peak_db, clipped=live and now.clipping)
        if live:
            self._loudest_db = max(self._loudest_db, now.peak_db)

    def _show_trouble(self, now: Snapshot) -> None:
        # A line that was opened anew counts from nought again.
        total = now.xruns_in + now.xruns_out
        if self._xruns_seen >= 0:
            self._xruns += total - self._xruns_seen if total >= self._xruns_seen else total
        self._xruns_seen = total
        self.bar.show_trouble(xruns=self._xruns, gaps=now.gaps, clipped=now.clipped > 0, live=True)


def _singers(library: Library) -> tuple[str, list[str]]:
    return likely_singer(library), [one.name for one in library.people()]
