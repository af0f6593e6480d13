"""The clocks of the streams: how fast they really run, and whether the delay has moved.

A callback notes how many frames it has handled and when (`time.monotonic`). It is called late by
whatever the system was busy with, never early, so the true clock runs along the lower edge of the
notes. Measured through PulseAudio, two streams, chirps, 11 openings: by callbacks' times the delay
was the same to 0.2 ms but for two openings that were off by a whole block; by the system's time
stamps of the samples it scattered over 13 to 18 ms. So it is the callbacks' times that are noted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

LEAST_EFFECT_S = 0.002
"""A difference between two clocks that moves less than this over the whole take is left alone."""
LEAST_CERTAINTY = 3.0
"""How many standard errors a difference must measure to be believed."""

MOST_RATIO = 1e-3
"""No two crystals differ by more: sound was lost, and the clocks are as they were."""

FIRST_S = 0.3
"""From when on the times of a stream mean something."""

OPENING_S = 0.35
"""Until when two streams are compared: later the system calls them in patterns that move."""

_FILLING_S = 0.1  # the first blocks fill buffers ahead of time: the only ones that are early
_BUCKETS = 4096
_LEAST_BUCKETS = 8
_INDEPENDENT = 12
_LEAST_SCATTER_S = 1e-4
_CLAIM_S = 0.25
_SKIPPED = 3  # the system's guesses before it knows anything
_STAMPS = 8192
_CLAIMED_BLOCKS = (-0.1, 1.05)  # of the claims above the truth: -0.02 to 1.04 in 60 openings
_USUAL_BLOCKS = 0.5
_JUMP_BLOCKS = 1.5


@dataclass(frozen=True, slots=True)
class Line:
    """Where a clock runs: `time_s` at frame 0, `rate` frames a second.

    `error_s` is the standard error with which the length from the first to the last note is known.
    """

    time_s: float
    rate: float
    error_s: float


class ClockModel:
    """The real rate of a stream, and when each frame of it passed.

    Of each second only the least late note is kept; where a stream lasts longer than the room for
    that, of each two seconds, and so on: memory does not grow.
    """

    def __init__(self, rate: float) -> None:
        self.rate = float(rate)
        self._bucket_s = 1.0
        self._frames = np.zeros(_BUCKETS)
        self._late = np.full(_BUCKETS, np.inf)
        self._start: float | None = None
        self._end_s = 0.0
        self._opening = np.inf

    def note(self, frames: float, time_s: float) -> None:
        """From the callback: `frames` were handled before this block, and it is `time_s` now.

        Any clock that does not jump. Allocates nothing to speak of and never waits.
        """
        if self._start is None:
            self._start = time_s
        since = time_s - self._start
        if since < _FILLING_S:
            return
        late = since - frames / self.rate
        if since < OPENING_S or not np.isfinite(self._opening):
            self._opening = min(self._opening, late)
        if since >= _BUCKETS * self._bucket_s:
            self._halve()
        number = max(int(since / self._bucket_s), 0)
        if late < self._late[number]:
            # In this order, for somebody may be reading: without `_late` a bucket is empty.
            self._frames[number] = frames
            self._late[number] = late
        self._end_s = since

    def _halve(self) -> None:
        pairs = self._late.reshape(-1, 2)
        better = np.argmin(pairs, axis=1) + np.arange(0, _BUCKETS, 2)
        late, frames = self._late[better], self._frames[better]
        self._late[:] = np.inf
        self._late[: len(late)], self._frames[: len(late)] = late, frames
        self._bucket_s *= 2

    @property
    def length_s(self) -> float:
        """From the first note to the last."""
        return self._end_s

    @property
    def line(self) -> Line | None:
        """The clock as it was noted so far; None before `FIRST_S`.

        In the first seconds the rate is taken for the nominal one.
        """
        if self._start is None or self._end_s < FIRST_S:
            return None
        frames, late = self._known()
        if len(late) < _LEAST_BUCKETS:
            return Line(self._start + float(np.min(late)), self.rate, float("inf"))
        middle = float(np.mean(frames))
        slope, level, scatter = _robust_line(frames - middle, late)
        count = min(len(late), _INDEPENDENT)
        # Of `count` points spread evenly, the slope times the length: scatter * sqrt(12 / count).
        # Lateness keeps for a while, so that many notes count as few.
        return Line(
            time_s=self._start + level - slope * middle,
            rate=1 / (1 / self.rate + slope),
            error_s=scatter * float(np.sqrt(12 / count)),
        )

    def _known(self) -> tuple[Doubles, Doubles]:
        """Frames and lateness of the full buckets; the first alone where there is no other."""
        late, frames = self._late.copy(), self._frames.copy()
        known = np.flatnonzero(np.isfinite(late))
        known = known[1:] if len(known) > 1 else known
        return frames[known], late[known]

    @property
    def began_at(self) -> float | None:
        """When frame 0 was handled, by the callbacks of the opening; None before `OPENING_S`."""
        if self._start is None or self._end_s < OPENING_S or not np.isfinite(self._opening):
            return None
        return self._start + self._opening


def _robust_line(x: Doubles, y: Doubles) -> tuple[float, float, float]:
    """Slope, level at 0 and scatter of a line near which most points lie, and some far above.

    Tukey's biweight from a start of median slopes (Theil and Sen, over half the length).
    """
    half = len(x) // 2
    run = x[-half:] - x[:half]
    slope = float(np.median((y[-half:] - y[:half]) / run))
    level = float(np.median(y - slope * x))
    scatter = _LEAST_SCATTER_S
    for _ in range(20):
        away = y - level - slope * x
        scatter = max(1.4826 * float(np.median(np.abs(away))), _LEAST_SCATTER_S)
        weight = np.maximum(1 - (away / (4.7 * scatter)) ** 2, 0) ** 2
        total = float(weight.sum())
        x_mean, y_mean = float(weight @ x) / total, float(weight @ y) / total
        bend = float(weight @ (x - x_mean) ** 2)
        slope = float(weight @ ((x - x_mean) * (y - y_mean))) / bend if bend > 0 else slope
        level = y_mean - slope * x_mean
    return slope, level, scatter


class ClockPair:
    """The microphone's clock against the song's, where each has a stream of its own.

    Rule: the clocks count as equal unless their difference, over what was noted, is at least
    `LEAST_CERTAINTY` standard errors and `LEAST_EFFECT_S`. A short take is thus never made worse
    than by leaving its clock alone. Where one stream serves both, nothing is noted and the ratio
    is exactly 1.
    """

    def __init__(self, rate: float) -> None:
        self.input = ClockModel(rate)
        self.output = ClockModel(rate)

    def note_in(self, frames: float, time_s: float) -> None:
        """From the callback of the microphone; see `ClockModel.note`."""
        self.input.note(frames, time_s)

    def note_out(self, frames: float, time_s: float) -> None:
        """From the callback of the speakers, with times of the same clock."""
        self.output.note(frames, time_s)

    @property
    def ratio(self) -> float:
        """How much faster the microphone's clock runs than the song's."""
        heard, played = self.input.line, self.output.line
        if heard is None or played is None:
            return 1.0
        ratio = heard.rate / played.rate
        effect = abs(ratio - 1) * min(self.input.length_s, self.output.length_s)
        error = float(np.hypot(heard.error_s, played.error_s))
        if abs(ratio - 1) > MOST_RATIO:
            return 1.0
        return ratio if effect >= max(LEAST_EFFECT_S, LEAST_CERTAINTY * error) else 1.0

    @property
    def ppm(self) -> float:
        """The same in parts per million."""
        return 1e6 * (self.ratio - 1)

    def in_frame_at_out(self, frame: float) -> float | None:
        """Which frame of the microphone was handled when this one of the song was.

        None while it cannot be told. What lies between callbacks and converters is part of the
        calibrated delay. Measured through PulseAudio, which resampled from 44.1 kHz: told by the
        opening it was the same to 0.1 ms in eight openings; by what came later, 14 ms apart.
        """
        apart = self.opened_apart_s
        return None if apart is None else frame * self.ratio - apart * self.input.rate

    @property
    def opened_apart_s(self) -> float | None:
        """How much later the microphone's frame 0 was handled than the song's; None at first."""
        heard, played = self.input.began_at, self.output.began_at
        return None if heard is None or played is None else heard - played


class StampDelay:
    """The round trip that the system's time stamps claim for one stream, and its jumps.

    Measured through PulseAudio (36 openings at 44.1 and 48 kHz, blocks of 256 to 1024, with chirps
    beside it): the true delay did not move, but the claimed one wandered by up to 31 ms within
    seconds, and stepped by up to 1.27 blocks after 5.7 s. Three things can be relied on: in the
    first quarter of a second the claim lies 0.1 to 1.0 block above the truth; where the truth
    jumps (a stalled callback: 2 blocks at least), the claim steps by as much within a quarter of
    a second, to 4 ms; and these steps are larger than the others.
    """

    def __init__(self, rate: float, block: int) -> None:
        self._block_s = block / rate
        self._few = max(round(_CLAIM_S / self._block_s), 4)
        self._opening = np.zeros(_SKIPPED + self._few)
        self._ring = np.zeros(_STAMPS)
        self.count = 0

    def note(self, stamp_s: float) -> None:
        """From the callback: the time of its first frame at the speakers less at the microphone."""
        if self.count < len(self._opening):
            self._opening[self.count] = stamp_s
        self._ring[self.count % _STAMPS] = stamp_s
        self.count += 1

    @property
    def opening(self) -> float:
        """The claim of the first quarter of a second, which two openings can be compared by.

        0 before there is any.
        """
        return _median(self._opening[_SKIPPED : self.count])

    @property
    def median(self) -> float:
        """The claim of the last quarter of a second: it wanders. 0 before there is any."""
        return _median(self._last(self._few))

    def jumped(self, within_s: float = 5.0) -> float:
        """The step by which the delay jumped in the last `within_s` seconds, or 0.

        Told a quarter of a second after it happened. Steps below 1.5 blocks are not believed.
        """
        recent = self._last(round(within_s / self._block_s) + 2 * self._few)
        if len(recent) < 2 * self._few:
            return 0.0
        windows = np.lib.stride_tricks.sliding_window_view(recent, self._few)
        medians = np.median(windows, axis=1)
        steps = medians[self._few :] - medians[: -self._few]
        step = float(steps[int(np.argmax(np.abs(steps)))])
        return step if abs(step) > _JUMP_BLOCKS * self._block_s else 0.0

    def _last(self, count: int) -> Doubles:
        count = min(count, self.count - _SKIPPED, _STAMPS)
        if count <= 0:
            return np.zeros(0)
        return self._ring[np.arange(self.count - count, self.count) % _STAMPS]


def _median(values: Doubles) -> float:
    return float(np.median(values)) if len(values) else 0.0


def delay_of_take(calibrated: float, stamp_then: float, stamp_now: float, block_s: float) -> float:
    """The delay of a take whose device was calibrated at another opening.

    A stream sometimes opens with blocks more in its buffers, so the truth is the calibrated delay
    and a whole number of blocks. The claims are those of `StampDelay.opening`. Where the claim of
    the calibration lay within a block above what was then measured, claims do so on this system
    (see `StampDelay`), and the present one alone tells the number. Elsewhere a claim is off by
    something else, and only what has moved since then, by more than a block, is believed.
    """
    claims = np.array([stamp_then, stamp_now, block_s])
    if not np.isfinite(claims).all() or claims.min() <= 0:
        return calibrated
    least, most = _CLAIMED_BLOCKS
    if least * block_s <= stamp_then - calibrated <= most * block_s:
        claim = stamp_now - calibrated
        if least * block_s <= claim <= most * block_s:
            return calibrated
        moved = claim - _USUAL_BLOCKS * block_s
    else:
        moved = stamp_now - stamp_then
        if abs(moved) <= block_s:
            return calibrated
    return max(calibrated + round(moved / block_s) * block_s, min(calibrated, 0.0))
