"""The note of the last set-up, and looking into an environment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from asa_setup import inspect_env, stamps, state
from asa_setup.layout import Layout, Machine
from asa_setup.lockfile import Pin
from asa_setup.stamps import Stamp
from asa_setup.state import State


def test_a_note_written_is_the_note_read(tmp_path: Path) -> None:
    note = Stamp("/x/.venv", True, ("program",), "f" * 64, {"numpy": "2"}, ("libegl1",))
    stamps.write(tmp_path / "note.json", note)
    assert stamps.read(tmp_path / "note.json") == note
    assert [path.name for path in tmp_path.iterdir()] == ["note.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"venv": "x"}', '{"unknown": 1}', "\xff"])
def test_a_damaged_note_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "note.json").write_bytes(text.encode("latin-1"))
    assert stamps.read(tmp_path / "note.json") == Stamp()


def test_the_fingerprint_follows_all_that_decides(layout: Layout, machine: Machine) -> None:
    first = stamps.fingerprint(layout, machine, gpu=False)
    assert first == stamps.fingerprint(layout, machine, gpu=False)
    others = [
        stamps.fingerprint(layout, machine, gpu=True),
        stamps.fingerprint(layout, replace(machine, python="3.12"), gpu=False),
        stamps.fingerprint(layout, replace(machine, architecture="aarch64"), gpu=False),
    ]
    project = layout.root / "pyproject.toml"
    project.write_text(project.read_text() + "[tool.ruff]\nline-length = 80\n")
    assert stamps.fingerprint(layout, machine, gpu=False) == first, (
        "a lint setting installs nothing"
    )
    project.write_text(project.read_text().replace('version = "1"', 'version = "2"'))
    others.append(stamps.fingerprint(layout, machine, gpu=False))
    (layout.locks / "torch.txt").write_text("")
    others.append(stamps.fingerprint(layout, machine, gpu=False))
    assert len({first, *others}) == 6


def test_finished_asks_for_every_group() -> None:
    note = Stamp(groups=("program",), fingerprint="f")
    assert note.finished(("program",), "f")
    assert not note.finished(("program", "developer"), "f")
    assert not note.finished(("program",), "g")


def _installed(site: Path, name: str, version: str, *files: str, record: bool = True) -> Path:
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).touch()
    if record:
        lines = [*files, f"{name}/__pycache__/x.cpython-311.pyc", f"{info.name}/RECORD"]
        (info / "RECORD").write_text("".join(f"{line},sha256=x,1\n" for line in lines))
    return info


def test_the_survey_sees_what_is_whole_and_what_is_not(tmp_path: Path) -> None:
    _installed(tmp_path, "Whole_Pkg", "1.0", "whole_pkg/__init__.py", "whole_pkg/sub/data.bin")
    _installed(tmp_path, "holed", "2.0", "holed/__init__.py", "holed/gone.py")
    (tmp_path / "holed" / "gone.py").unlink()
    _installed(tmp_path, "cut", "3.0", "cut/__init__.py", record=False)
    _installed(tmp_path, "twice", "1.0", "twice/__init__.py")
    _installed(tmp_path, "twice", "1.1", "twice/__init__.py")
    told = inspect_env.survey(tmp_path)
    assert told["installed"] == {"whole-pkg": "1.0", "holed": "2.0", "cut": "3.0", "twice": "1.1"}
    assert told["damaged"] == ["cut", "holed", "twice"]


def test_scripts_outside_the_packages_are_looked_for_too(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "site-packages"
    info = _installed(site, "tool", "1.0", "tool.py")
    with (info / "RECORD").open("a") as record:
        record.write("../../bin/tool,sha256=x,1\n")
    assert inspect_env.survey(site)["damaged"] == ["tool"]
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tool").touch()
    assert inspect_env.survey(site)["damaged"] == []


def test_forgetting_drops_the_notes_and_pips_leftovers(tmp_path: Path) -> None:
    kept = _installed(tmp_path, "kept", "1.0", "kept.py")
    gone = _installed(tmp_path, "Gone_Pkg", "1.0", "gone.py")
    (tmp_path / "~one_pkg").mkdir()
    state.forget(tmp_path, {"gone-pkg"})
    assert kept.is_dir()
    assert not gone.exists()
    assert not list(tmp_path.glob("~*"))


def test_an_interpreter_that_does_not_start_is_none(layout: Layout) -> None:
    assert state.inspect(layout) is None
    layout.scripts.mkdir(parents=True)
    layout.python.symlink_to("/nowhere/python")
    assert state.inspect(layout) is None


def test_what_a_state_lacks() -> None:
    told = State("3.11", {"a": "1", "b": "1"}, frozenset({"b"}))
    lacking = [told.lacks(Pin(n, v, "", (), ())) for n, v in [("a", "1"), ("a", "2"), ("b", "1")]]
    assert lacking == [False, True, True]
    assert told.only({"a"}) == State("3.11", {"a": "1"})


@pytest.mark.parametrize(
    ("windows", "python", "command"),
    [(False, "bin/python", "bin/asa"), (True, "Scripts/python.exe", "Scripts/asa.exe")],
)
def test_where_things_lie(tmp_path: Path, windows: bool, python: str, command: str) -> None:
    layout = Layout(tmp_path, windows=windows)
    assert layout.python == layout.venv / python
    assert layout.command("asa") == layout.venv / command
