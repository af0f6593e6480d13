"""Libraries of the system that wheels on Linux do not carry: what is missing, and getting it.

soundfile, soxr and the rest bring their own; PortAudio, its way to the sound server and what Qt
draws with come from the system. On macOS and Windows the wheels hold everything. Tests need a
sound server and a screen besides, which nobody has to hear or see.
"""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from asa_setup.processes import stream
from asa_setup.talk import say


@dataclass(frozen=True)
class Library:
    """A shared library by the name the loader knows, and the Debian package that holds it."""

    soname: str
    package: str


@dataclass(frozen=True)
class Plugin:
    """A plugin of ALSA, of which one of several files will do; the loader does not know them."""

    files: tuple[str, ...]
    package: str


@dataclass(frozen=True)
class Program:
    """A command, and the Debian package that holds it."""

    command: str
    package: str


Part = Library | Plugin | Program

# Debian's PortAudio reaches PulseAudio and PipeWire through ALSA alone. Where PipeWire brought its
# own plugin (pipewire-alsa) nothing is to be added: both would want to be the default device.
SOUND: tuple[Part, ...] = (
    Library("libportaudio.so.2", "libportaudio2"),
    Plugin(
        ("libasound_module_pcm_pulse.so", "libasound_module_pcm_pipewire.so"),
        "libasound2-plugins",
    ),
)
VIRTUAL_SOUND: tuple[Part, ...] = (
    Program("pulseaudio", "pulseaudio"),
    Program("pactl", "pulseaudio-utils"),
    Plugin(("libasound_module_pcm_pulse.so",), "libasound2-plugins"),
)
VIRTUAL_SCREEN: tuple[Part, ...] = (Program("Xvfb", "xvfb"), Program("xauth", "xauth"))
QT = (
    Library("libEGL.so.1", "libegl1"),
    Library("libGL.so.1", "libgl1"),
    Library("libxkbcommon.so.0", "libxkbcommon0"),
    Library("libfontconfig.so.1", "libfontconfig1"),
    Library("libfreetype.so.6", "libfreetype6"),
    Library("libdbus-1.so.3", "libdbus-1-3"),
    Library("libglib-2.0.so.0", "libglib2.0-0"),
    Library("libX11.so.6", "libx11-6"),
)
QT_ON_A_SCREEN = (
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    Library("libxcb-cursor.so.0", "libxcb-cursor0"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4"),
    Library("libxcb-image.so.0", "libxcb-image0"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    Library("libxcb-randr.so.0", "libxcb-randr0"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0"),
    Library("libxcb-shape.so.0", "libxcb-shape0"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1"),
    Library("libX11-xcb.so.1", "libx11-xcb1"),
)


def needed(system: str, environ: Mapping[str, str], *, tests: bool = False) -> tuple[Part, ...]:
    """What this system should have; a screen's libraries only where there is one."""
    if system != "linux":
        return ()
    screen = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    program = SOUND + QT + (QT_ON_A_SCREEN if screen or tests else ())
    return program + (VIRTUAL_SOUND + VIRTUAL_SCREEN if tests else ())


def loads(soname: str) -> bool:
    """Whether the loader finds a library."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def plugs(files: Iterable[str], *, root: Path = Path("/usr")) -> bool:
    """Whether ALSA has one of these plugins."""
    folders = (*root.glob("lib*/alsa-lib"), *root.glob("lib/*/alsa-lib"))
    return any((folder / file).exists() for folder in folders for file in files)


def runs(command: str) -> bool:
    """Whether there is such a command."""
    return shutil.which(command) is not None


def missing_packages(
    parts: Iterable[Part],
    *,
    loads: Callable[[str], bool] = loads,
    plugs: Callable[[Iterable[str]], bool] = plugs,
    runs: Callable[[str], bool] = runs,
) -> tuple[str, ...]:
    """The Debian packages of the parts that are not there, each once."""

    def there(part: Part) -> bool:
        if isinstance(part, Library):
            return loads(part.soname)
        return plugs(part.files) if isinstance(part, Plugin) else runs(part.command)

    return tuple(dict.fromkeys(part.package for part in parts if not there(part)))


def apt_prefix(
    *,
    user: int | None = None,
    which: Callable[[str], str | None] = shutil.which,
    runner: Callable[..., tuple[int, str]] = stream,
    log: Path,
) -> tuple[str, ...] | None:
    """How apt-get may be called without a question: () as root, sudo -n, or None for not."""
    if which("apt-get") is None:
        return None
    if (os.geteuid() if user is None else user) == 0:
        return ()
    if which("sudo") and runner(["sudo", "-n", "true"], log=log)[0] == 0:
        return ("sudo", "-n")
    return None


def sentence(packages: Iterable[str], *, apt: bool) -> str:
    """What the person has to install."""
    names = " ".join(packages)
    if apt:
        return f"For sound and the window, install: sudo apt-get install {names}"
    return f"For sound and the window, install your system's equivalents of: {names}"


def install(
    packages: tuple[str, ...],
    prefix: tuple[str, ...],
    *,
    log: Path,
    runner: Callable[..., tuple[int, str]] = stream,
) -> tuple[str, ...]:
    """Install packages with apt-get; returns those that could not be had (the log says why).

    Nothing is ever removed for them: a desktop's own sound server stays what it is. Where they
    cannot be had together, each is tried alone.
    """
    say(f"Installing system libraries: {' '.join(packages)}")
    quiet = (*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
    runner([*quiet, "update", "-q"], log=log)

    def had(*names: str) -> bool:
        fetch = ("install", "-y", "-q", "--no-install-recommends", "--no-remove")
        return runner([*quiet, *fetch, *names], log=log)[0] == 0

    if had(*packages):
        return ()
    return tuple(name for name in packages if len(packages) == 1 or not had(name))


def ensure(
    missing: tuple[str, ...], *, log: Path, refused: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Get the missing packages where that needs no question; else say which they are.

    What could not be had before (`refused`) is not tried again. Returns what is still missing;
    that is no failure: analysing needs none of them.
    """
    fresh = tuple(name for name in missing if name not in refused)
    prefix = apt_prefix(log=log) if fresh else None
    if prefix is not None:
        failed = install(fresh, prefix, log=log)
        missing = tuple(name for name in missing if name in refused or name in failed)
    if missing:
        say(sentence(missing, apt=shutil.which("apt-get") is not None))
    return missing
