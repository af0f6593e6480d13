"""Ways out of a command: exit status, one sentence, what stays on the disk."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from asa_desktop.cli import app
from asa_desktop.core.errors import AudioError, Cancelled, PlaceError

Outcome = Callable[[Callable[[], int]], int]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def outcome(home: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """Run a command that does what the test says."""

    def carry_out(work: Callable[[], int]) -> int:
        module = SimpleNamespace(run=lambda options: work())
        monkeypatch.setattr(app, "import_module", lambda name: module)
        return app.run(["check"])

    return carry_out


def raising(error: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AudioError("empty_file", path=Path("a")), 2),
        (MemoryError(), 2),
        (OSError(errno.ENOSPC, "full", "a"), 2),
        (KeyboardInterrupt(), 130),
        (Cancelled(), 130),
        (ValueError("ours"), 1),
        (OSError(errno.EIO, "odd"), 1),
    ],
)
def test_each_way_out_has_its_status_and_one_line(
    outcome: Outcome, capsys: pytest.CaptureFixture[str], error: BaseException, status: int
) -> None:
    assert outcome(raising(error)) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert "Traceback" not in printed.err


def test_whoever_stops_reading_hears_nothing(
    outcome: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outcome(raising(BrokenPipeError())) == 130
    assert capsys.readouterr().err == ""


def test_a_slip_of_the_user_leaves_no_log(outcome: Outcome, home: Path) -> None:
    outcome(raising(AudioError("empty_file", path=Path("a"))))
    assert not home.exists()


def test_a_fault_of_ours_is_in_the_log_with_what_went_before(
    outcome: Outcome, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> int:
        logging.getLogger("asa_desktop.somewhere").info("just before")
        raise ZeroDivisionError("deep down")

    assert outcome(work) == 1
    text = (home / "logs" / "asa.log").read_text("utf-8")
    assert text.index("just before") < text.index("ZeroDivisionError: deep down")
    assert str(home / "logs" / "asa.log") in capsys.readouterr().err


def test_a_log_that_cannot_be_written_stops_nothing(
    outcome: Outcome, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home.write_text("a file where the folder should be")
    assert outcome(raising(ZeroDivisionError())) == 1
    said = capsys.readouterr().err
    assert said == "Something went wrong in the program itself (ZeroDivisionError).\n"


def test_warnings_are_kept_and_ordinary_runs_leave_nothing(outcome: Outcome, home: Path) -> None:
    def quiet() -> int:
        logging.getLogger("asa_desktop.x").info("all is well")
        return 0

    def warning() -> int:
        logging.getLogger("asa_desktop.x").warning("something odd")
        return 0

    assert outcome(quiet) == 0
    assert not home.exists()
    assert outcome(warning) == 0
    assert "something odd" in (home / "logs" / "asa.log").read_text("utf-8")


def test_the_logger_is_left_as_it_was(outcome: Outcome) -> None:
    logger = logging.getLogger("asa_desktop")
    before = (logger.level, logger.propagate, list(logger.handlers))
    outcome(raising(ValueError()))
    outcome(lambda: 0)
    assert (logger.level, logger.propagate, list(logger.handlers)) == before


def test_without_a_command_the_window_opens(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run([], window=lambda files: 3) == 3
    assert capsys.readouterr().out == ""
    assert app.run(["--version"], window=lambda files: 3) == 0


def test_files_without_a_command_are_opened_in_the_window(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[Sequence[Path]] = []

    def window(files: Sequence[Path]) -> int:
        given.append(files)
        return 0

    song = tmp_path / "a song"
    song.mkdir()
    (tmp_path / "take.wav").touch()
    (tmp_path / "check").touch()
    monkeypatch.chdir(tmp_path)
    assert app.run(["take.wav", str(song)], window=window) == 0
    assert app.run(["./check"], window=window) == 0
    assert given == [(tmp_path / "take.wav", song), (tmp_path / "check",)]
    assert app.run(["take.wav", "gone.wav"], window=window) == 2
    assert "gone.wav" in capsys.readouterr().err
    assert app.run(["gone.wav"], window=window) == 2
    assert "There is no file" in capsys.readouterr().err
    assert app.run(["sing"], window=window) == 2
    assert "There is no command" in capsys.readouterr().err
    assert len(given) == 2


def test_without_a_screen_it_says_what_can_be_done(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run([], window=lambda files: None) == 0
    assert "asa demo" in capsys.readouterr().out


def test_a_window_that_cannot_open_costs_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacks(files: Sequence[Path]) -> int:
        raise PlaceError("window_library_missing", libraries=("libx.so.1",), packages="libx1")

    assert app.run([], window=lacks) == 2
    printed = capsys.readouterr()
    assert "libx1" in printed.err
    assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["analyze", "--help"], []])
def test_what_needs_no_work(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert app.run(arguments) == 0
    printed = capsys.readouterr()
    assert printed.out
    assert printed.err == ""
