"""Making, filling and repairing the environment in .venv, doing only what is missing."""

from __future__ import annotations

import os
import shutil
import sys
import venv
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from asa_setup import lockfile, pip_runs, stamps, system_libraries, torch_build
from asa_setup.failures import DISK_FULL, SetupError
from asa_setup.layout import Layout, Machine
from asa_setup.lockfile import DEVELOPER, PROGRAM, Pin
from asa_setup.stamps import Stamp
from asa_setup.state import State, forget, inspect, site_packages
from asa_setup.talk import say

PROJECT = "asa-desktop"
NEEDED_BYTES = 3_000_000_000


@dataclass(frozen=True)
class Wanted:
    """What the locks ask for on this machine."""

    groups: tuple[str, ...]
    pins: tuple[Pin, ...]  # the universal lock's part for these groups
    torch: tuple[Pin, ...]
    gpu: bool

    @property
    def names(self) -> frozenset[str]:
        """All packages that are ours to keep whole."""
        return frozenset({PROJECT, *(pin.name for pin in (*self.pins, *self.torch))})


def wanted(layout: Layout, machine: Machine, groups: Collection[str], *, gpu: bool) -> Wanted:
    """Read the locks. Raises SetupError when this machine cannot be served."""
    every = lockfile.read(layout.locks / "universal.txt")
    torch = torch_build.wanted_pins(layout, machine, gpu=gpu)
    return Wanted(tuple(groups), lockfile.closure(every, *groups), torch, gpu)


def why_remake(
    layout: Layout, stamp: Stamp, state: State | None, machine: Machine, *, gpu: bool
) -> str:
    """Why the environment has to be made anew; "" when it can stay."""
    if not layout.venv.exists():
        return "Making the environment .venv (about 700 MB to fetch the first time)"
    if stamp.venv and stamp.venv != str(layout.venv):
        return "The checkout was moved: making .venv anew"
    if state is None:
        return "The interpreter in .venv does not start: making .venv anew"
    if state.python != machine.python:
        return f"This is Python {machine.python}, .venv has {state.python}: making .venv anew"
    if stamp.venv and stamp.gpu != gpu:
        return "Changing between the CPU and the CUDA build: making .venv anew"
    return ""


def make(layout: Layout, *, free_bytes: int | None = None) -> None:
    """Make an empty environment with the carried pip in it.

    ensurepip is never asked, so Debian's and Ubuntu's Python without python3-venv will do.
    """
    if layout.windows and Path(sys.prefix) == layout.venv:
        raise SetupError("Start this with the system's Python (py), not with the one in .venv.")
    if layout.venv.is_symlink() or layout.venv.is_file():
        layout.venv.unlink()
    if layout.venv.exists():
        shutil.rmtree(layout.venv)
    free = shutil.disk_usage(layout.root).free if free_bytes is None else free_bytes
    if free < NEEDED_BYTES:
        raise SetupError(DISK_FULL)
    venv.EnvBuilder(symlinks=not layout.windows, with_pip=False).create(layout.venv)
    pip_runs.install_carried_pip(layout)


def fill(layout: Layout, machine: Machine, want: Wanted) -> State:
    """Install what is missing: pip, torch, the locked packages, the project. Returns the result."""
    state = _whole(layout, want)
    if state.damaged:
        say(f"Repairing {', '.join(sorted(state.damaged))}")
        forget(site_packages(layout), state.damaged)
    if any(state.lacks(pin) for pin in want.pins if pin.name == "pip"):
        pip_runs.install_carried_pip(layout)
    torch = tuple(pin for pin in want.torch if state.lacks(pin))
    if torch:
        torch_build.install(layout, machine, torch, gpu=want.gpu)
    say(f"Installing {len(want.pins)} packages")
    pip_runs.install_pins(layout, want.pins)
    pip_runs.pip(layout, "--no-deps", "--no-build-isolation", "--no-index", "-e", str(layout.root))
    state = _whole(layout, want)
    wrong = {pin.name for pin in want.pins if not pin.marker and state.lacks(pin)} | state.damaged
    if wrong:
        raise SetupError(
            f"After installing, {', '.join(sorted(wrong))} is still not whole: delete the folder "
            ".venv and run the same command again."
        )
    return state


def _whole(layout: Layout, want: Wanted) -> State:
    state = inspect(layout)
    if state is None:
        raise SetupError("The interpreter in .venv does not start: delete .venv and run again.")
    return state.only(want.names)


def ensure(
    layout: Layout, *, developer: bool, gpu: bool | None = None, machine: Machine | None = None
) -> None:
    """Bring .venv to what the locks say; seconds when it is there already.

    `gpu` None keeps the build that is there. A developer's environment stays one when the
    program is started. Raises SetupError with a sentence.
    """
    machine = machine or Machine.here()
    stamp = stamps.read(layout.stamp)
    gpu = stamp.gpu if gpu is None else gpu
    groups = (PROGRAM, DEVELOPER) if developer or DEVELOPER in stamp.groups else (PROGRAM,)
    fingerprint = stamps.fingerprint(layout, machine, gpu=gpu)
    state = inspect(layout)
    parts = system_libraries.needed(machine.system, os.environ, tests=developer)
    missing = system_libraries.missing_packages(parts)
    # Where tests without sound would be failures, what could not be had is asked for again.
    refused = () if os.environ.get("ASA_REQUIRE_AUDIO") == "1" else stamp.libraries_refused
    reason = why_remake(layout, stamp, state, machine, gpu=gpu)
    if not reason and state is not None and stamp.finished(groups, fingerprint):
        if state.keeps(stamp) and set(missing) <= set(refused):
            return
        if not state.keeps(stamp):
            say("Something in .venv is missing or damaged: repairing it")
    want = wanted(layout, machine, groups, gpu=gpu)
    if reason:
        say(reason)
        make(layout)
    begun = replace(stamp, venv=str(layout.venv), gpu=gpu, groups=groups, fingerprint="")
    stamps.write(layout.stamp, begun)  # not finished: an interruption will show
    still = system_libraries.ensure(missing, log=layout.log, refused=refused)
    installed = fill(layout, machine, want).installed
    finished = replace(
        begun,
        fingerprint=fingerprint,
        installed=installed,
        libraries_refused=tuple(sorted({*refused, *still})),
    )
    stamps.write(layout.stamp, finished)
    say("The environment is ready.")
