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
from asa_setup.pip_runs import MissingWheelError, install_pins
from asa_setup.talk import say

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
LINUX = "sys_platform == 'linux'"  # the two markers of locks/torch.txt
ELSEWHERE = "sys_platform != 'linux'"
_PATIENCE_S = 6.0


def answers(url: str = CPU_INDEX, *, timeout_s: float = _PATIENCE_S) -> bool:
    """Whether PyTorch's CPU index can be reached (through a proxy, if one is set)."""
    try:
        with urllib.request.urlopen(f"{url}/torch/", timeout=timeout_s) as reply:
            return bool(reply.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def wanted_pins(layout: Layout, machine: Machine, *, gpu: bool) -> tuple[Pin, ...]:
    """torch and torchcrepe (and the CUDA packages when asked for) for this machine.

    Raises SetupError where no CUDA build is offered.
    """
    small = lockfile.read(layout.locks / "torch.txt")
    if not gpu:
        marker = LINUX if machine.system == "linux" else ELSEWHERE
        return tuple(pin for pin in small if pin.marker in ("", marker))
    crepe = tuple(pin for pin in small if pin.name == "torchcrepe")
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
    except MissingWheelError as missing:
        if not missing.package.startswith("torch=="):
            raise
        raise SetupError(
            f"No CPU build of torch for Python {machine.python} was found: PyTorch's index "
            f"({CPU_INDEX}) {'lacks it' if there else 'did not answer'} and the configured "
            "package index does not have it; run again when it can be reached, or take the "
            "CUDA build (several gigabytes) with --gpu."
        ) from None
