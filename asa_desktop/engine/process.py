"""The engine's process: requests in, events out, and a proper end whatever happens around it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection

from asa_desktop.core.errors import AsaError
from asa_desktop.engine.faults import fault_of
from asa_desktop.engine.messages import Crashed, Event, Quit
from asa_desktop.engine.priority import favour_process
from asa_desktop.engine.session import Engine
from asa_desktop.engine.snapshot import SnapshotWriter

TICK_S = 0.02


def _nowhere(error: BaseException) -> None:
    """Where nobody keeps reports."""


def main(
    connection: Connection, snapshot: str, *, note: Callable[[BaseException], object] = _nowhere
) -> None:
    """Serve whoever holds the other end of `connection` until they quit or die.

    Parameters
    ----------
    connection
        Duplex: requests of `messages` come in, events go out.
    snapshot
        Name of the shared memory that the other side has made.
    note
        Told of a fault of our own, before the end.
    """
    ended = _calm_process()
    outbox = _Outbox(connection)
    writer = SnapshotWriter(snapshot)
    try:
        engine = Engine(outbox.send, writer)
    except AsaError as error:
        outbox.send(fault_of(error))
        return
    try:
        _serve(engine, connection, outbox, ended)
    except Exception as error:
        outbox.send(Crashed(traceback.format_exc()))
        note(error)
    finally:
        # Also after a fault of our own: the take that is under way is ended and kept.
        engine.shut_down()
        writer.close()
        if engine.is_stuck:  # PortAudio's own end would wait for a device that does not answer
            os._exit(0)


def _serve(engine: Engine, connection: Connection, outbox: _Outbox, ended: threading.Event) -> None:
    while not ended.is_set():
        if connection.poll(TICK_S):
            try:
                request = connection.recv()
            except (EOFError, OSError):  # the other side is gone
                return
            try:
                answer = engine.handle(request)
            except AsaError as error:
                answer = fault_of(error)
            if answer is not None:
                outbox.send(answer)
            if isinstance(request, Quit):
                return
        engine.tick()


class _Outbox:
    """Sends from any thread; once nobody listens, what is said is dropped."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, event: Event) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._connection.send(event)


def _calm_process() -> threading.Event:
    """Signals, streams and priority; the event is set when somebody asks us to end."""
    ended = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever runs us
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # A callback waits for the interpreter lock, so nobody may keep it for long.
    sys.setswitchinterval(0.0005)
    _quiet_streams()
    favour_process()
    return ended


def _quiet_streams() -> None:
    """PortAudio and ALSA print their own diagnoses, which are nothing to a singer."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)
