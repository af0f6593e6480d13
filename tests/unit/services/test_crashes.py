"""Reports of crashes: there when it fell over, silent about everybody, and only then."""

from __future__ import annotations

import faulthandler
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from asa_desktop import __version__
from asa_desktop.core.errors import LibraryError
from asa_desktop.services.crashes import Watch, collect, reports

CRASHING = """
import faulthandler, logging, os, sys
from pathlib import Path
from asa_desktop.services.crashes import Watch
watch = Watch(Path(sys.argv[1]), {"Qt": "6"})
watch.follow()
log = logging.getLogger("asa_desktop.somewhere")
log.warning("song left out: %s", "/music/Zoës song.txt")
def in_the_depth():
    if sys.argv[2] == "abort":
        os.abort()
    if sys.argv[2] == "fault":
        faulthandler._sigsegv()
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), 9)
in_the_depth()
watch.close()
"""


@pytest.fixture(autouse=True)
def _faults_as_before() -> Iterator[None]:
    on = faulthandler.is_enabled()
    yield
    if on:
        faulthandler.enable(sys.__stderr__)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    made = Watch(tmp_path / "logs")
    logger = logging.getLogger("asa_desktop")
    before = logger.level
    logger.setLevel(logging.INFO)
    made.follow()
    yield made
    made.close()
    logger.setLevel(before)


def crashed(folder: Path, how: str) -> int:
    program = folder.parent / "zoes secret" / "of hers" / "program.py"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(CRASHING, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(program), str(folder), how], check=False, capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ).returncode  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="its crashes show a window")
@pytest.mark.parametrize("how", ["abort", "fault"])
def test_a_native_crash_is_a_report_at_the_next_start(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "logs"
    assert crashed(folder, how) < 0
    (report,) = collect(folder)
    assert reports(folder) == [report]
    said = report.read_text("utf-8")
    assert said.startswith(f"ASA Desktop {__version__}\n")
    assert "Qt 6\n" in said
    assert "Fatal Python error" in said
    assert "in in_the_depth" in said
    assert "WARNING asa_desktop.somewhere: song left out: %s" in said
    assert "Zoë" not in said
    assert str(tmp_path) not in said
    assert list(folder.glob("run-*")) == []
    assert collect(folder) == []


@pytest.mark.parametrize("how", ["end", "kill"])
def test_other_ends_leave_none(tmp_path: Path, how: str) -> None:
    if how == "kill" and sys.platform == "win32":
        pytest.skip("no such signal")
    folder = tmp_path / "logs"
    crashed(folder, how)
    assert collect(folder) == []
    assert list(folder.iterdir()) == []


def test_a_run_that_goes_on_is_let_alone(watch: Watch) -> None:
    assert collect(watch.folder) == []
    assert len(list(watch.folder.iterdir())) == 1


def test_an_escaped_error_is_written_down_without_its_words(watch: Watch) -> None:
    log = logging.getLogger("asa_desktop.somewhere")
    log.info("take of %s", "Zoë")
    log.error('cannot open "Zoë sings" in /home/zoe/music')
    try:
        try:
            raise LibraryError("song_unknown", song="Zoës song")
        except LibraryError as error:
            raise ValueError("no such singer: Zoë") from error
    except ValueError as error:
        path = watch.escaped(error)
        log.error("something escaped", exc_info=error)
    assert path is not None
    said = path.read_text("utf-8")
    assert "ValueError\n" in said
    assert "LibraryError song_unknown\n" in said
    assert "services/test_crashes.py" in said
    assert "in test_an_escaped_error_is_written_down_without_its_words" in said
    assert "take of %s" in said
    assert "Zoë" not in said
    assert "zoe" not in said
    assert "[ValueError]" in next(watch.folder.glob("run-*")).read_text("utf-8")


def test_reports_do_not_pile_up(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    for _ in range(4):
        watch = Watch(folder)
        made = [watch.escaped(ValueError()) for _ in range(8)]
        watch.close()
        assert [one is not None for one in made] == [True] * 5 + [False] * 3
    assert len(reports(folder)) == 10
    assert made[4] == reports(folder)[-1]


def test_a_long_run_keeps_its_last_lines(watch: Watch) -> None:
    log = logging.getLogger("asa_desktop.somewhere")
    for number in range(1500):
        log.info(f"line number {number} of many, and some words to make it longer")
    kept = next(watch.folder.glob("run-*")).read_text("utf-8")
    assert len(kept) < 100_000
    assert kept.startswith("ASA Desktop")
    assert "line number 1499 " in kept
    assert "line number 20 " not in kept


def test_without_a_folder_nothing_is_written_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    watch = Watch(tmp_path / "logs")
    watch.follow()
    logging.getLogger("asa_desktop.x").warning("heard")
    assert watch.escaped(ValueError()) is None
    watch.close()
    assert collect(tmp_path / "logs") == []
    assert reports(tmp_path / "nowhere") == []
