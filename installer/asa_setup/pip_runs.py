"""Running pip inside the environment."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence

from asa_setup import lockfile
from asa_setup.failures import SetupError, explain_pip, package_without_wheel
from asa_setup.layout import Layout
from asa_setup.lockfile import Pin
from asa_setup.processes import stream
from asa_setup.talk import say

# Hashes and exact pins make resolving needless; wheels only, so that nothing is ever compiled.
LOCKED = ("--no-deps", "--require-hashes", "--only-binary", ":all:")
_QUIET = (
    "--disable-pip-version-check",
    "--no-input",
    "--no-user",
    "--no-warn-script-location",
    "--no-compile",  # Python compiles what is really imported, when it is
    "--retries",
    "3",
    "--progress-bar",
    "off",
)
_FETCHING = re.compile(r"^\s*Downloading (?P<file>[^\s/]+) \((?P<size>\d+)(?:\.\d+)? MB\)")
_WORTH_TELLING_MB = 20


def tell(line: str) -> None:
    """Pass on the few lines of pip's output that explain a wait."""
    found = _FETCHING.match(line)
    if found and int(found["size"]) >= _WORTH_TELLING_MB:
        say(f"  fetching {found['file'].split('-')[0]}, {found['size']} MB")
    elif line.startswith("Installing collected packages"):
        say("  unpacking")


class MissingWheelError(SetupError):
    """No index had the package; `package` is the requirement."""

    def __init__(self, sentence: str, package: str) -> None:
        super().__init__(sentence)
        self.package = package


def pip(layout: Layout, *words: str, runner: Callable[..., tuple[int, str]] = stream) -> None:
    """`pip install` with `words` in the environment. Raises SetupError with a sentence."""
    command = [layout.python, "-m", "pip", "install", *_QUIET, *words]
    status, output = runner(command, log=layout.log, on_line=tell, cwd=layout.root)
    if status == 130:
        raise KeyboardInterrupt
    if status:
        sentence = explain_pip(output, log=str(layout.log))
        package = package_without_wheel(output)
        raise MissingWheelError(sentence, package) if package else SetupError(sentence)


def install_pins(layout: Layout, pins: Iterable[Pin], *words: str) -> None:
    """Install locked requirements, each checked against its hashes."""
    wanted = layout.venv / "asa-wanted.txt"
    wanted.write_text("".join(f"{pin.text}\n" for pin in pins), encoding="utf-8")
    pip(layout, *LOCKED, "-r", str(wanted), *words)


def carried_pip(layout: Layout, pins: Sequence[Pin]) -> str:
    """The version of the carried pip wheel, after checking it against the lock's hash."""
    wheel = layout.pip_wheel
    pin = next((pin for pin in pins if pin.name == "pip"), None)
    try:
        digest = "sha256:" + hashlib.sha256(wheel.read_bytes()).hexdigest()
    except FileNotFoundError:
        digest = ""
    if pin is None or digest not in pin.hashes:
        raise SetupError(
            f"{wheel.name} in installer/wheels is missing or damaged: fetch the project again."
        )
    return pin.version


def install_carried_pip(layout: Layout, *, runner: Callable[..., tuple[int, str]] = stream) -> None:
    """Put the carried pip into the environment; it installs itself from its own wheel."""
    carried_pip(layout, lockfile.read(layout.locks / "universal.txt"))
    wheel = layout.pip_wheel
    words = ("install", *_QUIET, "--no-index", "--no-deps", "--force-reinstall", str(wheel))
    status, output = runner([layout.python, wheel / "pip", *words], log=layout.log, cwd=layout.root)
    if status == 130:
        raise KeyboardInterrupt
    if status:
        raise SetupError(explain_pip(output, log=str(layout.log)))
