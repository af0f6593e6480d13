"""The checks of `test`: lint, types and layers first, pytest last, so that its line closes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asa_setup.layout import Layout
from asa_setup.processes import attached
from asa_setup.system_libraries import QT, missing_packages
from asa_setup.talk import say

# pytest's own status for "collected nothing" is a failure here like any other.
_DEFAULT_TESTS = ("-m", "not slow and not e2e")


@dataclass(frozen=True)
class Check:
    """One step: what it is called and how it is run."""

    name: str
    command: tuple[str | Path, ...]


def checks(layout: Layout) -> tuple[Check, ...]:
    """What `test --all` runs before the tests."""
    module = (layout.python, "-m")
    return (
        Check("ruff check", (*module, "ruff", "check", ".")),
        Check("ruff format --check", (*module, "ruff", "format", "--check", ".")),
        Check("mypy", (*module, "mypy")),
        Check("lint-imports", (layout.command("lint-imports"), "--no-logo")),
    )


def qt_loads() -> bool:
    """Whether the system has what Qt needs; where it could not be had, that was said before."""
    return sys.platform != "linux" or not missing_packages(QT)


def tests(layout: Layout, arguments: Sequence[str], *, everything: bool, qt: bool) -> Check:
    """The pytest step; `arguments` are handed on.

    Without Qt's system libraries pytest-qt would stop everything before the first test, so it
    is left out; a test that needs a window then fails by itself.
    """
    selection = () if everything else _DEFAULT_TESTS
    plugins = () if qt else ("-p", "no:pytest-qt")
    return Check("pytest", (layout.python, "-m", "pytest", *plugins, *selection, *arguments))


def run(
    layout: Layout,
    arguments: Sequence[str] = (),
    *,
    everything: bool,
    runner: Callable[..., int] = attached,
    qt: Callable[[], bool] = qt_loads,
) -> int:
    """Run the steps; 0 when all passed, 130 when stopped, else 1. Says which step failed."""
    failed: list[str] = []
    steps = (
        *(checks(layout) if everything else ()),
        tests(layout, arguments, everything=everything, qt=qt()),
    )
    for step in steps:
        say(f"== {step.name}")
        start = time.monotonic()
        status = runner(step.command, cwd=layout.root)
        if status == 130:
            return 130
        if status:
            failed.append(step.name)
        if step is not steps[-1]:
            took = time.monotonic() - start
            say(f"   {step.name}: {'FAILED' if status else 'passed'} ({took:.0f} s)")
    if failed:
        say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0
