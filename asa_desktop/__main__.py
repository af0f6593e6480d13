"""Where every start of the program begins: `asa`, `python -m asa_desktop` and the frozen app."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line as a process of its own; the exit status."""
    try:
        from asa_desktop.cli.process import own_process

        with own_process():
            from asa_desktop.cli.app import run

            return run(sys.argv[1:])
    except KeyboardInterrupt:  # before or after all that could say more
        return 130


if __name__ == "__main__":
    from multiprocessing import freeze_support

    freeze_support()
    sys.exit(main())
