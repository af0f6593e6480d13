"""One take from its first frame to the finished file, through whatever the devices do."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import AsaError
from asa_desktop.engine import finish, part
from asa_desktop.engine.clock import delay_of_take
from asa_desktop.engine.faults import fault_of
from asa_desktop.engine.held import hold
from asa_desktop.engine.line import Line
from asa_desktop.engine.messages import Event, Finished, Gap, Job, Kept, Measured
from asa_desktop.engine.messages import Recording as Began
from asa_desktop.engine.player import FileStem, Player, Stem
from asa_desktop.engine.writer import TakeWriter

TAIL_S = 0.5
"""Recorded beyond the song's end and the delay, so that the last syllable is whole."""

LAST_WORDS_S = 0.15
"""Recorded beyond a stop: what was sung before the key was pressed is still on its way."""

log = logging.getLogger(__name__)


def player_of(
    accompaniment: Path | None,
    vocal: Path | None,
    *,
    gains: tuple[float, float],
    rate: int,
    start_s: float,
    end_s: float | None,
    most_s: float,
    vocal_later_s: float = 0.0,
) -> Player:
    """A player for a song's two stems, or of silence for `most_s` where there is none.

    The vocal's file is read `vocal_later_s` further on than the accompaniment's.
    """
    start = round(start_s * rate)
    starts = (start, start + round(vocal_later_s * rate))
    given = [
        (path, gain, begin)
        for path, gain, begin in zip((accompaniment, vocal), gains, starts, strict=True)
        if path is not None
    ]
    stems: tuple[Stem, ...] = tuple(
        FileStem(path, rate=rate, start=begin) for path, _, begin in given
    )
    frames = max((stem.frames for stem in stems), default=round(most_s * rate))
    if end_s is not None:
        frames = min(frames, max(0, round(end_s * rate) - start))
    frames = min(frames, round(most_s * rate))
    return Player(stems, tuple(gain for _, gain, _ in given), rate=rate, frames=frames)


class Take:
    """A take that is being recorded. All methods are called by the engine's own thread."""

    def __init__(self, job: Job, line: Line, send: Callable[[Event], None]) -> None:
        self.job = job
        self.rate = line.rate
        self.gaps: list[Gap] = []
        self._send = send
        self._opened = line.opened()
        self.player = player_of(
            job.accompaniment,
            job.vocal,
            gains=(job.accompaniment_gain, job.vocal_gain),
            rate=line.rate,
            start_s=job.start_s,
            end_s=job.end_s,
            most_s=job.most_s,
        )
        # What the driver flagged, in and out, less what this line counts itself; and the line.
        self._flags: tuple[int, int, Line | None] = (-line.xruns_in, -line.xruns_out, line)
        self._first_latency = self._latency_over(line)
        self._longest = 0
        self._ratio = 1.0
        self._resumed_at = 0
        self._stop_at: int | None = None
        self._waiting = True
        self._over = False
        self._jumps = self._ahead = 0
        self._jumped_s = line.jumped_s
        self._away_since: float | None = None
        self._gap_from: int | None = None
        try:
            self._begin_part(line)
        except BaseException:
            self.player.close()
            raise
        line.arm(self.player)

    def _begin_part(self, line: Line) -> None:
        self._held = hold(self.job.part)
        try:
            self._writer = TakeWriter(
                part.PartWriter(self.job.part, rate=self.rate), rate=self.rate
            )
            try:
                part.write_part_note(self.job.part, self._note(self.measured(line)))
            except BaseException:
                self._writer.finish(None)
                finish.drop_part(self.job.part)
                raise
        except BaseException:
            self._held.close()
            raise

    @property
    def recorded_s(self) -> float:
        return self._writer.frames / self.rate

    @property
    def song_s(self) -> float:
        """Where the song is that goes to the speakers now."""
        return self.job.start_s + min(self.player.position, self.player.frames) / self.rate

    @property
    def sung_from_s(self) -> float:
        """The song's time at which the ring's frame 0 would have been sung."""
        before = self._writer.take_frame(0)
        return self.job.start_s + before / self.rate - self._first_latency

    @property
    def is_away(self) -> bool:
        return self._away_since is not None

    @property
    def dropouts(self) -> tuple[int, int]:
        """How often sound was lost so far: flagged for the microphone, and all else.

        All else are flags for the speakers, jumps that nothing flagged, and a disk that was too
        slow for the song. Any thread may ask.
        """
        heard, played = self._flagged
        return heard, max(heard + played, self._jumps) + self.player.starved - heard

    @property
    def _flagged(self) -> tuple[int, int]:
        heard, played, line = self._flags
        return (heard, played) if line is None else (heard + line.xruns_in, played + line.xruns_out)

    def tick(self, line: Line | None) -> bool:
        """Go on; True when the take is over and wants `end`."""
        if self._over or self._writer.fault is not None:
            return True
        if line is None:
            return False
        if self._waiting:
            self._begin(line)
            return False
        if line.jumped_s != self._jumped_s:
            self._jumps += 1
            self._skip(line.jumped_s - self._jumped_s)
            self._jumped_s = line.jumped_s
        if self._stop_at is None and self.player.ended:
            beyond = max(0.0, self._first_latency) + TAIL_S
            over = self.player.position - self.player.frames
            self._stop_at = line.ring.total + round(beyond * self.rate) - over
        return self._stop_at is not None and line.ring.total >= self._stop_at

    def stop(self, line: Line | None) -> None:
        """Let the take end very soon, or now where nothing comes in any more."""
        if line is None or self.is_away or self._waiting:
            self._over = True
        elif self._stop_at is None:
            self._stop_at = line.ring.total + round(LAST_WORDS_S * self.rate)

    def lost(self, line: Line, *, since: float, from_frame: int | None = None) -> float:
        """Keep what came; `from_frame` of the ring is where another device began to be heard.

        Returns where in the take that is, in seconds.
        """
        line.disarm()
        if self._waiting:
            self._begin(line)
        self._flags = (*self._flagged, None)
        self._note_ratio(line)
        doubtful = None if from_frame is None else self._writer.take_frame(from_frame)
        # In one stream the two sides count alike; so the song and the take stop at one frame.
        at = self._writer.ring_frame(self._sent) if line.duplex else line.ring.total
        ended = self._writer.pause(at)
        self._gap_from = ended if doubtful is None else max(0, min(doubtful, ended))
        self._away_since = since
        self._waiting = True
        self._over = self._stop_at is not None  # it was about to end anyway
        return self._gap_from / self.rate

    def mark(self, frame: int) -> float:
        """Remember that at the ring's `frame` another device took over; where in the take."""
        at = max(0, self._writer.take_frame(frame)) / self.rate
        self.gaps.append(Gap(at, at, 0.0, "moved"))
        return at

    def back(self, line: Line) -> None:
        """Go on over a new line: the song from where it stood, the recording with it."""
        heard, played = self._flagged
        self._flags = (heard - line.xruns_in, played - line.xruns_out, line)
        behind = round(self._sent * self._ratio) - self._writer.frames
        if behind > 0:
            self._writer.silence(behind)
        else:  # the recording never gives up a frame, so the song follows it
            self.player.position -= behind
        # Over the new line the sound may come back some blocks later or earlier.
        ahead = round((self._latency_over(line) - self._first_latency) * self.rate)
        self.player.position += ahead - self._ahead
        self._ahead = ahead
        self._jumped_s = line.jumped_s
        line.arm(self.player)

    @property
    def _sent(self) -> int:
        """Frames that went to the speakers since the take began: take frames, in one stream."""
        return self.player.position - self._ahead

    def _skip(self, seconds: float) -> None:
        """Let the song go on so much further on, so that it lies as before in the recording.

        A stall that delays the song is thus heard as a dropout, and costs no place in the take.
        """
        frames = round(seconds * self.rate)
        self._ahead += frames
        self.player.skip(frames)

    def came_back(self, line: Line, *, reason: Any) -> Gap | None:
        """The gap that has just ended, once sound flows again; None before that."""
        if self._away_since is None or self._waiting:
            return None
        gap = Gap(
            start_s=(self._gap_from or 0) / self.rate,
            end_s=self._resumed_at / self.rate,
            away_s=time.monotonic() - self._away_since,
            reason=reason,
        )
        self.gaps.append(gap)
        self._away_since = self._gap_from = None
        self._write_note(self.measured(line))
        return gap

    def set_gains(self, accompaniment: float, vocal: float) -> None:
        """Volumes while singing, for the stems that there are."""
        given = zip((self.job.accompaniment, self.job.vocal), (accompaniment, vocal), strict=True)
        self.player.gains = tuple(gain for path, gain in given if path is not None)

    def end(self, line: Line | None, *, clipped: int) -> threading.Thread:
        """Close the part and turn it into the finished take on a thread of its own."""
        present = None if self.is_away else line
        if present is not None:
            present.disarm()
            self._note_ratio(present)
        self._writer.finish(self._stop_at)
        measured = replace(self.measured(present), clipped=clipped)
        self.player.close()
        thread = threading.Thread(target=self._finish, args=(measured,), name="finish")
        thread.start()
        return thread

    def measured(self, line: Line | None) -> Measured:
        """What is known about the take by now."""
        lost = [
            Gap(start / self.rate, end / self.rate, 0.0, "overflow")
            for start, end in self._writer.overruns
        ]
        return Measured(
            latency_s=self._first_latency,
            delay_from=self.job.delay_from,
            stamp_delay_s=line.stamp_delay_s if line else self._opened.stamp_delay_s,
            clock_ratio=self._ratio,
            duration_s=self.recorded_s,
            sample_rate=self.rate,
            device=f"{self._opened.input} ({self._opened.host_api})",
            xruns=sum(self.dropouts),
            gaps=tuple(sorted((*self.gaps, *lost), key=lambda gap: gap.start_s)),
            start_s=self.job.start_s,
            clipped=0,
        )

    def _latency_over(self, line: Line) -> float:
        """The delay over a line, by its calibration and what its opening shows."""
        job, now = self.job, line.stamp_delay_s
        if job.delay_s is None:
            return now
        if job.delay_stamp_s is None or not line.duplex:
            return job.delay_s
        return delay_of_take(job.delay_s, job.delay_stamp_s, now, self._opened.block / self.rate)

    def _note_ratio(self, line: Line) -> None:
        """Keep what the longest stretch without a break says of the two clocks."""
        if not line.duplex and line.in_frames > self._longest:
            self._longest = line.in_frames
            self._ratio = line.clocks.ratio

    def _begin(self, line: Line) -> None:
        frame = line.begin_frame()
        if frame is None:
            return
        self._waiting = False
        if self._away_since is None:
            self._writer.begin(line.ring, frame)
            self._send(Began(self.job.part))
            return
        self._resumed_at = self._writer.frames
        self._writer.begin(line.ring, frame)

    def _note(self, measured: Measured) -> dict[str, Any]:
        """What is kept beside the part: the library's row with what was measured."""
        facts = asdict(measured)
        facts["gaps"] = [[gap.start_s, gap.end_s] for gap in measured.gaps]
        return {**self.job.note, **facts, "target": str(self.job.target)}

    def _write_note(self, measured: Measured) -> None:
        try:
            part.write_part_note(self.job.part, self._note(measured))
        except AsaError as error:  # the sound is what counts
            log.warning("note of the part not written: %s", error)

    def _finish(self, measured: Measured) -> None:
        fault = None if self._writer.fault is None else fault_of(self._writer.fault)
        self._write_note(measured)
        try:
            sha256 = finish.finish_part(
                self.job.part,
                self.job.target,
                note=self._note(measured),
                note_path=self.job.note_path,
            )
        except AsaError as error:
            self._send(Kept(self.job.part, measured.duration_s, fault or fault_of(error)))
        else:
            self._send(Finished(self.job.target, sha256, measured, fault))
        finally:
            self._held.close()
