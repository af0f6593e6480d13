"""A fault while painting must not end the program; within the library's views it would."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

log = logging.getLogger(__name__)
P = ParamSpec("P")


def guarded(paint: Callable[P, None]) -> Callable[P, None]:
    """`paint`, whose faults go into the log: a plot is missing then, and nothing else."""

    @wraps(paint)
    def tried(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            paint(*args, **kwargs)
        except Exception:
            log.exception("a plot could not be painted")

    return tried
