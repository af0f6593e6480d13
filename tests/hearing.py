"""What a test makes of a recording: where a sound lies in it, and whether any sample is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

# A prime: no lost number of blocks of any usual size hides in the wrap-around.
RAMP_PERIOD = 40009
_LOW = -(RAMP_PERIOD // 2)
_IMPOSSIBLE = 1 << 20
_MOST_BREAKS = 1000


def offset_of(recorded: np.ndarray, original: np.ndarray, rate: float) -> float:
    """How much later `original` lies in `recorded`, in seconds; negative: earlier.

    Both mono at `rate`, any lengths. The peak of the cross-correlation, computed through the
    spectrum, between samples by the parabola through its three highest points.
    """
    n = len(recorded) + len(original) - 1
    size = 1 << (n - 1).bit_length()
    spectrum = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(original, size))
    likeness = np.fft.irfft(spectrum, size)
    top = int(np.argmax(likeness))
    before, at, after = (float(likeness[(top + step) % size]) for step in (-1, 0, 1))
    bend = before - 2 * at + after
    whole = top if top < len(recorded) else top - size
    return (whole + (0.5 * (before - after) / bend if bend else 0.0)) / rate


def ramp(frames: int, *, start: int = 0, block: int = 48000) -> Iterator[np.ndarray]:
    """A sawtooth, one step of 16 bits a sample, in int16 blocks; exact in 16 and 24 bits."""
    for at in range(start, start + frames, block):
        here = np.arange(at, min(at + block, start + frames), dtype=np.int64)
        yield (here % RAMP_PERIOD + _LOW).astype(np.int16)


@dataclass(frozen=True, slots=True)
class Break:
    """Where a ramp departs from its steps: after `silent` frames of silence it went on `jumped`
    frames further in the ramp than it had left off (0: nothing of it is missing)."""

    at: int
    silent: int
    jumped: int


class RampCheck:
    """Compares a recorded ramp sample by sample, block by block, in little memory.

    Silence before the ramp and after it is passed over. `start` and `end` say where the ramp
    lies in what was fed, `lead` with which of its samples it begins (0: it was heard from its
    first on), `breaks` where it departs from its steps, a thousand at most.
    """

    def __init__(self) -> None:
        self.frames = 0
        self.start: int | None = None
        self.end = 0
        self.lead = 0
        self.breaks: list[Break] = []
        self._next = 0
        self._silent = 0

    @property
    def length(self) -> int:
        """Frames from the ramp's first to its last."""
        return 0 if self.start is None else self.end - self.start

    @property
    def first_break(self) -> int | None:
        """The first frame that is not the next step."""
        return self.breaks[0].at if self.breaks else None

    def feed(self, block: np.ndarray) -> None:
        """Take the next samples, mono: floats of full scale 1, int16, or int32 from 24 bits."""
        exact = _in_steps(block)
        at = self.frames
        self.frames += len(exact)
        if self.start is None:
            sounding = np.flatnonzero(exact)
            if not len(sounding):
                return
            exact = exact[sounding[0] :]
            at += int(sounding[0])
            self.start = self.end = at
            self.lead = self._next = _step(exact[0])
        while len(exact) and len(self.breaks) < _MOST_BREAKS:
            taken = self._take(exact, at)
            exact = exact[taken:]
            at += taken

    def _take(self, exact: np.ndarray, at: int) -> int:
        """Compare up to the next break and step over it; how many frames that was."""
        good = 0 if self._silent else self._good(exact)
        if good:
            self._next = (self._next + good) % RAMP_PERIOD
            self.end = at + good
            return good
        sounding = np.flatnonzero(exact)
        if not len(sounding):  # the end, unless more of the ramp follows
            self._silent += len(exact)
            return len(exact)
        silent = int(sounding[0])
        follows = _step(exact[silent])
        jumped = (follows - self._next) % RAMP_PERIOD
        self.breaks.append(Break(at - self._silent, self._silent + silent, jumped))
        self._silent = 0
        self._next = (follows + 1) % RAMP_PERIOD
        self.end = at + silent + 1
        return silent + 1

    def _good(self, exact: np.ndarray) -> int:
        """How many samples from the first on are the next steps."""
        steps = (self._next + np.arange(len(exact))) % RAMP_PERIOD + _LOW
        wrong = np.flatnonzero(exact != steps)
        return int(wrong[0]) if len(wrong) else len(exact)


def first_break(recorded: np.ndarray) -> int | None:
    """Where a recorded ramp first departs from its steps; None where it never does.

    Silence before and after the ramp is no break; a recording without a ramp is one at 0.
    """
    check = RampCheck()
    for at in range(0, len(recorded), 48000):
        check.feed(recorded[at : at + 48000])
    return 0 if check.start is None else check.first_break


def _step(value: np.integer) -> int:
    return (int(value) - _LOW) % RAMP_PERIOD


def _in_steps(block: np.ndarray) -> np.ndarray:
    """Samples in steps of 16 bits, int64; between two steps lies a value that no ramp has."""
    if block.dtype == np.int16:
        return block.astype(np.int64)
    scaled = block.astype(np.float64) * (2.0**-16 if block.dtype == np.int32 else 32768.0)
    whole = np.rint(scaled)
    return np.where(scaled == whole, whole, _IMPOSSIBLE).astype(np.int64)
