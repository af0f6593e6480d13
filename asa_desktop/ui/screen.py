"""Is there a screen to show a window on? Asked before Qt is, which would end the program."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import re
import socket
import sys
from pathlib import Path

from asa_desktop.core.errors import PlaceError

_PATIENCE_S = 1.0
_X11_LIBRARIES = (
    "libX11-xcb.so.1", "libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-image.so.0",
    "libxcb-keysyms.so.1", "libxcb-randr.so.0", "libxcb-render-util.so.0", "libxcb-shape.so.0",
    "libxcb-xkb.so.1", "libxkbcommon-x11.so.0",
)  # fmt: skip
"""What Qt's X11 part needs and wheels do not carry."""


def screen_there() -> bool:
    """Whether a window can be opened here."""
    if os.environ.get("QT_QPA_PLATFORM") not in (None, "", "xcb", "wayland"):
        return True  # somebody chose, such as offscreen
    if sys.platform in ("win32", "darwin"):
        return True
    return _wayland(os.environ.get("WAYLAND_DISPLAY", "")) or _x11(os.environ.get("DISPLAY", ""))


def _wayland(name: str) -> bool:
    if not name:
        return False
    folder = Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere"))
    return _answers(socket.AF_UNIX, str(folder / name))  # an absolute name stays as it is


def _x11(name: str) -> bool:
    host, colon, rest = name.rpartition(":")
    number = rest.partition(".")[0]
    if not colon or not number.isdigit():
        return False
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        return _answers(socket.AF_UNIX, path) or _answers(socket.AF_UNIX, "\0" + path)
    return _answers(socket.AF_INET, (host, 6000 + int(number)))


def _answers(family: int, address: str | tuple[str, int]) -> bool:
    with (
        contextlib.suppress(OSError, OverflowError),
        socket.socket(family, socket.SOCK_STREAM) as probe,
    ):
        probe.settimeout(_PATIENCE_S)
        probe.connect(address)
        return True
    return False


def check_libraries() -> None:
    """See that Qt's X11 part can be loaded: where it cannot, Qt ends the program without a word.

    Raises `PlaceError` ``window_library_missing``.
    """
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if sys.platform != "linux" or chosen not in ("", "xcb"):
        return
    if not chosen and _wayland(os.environ.get("WAYLAND_DISPLAY", "")):
        return
    qt = importlib.util.find_spec("PySide6")
    if qt is None or qt.origin is None:
        return
    plugin = Path(qt.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.is_file():
        return  # another build of Qt; it knows its own needs
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        first = str(error).partition(":")[0]
        lacking = {first, *(one for one in _X11_LIBRARIES if not _loads(one))}
        missing = tuple(sorted(lacking))
        packages = " ".join(package_of(one) for one in missing)
        raise PlaceError("window_library_missing", libraries=missing, packages=packages) from error


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def package_of(library: str) -> str:
    """The Debian package of a shared library, by Debian's own rule for their names."""
    match = re.fullmatch(r"(.+)\.so\.([\d.]+)", library)
    if match is None:
        return library
    name, version = match[1].lower().replace("_", "-"), match[2]
    return f"{name}-{version}" if name[-1].isdigit() else f"{name}{version}"
