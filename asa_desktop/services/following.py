"""A take that is followed while it is sung: its part is read as it grows, and worked through."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from asa_desktop.core.analysis import analyse
from asa_desktop.core.audio import ANALYSIS_RATE, MAX_MINUTES
from asa_desktop.core.errors import AsaError, AudioError
from asa_desktop.core.live_analysis import LiveAnalysis
from asa_desktop.core.types import Analysis, FloatArray, Song, TakeTiming
from asa_desktop.engine.part import part_info, read_blocks, read_part_note
from asa_desktop.services.analyst_messages import Analysed, ClipDone, Event, Progress

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model
    from asa_desktop.core.run import FeatureCache

log = logging.getLogger(__name__)

LOOK_S = 0.2
_STEP_S = 2.0
_NOTE_S = 2.0
_SHARE = 6.0
_TOLD_AGAIN = 0.5
_SYSTEMS = ("all",)

Send = Callable[[Event], None]


class Following:
    """One take under way. `step` is to be called again and again, and does a little each time.

    Parameters
    ----------
    timing
        As far as it is known; None takes it from the note beside the part, once that is there.
    breathe
        Called in the midst of longer work; what it raises ends it.
    """

    def __init__(
        self,
        job: int,
        part: Path,
        song: Song,
        *,
        model: Model | None,
        cache: FeatureCache,
        timing: TakeTiming | None,
        send: Send,
        breathe: Callable[[], None],
    ) -> None:
        self.job = job
        self.part = part
        self.take: Path | None = None
        self._final: TakeTiming | None = None
        self._song, self._model, self._cache = song, model, cache
        self._timing = timing
        self._send, self._breathe = send, breathe
        self._live: LiveAnalysis | None = None
        self._sound: _Sound | None = None
        self._look_at = 0.0
        self._seen_at = 0.0
        self._score_at = 0.0
        self._scored = 0
        self._told: dict[int, tuple[float | None, str | None]] = {}
        self._guess: tuple[int, TakeTiming, Analysis] | None = None

    def ended(self, take: Path, timing: TakeTiming) -> None:
        """The take is whole and lies at `take`; the next `step` ends the job."""
        self.take, self._final = take, timing
        self._look_at = 0.0

    def waits_for(self, song: Song) -> bool:
        """Whether it is a take of this song of which nothing was read yet."""
        return self._live is None and self._song == song

    @property
    def due(self) -> bool:
        """Whether it is time for the next step."""
        return time.monotonic() >= self._look_at

    def step(self) -> bool:
        """Read what came and go on; True when the analysis was sent and the job is over.

        Raises what `analyse` raises; ``too_long`` as soon as the take is.
        """
        self._look_at = time.monotonic() + LOOK_S
        self._take_in()
        if self.take is not None and self._final is not None:
            self._end(self.take, self._final)
            return True
        if self._live is not None and self._sound is not None:
            if self._work_ahead(self._live, self._sound):
                return False
            if self._live.clips > self._scored and time.monotonic() >= self._score_at:
                self._score(self._live)
        return False

    # Sound in

    def _take_in(self) -> None:
        """Read what the part holds by now."""
        if self._sound is None and not self._begin():
            return
        assert self._sound is not None
        if self._sound.ended and self._has_grown(self._sound):
            self._begin()  # it was not over yet: from its start again
        for block in _there(self.part, self._sound.frames):
            self._hear(block)

    def _begin(self) -> bool:
        """Get ready as soon as the part and its timing are there."""
        try:
            rate, _ = part_info(self.part)
        except AsaError:
            if self.take is None:
                return False
            rate = 0
        timing = self._timing or self._final or _timing_of(read_part_note(self.part))
        if timing is None:
            # The part is made first and its note a moment later.
            self._seen_at = self._seen_at or time.monotonic()
            if time.monotonic() - self._seen_at < _NOTE_S:
                return False
        self._prepare(rate, timing or TakeTiming())
        return True

    def _has_grown(self, sound: _Sound) -> bool:
        try:
            return part_info(self.part)[1] > sound.frames
        except AsaError:
            return False

    def _prepare(self, rate: int, timing: TakeTiming) -> None:
        self._live = LiveAnalysis(
            self._song,
            model=self._model,
            cache=self._cache,
            timing=timing,
            progress=self._progress,
            systems=_SYSTEMS,
        )
        self._sound = _Sound(rate)

    def _progress(self, stage: str, share: float) -> None:
        self._breathe()
        if stage == "reference":
            self._send(Progress(self.job, share, 1.0, stage))

    def _hear(self, block: FloatArray) -> None:
        assert self._live is not None
        assert self._sound is not None
        self._guess = None
        step = max(1, round(_STEP_S * self._sound.rate))
        for first in range(0, len(block), step):
            self._breathe()
            self._live.feed(self._sound.at_16k(block[first : first + step]))
        if self._sound.frames > MAX_MINUTES * 60 * self._sound.rate:
            minutes = self._sound.frames / self._sound.rate / 60
            raise AudioError("too_long", path=self.part, minutes=minutes, limit=MAX_MINUTES)

    # Results out

    def _score(self, live: LiveAnalysis) -> None:
        """Say how the clips went so far; the longer that takes, the more rarely."""
        begun = time.monotonic()
        count = live.clips
        so_far = live.so_far(self.part.name)
        if so_far.status == "scored":
            self._tell(so_far, count, provisional=True)
        self._scored = count
        self._score_at = time.monotonic() + _SHARE * (time.monotonic() - begun)

    def _tell(self, found: Analysis, count: int, *, provisional: bool) -> None:
        for each in found.clips:
            before = self._told.get(each.clip.index)
            if each.clip.index < count and (before is None or _differs(each.score, before[0])):
                self._told[each.clip.index] = (each.score, each.reason)
                self._send(ClipDone(self.job, each, provisional))

    def _work_ahead(self, live: LiveAnalysis, sound: _Sound) -> bool:
        """Where the note says that the part is whole, analyse it while the take is written."""
        if self._guess is not None:
            return True
        note = read_part_note(self.part)
        timing = _timing_of(note)
        if note is None or timing is None or sound.ended or not sound.frames:
            return False
        whole = round(_number(note, "duration_s", 0.0) * sound.rate) == sound.frames
        if not whole or not live.fits(timing):
            return False
        live.feed(sound.last())
        self._guess = (sound.frames, timing, live.finish(self.part.name, timing=timing))
        return True

    def _end(self, take: Path, timing: TakeTiming) -> None:
        found = self._by_guess(take, timing) or self._by_ear(take, timing)
        if found is None:
            found = analyse(
                take,
                self._song,
                model=self._model,
                cache=self._cache,
                timing=timing,
                progress=self._all_progress,
                systems=_SYSTEMS,
            )
        found = replace(found, take=take.name)
        self._send(Analysed(self.job, found))

    def _by_guess(self, take: Path, timing: TakeTiming) -> Analysis | None:
        if self._guess is None or self._sound is None:
            return None
        frames, guessed, found = self._guess
        same = _frames_of(take) == frames and _same_timing(guessed, timing)
        return replace(found, timing=timing) if same else None

    def _by_ear(self, take: Path, timing: TakeTiming) -> Analysis | None:
        """What was heard, and the rest of the take; None where that does not do."""
        sound, live = self._sound, self._live
        if sound is None or live is None or not live.fits(timing):
            return None
        rest = _rest_of(take, sound)
        if rest is None or (sound.ended and len(rest)):
            return None
        if len(rest):
            self._hear(rest)
        live.feed(sound.last())
        # Only now is it known how long the take is, and so how far the clocks went apart.
        return live.finish(take.name, timing=timing) if live.fits(timing) else None

    def _all_progress(self, stage: str, share: float) -> None:
        self._breathe()
        self._send(Progress(self.job, share, 1.0, stage))


def _there(part: Path, start: int) -> Iterator[FloatArray]:
    """What a part holds by now from a frame on.

    One that cannot be read is finished and gone, or was moved: the take, or the part's new place,
    has the rest.
    """
    try:
        yield from read_blocks(part, start=start)
    except (AsaError, OSError) as error:
        log.debug("the part cannot be read now: %s", error)


class _Sound:
    """Counts the frames of a part and brings them to 16 kHz, as `mono_16k` does."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.frames = 0
        self.ended = rate == 0
        self._stream: Any = None
        if rate not in (0, ANALYSIS_RATE):
            import soxr

            self._stream = soxr.ResampleStream(rate, ANALYSIS_RATE, 1, dtype="float32")

    def at_16k(self, block: FloatArray) -> FloatArray:
        self.frames += len(block)
        return block if self._stream is None else self._resampled(block, last=False)

    def last(self) -> FloatArray:
        """What the resampler kept back; nothing may follow."""
        if self.ended:
            return np.zeros(0, np.float32)
        self.ended = True
        nothing = np.zeros(0, np.float32)
        return nothing if self._stream is None else self._resampled(nothing, last=True)

    def _resampled(self, block: FloatArray, *, last: bool) -> FloatArray:
        return np.asarray(self._stream.resample_chunk(block, last=last), np.float32)


def _rest_of(take: Path, sound: _Sound) -> FloatArray | None:
    """The samples of the take behind those that were heard; None where they cannot be had."""
    import soundfile

    try:
        with soundfile.SoundFile(take) as file:
            same = file.samplerate == sound.rate and file.channels == 1
            if not same or file.frames < sound.frames:
                return None
            file.seek(sound.frames)
            return np.asarray(file.read(dtype="float32"), np.float32)
    except (OSError, RuntimeError) as error:  # whoever decodes the whole says what is wrong
        log.info("the end of the take cannot be read: %s", error)
        return None


def _frames_of(take: Path) -> int:
    import soundfile

    try:
        return int(soundfile.info(take).frames)
    except (OSError, RuntimeError):
        return -1


def _same_timing(one: TakeTiming, other: TakeTiming) -> bool:
    """Whether two timings lead to the same analysis, wherever they come from."""
    return replace(one, delay_from="") == replace(other, delay_from="")


def _differs(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one - other) >= _TOLD_AGAIN


def _timing_of(note: dict[str, Any] | None) -> TakeTiming | None:
    """The timing that the engine wrote beside the part; None where there is none yet."""
    if note is None or "latency_s" not in note:
        return None
    gaps = note.get("gaps") or []
    try:
        return TakeTiming(
            latency_s=_number(note, "latency_s", 0.0),
            clock_ratio=_number(note, "clock_ratio", 1.0),
            start_s=_number(note, "start_s", 0.0),
            gaps=tuple((float(start), float(end)) for start, end in gaps),
            delay_from=str(note.get("delay_from", "")),
        )
    except (TypeError, ValueError):
        return None


def _number(note: dict[str, Any], name: str, otherwise: float) -> float:
    value = note.get(name)
    return float(value) if isinstance(value, int | float) else otherwise
