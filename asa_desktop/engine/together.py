"""Two streams that one sound server serves in the same moments, some blocks at a time.

How many blocks lie between what was sent and what came is then a whole number that callbacks'
times tell exactly, while the place of one stream in the other only moves by whole services. So of
a delay all is known but whole services, and the system's time stamps are good enough for those.
"""

from __future__ import annotations

import numpy as np

from asa_desktop.engine.clock import OPENING_S, Doubles

_FILLING_S = 0.1  # as in `clock`: the first blocks fill buffers
_NOTES = 1024
_LEAST_SERVICES = 5
_PAUSE_BLOCKS = 0.25
_APART_BLOCKS = 0.1
_ALIKE_S = 0.001


class _Services:
    """The callbacks of one stream's opening, by the services that they came in."""

    def __init__(self) -> None:
        self._frames = np.zeros(_NOTES)
        self._times = np.zeros(_NOTES)
        self._count = 0
        self._until = np.inf
        self.over = False

    def note(self, frames: float, time_s: float) -> None:
        if self._count == 0 and self._until == np.inf:
            self._until = time_s + OPENING_S
        self.over = time_s >= self._until
        if not self.over and self._count < _NOTES:
            self._frames[self._count], self._times[self._count] = frames, time_s
            self._count += 1

    def found(self, pause_s: float) -> tuple[Doubles, Doubles]:
        """When each service began, and how many frames it handled; without the opening's start."""
        times, frames = self._times[: self._count].copy(), self._frames[: self._count].copy()
        if not len(times):
            return times, frames
        begins = np.flatnonzero(np.diff(times, prepend=-np.inf) > pause_s)
        begins = begins[times[begins] >= times[0] + _FILLING_S]
        return times[begins[:-1]], np.diff(frames[begins])


class Together:
    """Whether microphone and speakers are served together, and how much at a time.

    Measured through PulseAudio (65 openings, blocks of 512 at 48 kHz, under load and without):
    services of two blocks, begun within 0.5 ms of each other on both sides. Two devices with
    clocks of their own are served whenever it suits each.
    """

    def __init__(self, rate: float, block: int) -> None:
        self._rate, self._block = rate, block
        self._heard, self._played = _Services(), _Services()
        self._measured = False
        self._service_s: float | None = None

    def note_in(self, frames: float, time_s: float) -> None:
        """From the callback of the microphone: frames handled before, and now."""
        self._heard.note(frames, time_s)

    def note_out(self, frames: float, time_s: float) -> None:
        """From the callback of the speakers, with times of the same clock."""
        self._played.note(frames, time_s)

    @property
    def service_s(self) -> float | None:
        """What one service handles, some whole blocks; None where the two sides differ.

        Measured once, when the opening is over; None before that.
        """
        if not self._measured and self._heard.over and self._played.over:
            self._service_s, self._measured = self._measure(), True
        return self._service_s

    def _measure(self) -> float | None:
        block_s = self._block / self._rate
        heard_at, heard = self._heard.found(_PAUSE_BLOCKS * block_s)
        played_at, played = self._played.found(_PAUSE_BLOCKS * block_s)
        if min(len(heard), len(played)) < _LEAST_SERVICES:
            return None
        apart = np.abs(played_at[:, None] - heard_at[None]).min(axis=1)
        frames = float(np.median(heard))
        alike = frames == float(np.median(played)) and frames >= 2 * self._block
        if not alike or frames % self._block or np.median(apart) > _APART_BLOCKS * block_s:
            return None
        return frames / self._rate


def nearest_claim(claimed_s: float, counted_s: float, service_s: float) -> float:
    """The delay that agrees with what callbacks count but for whole services, by a claim.

    `counted_s` lies whole services beside the truth, to 0.05 ms; the claim 0 to 1 service above it
    in 60 openings, so it is the last one below the claim. Of 15 openings with blocks of 1024 three
    claims lay below the truth, and what is found is then a whole service too little.
    """
    return claimed_s - (claimed_s - counted_s) % service_s


def opened_alike(claim_then: float, claim_now: float, service_s: float) -> bool:
    """Whether two openings hold as many blocks; the claims are those of `nearest_claim`.

    Between them a block may have stayed in the buffers of the system or left them: of 66 openings
    at 48 kHz two, and 9.8 ms in three of ten at 44.1 kHz, where the server resampled. Whole
    services tell nothing, for the claim may miss by one.
    """
    apart = (claim_now - claim_then) % service_s
    return min(apart, service_s - apart) <= _ALIKE_S
