"""What reads strangers' files, without a process of its own: for tests of what is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import AsaError, Cancelled


def looked_at(
    paths: Sequence[Path],
    look: Callable[[Path], Any],
    *,
    progress: Callable[[int, int], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Any]:
    found: list[Any] = []
    for path in paths:
        if cancelled is not None and cancelled():
            raise Cancelled
        try:
            found.append(look(path))
        except AsaError as error:
            found.append(error)
        if progress is not None:
            progress(len(found), len(paths))
    return found
