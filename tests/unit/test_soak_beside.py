"""A soak in a process of its own counts, speaks and ends as if it ran with the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from carried import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no virtual room there")

CONFTEST = """
import figures, pytest, soak_beside

soak_beside.missing = lambda: ()  # no sound is made here
pytest_addoption = soak_beside.add_option

def pytest_configure(config):
    for name in ("soak", "e2e"):
        config.addinivalue_line("markers", name)
    soak_beside.begin(config)

def pytest_terminal_summary(terminalreporter):
    figures.hand_over()
    terminalreporter.write_line("measured: " + ", ".join(figures.noted()))
"""
TESTS = """
import os, signal, time
from pathlib import Path
import figures, pytest

HERE = Path(__file__).parent

def wait_for(name):
    deadline = time.monotonic() + 60
    while not (HERE / name).exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)

@pytest.mark.e2e
def test_with_sound():
    assert (HERE / "soaked").exists()

@pytest.mark.soak
@pytest.mark.e2e
def test_soak():
    (HERE / "begun").write_text(str(os.getpid()))
    wait_for("light")
    figures.note("3 drops")
    {soak}
    (HERE / "soaked").touch()

def test_light():
    wait_for("begun")
    {light}
    assert not (HERE / "soaked").exists()
    (HERE / "light").touch()
"""


def run(folder: Path, *options: str, soak: str = "", light: str = "") -> tuple[int, list[str]]:
    """Run the three tests; the status and what was said."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_three.py").write_text(
        TESTS.replace("{soak}", soak or "pass").replace("{light}", light or "pass")
    )
    (folder / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_it_runs_beside_the_light_tests_and_before_those_with_sound(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--soak-beside")
    assert status == 0, said
    assert int((tmp_path / "begun").read_text()) > 0
    passed = [line.split("::")[1].split()[0] for line in said if "PASSED" in line]
    assert passed == ["test_light", "test_soak", "test_with_sound"]
    assert "measured: 3 drops" in said
    assert "3 passed" in said[-1]


def test_its_failure_is_one_of_the_run_and_is_told(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--soak-beside", soak="assert 7 == 8, 'a sample is missing'")
    assert status == 1
    assert any("a sample is missing" in line for line in said)
    assert "measured: 3 drops" in said
    assert "2 failed, 1 passed" in said[-1]  # the test with sound saw no `soaked`


def test_an_interrupted_run_leaves_no_soak_behind(tmp_path: Path) -> None:
    status, _ = run(tmp_path, "--soak-beside", light="os.kill(os.getpid(), signal.SIGINT)")
    assert status == 2
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "begun").read_text()), 0)
    assert not (tmp_path / "soaked").exists()


def test_nothing_is_begun_for_tests_that_were_not_chosen(tmp_path: Path) -> None:
    status, said = run(tmp_path, "--soak-beside", "-k", "sound")
    assert status == 1, said
    assert not (tmp_path / "begun").exists()


def test_without_the_option_all_run_in_one_process_as_they_stand(tmp_path: Path) -> None:
    (tmp_path / "light").touch()
    status, said = run(tmp_path, "-k", "soak")
    assert status == 0, said
    assert "measured: 3 drops" in said
