"""The command line: what is understood, what is passed on, and how it ends."""

from __future__ import annotations

import errno

import pytest
from asa_setup import commands, environment
from asa_setup.commands import Request, parse
from asa_setup.failures import SetupError, UsageError
from asa_setup.layout import Layout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("run", Request("run")),
        ("run analyze x.wav --json", Request("run", arguments=("analyze", "x.wav", "--json"))),
        ("run -- --version", Request("run", arguments=("--version",))),
        ("run --gpu self-test", Request("run", gpu=True, arguments=("self-test",))),
        ("run --no-gpu", Request("run", gpu=False)),
        ("run check --gpu", Request("run", arguments=("check", "--gpu"))),
        ("run --help", Request("help")),
        ("--help", Request("help")),
        ("test", Request("test")),
        ("test --all", Request("test", everything=True)),
        ("test --all -- -k name", Request("test", everything=True, arguments=("-k", "name"))),
        ("lock", Request("lock")),
        ("package deb --gpu", Request("package", arguments=("deb", "--gpu"))),
    ],
)
def test_understood(words: str, expected: Request) -> None:
    assert parse(words.split()) == expected


@pytest.mark.parametrize("words", ["", "install", "lock now", "run --gpu --no-gpu"])
def test_not_understood(words: str) -> None:
    with pytest.raises(UsageError):
        parse(words.split())


SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def test_run_alone_does_the_main_job(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SCREENS:
        monkeypatch.delenv(name, raising=False)
    assert commands.program(layout, ())[1:] == ("-m", "asa_desktop", "demo", "--sing", "auto")
    assert commands.program(layout, ("analyze", "x.wav"))[3:] == ("analyze", "x.wav")


def test_on_windows_the_program_is_waited_for(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = Layout(layout.root, windows=True)
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(commands, "attached", lambda command: started.append(command) or 7)
    assert commands.start(windows, ("check",)) == 7
    assert started[0][0].endswith("python.exe")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (SetupError("The sentence."), 2, "The sentence."),
        (OSError(errno.ENOSPC, "no space", "/x"), 2, "The disk is full"),
        (KeyboardInterrupt(), 130, "Stopped"),
    ],
)
def test_trouble_is_one_sentence_and_a_status(
    layout: Layout,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    words: str,
) -> None:
    def ensure(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(environment, "ensure", ensure)
    assert commands.main(["run"], layout) == status
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert words in told.err


def test_a_word_not_understood_is_status_2(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["go"], layout) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_only_the_tests_take_the_developers_packages(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(environment, "ensure", lambda _, developer, gpu: asked.append(developer))
    monkeypatch.setattr(commands, "start", lambda *_: 0)
    monkeypatch.setattr(commands.quality, "run", lambda *_, **__: 0)
    assert [commands.main([word], layout) for word in ("run", "test")] == [0, 0]
    assert asked == [False, True]
