"""Every command's --help ends with examples, and they work as printed where nothing is connected.

Commands are found by walking the parsers: one that is added has to have an example, and runs
here. Words in capitals (`TAKE.wav`, `R/train`, `DATA`) stand for what the project does not carry;
examples with those are shown to be understood.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from asa_training.__main__ import COMMANDS as TRAINING
from asa_training.__main__ import parser as training_parser
from carried import ROOT
from room import Room, require_audio

from asa_desktop.cli import arguments
from asa_desktop.core.examples import is_yours

PROGRAMS = {"asa": "asa_desktop", "asa-train": "asa_training"}
COMMANDS = [
    *[("asa", name) for name in ("", *arguments.COMMANDS)],
    *[("asa-train", name) for name in ("", *chain(*TRAINING.values()))],
]
QUICK = {"check", "models", "updates", "import", "pack", "rebuild"}
"""Commands whose examples take a second or two; those of any other run with the slow tests."""
NOWHERE = {"updates": 2}
"""What a command says of a build that has no place to look for newer versions, as this one."""
WITH_SOUND = {"record", "calibrate", "devices"}
NOT_CARRIED = {"separate"}
"""Commands that need what is fetched once, with the user's consent; their examples are parsed."""

# Loaded by every Python that is started, workers too.
NO_NETWORK = """
import os, socket

def refused(*where, **how):
    with open(os.environ["ASA_TEST_TRIED"], "a") as tried:
        print(where, file=tried)
    raise OSError("there is no network")

def guarded(name):
    real = getattr(socket.socket, name)

    def call(self, *where):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            refused(name, where)
        return real(self, *where)

    return call

for name in ("connect", "connect_ex", "sendto", "bind"):
    setattr(socket.socket, name, guarded(name))
for name in ("getaddrinfo", "gethostbyname", "create_connection"):
    setattr(socket, name, refused)
"""


def leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser, and all those of its subcommands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from leaves(each)


def parsers(program: str, command: str) -> list[argparse.ArgumentParser]:
    """Those of a command and its actions; without a command the program's own."""
    whole = arguments.parser() if program == "asa" else training_parser([command])
    if not command:
        return [whole]
    wanted = f"{program} {command}"
    return [each for each in leaves(whole) if f"{each.prog} ".startswith(f"{wanted} ")]


def examples_of(parser: argparse.ArgumentParser) -> list[list[str]]:
    """The words of every example in a command's help."""
    found = re.search(r"^examples?\b.*:\n((?:  .*\n)+)", parser.format_help(), flags=re.MULTILINE)
    assert found, f"the help of `{parser.prog}` ends without an example"
    lines = re.sub(r"\\\n\s*", "", found[1]).splitlines()
    return [shlex.split(line) for line in lines]


def named(each: tuple[str, str]) -> str:
    return "-".join(filter(None, each))


@pytest.mark.parametrize("which", COMMANDS, ids=named)
def test_the_help_ends_with_examples_that_are_understood(which, tmp_path, monkeypatch):
    program, command = which
    monkeypatch.chdir(tmp_path)
    found = parsers(program, command)
    assert found
    for parser in found:
        for words in examples_of(parser):
            assert words[0] == program
            if command:
                # The one before may only prepare what this one needs.
                assert f" {command} " in f" {shlex.join(examples_of(parser)[-1])} "
            understood(words)


def understood(words: list[str]) -> None:
    """Parse an example as the program would; exits and errors of argparse fail the test."""
    if words[-1] == "--help":
        return
    for word in words[1:]:
        if is_yours(word):
            Path(word).parent.mkdir(parents=True, exist_ok=True)
            Path(word).touch()
    try:
        if words[0] == "asa":
            arguments.parse(words[1:])
        else:
            training_parser(words[1:2]).parse_args(words[1:])
    except SystemExit as end:
        pytest.fail(f"{shlex.join(words)} is not understood ({end.code})")


def marked(which: tuple[str, str]) -> object:
    program, command = which
    if command in WITH_SOUND and program == "asa":
        marks = [pytest.mark.e2e]
    elif command in QUICK:
        marks = []
    else:
        marks = [pytest.mark.slow, pytest.mark.timeout(900)]
    return pytest.param(which, marks=marks, id=named(which))


@pytest.mark.parametrize("which", [marked(each) for each in COMMANDS])
def test_the_examples_work_as_printed_without_a_network(which, tmp_path):
    program, command = which
    with_sound = program == "asa" and command in WITH_SOUND
    if with_sound:
        require_audio()
    for number, parser in enumerate(parsers(program, command)):
        lines = examples_of(parser)
        folder = fresh(tmp_path / str(number))
        for words in lines:
            if words[1] in NOT_CARRIED or any(is_yours(word) for word in words):
                continue
            if with_sound:
                with Room() as room:
                    room.load("loopmic")
                    run(words, folder, {**room.environ, "PULSE_SOURCE": "loopmic"})
            else:
                run(words, folder, dict(os.environ))


def fresh(folder: Path) -> Path:
    """A folder with what the project carries, and nothing else."""
    (folder / "guard").mkdir(parents=True)
    (folder / "guard" / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    shutil.copytree(ROOT / "resources" / "demo", folder / "resources" / "demo")
    shutil.copytree(ROOT / "models", folder / "models")
    return folder


def run(words: list[str], folder: Path, environ: dict[str, str]) -> str:
    """Run an example in a process of its own; what it printed."""
    tried = folder / "tried"
    path = [folder / "guard", ROOT, ROOT / "training"]
    ran = subprocess.run(
        [sys.executable, "-m", PROGRAMS[words[0]], *words[1:]],
        cwd=folder,
        env={
            **environ,
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "ASA_HOME": str(folder / "home"),
            "ASA_TEST_TRIED": str(tried),
        },
        capture_output=True, text=True, check=False, timeout=800,
    )  # fmt: skip
    assert ran.returncode in (0, NOWHERE.get(words[1])), (
        f"{shlex.join(words)}\n{ran.stdout}{ran.stderr}"
    )
    assert "Traceback" not in ran.stderr
    assert not tried.exists(), f"{shlex.join(words)} wanted a network: {tried.read_text()}"
    return ran.stdout


def test_the_guard_would_notice(tmp_path):
    folder = fresh(tmp_path / "f")
    program = "import urllib.request as r\nr.urlopen('http://192.0.2.1/', timeout=5)"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "PYTHONPATH": str(folder / "guard"),
            "ASA_TEST_TRIED": str(folder / "tried"),
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "there is no network" in ran.stderr
    assert (folder / "tried").exists()


def test_the_walk_meets_every_command():
    assert len(set(COMMANDS)) == len(COMMANDS) > 20
    met = {each.prog for program, command in COMMANDS for each in parsers(program, command)}
    assert {"asa models add", "asa-train export", "asa-train compare"} < met
    for name in TRAINING:
        importlib.import_module(f"asa_training.{name}")
