"""What tests measured, printed at the end of the run: a bar that was passed says by how much."""

from __future__ import annotations

_FIGURES: list[str] = []


def note(line: str) -> None:
    """Have `line` printed below the tests."""
    _FIGURES.append(line)


def noted() -> tuple[str, ...]:
    return tuple(_FIGURES)
