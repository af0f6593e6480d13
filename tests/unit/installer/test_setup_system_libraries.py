"""System libraries: what is missing, and when apt may be called."""

from __future__ import annotations

from pathlib import Path

import pytest
from asa_setup import system_libraries
from asa_setup.system_libraries import QT, QT_ON_A_SCREEN, SOUND, Library


class Runner:
    """Stands for `stream`; remembers the commands and answers with `status` by a word in them."""

    def __init__(self, **status: int) -> None:
        self.status = status
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], *, log: Path) -> tuple[int, str]:
        self.commands.append(list(command))
        return next((v for word, v in self.status.items() if word in command), 0), ""


def test_only_linux_needs_any_and_a_screen_needs_more() -> None:
    assert system_libraries.needed("darwin", {"DISPLAY": ":0"}) == ()
    assert system_libraries.needed("win32", {}) == ()
    assert system_libraries.needed("linux", {}) == SOUND + QT
    for screen in ({"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}):
        assert system_libraries.needed("linux", screen) == SOUND + QT + QT_ON_A_SCREEN


def test_missing_ones_are_named_by_package() -> None:
    libraries = (Library("liba.so.1", "liba1"), Library("libb.so.2", "libb2"))
    found = system_libraries.missing_packages(libraries, loads=lambda name: name == "liba.so.1")
    assert found == ("libb2",)


def test_the_loader_is_really_asked() -> None:
    assert not system_libraries.loads("libthere-is-no-such-thing.so.99")


def test_apt_is_called_by_root_and_by_sudo_without_a_question(tmp_path: Path) -> None:
    def prefix(user: int, runner: Runner, *, apt: bool = True) -> tuple[str, ...] | None:
        there = {"apt-get", "sudo"} if apt else {"sudo"}
        return system_libraries.apt_prefix(
            user=user,
            which=lambda name: name if name in there else None,
            runner=runner,
            log=tmp_path / "log",
        )

    assert prefix(0, Runner()) == ()
    assert prefix(1000, Runner(sudo=0)) == ("sudo", "-n")
    assert prefix(1000, Runner(sudo=1)) is None
    assert prefix(0, Runner(), apt=False) is None


def test_install_updates_first_and_tells_failure(tmp_path: Path) -> None:
    runner = Runner()
    assert system_libraries.install(("libb2",), (), log=tmp_path / "log", runner=runner)
    assert [("update" in c, "libb2" in c) for c in runner.commands] == [
        (True, False),
        (False, True),
    ]
    failing = Runner(install=100)
    assert not system_libraries.install(("libb2",), (), log=tmp_path / "log", runner=failing)


@pytest.fixture
def no_apt_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "apt_prefix", lambda log: None)
    monkeypatch.setattr(system_libraries.shutil, "which", lambda name: f"/usr/bin/{name}")


@pytest.mark.usefixtures("no_apt_allowed")
def test_without_the_right_the_exact_command_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = ("libegl1", "libportaudio2")
    assert system_libraries.ensure(missing, log=tmp_path / "log") == missing
    told = capsys.readouterr().err
    assert told.strip().endswith("sudo apt-get install libegl1 libportaudio2")


def test_what_was_refused_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def apt(*words: object, **options: object) -> tuple[str, ...]:
        pytest.fail("apt was asked again")

    monkeypatch.setattr(system_libraries, "apt_prefix", apt)
    again = system_libraries.ensure(("libegl1",), log=tmp_path / "log", refused=("libegl1",))
    assert again == ("libegl1",)


def test_nothing_missing_calls_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "apt_prefix", lambda log: pytest.fail("apt was asked"))
    assert system_libraries.ensure((), log=tmp_path / "log") == ()
