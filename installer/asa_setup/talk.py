"""Progress for the person who waits: short lines on stderr, so that stdout is the program's."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Print one progress line at once."""
    print(line, file=sys.stderr, flush=True)
