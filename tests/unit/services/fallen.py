"""Processes of our own that fall over, each in its way: for the tests of what is left of them."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from asa_desktop.core.errors import LibraryError
from asa_desktop.services import crashes

log = logging.getLogger("asa_desktop.fallen")


def in_the_depth(how: str) -> None:
    log.warning("song left out: %s", "/music/Zoës song.txt")
    if how == "segfault":
        ctypes.string_at(0)
    elif how == "abort":
        os.abort()
    elif how == "raise":
        raise LibraryError("song_unknown", song="Zoës song")
    elif how == "thread":
        thread = threading.Thread(target=in_the_depth, args=("raise",), name="asa-writer-1")
        thread.start()
        thread.join()
    elif how == "noted":
        try:
            in_the_depth("raise")
        except LibraryError as error:
            crashes.note(error)
    elif how == "exit":
        os._exit(3)
    elif how == "waits":
        time.sleep(60)
    elif how in ("SIGKILL", "SIGTERM"):
        os.kill(os.getpid(), getattr(signal, how))


def falls(connection: Connection, how: str) -> None:
    """A process that does nothing else."""
    connection.send("begun")
    in_the_depth(how)


def engine(connection: Connection, snapshot: str) -> None:
    """Stands for an audio engine; how it falls is chosen by a variable of the environment."""
    connection.recv()
    in_the_depth(os.environ["ASA_TEST_FALL"])


def worker(connection: Connection, features: Path) -> None:
    """Stands for an analysis worker."""
    connection.recv()
    in_the_depth(os.environ["ASA_TEST_FALL"])


def reader(path: Path) -> None:
    """Stands for what looks at a stranger's file."""
    in_the_depth(path.name)
