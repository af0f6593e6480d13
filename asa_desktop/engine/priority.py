"""Asking the system to let the audio go first. Where it refuses, nothing is lost but safety."""

from __future__ import annotations

import contextlib
import os
import sys

_NICE = -11
_REAL_TIME = 5


def favour_process() -> None:
    """Put this process before ordinary ones."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # granted to some users only
            os.setpriority(os.PRIO_PROCESS, 0, _NICE)


def hurry() -> None:
    """Put the thread that calls, an audio callback's, before all ordinary ones."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_REAL_TIME))


def take_time() -> None:
    """Put the thread that calls back among the others of its process."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
