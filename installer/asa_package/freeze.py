"""The frozen folder: PyInstaller over the program, then what is known about every file in it."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
from pathlib import Path

from asa_setup import environment, lockfile, pip_runs
from asa_setup.failures import SetupError
from asa_setup.layout import Machine
from asa_setup.processes import clean_environment, stream
from asa_setup.state import inspect
from asa_setup.talk import say

from asa_package import icons, place, rules, third_party, tree
from asa_package.place import Workshop

SPEC = Path(__file__).with_name("asa.spec")
_LAST_LINES = 15


def tools(shop: Workshop) -> None:
    """The environment that is frozen, with PyInstaller in it."""
    environment.ensure(shop, developer=False, gpu=shop.gpu)
    machine = Machine.here()
    state = inspect(shop)
    lacking = tuple(
        pin
        for pin in lockfile.read(shop.locks / "package.txt")
        if (not pin.marker or f"'{machine.system}'" in pin.marker)
        and (state is None or state.lacks(pin))
    )
    if lacking:
        say("Installing what makes packages")
        pip_runs.install_pins(shop, lacking)


def settings(shop: Workshop, icon: Path | None) -> dict[str, str]:
    """The environment for PyInstaller: nothing in it differs from build to build."""
    return {
        **clean_environment(),
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": str(place.epoch(shop.root)),
        "PYINSTALLER_CONFIG_DIR": str(shop.build / "pyinstaller"),
        "ASA_PACKAGE_ICON": str(icon or ""),
        # The drawings of icons and Qt's own questions need no screen.
        "QT_QPA_PLATFORM": "offscreen",
    }


def make(shop: Workshop) -> Path:
    """Make the frozen folder anew; its path.

    Raises SetupError where PyInstaller fails, and where the folder holds what it must not.
    """
    tools(shop)
    for old in (shop.frozen, shop.work):
        shutil.rmtree(old, ignore_errors=True)
    shop.work.mkdir(parents=True)
    icon = icons.for_system(shop)
    say("Freezing the program (minutes)")
    words = ("--noconfirm", "--log-level", "WARN", "--clean")
    where = ("--distpath", shop.frozen.parent, "--workpath", shop.work)
    command = (shop.python, "-m", "PyInstaller", *words, *where, SPEC)
    log = shop.build / "pyinstaller.log"
    status, output = stream(command, log=log, cwd=shop.root, environ=settings(shop, icon))
    if status:
        last = "\n".join(output.splitlines()[-_LAST_LINES:])
        raise SetupError(f"PyInstaller failed ({log}):\n{last}")
    finish(shop, shop.frozen)
    return shop.frozen


def finish(shop: Workshop, frozen: Path) -> None:
    """Add the licences and the bill of materials, then give everything one time and one right."""
    names = [path.relative_to(frozen).as_posix() for path in tree.files(frozen)]
    wrong = rules.forbidden(names)
    if wrong:
        raise SetupError(f"No package may hold {', '.join(wrong)}: see asa_package/rules.py.")
    third_party.write(shop, frozen)
    shutil.copyfile(shop.root / "LICENSE", frozen / "LICENSE")
    tree.settle(frozen, place.epoch(shop.root))
    say(f"{frozen}: {tree.megabytes(frozen):.0f} MB in {len(names)} files")


def ready(shop: Workshop, *, again: bool = False) -> Path:
    """The frozen folder, made where it is not there or is to be made again."""
    last = shop.frozen / "LICENSE"  # the last that is written: what was stopped before is not whole
    if again or not last.exists():
        return make(shop)
    made = datetime.datetime.fromtimestamp(last.stat().st_ctime).isoformat(" ", "minutes")
    say(f"Taking the program as it was frozen at {made}; `--again` makes it anew")
    return shop.frozen


def run(
    command: tuple[str | Path, ...], *, shop: Workshop, failing: str, cwd: Path | None = None
) -> str:
    """Run a tool and return its output. Raises SetupError that begins with `failing`."""
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(place.epoch(shop.root))}
    try:
        reply = subprocess.run(
            [str(word) for word in command],
            capture_output=True, text=True, cwd=cwd or shop.root, env=environ, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise SetupError(f"{failing}: there is no {command[0]} here.") from None
    if reply.returncode:
        raise SetupError(f"{failing}: {(reply.stderr or reply.stdout).strip()[-1500:]}")
    return reply.stdout
