"""The process that separates one mix: it has torch, decodes the stranger's file, and ends.

Whoever started it may die at any time; then it ends at once and leaves its folder, which the next
one that works there clears away.
"""

from __future__ import annotations

import os
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from asa_desktop.core.errors import AsaError, SeparationError
from asa_desktop.services.background import be_quiet, stay_behind

_TELL_S = 0.2


def main(connection: Connection, mix: Path, folder: Path, weights: Path, device: str) -> None:
    """Separate `mix` into `folder`: shares of the way are said, then a `Note` or an error."""
    from asa_desktop.core.separation.parts import parts_of

    stay_behind()
    be_quiet()
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    told = 0.0

    def progress(share: float) -> None:
        nonlocal told
        if time.monotonic() - told > _TELL_S:
            told = time.monotonic()
            connection.send(share)

    try:
        connection.send(parts_of(mix, folder, weights, device=device, progress=progress))
    except AsaError as error:
        connection.send(error)
    except MemoryError:
        connection.send(SeparationError("separation_memory"))


def _end_with(connection: Connection) -> None:
    """Nothing is ever asked of it: what comes is the end of the other side."""
    try:
        connection.recv_bytes()
    except (EOFError, OSError):
        os._exit(0)
