"""Whether there is a screen, and whether Qt could use it, without asking Qt."""

from __future__ import annotations

import ctypes
import socket
import sys
from pathlib import Path

import pytest

from asa_desktop.core.errors import PlaceError
from asa_desktop.ui import screen


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.parametrize("display", ["", "nonsense", ":", ":x", ":987654", "localhost:59999"])
def test_no_screen(monkeypatch: pytest.MonkeyPatch, display: str) -> None:
    monkeypatch.setenv("DISPLAY", display)
    assert not screen.screen_there()


def test_a_screen_that_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "way-0")
    assert not screen.screen_there()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "way-0"))
        server.listen()
        assert screen.screen_there()


def test_other_systems_always_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for system in ("win32", "darwin"):
        monkeypatch.setattr(sys, "platform", system)
        assert screen.screen_there()


def test_who_chose_a_platform_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert screen.screen_there()
    screen.check_libraries()


def test_a_missing_library_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(path: str) -> None:
        if "cursor" in path or "x11" in path or "qxcb" in path:
            raise OSError("libxcb-cursor.so.0: cannot open shared object file: No such file")

    monkeypatch.setattr(ctypes, "CDLL", lacking)
    with pytest.raises(PlaceError) as raised:
        screen.check_libraries()
    assert raised.value.facts == {
        "libraries": ("libxcb-cursor.so.0", "libxkbcommon-x11.so.0"),
        "packages": "libxcb-cursor0 libxkbcommon-x11-0",
    }


@pytest.mark.parametrize(
    ("library", "package"),
    [("libxcb-icccm.so.4", "libxcb-icccm4"), ("libX11-xcb.so.1", "libx11-xcb1"),
     ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"), ("libGL.so.1", "libgl1"), ("odd", "odd")],
)  # fmt: skip
def test_packages_by_debians_rule(library: str, package: str) -> None:
    assert screen.package_of(library) == package
