"""Libraries of the system that wheels on Linux do not carry: what is missing, and getting it.

soundfile, soxr and the rest bring their own; PortAudio and what Qt draws with come from the
system. On macOS and Windows the wheels hold everything. Nothing needed only by tests is here
yet: a screen (xvfb) or a sound server joins as a group of its own with the first test that
needs it.
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


SOUND = (Library("libportaudio.so.2", "libportaudio2"),)
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


def needed(system: str, environ: Mapping[str, str]) -> tuple[Library, ...]:
    """The libraries this system should have; those of a screen only where there is one."""
    if system != "linux":
        return ()
    screen = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return SOUND + QT + (QT_ON_A_SCREEN if screen else ())


def loads(soname: str) -> bool:
    """Whether the loader finds a library."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing_packages(
    libraries: Iterable[Library], *, loads: Callable[[str], bool] = loads
) -> tuple[str, ...]:
    """The Debian packages of the libraries that the loader does not find."""
    return tuple(library.package for library in libraries if not loads(library.soname))


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
) -> bool:
    """Install packages with apt-get; False when that failed (the log says why)."""
    say(f"Installing system libraries: {' '.join(packages)}")
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get")
    runner([*prefix, *quiet, "update", "-q"], log=log)
    fetch = ("install", "-y", "-q", "--no-install-recommends")
    status, _ = runner([*prefix, *quiet, *fetch, *packages], log=log)
    return status == 0


def ensure(
    missing: tuple[str, ...], *, log: Path, refused: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Get the missing packages where that needs no question; else say which they are.

    What could not be had before (`refused`) is not tried again. Returns what is still missing;
    that is no failure: analysing needs none of them.
    """
    if not missing:
        return ()
    prefix = apt_prefix(log=log) if missing != refused else None
    if prefix is not None and install(missing, prefix, log=log):
        return ()
    say(sentence(missing, apt=shutil.which("apt-get") is not None))
    return missing
