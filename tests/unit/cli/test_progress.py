"""The line of progress."""

from __future__ import annotations

import contextlib
import io

import pytest

from asa_desktop.cli import process, progress
from asa_desktop.cli.progress import ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "20")
    return now


def test_silent_where_nobody_watches() -> None:
    stream = io.StringIO()
    line = ProgressLine(stream)
    line.show("half")
    line.clear()
    assert stream.getvalue() == ""


def shown(stream: io.StringIO) -> str:
    """What a terminal shows after all that was written."""
    cells: list[str] = []
    at = 0
    for character in stream.getvalue():
        if character == "\r":
            at = 0
            continue
        assert character.isprintable()
        cells[at : at + 1] = [character]
        at += 1
    return "".join(cells).rstrip()


def test_one_line_is_written_over(clock: list[float]) -> None:
    stream = Terminal()
    line = ProgressLine(stream)
    line.show("a long beginning")
    clock[0] += 1
    line.show("short")
    assert shown(stream) == "short"
    line.clear()
    assert shown(stream) == ""


def test_no_wider_than_the_terminal(clock: list[float]) -> None:
    stream = Terminal()
    ProgressLine(stream).show("x" * 100)
    assert shown(stream) == "x" * 19


def test_not_more_than_ten_times_a_second(clock: list[float]) -> None:
    stream = Terminal()
    line = ProgressLine(stream)
    for _ in range(100):
        line.show("step")
        clock[0] += 0.01
    assert stream.getvalue().count("step") <= 11


def test_an_interrupt_that_a_library_swallowed_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "_asked", [])
    line = ProgressLine(io.StringIO())
    line.show("half")
    with contextlib.suppress(KeyboardInterrupt):
        process._stop(15, None)
    with pytest.raises(KeyboardInterrupt):
        line.show("more")
