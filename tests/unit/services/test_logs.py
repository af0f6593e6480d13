from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from asa_desktop.services import logs
from asa_desktop.services.logs import start_logging, stop_logging

log = logging.getLogger("asa_desktop.some.part")


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    yield
    stop_logging()


def test_lines_arrive_even_with_names_that_are_no_text(home: Path) -> None:
    path = start_logging(home / "logs")
    assert path is not None
    log.info("opened %s", "s\udce4ng.wav")
    stop_logging()
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert "opened s\\udce4ng.wav" in line
    assert line.split()[1] == "INFO"


def test_the_log_does_not_grow_for_ever(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_BYTES", 2_000)
    path = start_logging(home / "logs", name="engine")
    assert path is not None
    for number in range(500):
        log.info("%d: nothing of importance", number)
    stop_logging()
    kept = list(path.parent.iterdir())
    assert len(kept) == 5
    assert sum(one.stat().st_size for one in kept) <= 5 * 2_100
    assert "499:" in path.read_text()


def test_no_log_is_no_reason_to_stop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert start_logging(tmp_path / "file") is None
    log.error("nowhere to go")
    assert capsys.readouterr().err == ""


def test_a_disk_that_fills_up_prints_nothing(
    home: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start_logging(small_disk / "logs") is not None
    (small_disk / "ballast").write_bytes(bytes(900_000))
    for _ in range(2_000):
        log.info("x" * 200)
    assert capsys.readouterr().err == ""


def test_starting_again_moves_the_log_and_leaves_no_handler(home: Path) -> None:
    first = start_logging(home / "a")
    second = start_logging(home / "b")
    log.info("here")
    assert first is not None
    assert second is not None
    assert (first.read_text(), "here" in second.read_text()) == ("", True)
    assert len(logging.getLogger("asa_desktop").handlers) == 1
