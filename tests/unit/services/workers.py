"""Analysis workers that do nothing, or die: for tests of the client."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

from asa_desktop.services.analyst_messages import (
    Analyse,
    Began,
    Cancel,
    Follow,
    Playback,
    Prepare,
    Prepared,
    Progress,
    Quit,
)


def obliging(connection: Connection, features: Path) -> None:
    """Ends every job at once; dies for a take as often as there are files beside it."""
    connection.send(Progress(0, 0.0, 1.0, "nobody asked"))
    while not isinstance(request := connection.recv(), Quit):
        if isinstance(request, Prepare):
            connection.send(Began(request.job))
            connection.send(Prepared(request.job))
        elif isinstance(request, Analyse):
            connection.send(Began(request.job))
            _die_if_asked(request.take)
            connection.send(Playback(request.job, request.take, 1.0))


def _die_if_asked(path: Path) -> None:
    deaths = sorted(path.parent.glob(f"{path.name}.*"))
    if deaths:
        deaths[0].unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def stillborn(connection: Connection, features: Path) -> None:
    """Dies before it turns to any job."""
    os._exit(3)


def dying_at_leisure(connection: Connection, features: Path) -> None:
    """Begins to follow, is told to cancel, and dies of it."""
    while not isinstance(request := connection.recv(), Quit):
        if isinstance(request, Follow):
            connection.send(Began(request.job))
        elif isinstance(request, Cancel):
            os._exit(1)


def recording(connection: Connection, features: Path) -> None:
    """Writes down what it is asked, a line a request, and dies at the first `Finish`."""
    diary = features / "asked.txt"
    first = not diary.exists()
    while not isinstance(request := connection.recv(), Quit):
        with diary.open("a") as file:
            file.write(type(request).__name__ + "\n")
        if isinstance(request, Follow):
            connection.send(Began(request.job))
        if type(request).__name__ == "Finish":
            if first:
                os._exit(9)
            connection.send(Prepared(request.job))


def deaf(connection: Connection, features: Path) -> None:
    """Listens to nobody, not even to Quit."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def torn(connection: Connection, features: Path) -> None:
    """Says half a message, once; then it obliges."""
    mark = features / "torn"
    if not mark.exists():
        mark.touch()
        request = connection.recv()
        connection.send(Began(request.job))
        os.write(connection.fileno(), b"\x00\x00\x10\x00half")
        os._exit(1)
    obliging(connection, features)
