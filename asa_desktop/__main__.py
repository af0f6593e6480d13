"""Where every start of the program begins: `asa`, `python -m asa_desktop` and the frozen app."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

STOPPED = 130


def main() -> int:
    """Run the command line as a process of its own; the exit status."""
    try:
        status = _command_line()
    except KeyboardInterrupt:  # before or after all that could say more
        status = STOPPED
    if status == STOPPED:
        # An interrupt that passed through C++ is remembered, and at the interpreter's end it would
        # change our status; waiting for the libraries' threads would also take seconds.
        os._exit(status)
    return status


def _command_line() -> int:
    from asa_desktop.cli.process import own_process
    from asa_desktop.frozen import keep_caches

    keep_caches()
    with own_process():
        from asa_desktop.cli.app import run

        return run(sys.argv[1:], window=_window)


def _window(files: Sequence[Path]) -> int | None:
    """Open the window with these files; its exit status, None where there is no screen for it."""
    from asa_desktop.ui.screen import check_libraries, screen_there

    if not screen_there():
        return None
    check_libraries()
    from asa_desktop.ui.app import run

    return run(files)


if __name__ == "__main__":
    from multiprocessing import freeze_support

    from asa_desktop.frozen import free_others

    free_others()  # here, as the processes of our own do not come any further
    freeze_support()  # or the frozen app would start itself again and again
    sys.exit(main())
