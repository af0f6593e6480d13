"""What tests measured, printed at the end of the run: a bar that was passed says by how much."""

from __future__ import annotations

import os
from pathlib import Path

TO_FILE = "ASA_FIGURES_TO"
"""The variable with the file to which a run of pytest inside another one hands its figures."""

_FIGURES: list[str] = []


def note(line: str) -> None:
    """Have `line` printed below the tests."""
    _FIGURES.append(line)


def hand_over() -> None:
    """Write what was noted for the run that asked for it."""
    if _FIGURES and (path := os.environ.get(TO_FILE)):
        Path(path).write_text("".join(f"{line}\n" for line in _FIGURES))


def noted() -> tuple[str, ...]:
    return tuple(_FIGURES)
