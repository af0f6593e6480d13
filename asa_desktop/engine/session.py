"""The engine's state: what is open, what is being recorded, and what is away.

Everything here runs on the engine's own thread: requests one by one, and `tick` in between.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.engine import devices, messages
from asa_desktop.engine.faults import fault_of
from asa_desktop.engine.line import Line
from asa_desktop.engine.listening import Listening, chirping, tapping
from asa_desktop.engine.live import LiveState, LiveWatch
from asa_desktop.engine.messages import Event, Opened, Request, Setup
from asa_desktop.engine.player import Player
from asa_desktop.engine.pulse import Change, PulseWatch
from asa_desktop.engine.recording import Take, player_of
from asa_desktop.engine.ring import Ring
from asa_desktop.engine.snapshot import Snapshot, SnapshotWriter, State

RING_S = 60.0
RETRY_S = 0.5
RETRIES = 2
FRESH_TRIES = 3
COMPARABLE_S = 0.5
"""How long to wait for what tells one opening from another; it takes 0.35 s."""
TOLD_S = 0.1
"""How long the sound server may take to tell that a device went."""
SOME_FOUND = 3
LONGEST_S = 6 * 3600.0
"""Nothing is played for longer than this."""

log = logging.getLogger(__name__)


class Engine:
    """Carries out requests. `send` gives events to whoever runs the engine, from any thread."""

    def __init__(
        self,
        send: Callable[[Event], None],
        snapshot: SnapshotWriter,
        *,
        sound: Any = None,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._send = send
        self._pause = pause
        self._snapshot = snapshot
        self._sound = sound or devices.backend()
        self._setup: Setup | None = None
        self._line: Line | None = None
        self._ring: Ring | None = None
        self._live: LiveWatch | None = None
        self._take: Take | None = None
        self._playing: Player | None = None
        self._listening: Listening | None = None
        self._finishing: list[threading.Thread] = []
        self._lost_for: str | None = None
        self._retry_at = 0.0
        self._moved: tuple[Change, int] | None = None
        self._clipped = self._retries = 0
        self._rearmed = False
        self._stuck: list[threading.Thread] = []
        self._play_start_s = 0.0
        self._stems = (False, False)
        self._watch = PulseWatch.start(on_change=self._on_change)

    # Requests

    def handle(self, request: Request) -> Event | None:
        """Carry out one request and return its answer; None where that comes later.

        Raises the `AsaError` that stands in its way.
        """
        match request:
            case messages.ListDevices(refresh=anew):
                return self._list(anew=anew)
            case messages.Open(setup=setup):
                return self._open(setup)
            case messages.Close():
                self._close()
            case messages.Record(job=job):
                line = self._fresh_line(like=job.delay_stamp_s)
                if self._live is not None:
                    self._live.count_anew()
                self._clipped = 0
                self._take = Take(job, line, self._send)
            case messages.Stop():
                self._stop()
            case messages.Play():
                self._play(request)
            case messages.SetGains(accompaniment=first, vocal=second):
                self._set_gains(first, second)
            case messages.Calibrate(level=level):
                self._listening = chirping(self._usual_line(), level=level)
                self._retries = RETRIES
                return None
            case messages.TapAlong(level=level):
                self._listening = tapping(self._usual_line(), level=level)
                self._retries = 0
                return None
            case messages.Quit():
                pass
        return messages.Done()

    def tick(self) -> None:
        """Look after what is under way; called every few hundredths of a second."""
        now = time.monotonic()
        self._finishing = [each for each in self._finishing if each.is_alive()]
        if self._line is not None and (reason := self._lost_reason(self._line, now)):
            self._lose(self._line, reason, now)
        elif self._lost_for is not None:
            self._try_again(now)
        if self._line is not None:
            self._line.look_for_jumps()
        if self._take is not None:
            self._look_after(self._take)
        if self._playing is not None and self._playing.ended:
            self._end_playing()
        if self._listening is not None and self._line is not None:
            self._listen(self._listening, self._line)
        if self._live is None:
            self._publish_alone()

    def shut_down(self) -> None:
        """End the take properly, close the devices, and wait until what was sung is safe."""
        if self._take is not None:
            self._end_take(self._take)
        self._close()
        if self._watch is not None:
            self._watch.stop()
        for thread in self._finishing:
            thread.join()

    def _publish_alone(self) -> None:
        """While no device is open there is nobody else to say how things stand."""
        now = self._state()
        self._snapshot.publish(
            Snapshot(
                state=now.state,
                song_s=now.song_s,
                recorded_s=now.recorded_s,
                xruns_in=now.xruns_in,
                xruns_out=now.xruns_out,
                gaps=now.gaps,
            )
        )

    # Devices

    def _list(self, *, anew: bool) -> Event:
        # A take is never interrupted for a list; what is open is, for a moment.
        if anew and self._take is None and self._playing is None and self._listening is None:
            self._drop_line()
            self._refresh()
            found = devices.listed(self._sound)
            if self._setup is not None and self._lost_for is None:
                try:
                    self._connect(self._setup)
                except AsaError as error:
                    log.warning("not opened again: %s", error)
                    self._setup = None
            return messages.Devices(found)
        return messages.Devices(devices.listed(self._sound))

    def _open(self, setup: Setup) -> Opened:
        if self._take is not None:
            raise PlaceError("engine_busy")
        self._close()
        try:
            self._connect(setup)
        except PlaceError as error:
            if error.code not in ("device_missing", "no_input", "no_output"):
                raise
            self._refresh()  # it may have been plugged in since
            self._connect(setup)
        line = self._settle()
        opened = line.opened()
        self._setup = replace(setup, rate=opened.rate, input=opened.input, output=opened.output)
        return opened

    def _settle(self) -> Line:
        """Wait until sound flows over the new line. Raises `PlaceError` ``device_silent``."""
        assert self._line is not None
        line = self._line
        deadline = time.monotonic() + 3.0
        while not line.settled:
            if line.is_lost(time.monotonic()) or time.monotonic() > deadline:
                self._close()
                raise PlaceError("device_silent", name=(line.source or line.sink).name)
            self._pause(0.01)
        return line

    def _fresh_line(self, *, like: float | None = None) -> Line:
        """An idle line whose delay nothing has shifted: opened anew after a stall, or a while.

        And where it opened otherwise than the line that was calibrated, whose time stamps claimed
        `like`: a few times, for most openings are alike.

        Raises `PlaceError` ``only_plays`` where it was opened without a microphone.
        """
        line = self._idle_line()
        if not line.listens:
            raise PlaceError("only_plays")
        for _ in range(FRESH_TRIES):
            if self._setup is None or not (line.stale or self._opened_otherwise(line, like)):
                break
            line = self._opened_anew(self._setup)
        return line

    def _usual_line(self) -> Line:
        """A fresh line that opened like one before it, so that takes will find another like it."""
        line = self._fresh_line()
        claims: list[float] = []
        for _ in range(FRESH_TRIES):
            self._wait_until_comparable(line)
            known = not line.shows_its_opening or any(line.opened_like(it) for it in claims)
            if known or self._setup is None:
                break
            claims.append(line.stamp_delay_s)
            line = self._opened_anew(self._setup)
        return line

    def _opened_anew(self, setup: Setup) -> Line:
        self._drop_line()
        self._connect(setup)
        return self._settle()

    def _opened_otherwise(self, line: Line, like: float | None) -> bool:
        if like is None:
            return False
        self._wait_until_comparable(line)
        return not line.opened_like(like)

    def _wait_until_comparable(self, line: Line) -> None:
        deadline = time.monotonic() + COMPARABLE_S
        while not line.comparable and time.monotonic() < deadline:
            self._pause(0.01)

    def _connect(self, setup: Setup) -> None:
        line = Line(self._sound, setup, self._ring_for)
        self._line, self._setup = line, setup
        self._moved = None
        self._live = LiveWatch(line.ring, line.rate, self._snapshot, self._state)
        self._live.start()

    def _ring_for(self, rate: int) -> Ring:
        if self._take is None or self._ring is None:
            self._ring = Ring(round(RING_S * rate))
        return self._ring

    def _drop_line(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._clipped += self._live.clipped
            self._live = None
        if self._line is not None:
            self._line.close()
            if self._line.stuck is not None:
                self._stuck.append(self._line.stuck)
            self._line = None

    def _close(self) -> None:
        if self._playing is not None:
            self._end_playing()
        self._listening = None
        self._drop_line()
        self._setup = None
        self._lost_for = None

    def _idle_line(self) -> Line:
        if self._line is None:
            raise PlaceError("device_lost" if self._lost_for else "no_device_open")
        if self._take is not None or self._playing is not None or self._listening is not None:
            raise PlaceError("engine_busy")
        return self._line

    @property
    def is_stuck(self) -> bool:
        """Whether a stream is still being closed, so that PortAudio cannot be ended."""
        self._stuck = [each for each in self._stuck if each.is_alive()]
        return bool(self._stuck)

    def _refresh(self) -> None:
        """Look for devices anew, as long as PortAudio can be left for that."""
        if not self.is_stuck:
            devices.refresh(self._sound)

    # Loss and return

    def _on_change(self, change: Change) -> None:
        """From the sound server's thread: remember what changed, and where in the ring."""
        if change.kind in ("moved", "suspended"):
            ring = self._ring
            self._moved = (change, ring.total if ring is not None else 0)
        elif change.kind == "resumed":
            self._moved = None

    def _lost_reason(self, line: Line, now: float) -> str | None:
        change = self._moved[0] if self._moved is not None else None
        if line.is_lost(now):
            return "suspended" if change is not None and change.kind == "suspended" else "lost"
        if change is not None and change.kind == "suspended":
            return "suspended"
        if change is not None and change.kind == "moved":
            if change.original_gone:
                return "moved"
            self._moved_by_hand(change)
        return None

    def _moved_by_hand(self, change: Change) -> None:
        """Somebody chose another device in the system's settings: go on, and say so."""
        assert self._moved is not None
        frame, self._moved = self._moved[1], None
        at = self._take.mark(frame) if self._take is not None else 0.0
        self._send(messages.Moved(device=change.to, at_s=at))

    def _lose(self, line: Line, reason: str, now: float) -> None:
        frame = None
        if reason == "moved" and self._moved is not None:
            frame = self._moved[1] - round(TOLD_S * line.rate)
        since = min(line.last_in, line.last_out) or now
        at = 0.0
        if self._take is not None and not self._take.is_away:
            at = self._take.lost(line, since=since, from_frame=frame)
        if self._playing is not None:
            self._end_playing()
        if self._listening is not None:
            self._listening = None
            self._send(fault_of(PlaceError("device_lost")))
        if self._lost_for is None:
            self._send(messages.Lost(reason=reason, at_s=at))
        self._drop_line()
        self._moved = None
        self._rearmed = False
        self._lost_for = self._lost_for or reason
        self._retry_at = now + RETRY_S / 5

    def _try_again(self, now: float) -> None:
        """Open the same devices once more; they count as back when sound flows."""
        if self._line is not None:
            if self._line.settled:
                self._returned(self._line)
            return
        if now < self._retry_at or self._setup is None:
            return
        self._retry_at = now + RETRY_S
        self._refresh()
        try:
            self._connect(self._setup)
        except AsaError as error:
            log.info("not back yet: %s", error)

    def _returned(self, line: Line) -> None:
        gap = None
        if self._take is not None:
            if not self._rearmed:
                self._rearmed = True
                self._take.back(line)
            self._take.tick(line)
            gap = self._take.came_back(line, reason=self._lost_for)
            if gap is None:
                return
        self._lost_for = None
        self._send(messages.Back(line.opened(), gap))

    # What is under way

    def _look_after(self, take: Take) -> None:
        line = None if take.is_away and self._lost_for and self._line is None else self._line
        if take.tick(line):
            self._end_take(take)

    def _end_take(self, take: Take) -> None:
        self._take = None
        clipped = self._clipped + (self._live.clipped if self._live is not None else 0)
        self._finishing.append(take.end(self._line, clipped=clipped))

    def _stop(self) -> None:
        if self._take is not None:
            self._take.stop(self._line)
        elif self._playing is not None:
            self._end_playing()
        elif self._listening is not None:
            self._listening.stop()
            self._listening = None

    def _play(self, request: messages.Play) -> None:
        line = self._idle_line()
        self._playing = player_of(
            request.accompaniment,
            request.vocal,
            gains=(request.accompaniment_gain, request.vocal_gain),
            rate=line.rate,
            start_s=request.start_s,
            end_s=request.end_s,
            most_s=LONGEST_S,
            vocal_later_s=request.vocal_later_s,
        )
        self._play_start_s = request.start_s
        self._stems = (request.accompaniment is not None, request.vocal is not None)
        line.arm(self._playing)

    def _end_playing(self) -> None:
        player, self._playing = self._playing, None
        if self._line is not None:
            self._line.disarm()
        if player is not None:
            player.close()
        self._send(messages.Played())

    def _set_gains(self, accompaniment: float, vocal: float) -> None:
        if self._take is not None:
            self._take.set_gains(accompaniment, vocal)
        elif self._playing is not None:
            both = zip(self._stems, (accompaniment, vocal), strict=True)
            self._playing.gains = tuple(gain for there, gain in both if there)

    def _listen(self, listening: Listening, line: Line) -> None:
        try:
            outcome = listening.tick(line)
        except AsaError as error:
            self._listening = None
            if not self._listens_again(error, level=listening.level):
                self._send(fault_of(error))
            return
        if outcome is not None:
            self._listening = None
            self._send(outcome)

    def _listens_again(self, error: AsaError, *, level: float) -> bool:
        """Whether it is tried once more: a loop was heard, but a stall moved the delay."""
        if int(str(error.facts.get("found", 0))) < SOME_FOUND or not self._retries:
            return False
        self._retries -= 1
        try:
            self._listening = chirping(self._usual_line(), level=level)
        except AsaError as fault:
            log.warning("not opened again: %s", fault)
            return False
        return True

    def _state(self) -> LiveState:
        """What the snapshot says beside level and pitch; also asked by the watch's thread.

        While a take is recorded the dropouts are the take's, as they are told at its end.
        """
        line, take, playing = self._line, self._take, self._playing
        song_s = 0.0
        lost_in, lost_out = (0, 0) if line is None else (line.xruns_in, line.xruns_out)
        if take is not None:
            song_s = take.song_s
            lost_in, lost_out = take.dropouts
        elif playing is not None and line is not None:
            song_s = self._play_start_s + playing.position / line.rate
        return LiveState(
            state=self._doing(),
            song_s=song_s,
            recorded_s=take.recorded_s if take is not None else 0.0,
            sung_from_s=take.sung_from_s if take is not None else 0.0,
            xruns_in=lost_in,
            xruns_out=lost_out,
            gaps=len(take.gaps) if take is not None else 0,
            clock_ppm=line.clock_ppm if line is not None else 0.0,
            stamp_delay_s=line.stamp_delay_s if line is not None else 0.0,
            newest=line.newest if line is not None else None,
        )

    def _doing(self) -> State:
        if self._lost_for is not None:
            return State.LOST
        if self._take is not None:
            return State.RECORDING
        if self._playing is not None:
            return State.PLAYING
        if self._listening is not None:
            return State.CALIBRATING
        return State.CLOSED if self._line is None else State.IDLE
