"""The thread that looks at what the microphone brings and says what it sees."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from asa_desktop.engine.level import LevelMeter
from asa_desktop.engine.pitch import LivePitch
from asa_desktop.engine.ring import Ring
from asa_desktop.engine.snapshot import Snapshot, SnapshotWriter, State, clock

POLL_S = 0.004
HOP_S = 0.010
BEAT_S = 0.05
"""So often a state is published even when no sound comes."""
SILENT_S = 0.2
"""Without sound for so long there is no voice and no level: the last ones are not repeated."""
_MOST_HOPS = 10
_MOST_S = 2.0
"""No more than this is read back; a ring holds a minute."""


@dataclass(frozen=True, slots=True)
class LiveState:
    """What the session knows and the watch does not; as in `Snapshot` where not said here.

    `sung_from_s`: the song's time at which the ring's frame 0 was sung, the delay taken off, so
    that frame k was sung at ``sung_from_s + k / rate``. `newest`: a count of frames of the ring
    and when, on `snapshot.clock`, the last of them came in; None: when the watch saw it.
    """

    state: State = State.IDLE
    song_s: float = 0.0
    recorded_s: float = 0.0
    sung_from_s: float = 0.0
    xruns_in: int = 0
    xruns_out: int = 0
    gaps: int = 0
    clock_ppm: float = 0.0
    stamp_delay_s: float = 0.0
    newest: tuple[int, float] | None = None


@dataclass(frozen=True, slots=True)
class _Sung:
    hz: float = 0.0
    clarity: float = 0.0
    song_s: float = 0.0
    heard_at: float = 0.0


class LiveWatch:
    """Publishes level and pitch of the newest sound at least every `HOP_S`.

    `state` is asked each time, from the watch's thread, and must not wait. While a watch runs,
    nobody else may publish to `writer`.
    """

    def __init__(
        self,
        ring: Ring,
        rate: int,
        writer: SnapshotWriter,
        state: Callable[[], LiveState],
    ) -> None:
        self._ring, self._rate, self._writer, self._state = ring, rate, writer, state
        self._hop = max(1, int(HOP_S * rate))
        self._tracker = LivePitch(rate)
        self._meter = LevelMeter(rate)
        self._sung = _Sung()
        self._done = ring.total
        self._came_at = self._published_at = clock()
        self._anew = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    @property
    def clipped(self) -> int:
        """How many places clipped since the start or `count_anew`."""
        return self._meter.level.clipped

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended: a few milliseconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def count_anew(self) -> None:
        """Forget the clips so far: a take begins."""
        self._anew.set()

    def _run(self) -> None:
        while not self._stopping.wait(POLL_S):
            self._look()

    def _look(self) -> None:
        now = clock()
        if self._anew.is_set():
            self._anew.clear()
            self._meter.reset()
        total = self._ring.total
        if total - self._done >= self._hop:
            state = self._state()
            for end in self._hops(total):
                self._measure_level(end)
                self._track(end, state, seen=(total, now))
                self._done = end
            self._came_at = now
            self._publish(state, now)
        elif now - self._published_at >= BEAT_S:
            if now - self._came_at >= SILENT_S:
                self._meter.silence()
                self._sung = _Sung()
            self._publish(self._state(), now)

    def _hops(self, total: int) -> list[int]:
        """Where to read the pitch: one hop or a little more apart, the last at the newest frame.

        When it was held up for long, at the newest frame alone.
        """
        new = total - self._done
        count = new // self._hop
        if count > _MOST_HOPS:
            return [total]
        return [self._done + new * (each + 1) // count for each in range(count)]

    def _measure_level(self, end: int) -> None:
        """Of all that is new: where hops are skipped, their clips still count."""
        start = max(self._done, end - round(_MOST_S * self._rate))
        self._meter.add(self._ring.read(start, end - start))

    def _track(self, end: int, state: LiveState, *, seen: tuple[int, float]) -> None:
        start = max(0, end - self._tracker.needs)
        hz, clarity = self._tracker.at(self._ring.read(start, end - start))
        counted, came_at = state.newest or seen
        self._sung = _Sung(
            hz=hz,
            clarity=clarity,
            song_s=state.sung_from_s + end / self._rate - self._tracker.behind_s,
            heard_at=came_at - (counted - end) / self._rate,
        )
        self._writer.point(self._sung.song_s, hz, clarity, self._meter.level.now_db)

    def _publish(self, state: LiveState, now: float) -> None:
        self._published_at = now
        level = self._meter.level
        self._writer.publish(
            Snapshot(
                state=state.state,
                song_s=state.song_s,
                recorded_s=state.recorded_s,
                peak_db=level.peak_db,
                rms_db=level.rms_db,
                clipped=level.clipped,
                clipping=level.clipping,
                hz=self._sung.hz,
                clarity=self._sung.clarity,
                pitch_song_s=self._sung.song_s,
                heard_at=self._sung.heard_at,
                xruns_in=state.xruns_in,
                xruns_out=state.xruns_out,
                gaps=state.gaps,
                clock_ppm=state.clock_ppm,
                stamp_delay_s=state.stamp_delay_s,
            )
        )
