"""How a process behaves that works for the window: behind everything else, and without a word."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings

_NICE = 10
_BELOW_NORMAL = 0x4000  # Windows' BELOW_NORMAL_PRIORITY_CLASS


def stay_behind() -> None:
    """Yield to everything else on the machine, above all to the sound."""
    with contextlib.suppress(OSError, AttributeError):
        if sys.platform == "win32":
            import ctypes

            kernel = ctypes.windll.kernel32
            kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
        else:
            os.nice(_NICE)


def be_quiet() -> None:
    """Codecs and libraries print their own affairs, which are nothing to a singer."""
    warnings.simplefilter("ignore")
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        os.close(nowhere)
