"""Sound that never came or never went out: by how much a stream has slipped against its clock.

A sound server that was late plays silence and goes on with what it was given: from then on all
comes later. A microphone's buffer that ran over has lost what was in it: all that follows comes
earlier in the recording than it was sung. Either way the callbacks are later than before, by their
frames, and stay so; a machine that is only busy calls late too, but not always.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST_S = 0.004
"""A shorter slip is left alone: nobody hears it, and callbacks scatter."""

CALM_S = 1.25
PATIENCE_S = 6.0
"""How long nothing must have happened before it is measured; and when it is measured anyway."""

_WINDOW_S = 1.0
_BEFORE_S = (2.5, 1.0)
_NOTES = 4096
_WHOLE_BLOCKS = 0.07


@dataclass(frozen=True, slots=True)
class Slip:
    """How much sound each side has lost, in seconds; negative where it had been thought lost."""

    heard_s: float = 0.0
    played_s: float = 0.0


class _Lateness:
    """How late the last callbacks of a stream were, by their frames."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._times = np.full(_NOTES, -np.inf)
        self._late = np.zeros(_NOTES)
        self._count = 0

    def note(self, frames: float, time_s: float) -> None:
        number = self._count % _NOTES
        self._times[number] = -np.inf  # in this order, for somebody may be reading
        self._late[number] = time_s - frames / self._rate
        self._times[number] = time_s
        self._count += 1

    def least(self, *, since: float, until: float) -> float | None:
        """The least late between two times: only the system's delays make it later."""
        times, late = self._times.copy(), self._late.copy()
        there = late[(times >= since) & (times < until)]
        return float(there.min()) if len(there) else None


class SlipWatch:
    """Measures by how much two streams slipped, each time something is known to have happened.

    Without an event nothing is looked for, and where only a late callback tells of one, a slip of
    the song is a whole number of blocks: so it was in every stall through PulseAudio, to 0.03
    block. Where another program begins to play, the server may call a stream 14 ms later from
    then on, and nothing has slipped.
    """

    def __init__(self, rate: float, block: int) -> None:
        self._block_s = block / rate
        self._heard = _Lateness(rate)
        self._played = _Lateness(rate)
        self._known = (0, 0)
        self._since: float | None = None
        self._last = 0.0
        self._flagged = False
        self._settled = -np.inf
        self._before: tuple[float | None, float | None] = (None, None)

    def note_in(self, frames: float, time_s: float) -> None:
        """From the microphone's callback: so many frames were handled before, and it is now."""
        self._heard.note(frames, time_s)

    def note_out(self, frames: float, time_s: float) -> None:
        """From the callback of the speakers, with times of the same clock."""
        self._played.note(frames, time_s)

    def look(self, now: float, *, flags: int, stalls: int) -> Slip:
        """What has slipped since the last look; `flags` and `stalls` are counted so far.

        Told once, `CALM_S` after the last event. Call it some times a second.
        """
        if (flags, stalls) != self._known:
            if self._since is None:
                self._since, self._flagged = now, False
                if now - self._settled > _BEFORE_S[0]:
                    self._before = self._least(now - _BEFORE_S[0], now - _BEFORE_S[1])
            self._flagged = self._flagged or flags != self._known[0]
            self._known, self._last = (flags, stalls), now
        if self._since is None:
            return Slip()
        if now - self._last < CALM_S and now - self._since < PATIENCE_S:
            return Slip()
        before, after = self._before, self._least(now - _WINDOW_S, now)
        self._since, self._settled, self._before = None, now, after
        heard_s, played_s = _step(before[0], after[0]), _step(before[1], after[1])
        if self._flagged:
            return Slip(heard_s, played_s)
        blocks = played_s / self._block_s
        return Slip(0.0, played_s if abs(blocks - round(blocks)) < _WHOLE_BLOCKS else 0.0)

    def _least(self, since: float, until: float) -> tuple[float | None, float | None]:
        return (
            self._heard.least(since=since, until=until),
            self._played.least(since=since, until=until),
        )


def _step(before: float | None, after: float | None) -> float:
    if before is None or after is None:
        return 0.0
    return after - before if abs(after - before) >= LEAST_S else 0.0
