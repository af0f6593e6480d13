"""The checks of `test`: lint, types and layers first, then pytest, whose counts close."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from asa_setup.layout import Layout
from asa_setup.processes import attached
from asa_setup.system_libraries import QT, missing_packages
from asa_setup.talk import say
from asa_setup.tally import closing_line, counted

# What is measured against the clock wants the machine for itself; the rest shares its cores.
_ALONE = "(e2e or alone)"
_QUICK = "not slow and not e2e"
_MOST_PROCESSES = 4  # each holds torch and the networks


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


def tests(
    arguments: Sequence[str], *, layout: Layout, everything: bool, qt: bool
) -> tuple[Check, ...]:
    """The pytest steps: those that share the machine, then those that want it for themselves.

    `arguments` are handed on, to one step then: whoever chooses tests wants to see just them.
    Without Qt's system libraries pytest-qt would stop everything before the first test, so it
    is left out; a test that needs a window then fails by itself.
    """
    pytest = (layout.python, "-m", "pytest", *(() if qt else ("-p", "no:pytest-qt")))
    if arguments:
        selection = () if everything else ("-m", _QUICK)
        return (Check("pytest", (*pytest, *selection, *arguments)),)
    both = "" if everything else f" and {_QUICK}"
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    shared = ("-n", str(processes), "--dist", "loadfile")
    return (
        Check("pytest, side by side", (*pytest, *shared, "-m", f"not {_ALONE}{both}")),
        Check("pytest, one by one", (*pytest, "-m", f"{_ALONE}{both}")),
    )


class _StoppedError(Exception):
    """Ctrl-C reached a step: nothing more is started."""


def run(
    layout: Layout,
    arguments: Sequence[str] = (),
    *,
    everything: bool,
    runner: Callable[..., int] = attached,
    qt: Callable[[], bool] = qt_loads,
) -> int:
    """Run the steps; 0 when all passed, 130 when stopped, else 1. Says which step failed."""

    def passes(step: Check, *more: str) -> bool:
        say(f"== {step.name}")
        status = runner((*step.command, *more), cwd=layout.root)
        if status == 130:
            raise _StoppedError
        return status == 0

    failed: list[str] = []
    try:
        for step in checks(layout) if everything else ():
            start = time.monotonic()
            passed = passes(step)
            took = time.monotonic() - start
            say(f"   {step.name}: {'passed' if passed else 'FAILED'} ({took:.0f} s)")
            failed += [] if passed else [step.name]
        steps = tests(arguments, layout=layout, everything=everything, qt=qt())
        failed += _tested(steps, passes)
    except _StoppedError:
        return 130
    if failed:
        say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def _tested(steps: Sequence[Check], passes: Callable[..., bool]) -> list[str]:
    """The names of the pytest steps that failed; several steps are summed up in one line."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        reports = {step.name: Path(folder, f"{step.name}.xml") for step in steps}
        failed = [
            name
            for name, step in zip(reports, steps, strict=True)
            if not passes(step, f"--junit-xml={reports[name]}")
        ]
        counts = [counted(report) for report in reports.values()]
    if len(steps) > 1:
        print(closing_line(counts, seconds=time.monotonic() - start), flush=True)
    return failed
