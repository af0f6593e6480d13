"""Making, keeping and repairing .venv, with pip and the interpreter replaced."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from asa_setup import environment, pip_runs, stamps, state, system_libraries, torch_build
from asa_setup.failures import SetupError
from asa_setup.layout import Layout, Machine
from asa_setup.lockfile import DEVELOPER, PROGRAM, Pin
from asa_setup.stamps import Stamp
from asa_setup.state import State


class Fakes:
    """A machine on which installing only writes down what was asked."""

    def __init__(self) -> None:
        self.state: State | None = State("3.11", {})
        self.told: list[str] = []
        self.missing: tuple[str, ...] = ()
        self.fail_at = ""

    def make(self, layout: Layout) -> None:
        self.told.append("make")
        layout.venv.mkdir(exist_ok=True)
        self.state = State("3.11", {"pip": "1.0"})

    def _add(self, found: dict[str, str]) -> None:
        assert self.state is not None
        self.state = State("3.11", self.state.installed | found, self.state.damaged - found.keys())

    def pins(self, layout: Layout, pins: tuple[Pin, ...], *words: str) -> None:
        self.told.append("pins " + " ".join(pin.name for pin in pins))
        if self.fail_at == "pins":
            raise SetupError("no network")
        self._add({pin.name: pin.version for pin in pins})

    def project(self, layout: Layout, *words: str) -> None:
        self.told.append("project")
        self._add({"asa-desktop": "1"})

    def torch(self, layout: Layout, machine: Machine, pins: tuple[Pin, ...], *, gpu: bool) -> None:
        self.told.append("torch gpu" if gpu else "torch")
        self._add({pin.name: pin.version for pin in pins})

    def libraries(self, missing: tuple[str, ...], **_: object) -> tuple[str, ...]:
        self.told.append(f"libraries {' '.join(missing)}".strip())
        return missing


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> Fakes:
    fakes = Fakes()
    monkeypatch.delenv("ASA_REQUIRE_AUDIO", raising=False)
    monkeypatch.setattr(environment, "inspect", lambda _: fakes.state)
    monkeypatch.setattr(environment, "make", fakes.make)
    monkeypatch.setattr(environment, "forget", lambda site, names: None)
    monkeypatch.setattr(pip_runs, "install_pins", fakes.pins)
    monkeypatch.setattr(pip_runs, "pip", fakes.project)
    monkeypatch.setattr(pip_runs, "install_carried_pip", lambda _: fakes._add({"pip": "1.0"}))
    monkeypatch.setattr(torch_build, "install", fakes.torch)
    monkeypatch.setattr(system_libraries, "needed", lambda system, environ, *, tests: ())
    monkeypatch.setattr(system_libraries, "missing_packages", lambda _: fakes.missing)
    monkeypatch.setattr(system_libraries, "ensure", fakes.libraries)
    return fakes


def _ensure(
    layout: Layout, machine: Machine, *, developer: bool = False, gpu: bool | None = None
) -> None:
    environment.ensure(layout, developer=developer, gpu=gpu, machine=machine)


FIRST = ["make", "libraries", "torch", "pins numpy pip", "project"]


def test_the_first_time_everything_is_installed(
    layout: Layout, machine: Machine, fakes: Fakes
) -> None:
    _ensure(layout, machine)
    assert fakes.told == FIRST
    assert stamps.read(layout.stamp).installed["torch"] == "2.0+cpu"


def test_the_second_time_nothing_is_done(layout: Layout, machine: Machine, fakes: Fakes) -> None:
    _ensure(layout, machine)
    fakes.told.clear()
    _ensure(layout, machine)
    assert fakes.told == []


def test_tests_add_the_developers_packages_and_keep_them(
    layout: Layout, machine: Machine, fakes: Fakes
) -> None:
    _ensure(layout, machine)
    _ensure(layout, machine, developer=True)
    assert fakes.told[len(FIRST) :] == ["libraries", "pins numpy pip pytest", "project"]
    fakes.told.clear()
    _ensure(layout, machine)
    assert fakes.told == []
    assert stamps.read(layout.stamp).groups == (PROGRAM, DEVELOPER)


@pytest.mark.parametrize("what", ["lock", "project"])
def test_a_change_of_lock_or_project_is_followed(
    layout: Layout, machine: Machine, fakes: Fakes, what: str
) -> None:
    _ensure(layout, machine)
    fakes.told.clear()
    if what == "lock":
        lock = layout.locks / "universal.txt"
        lock.write_text(lock.read_text().replace("numpy==2.0", "numpy==2.1"))
    else:
        (layout.root / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "2"\n')
    _ensure(layout, machine)
    assert "pins numpy pip" in fakes.told
    assert "make" not in fakes.told


def test_an_interruption_is_noticed_and_gone_on_from(
    layout: Layout, machine: Machine, fakes: Fakes
) -> None:
    fakes.fail_at = "pins"
    with pytest.raises(SetupError, match="no network"):
        _ensure(layout, machine)
    assert stamps.read(layout.stamp).fingerprint == ""
    fakes.told.clear()
    fakes.fail_at = ""
    _ensure(layout, machine)
    assert fakes.told == ["libraries", "pins numpy pip", "project"], "torch was there already"


def test_a_lost_package_is_repaired(layout: Layout, machine: Machine, fakes: Fakes) -> None:
    _ensure(layout, machine)
    assert fakes.state is not None
    fakes.state = replace(fakes.state, damaged=frozenset({"numpy"}))
    fakes.told.clear()
    _ensure(layout, machine)
    assert "pins numpy pip" in fakes.told
    assert "make" not in fakes.told


def test_a_users_own_broken_package_is_none_of_our_business(
    layout: Layout, machine: Machine, fakes: Fakes
) -> None:
    _ensure(layout, machine)
    assert fakes.state is not None
    fakes.state = replace(fakes.state, damaged=frozenset({"their-own"}))
    fakes.told.clear()
    _ensure(layout, machine)
    assert fakes.told == []


def test_what_stays_broken_is_an_error_and_not_marked_done(
    layout: Layout, machine: Machine, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pip_runs, "install_pins", lambda *_: None)
    with pytest.raises(SetupError, match="numpy is still not whole: delete"):
        _ensure(layout, machine)
    assert stamps.read(layout.stamp).fingerprint == ""


def test_a_library_lost_or_found_since_is_noticed(
    layout: Layout, machine: Machine, fakes: Fakes
) -> None:
    _ensure(layout, machine)
    fakes.missing = ("libegl1",)
    _ensure(layout, machine)
    assert fakes.told[len(FIRST)] == "libraries libegl1"
    fakes.told.clear()
    _ensure(layout, machine)
    assert fakes.told == [], "refused once, not asked for at every start"


def test_where_sound_is_required_a_refusal_does_not_last(
    layout: Layout, machine: Machine, fakes: Fakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.missing = ("pulseaudio",)
    _ensure(layout, machine, developer=True)
    monkeypatch.setenv("ASA_REQUIRE_AUDIO", "1")
    fakes.told.clear()
    _ensure(layout, machine, developer=True)
    assert fakes.told[0] == "libraries pulseaudio"
    fakes.missing, fakes.told = (), []
    _ensure(layout, machine, developer=True)
    assert fakes.told == []


def test_the_cuda_build_is_kept_until_told_otherwise(
    layout: Layout, machine: Machine, fakes: Fakes
) -> None:
    _ensure(layout, machine, gpu=True)
    assert "torch gpu" in fakes.told
    fakes.told.clear()
    _ensure(layout, machine)
    assert fakes.told == []
    _ensure(layout, machine, gpu=False)
    assert fakes.told[:3] == ["make", "libraries", "torch"]


OTHER = State("3.12", {})


@pytest.mark.parametrize(
    ("stamp", "told", "words"),
    [
        (Stamp(), State("3.11", {}), ""),
        (Stamp(venv="/elsewhere/.venv"), State("3.11", {}), "moved"),
        (Stamp(), None, "does not start"),
        (Stamp(), OTHER, r"Python 3.11, .venv has 3.12"),
        (Stamp(venv="HERE", gpu=True), State("3.11", {}), "CUDA"),
    ],
)
def test_when_it_is_made_anew(
    layout: Layout, machine: Machine, stamp: Stamp, told: State | None, words: str
) -> None:
    layout.venv.mkdir()
    if stamp.venv == "HERE":
        stamp = replace(stamp, venv=str(layout.venv))
    reason = environment.why_remake(layout, stamp, told, machine, gpu=False)
    assert (words in reason) if words else reason == ""


def test_a_full_disk_is_said_before_anything_is_fetched(layout: Layout) -> None:
    with pytest.raises(SetupError, match="disk is full"):
        environment.make(layout, free_bytes=10)
    assert not layout.venv.exists()


def test_made_without_ensurepip(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # importing it now fails
    called: list[Layout] = []
    monkeypatch.setattr(pip_runs, "install_carried_pip", called.append)
    (layout.root / ".venv").write_text("a file in the way")
    environment.make(layout, free_bytes=environment.NEEDED_BYTES)
    assert called == [layout]
    told = state.inspect(layout)
    assert told is not None
    assert told.python == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert told.installed == {}
