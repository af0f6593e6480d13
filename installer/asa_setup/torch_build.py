"""Which torch to install, and from where: the CPU build unless a GPU is asked for.

On Linux the public package index serves torch as a CUDA build of gigabytes. Its CPU build is
named `+cpu` and lives in PyTorch's own index; asking for exactly `torch==X+cpu` can never bring
the other one. On macOS and Windows the ordinary wheel is the CPU (on a Mac also the GPU) one.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterable

from asa_setup import lockfile
from asa_setup.failures import SetupError
from asa_setup.layout import Layout, Machine
from asa_setup.lockfile import Pin
from asa_setup.pip_runs import MissingWheel, install_pins
from asa_setup.talk import say

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
_PATIENCE_S = 6.0


def answers(url: str = CPU_INDEX, *, timeout_s: float = _PATIENCE_S) -> bool:
    """Whether PyTorch's CPU index can be reached (through a proxy, if one is set)."""
    try:
        with urllib.request.urlopen(f"{url}/torch/", timeout=timeout_s) as reply:
            return bool(reply.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def torch_pin(pins: Iterable[Pin], machine: Machine) -> Pin:
    """The CPU build for this machine. Raises SetupError where there is none."""
    for pin in pins:
        if pin.name == "torch" and pin.marker == machine.marker:
            return pin
    where = f"{machine.system} on {machine.architecture} with Python {machine.python}"
    raise SetupError(
        f"PyTorch has no build for {where}: use Linux (x86_64 or aarch64), a Mac with Apple "
        "silicon, or 64-bit Windows, with Python 3.11, 3.12 or 3.13."
    )


def wanted_pins(layout: Layout, machine: Machine, *, gpu: bool) -> tuple[Pin, ...]:
    """torch and torchcrepe (and the CUDA packages when asked for) for this machine."""
    small = lockfile.read(layout.locks / "torch.txt")
    crepe = tuple(pin for pin in small if pin.name == "torchcrepe")
    if not gpu:
        return (torch_pin(small, machine), *crepe)
    if machine.system == "darwin":
        raise SetupError("On a Mac the normal build uses the GPU already: leave --gpu out.")
    if machine.system != "linux":
        raise SetupError("--gpu is offered on Linux only so far: leave it out.")
    return (*lockfile.read(layout.locks / "gpu.txt"), *crepe)


def install(
    layout: Layout,
    machine: Machine,
    pins: Iterable[Pin],
    *,
    gpu: bool,
    reachable: Callable[[], bool] = answers,
    installer: Callable[..., None] = install_pins,
) -> None:
    """Install `pins` of `wanted_pins`, without torchaudio and without torch's own resolving."""
    if gpu or machine.system != "linux":
        say("Installing torch" + (" with CUDA (several gigabytes)" if gpu else ""))
        installer(layout, pins)
        return
    there = reachable()
    say("Installing torch (CPU build)")
    try:
        installer(layout, pins, *(("--extra-index-url", CPU_INDEX) if there else ()))
    except MissingWheel as missing:
        if not missing.package.startswith("torch=="):
            raise
        raise SetupError(
            f"No CPU build of torch for Python {machine.python} was found: PyTorch's index "
            f"({CPU_INDEX}) {'lacks it' if there else 'did not answer'} and the configured "
            "package index does not have it; run again when it can be reached, or take the "
            "CUDA build (several gigabytes) with --gpu."
        ) from None
