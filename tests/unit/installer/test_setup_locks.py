"""The lock files: how they are read, and what the real ones hold."""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib import metadata

import pytest
from asa_setup import lockfile, relock
from asa_setup.failures import SetupError
from asa_setup.layout import Layout
from asa_setup.lockfile import DEVELOPER, PROGRAM, Pin, closure, parse
from packaging.requirements import Requirement
from packaging.version import Version

SAMPLE = f"""\
# about this lock
Some_Pkg==1.2 ; sys_platform == 'win32' \\
    --hash=sha256:{"a" * 64} \\
    --hash=sha256:{"b" * 64}
    # via -r program.in
leaf==3 \\
    --hash=sha256:{"c" * 64}
    # via
    #   -c limits.txt
    #   some-pkg
tool==4 \\
    --hash=sha256:{"d" * 64}
    # via -r developer.in
both==5 \\
    --hash=sha256:{"e" * 64}
    # via
    #   leaf
    #   tool
"""


def test_a_pin_is_read_whole() -> None:
    first, leaf, *_ = parse(SAMPLE)
    assert (first.name, first.version, first.marker) == (
        "some-pkg",
        "1.2",
        "sys_platform == 'win32'",
    )
    assert first.hashes == ("sha256:" + "a" * 64, "sha256:" + "b" * 64)
    assert first.wanted_by == (PROGRAM,)
    assert leaf.wanted_by == ("some-pkg",)


def test_the_program_takes_only_what_it_needs() -> None:
    names = [pin.name for pin in closure(parse(SAMPLE), PROGRAM)]
    assert names == ["some-pkg", "leaf", "both"]
    assert len(closure(parse(SAMPLE), PROGRAM, DEVELOPER)) == 4


def test_a_pin_written_is_the_pin_read() -> None:
    pins = parse(SAMPLE)
    again = parse("\n".join(pin.text for pin in pins))
    assert [(p.name, p.version, p.marker, p.hashes) for p in again] == [
        (p.name, p.version, p.marker, p.hashes) for p in pins
    ]


@pytest.mark.parametrize("line", ["numpy>=2", "-r other.txt", "torch @ file:///x.whl"])
def test_a_lock_with_anything_but_pins_is_refused(line: str) -> None:
    with pytest.raises(SetupError, match="damaged"):
        parse(line + "\n")


@pytest.fixture(params=["universal.txt", "torch.txt", "gpu.txt", "package.txt"])
def lock(request: pytest.FixtureRequest, checkout: Layout) -> tuple[str, tuple[Pin, ...]]:
    path = checkout.locks / str(request.param)
    return path.read_text(encoding="utf-8"), lockfile.read(path)


def test_locks_name_no_address(lock: tuple[str, tuple[Pin, ...]]) -> None:
    assert not re.search(r"https?:|file:|index-url|find-links|\.org|\.com", lock[0])


def test_every_requirement_has_a_hash(lock: tuple[str, tuple[Pin, ...]]) -> None:
    assert lock[1]
    assert [pin.name for pin in lock[1] if not pin.hashes] == []


def test_locks_satisfy_the_project(checkout: Layout) -> None:
    project = tomllib.loads((checkout.root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = relock.inputs(project)
    universal = lockfile.read(checkout.locks / "universal.txt")
    small = lockfile.read(checkout.locks / "torch.txt")
    for group in (PROGRAM, DEVELOPER):
        available = {pin.name: pin.version for pin in closure(universal, group)}
        for line in wanted[group]:
            requirement = Requirement(line)
            version = available[lockfile.normalised(requirement.name)]
            assert requirement.specifier.contains(version, prereleases=True), line
    for line in wanted["apart"]:
        requirement = Requirement(line)
        versions = [pin.version for pin in small if pin.name == requirement.name]
        assert versions, line
        assert all(requirement.specifier.contains(version) for version in versions), line


def test_what_makes_packages_is_locked_apart(checkout: Layout) -> None:
    project = tomllib.loads((checkout.root / "pyproject.toml").read_text(encoding="utf-8"))
    pins = {pin.name: pin.version for pin in lockfile.read(checkout.locks / "package.txt")}
    for line in relock.inputs(project)["package"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(pins[requirement.name]), line
    universal = {pin.name for pin in lockfile.read(checkout.locks / "universal.txt")}
    assert universal.isdisjoint(pins), "an ordinary environment takes none of them"


def test_one_version_for_every_python(checkout: Layout) -> None:
    names = [pin.name for pin in lockfile.read(checkout.locks / "universal.txt")]
    assert len(names) == len(set(names))


def test_no_gpu_package_comes_unasked(checkout: Layout) -> None:
    unasked = [*lockfile.read(checkout.locks / "universal.txt")]
    unasked += lockfile.read(checkout.locks / "torch.txt")
    assert not [p.name for p in unasked if re.match(r"nvidia|cuda|triton", p.name)]
    linux = [p for p in unasked if p.name == "torch" and "== 'linux'" in p.marker]
    assert [Version(p.version).local for p in linux] == ["cpu"]
    assert len(linux[0].hashes) >= 6, "three Pythons on x86_64 and aarch64"


def test_the_program_takes_no_developers_tools(checkout: Layout) -> None:
    pins = lockfile.read(checkout.locks / "universal.txt")
    program = {pin.name for pin in closure(pins, PROGRAM)}
    assert program.isdisjoint({"pytest", "mypy", "ruff", "uv", "hypothesis", "pyworld-prebuilt"})
    assert program.isdisjoint({"lightning", "tensorboard", "demucs", "distributed", "pyarrow"})
    assert program.isdisjoint({"aiohttp", "yarl", "grpcio"}), "it opens one socket, by Python's own"
    assert {"numpy", "librosa", "av", "hatchling", "pip"} <= program


def test_torchs_own_needs_are_locked(checkout: Layout) -> None:
    listed = {relock.requirement_name(line) for line in relock.TORCH_NEEDS}
    needs = [Requirement(line) for line in metadata.requires("torch") or ()]
    plain = {
        lockfile.normalised(need.name)
        for need in needs
        if not need.marker and not need.name.startswith(("nvidia", "cuda", "triton"))
    }
    assert plain <= listed


def test_the_carried_pip_is_the_locked_one(checkout: Layout) -> None:
    (pin,) = [p for p in lockfile.read(checkout.locks / "universal.txt") if p.name == "pip"]
    wheel = checkout.pip_wheel
    assert wheel.name == f"pip-{pin.version}-py3-none-any.whl"
    assert "sha256:" + hashlib.sha256(wheel.read_bytes()).hexdigest() in pin.hashes
