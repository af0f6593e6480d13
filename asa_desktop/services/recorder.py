"""The client of the audio engine's process: for the command line and the window alike."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from asa_desktop.core.errors import AsaError, Cancelled, PlaceError
from asa_desktop.engine.faults import error_of
from asa_desktop.engine.messages import (
    Calibrate,
    Calibrated,
    Close,
    Crashed,
    Device,
    Devices,
    Done,
    Event,
    Fault,
    Finished,
    Job,
    Kept,
    ListDevices,
    Open,
    Opened,
    Play,
    Quit,
    Record,
    Recording,
    Request,
    SetGains,
    Setup,
    Stop,
    TapAlong,
)
from asa_desktop.services.processes import end, ending, spawned

if TYPE_CHECKING:
    from asa_desktop.engine.snapshot import Points, Snapshot, SnapshotReader

log = logging.getLogger(__name__)

Main = Callable[[Connection, str], None]
Cancel = Callable[[], bool]
Answer = TypeVar("Answer", bound=Event)

START_S = 20.0
FIRST_S = 60.0
"""How long the first answer may take: the process starts, and the system's devices are asked."""
ANSWER_S = 10.0
CALIBRATION_S = 90.0
FINISHING_S = 900.0
_QUIT_S = 5.0
_CANCEL_LOOK_S = 0.1
_LAST_WORDS_S = 5.0


def engine_main(connection: Connection, snapshot: str) -> None:
    """The engine's process. Its modules are imported there alone: they open PortAudio."""
    from asa_desktop.engine.process import main
    from asa_desktop.services.crashes import note

    main(connection, snapshot, note=note)


class Recorder:
    """An audio engine in a process of its own, used by one thread.

    Every method that asks for something waits for the answer, and may raise, besides what the
    engine found wrong, `PlaceError` ``engine_died`` (what was sung until then is kept as a part)
    or ``engine_silent``. Closing ends a running take properly, but waits only a few seconds for
    an engine that was silent: what it has written until it is killed is kept as a part.
    """

    def __init__(
        self, process: BaseProcess, connection: Connection, reader: SnapshotReader
    ) -> None:
        self._process = process
        self._connection = connection
        self._reader = reader
        self._events: deque[Event] = deque()
        self._part: Path | None = None
        self._answers = True
        self._has_answered = False
        self._silent = False
        self._closed = False

    @classmethod
    def start(cls, *, main: Main = engine_main) -> Self:
        """Start an engine and wait until it answers.

        `main` runs in the new process with its end of the connection and the snapshot's name.
        """
        from asa_desktop.engine.snapshot import SnapshotReader

        reader = SnapshotReader()
        try:
            process, connection = spawned(main, reader.name, name="asa-engine", daemon=False)
        except BaseException:
            reader.close()
            raise
        return cls(process, connection, reader)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def recording(self) -> bool:
        """Whether a take is being recorded or written to its end."""
        return self._part is not None

    def devices(self, *, refresh: bool = True) -> tuple[Device, ...]:
        """The system's devices; with `refresh` those that were plugged in a moment ago too."""
        return self._ask(ListDevices(refresh), Devices, patience_s=START_S).devices

    def open(self, setup: Setup) -> Opened:
        """Open the devices, and wait until sound flows; see `Setup.listen` for playing alone.

        Raises `PlaceError` ``no_portaudio``, ``no_input``, ``no_output``, ``device_missing``,
        ``device_busy``, ``device_silent``, ``channel_missing``, ``rate_refused``,
        ``device_refused``.
        """
        return self._ask(Open(setup), Opened, patience_s=START_S)

    def record(self, job: Job) -> None:
        """Begin a take; `Recording` follows, and in the end `Finished` or `Kept`.

        Raises `PlaceError` ``no_device_open``, ``only_plays``, ``engine_busy`` and what the disk
        says.
        """
        self._part = job.part
        try:
            self._ask(Record(job), Done)
        except PlaceError as error:
            if error.code not in ("engine_died", "engine_silent"):
                self._part = None
            raise
        except AsaError:
            self._part = None
            raise

    def stop(self) -> None:
        """End the take or what is played; `Finished`, `Kept` or `Played` follows."""
        self._ask(Stop(), Done)

    def play(self, request: Play) -> None:
        """Play files without recording; `Played` follows."""
        self._ask(request, Done)

    def gains(self, *, accompaniment: float, vocal: float) -> None:
        """Change how loud the two stems are, at once."""
        self._ask(SetGains(accompaniment, vocal), Done)

    def calibrate(self, *, level: float = 0.5, cancelled: Cancel | None = None) -> Calibrated:
        """Play chirps and measure when they come back, which takes seconds.

        Raises `AudioError` ``no_loop``, ``delay_unsteady``; `PlaceError` ``device_lost``,
        ``only_plays``; `Cancelled` when `cancelled` said so.
        """
        return self._ask(
            Calibrate(level), Calibrated, patience_s=CALIBRATION_S, cancelled=cancelled
        )

    def tap_along(self, *, level: float = 0.5, cancelled: Cancel | None = None) -> Calibrated:
        """Play clicks that somebody claps along to. Raises as `calibrate`."""
        return self._ask(TapAlong(level), Calibrated, patience_s=CALIBRATION_S, cancelled=cancelled)

    def close_devices(self) -> None:
        """Let go of the devices; the engine stays."""
        self._ask(Close(), Done)

    def events(self, *, wait_s: float = 0.0) -> list[Event]:
        """What happened since the last look, waiting at most `wait_s` for the first of it.

        Raises `PlaceError` ``engine_died`` when all that the engine still said has been given.
        """
        try:
            if not self._events:
                self._take_in(wait_s)
            while self._take_in(0.0):
                pass
        except PlaceError:
            if not self._events:
                raise
        given = list(self._events)
        self._events.clear()
        return given

    def snapshot(self) -> Snapshot:
        """The newest level, pitch and position."""
        return self._reader.read()

    def points(self, since: int) -> tuple[Points, int]:
        """The pitch points from number `since` on, and the number to ask for next."""
        return self._reader.points(since)

    def close(self) -> None:
        """End the take if there is one, then the engine. Events still to come are lost."""
        if self._closed:
            return
        self._closed = True
        try:
            self._connection.send(Quit())
            patient = self.recording and not self._silent
            self._wait_for_end(FINISHING_S if patient else _QUIT_S)
        except OSError:
            pass
        finally:
            self._connection.close()
            end(self._process)
            self._reader.close()

    def _wait_for_end(self, patience_s: float) -> None:
        try:
            deadline = time.monotonic() + patience_s
            while time.monotonic() < deadline:
                self._take_in(0.5)
        except PlaceError:  # its end of the connection is closed: it has ended
            pass

    def _ask(
        self,
        request: Request,
        wanted: type[Answer],
        *,
        patience_s: float = ANSWER_S,
        cancelled: Cancel | None = None,
    ) -> Answer:
        if not self._answers:
            raise PlaceError("engine_silent")
        try:
            self._connection.send(request)
        except OSError as error:
            raise self._died() from error
        self._answers = False  # until it has: an interrupted question leaves its answer behind
        if not self._has_answered:
            patience_s = max(patience_s, FIRST_S)
        deadline = time.monotonic() + patience_s
        while (left := deadline - time.monotonic()) > 0:
            if cancelled is not None and cancelled():
                self._take_back(wanted)
                raise Cancelled
            if not self._take_in(left if cancelled is None else min(left, _CANCEL_LOOK_S)):
                continue
            event = self._events[-1]
            if isinstance(event, (wanted, Fault)):
                self._events.pop()
                self._answers = self._has_answered = True
                if isinstance(event, Fault):
                    raise error_of(event)
                return event
        self._silent = True
        raise PlaceError("engine_silent")

    def _take_back(self, wanted: type[Answer]) -> None:
        """Stop what was asked for last; an answer that crosses the stop is dropped."""
        self._connection.send(Stop())
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline:
            if not self._take_in(_CANCEL_LOOK_S):
                continue
            if isinstance(self._events[-1], (wanted, Fault)):
                self._events.pop()
            elif isinstance(self._events[-1], Done):
                self._events.pop()
                self._answers = True
                return
        self._silent = True

    def _take_in(self, wait_s: float) -> bool:
        """Whether an event came in time; it is then the last of `_events`."""
        try:
            if not self._connection.poll(wait_s):
                return False
            event = self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error
        if isinstance(event, Crashed):
            log.error("the engine failed: %s", event.trace)
            return self._take_in(_LAST_WORDS_S)
        if isinstance(event, Recording):
            self._part = event.part
        elif isinstance(event, Finished | Kept):
            self._part = None
        self._events.append(event)
        return True

    def _died(self) -> PlaceError:
        if self._closed:  # it was told to end
            return PlaceError("engine_died", part=self._part or "")
        how = ending(self._process)
        log.warning("the engine ended by itself: %s", how)
        return PlaceError("engine_died", part=self._part or "", **how.facts)
