"""Which torch is asked for, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest
from asa_setup import torch_build
from asa_setup.failures import SetupError
from asa_setup.layout import Layout, Machine
from asa_setup.pip_runs import MissingWheelError


class Recorder:
    """Stands for install_pins; fails with `error` when given one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.words: tuple[str, ...] = ()

    def __call__(self, layout: Layout, pins: object, *words: str) -> None:
        self.words = words
        if self.error:
            raise self.error


def _install(layout: Layout, machine: Machine, recorder: Recorder, *, reachable: bool) -> None:
    torch_build.install(
        layout, machine, (), gpu=False, reachable=lambda: reachable, installer=recorder
    )


def test_linux_asks_for_the_cpu_build_only(layout: Layout, machine: Machine) -> None:
    pins = torch_build.wanted_pins(layout, machine, gpu=False)
    assert [(pin.name, pin.version) for pin in pins] == [
        ("torch", "2.0+cpu"),
        ("torchcrepe", "0.1"),
    ]


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_elsewhere_the_ordinary_wheel_is_the_cpu_build(
    layout: Layout, machine: Machine, system: str
) -> None:
    other = replace(machine, system=system)
    pins = torch_build.wanted_pins(layout, other, gpu=False)
    assert [pin.version for pin in pins] == ["2.0", "0.1"]
    recorder = Recorder()
    _install(layout, other, recorder, reachable=True)
    assert recorder.words == ()


def test_pytorchs_index_is_asked_when_it_answers(layout: Layout, machine: Machine) -> None:
    recorder = Recorder()
    _install(layout, machine, recorder, reachable=True)
    assert recorder.words == ("--extra-index-url", torch_build.CPU_INDEX)


def test_without_pytorchs_index_the_configured_one_serves(layout: Layout, machine: Machine) -> None:
    recorder = Recorder()
    _install(layout, machine, recorder, reachable=False)
    assert recorder.words == ()


def test_no_cpu_build_anywhere_is_said_and_nothing_else_is_taken(
    layout: Layout, machine: Machine
) -> None:
    recorder = Recorder(MissingWheelError("pip's words", "torch==2.0+cpu"))
    with pytest.raises(SetupError, match=r"No CPU build of torch.*did not answer.*--gpu"):
        _install(layout, machine, recorder, reachable=False)


def test_another_missing_package_keeps_its_own_sentence(layout: Layout, machine: Machine) -> None:
    recorder = Recorder(MissingWheelError("pip's words", "torchcrepe==0.1"))
    with pytest.raises(SetupError, match="pip's words"):
        _install(layout, machine, recorder, reachable=True)


def test_gpu_brings_the_cuda_build_on_linux(layout: Layout, machine: Machine) -> None:
    pins = torch_build.wanted_pins(layout, machine, gpu=True)
    assert [pin.version for pin in pins] == ["2.0", "0.1"]


@pytest.mark.parametrize(("system", "words"), [("darwin", "Mac"), ("win32", "Linux only")])
def test_gpu_elsewhere_is_refused_in_a_sentence(
    layout: Layout, machine: Machine, system: str, words: str
) -> None:
    with pytest.raises(SetupError, match=words):
        torch_build.wanted_pins(layout, replace(machine, system=system), gpu=True)


def test_an_index_that_is_not_there_does_not_answer() -> None:
    assert not torch_build.answers("http://127.0.0.1:9", timeout_s=1)
