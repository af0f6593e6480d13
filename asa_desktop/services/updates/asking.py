"""Asks for the list: by a process that lives as long as the question, and may be stopped."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from asa_desktop.core.errors import Cancelled, UpdateError
from asa_desktop.services.processes import end, spawned
from asa_desktop.services.updates.place import Place
from asa_desktop.services.updates.release_list import LARGEST, LARGEST_SIGNATURE

log = logging.getLogger(__name__)

Main = Callable[[Connection, Place], None]
Cancel = Callable[[], bool]

LIMIT_S = 30.0
_LOOK_S = 0.1
_LARGEST_WORD = 1 << 12


def fetch_main(connection: Connection, place: Place) -> None:
    """The process that asks. Its modules are imported there alone: they open sockets."""
    from asa_desktop.services.updates.fetching import main

    main(connection, place)


def probe_main(connection: Connection, place: Place) -> None:
    """The same process, which opens nothing."""
    from asa_desktop.services.updates.fetching import probe

    probe(connection, place)


def tls() -> str:
    """What would speak TLS for a look, such as ``OpenSSL 3.0.17``; nobody is asked anything.

    Raises `UpdateError` ``updates_unreached`` where nothing could.
    """
    library, _ = asked(Place("", ()), main=probe_main)
    return " ".join(library.decode("ascii", "replace").split()[:2])  # a date comes behind


def asked(
    place: Place,
    *,
    main: Main = fetch_main,
    cancelled: Cancel | None = None,
    limit_s: float = LIMIT_S,
) -> tuple[bytes, bytes]:
    """The list and its signature as they came; nobody has looked into them yet.

    Only bytes come over the pipe, and no more than a list may have: whoever took the other process
    over could say nothing else.

    Raises
    ------
    UpdateError
        ``updates_unreached``.
    Cancelled
        When `cancelled` said so.
    """
    deadline = time.monotonic() + limit_s
    process, connection = spawned(main, place, name="asa-updates")
    try:

        def heard(most: int) -> bytes:
            while not connection.poll(_LOOK_S):
                if cancelled is not None and cancelled():
                    raise Cancelled
                if time.monotonic() > deadline:
                    raise UpdateError("updates_unreached", why="time")
            return connection.recv_bytes(most)

        word = json.loads(heard(_LARGEST_WORD))
        if word != {}:
            why = word.get("why", "") if isinstance(word, dict) else ""
            raise UpdateError("updates_unreached", why=str(why)[:40])
        return heard(LARGEST), heard(LARGEST_SIGNATURE)
    except (EOFError, OSError, ValueError, RecursionError) as error:
        raise UpdateError("updates_unreached", why=type(error).__name__) from error
    finally:
        connection.close()
        if process.is_alive():
            process.terminate()
        end(process)
