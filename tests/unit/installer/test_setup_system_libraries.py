"""System libraries: what is missing, and when apt may be called."""

from __future__ import annotations

from pathlib import Path

import pytest
from asa_setup import system_libraries
from asa_setup.system_libraries import (
    QT,
    QT_ON_A_SCREEN,
    SOUND,
    VIRTUAL_SCREEN,
    VIRTUAL_SOUND,
    Library,
    Plugin,
    Program,
)


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
    tests = system_libraries.needed("linux", {}, tests=True)
    assert tests == SOUND + QT + QT_ON_A_SCREEN + VIRTUAL_SOUND + VIRTUAL_SCREEN
    assert system_libraries.needed("darwin", {}, tests=True) == ()


def test_missing_ones_are_named_by_package() -> None:
    libraries = (Library("liba.so.1", "liba1"), Library("libb.so.2", "libb2"))
    found = system_libraries.missing_packages(libraries, loads=lambda name: name == "liba.so.1")
    assert found == ("libb2",)


def test_programs_and_plugins_are_looked_for_in_their_own_way() -> None:
    parts = (
        Program("pactl", "pulseaudio-utils"),
        Program("parec", "pulseaudio-utils"),
        Program("sh", "dash"),
        Plugin(("old.so", "new.so"), "plugins"),
    )
    found = system_libraries.missing_packages(
        parts,
        loads=lambda name: pytest.fail("no library here"),
        plugs=lambda files: "new.so" in files,
        runs=lambda command: command == "sh",
    )
    assert found == ("pulseaudio-utils",)


def test_pipewires_own_plugin_is_enough_for_the_program_but_not_for_the_tests(
    tmp_path: Path,
) -> None:
    def missing(*, tests: bool) -> tuple[str, ...]:
        return system_libraries.missing_packages(
            system_libraries.needed("linux", {}, tests=tests),
            loads=lambda name: True,
            plugs=lambda files: system_libraries.plugs(files, root=tmp_path),
            runs=lambda command: True,
        )

    assert missing(tests=False) == ("libasound2-plugins",)
    folder = tmp_path / "lib" / "x86_64-linux-gnu" / "alsa-lib"
    folder.mkdir(parents=True)
    (folder / "libasound_module_pcm_pipewire.so").touch()
    assert missing(tests=False) == ()
    assert missing(tests=True) == ("libasound2-plugins",)
    (folder / "libasound_module_pcm_pulse.so").touch()
    assert missing(tests=True) == ()


def test_the_system_is_really_asked() -> None:
    assert not system_libraries.loads("libthere-is-no-such-thing.so.99")
    assert not system_libraries.plugs(["libasound_module_pcm_none.so"])
    assert not system_libraries.runs("there-is-no-such-command")


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


def test_install_updates_first_removes_nothing_and_tells_failure(tmp_path: Path) -> None:
    runner = Runner()
    log = tmp_path / "log"
    assert system_libraries.install(("libb2",), (), log=log, runner=runner) == ()
    assert [("update" in c, "libb2" in c, "--no-remove" in c) for c in runner.commands] == [
        (True, False, False),
        (False, True, True),
    ]
    failing = Runner(install=100)
    assert system_libraries.install(("libb2",), (), log=log, runner=failing) == ("libb2",)
    assert len(failing.commands) == 2


def test_one_that_cannot_be_had_does_not_keep_the_others_away(tmp_path: Path) -> None:
    runner = Runner(pulseaudio=100)
    packages = ("libegl1", "pulseaudio", "xvfb")
    log = tmp_path / "log"
    assert system_libraries.install(packages, ("sudo", "-n"), log=log, runner=runner) == (
        "pulseaudio",
    )
    assert [command[-1] for command in runner.commands[2:]] == list(packages)


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


def test_only_what_was_not_refused_before_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def install(packages: tuple[str, ...], prefix: object, *, log: Path) -> tuple[str, ...]:
        tried.extend(packages)
        return packages[:1]

    monkeypatch.setattr(system_libraries, "apt_prefix", lambda log: ())
    monkeypatch.setattr(system_libraries, "install", install)
    missing = ("libegl1", "pulseaudio", "xvfb")
    still = system_libraries.ensure(missing, log=tmp_path / "log", refused=("libegl1",))
    assert tried == ["pulseaudio", "xvfb"]
    assert still == ("libegl1", "pulseaudio")


def test_nothing_missing_calls_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "apt_prefix", lambda log: pytest.fail("apt was asked"))
    assert system_libraries.ensure((), log=tmp_path / "log") == ()
