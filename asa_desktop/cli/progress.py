"""One line that is written over and over, and only where somebody watches."""

from __future__ import annotations

import shutil
import sys
import time
import unicodedata
from typing import TextIO

from asa_desktop.cli.process import break_off_if_asked

_APART_S = 0.1


class ProgressLine:
    """Progress on a terminal; silent in a pipe, a log or a CI job."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._shown = 0
        self._last = float("-inf")
        self.alive = self._stream.isatty()

    def show(self, text: str) -> None:
        """Put `text` in place of the line before, cut to the width of the terminal.

        Raises KeyboardInterrupt where the command was asked to end.
        """
        break_off_if_asked()
        now = time.monotonic()
        if not self.alive or now - self._last < _APART_S:
            return
        self._last = now
        text, cells = fitting(text, shutil.get_terminal_size().columns - 1)
        # Blanks instead of an escape sequence: old Windows consoles print those.
        self._stream.write("\r" + text + " " * (self._shown - cells))
        self._stream.flush()
        self._shown = cells

    def clear(self) -> None:
        """Wipe the line, so that what follows starts at the margin."""
        if self.alive and self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0
        self._last = float("-inf")


def fitting(text: str, width: int) -> tuple[str, int]:
    """As much of `text` as fits into `width` cells of a terminal, and how many it takes.

    Chinese, Japanese and Korean letters take two, accents of their own none.
    """
    cells = 0
    for place, character in enumerate(text):
        more = _cells(character)
        if cells + more > width:
            return text[:place], cells
        cells += more
    return text, cells


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
