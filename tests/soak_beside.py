"""The half hour of soak beside the light tests: what `test --all` saves half its time with.

A test marked `soak` mostly waits. Under `--soak-beside` it runs in a pytest of its own, with a
sound server, folders and a home of its own, while the tests without sound are run; those that
drive the program in real time wait for its end. In the run that began it it stays one test, with
the other's outcome, output and measured figures.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import figures
import pytest
from room import TIED
from room_layout import missing

OPTION = "--soak-beside"
GRACE_S = 60.0
"""How long an interrupted soak may take to close its devices."""


class Soak:
    """One test in a process of its own, begun at once."""

    def __init__(self, nodeid: str, folder: Path, root: Path) -> None:
        self._said, self._measured = folder / "said", folder / "measured"
        surroundings = os.environ | {
            figures.TO_FILE: str(self._measured),
            "ASA_REQUIRE_AUDIO": "1",  # a skip would pass here for a success
            "PYTHONUNBUFFERED": "1",
        }
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [*TIED, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", nodeid],
                cwd=root,
                env=surroundings,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C reaches it once, by `end`
            )

    def outcome(self) -> int:
        """Wait for the end; prints what it said, notes what it measured, gives its status."""
        status = self._process.wait()
        print(self._said.read_text(errors="replace"))
        if self._measured.exists():
            for line in self._measured.read_text().splitlines():
                figures.note(line)
        return status

    def end(self) -> None:
        """Let it tidy up and be gone, where it still runs."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(GRACE_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            self._process.kill()
            self._process.wait()


class SoakBeside:
    """The plugin: begins the soaks that were collected, and puts their outcomes in."""

    def __init__(self) -> None:
        self._soaks: dict[str, Soak] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="asa-soak-")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Tests without sound first, then the soak's outcome, then the rest on a quiet machine."""
        items.sort(key=lambda item: (_is(item, "e2e"), not _is(item, "soak")))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        if session.config.option.collectonly or session.testsfailed:
            return
        for item in session.items:
            if _is(item, "soak"):
                folder = Path(tempfile.mkdtemp(dir=self._folder.name))
                self._soaks[item.nodeid] = Soak(item.nodeid, folder, session.config.rootpath)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        soak = self._soaks.get(pyfuncitem.nodeid)
        if soak is None:
            return None
        status = soak.outcome()
        if status:
            pytest.fail(f"ended with status {status}; what it said follows", pytrace=False)
        return True

    def pytest_unconfigure(self) -> None:
        for soak in self._soaks.values():
            soak.end()
        self._folder.cleanup()


def _is(item: pytest.Item, marker: str) -> bool:
    return item.get_closest_marker(marker) is not None


def add_option(parser: pytest.Parser) -> None:
    parser.addoption(
        OPTION, action="store_true", help="tests marked soak run beside the light ones"
    )


def begin(config: pytest.Config) -> None:
    """Have soaks run beside the other tests, where it was asked for and sound can be had."""
    if config.getoption(OPTION) and not missing():
        config.pluginmanager.register(SoakBeside(), "soak-beside")
