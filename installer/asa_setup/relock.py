"""Make the lock files anew from pyproject.toml, with uv (a developer's tool).

universal.txt  everything but torch and torchcrepe, for all systems and Python 3.11-3.13
torch.txt      torch (CPU builds) and torchcrepe
gpu.txt        torch's CUDA build for Linux and what it brings, for --gpu
package.txt    what makes packages of the program, beyond universal.txt
"""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import tempfile
import tomllib
import urllib.error
import urllib.request
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from asa_setup import lockfile
from asa_setup.failures import SetupError
from asa_setup.layout import Layout
from asa_setup.lockfile import DEVELOPER, PACKAGE, PROGRAM, Pin
from asa_setup.talk import say
from asa_setup.torch_build import CPU_INDEX, ELSEWHERE, LINUX

APART = ("torch", "torchcrepe")
# A fresh release may be withdrawn or turn out to be hostile; two weeks show most of that.
COOLING_DAYS = 14
# Requires-Dist of torch's CPU wheel: it is installed with --no-deps. A test compares.
TORCH_NEEDS = (
    "filelock",
    "fsspec>=0.8.5",
    "jinja2",
    "networkx>=2.5.1",
    "setuptools>=77.0.3",
    "sympy>=1.13.3",
    "typing-extensions>=4.10.0",
)
# What other packages want of torch is left out of the lock: torch has a lock of its own.
NO_TORCH = "torch ; sys_platform == 'none'"
# demucs wants an old numpy on Intel Macs, for which there is no torch that the program needs.
UV_TOML = """
[[dependency-metadata]]
name = "demucs"
version = "4.1.0"
requires-dist = ["einops", "huggingface-hub", "julius>=0.2.3", "lameenc>=1.2", "numpy", "pyyaml",
  "safetensors", "sphn>=0.1.12", "tqdm"]
"""
MACOS = "14.0"  # the oldest that torch and PyAV have wheels for
# Linux on Arm has Qt wheels from glibc 2.39 on.
PLATFORMS = (
    "x86_64-manylinux_2_34",
    "aarch64-manylinux_2_39",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
PYTHONS = ("3.11", "3.12", "3.13")
_CPU_WHEEL = (
    r"torch-{version}%2Bcpu-cp3(?:11|12|13)-cp3\d+-manylinux_[^\"#]+\.whl#(sha256=[0-9a-f]{{64}})"
)


def requirement_name(requirement: str) -> str:
    """The normalised name at the start of a requirement."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    return lockfile.normalised(found[0]) if found else ""


def inputs(project: dict[str, object]) -> dict[str, list[str]]:
    """The requirements of a parsed pyproject.toml by group; "apart" holds torch and torchcrepe."""
    table = project["project"]
    extras = table["optional-dependencies"]  # type: ignore[index]
    build = project["build-system"]["requires"]  # type: ignore[index]
    own = [*table["dependencies"], *extras["formats"]]  # type: ignore[index]
    return {
        PROGRAM: [
            *(line for line in own if requirement_name(line) not in APART),
            *TORCH_NEEDS,
            *build,
            "pip",
        ],
        DEVELOPER: [
            *extras["training"],
            *extras["parquet"],
            *extras["cluster"],
            *extras["tensorboard"],
            *extras["separate"],
            *extras["dev"],
        ],
        "apart": [line for line in own if requirement_name(line) in APART],
        PACKAGE: list(extras["package"]),
    }


def uv(layout: Layout, words: Sequence[str | Path], *, cwd: Path | None = None) -> str:
    """Run uv and return its output. Raises SetupError with its last words."""
    command = [layout.python, "-m", "uv", *words]
    environ = {**os.environ, "MACOSX_DEPLOYMENT_TARGET": MACOS}
    reply = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environ, check=False
    )
    if reply.returncode:
        raise SetupError(f"uv {words[0]} {words[1]} failed: {reply.stderr.strip()[-600:]}")
    return reply.stdout


def resolve(
    layout: Layout,
    files: Mapping[str, Sequence[str]],
    cutoff: str,
    *more: str,
    without_torch: bool = False,
) -> tuple[Pin, ...]:
    """Lock the requirements in `files` (name -> lines) for all systems and Pythons.

    "fewest" takes the same version for every Python where one exists: the numbers that the
    program computes must not depend on the Python it runs on.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in files.items():
            Path(folder, f"{name}.in").write_text("\n".join(lines) + "\n", encoding="utf-8")
        Path(folder, "uv.toml").write_text(UV_TOML, encoding="utf-8")
        if without_torch:
            Path(folder, "overrides.txt").write_text(NO_TORCH + "\n", encoding="utf-8")
            more = (*more, "--overrides", "overrides.txt")
        options = ("--universal", "--python-version", PYTHONS[0], "--fork-strategy", "fewest")
        style = ("--generate-hashes", "--no-header", "--only-binary", ":all:", "--quiet")
        names = [f"{name}.in" for name in files]
        words = ("pip", "compile", *options, *style, "--exclude-newer", cutoff, *more, *names)
        pins = lockfile.parse(uv(layout, words, cwd=Path(folder)))
    return tuple(pin for pin in pins if not (without_torch and pin.name == "torch"))


def by_extras(pins: Iterable[Pin], program: Collection[str]) -> tuple[Pin, ...]:
    """The pins, with what only a developer's tools bring told as theirs.

    uv names the parent and not its extra: "fsspec wants aiohttp" is true of the fsspec[http] that
    Lightning asks for, and would bring a web client into every environment. `program` are the names
    that the program brings where it is alone.
    """

    def whose(pin: Pin) -> tuple[str, ...]:
        parents = (DEVELOPER if parent in program else parent for parent in pin.wanted_by)
        return pin.wanted_by if pin.name in program else tuple(dict.fromkeys(parents))

    return tuple(replace(pin, wanted_by=whose(pin)) for pin in pins)


def published_hashes(version: str, *, url: str = CPU_INDEX) -> tuple[str, ...]:
    """Hashes of the Linux CPU wheels of a torch version, as PyTorch's own index publishes them.

    Empty when the index cannot be reached.
    """
    try:
        with urllib.request.urlopen(f"{url}/torch/", timeout=30) as reply:
            page = reply.read().decode("utf-8", "replace")
    except (OSError, urllib.error.URLError):
        return ()
    found = re.findall(_CPU_WHEEL.format(version=re.escape(version)), page)
    return tuple(sorted({value.replace("=", ":") for value in found}))


def torch_pins(layout: Layout, requirements: Sequence[str], cutoff: str) -> tuple[Pin, ...]:
    """The pins of torch.txt: the `+cpu` build for Linux, the ordinary wheels elsewhere."""
    found = {pin.name: pin for pin in resolve(layout, {"apart": requirements}, cutoff, "--no-deps")}
    torch, crepe = found["torch"], found["torchcrepe"]
    version = f"{torch.version}+cpu"
    hashes = published_hashes(torch.version)
    if not hashes:
        before = lockfile.read(layout.locks / "torch.txt")
        same = [pin.hashes for pin in before if pin.version == version]
        if not same:
            raise SetupError(f"PyTorch's index ({CPU_INDEX}) does not answer: lock later.")
        say(f"PyTorch's index does not answer: the hashes of torch {version} stay as they were")
        hashes = same[0]
    return (
        Pin("torch", version, LINUX, hashes, ()),
        Pin("torch", torch.version, ELSEWHERE, torch.hashes, ()),
        Pin("torchcrepe", crepe.version, "", crepe.hashes, ()),
    )


def gpu_pins(
    layout: Layout, requirements: Sequence[str], universal: Sequence[Pin], cutoff: str
) -> tuple[Pin, ...]:
    """torch's CUDA build for Linux with all it needs beyond the universal lock."""
    torch = next(line for line in requirements if requirement_name(line) == "torch")
    known = [f"{pin.name}=={pin.version}" for pin in universal if not pin.marker]
    files = {"gpu": [f"{torch} ; {LINUX}", *known]}
    names = {pin.name for pin in universal}
    found = [pin for pin in resolve(layout, files, cutoff) if pin.name not in names]
    # Lightning, a developer's package, wants torch everywhere.
    return tuple(replace(pin, marker=LINUX) if pin.name == "torch" else pin for pin in found)


def package_pins(
    layout: Layout, requirements: Sequence[str], universal: Sequence[Pin], cutoff: str
) -> tuple[Pin, ...]:
    """What packages are made with, beyond the universal lock, which it leaves as it is."""
    limits = [f"{pin.name}=={pin.version}" for pin in universal if not pin.marker]
    names = {pin.name for pin in universal}
    pins = resolve(layout, {PACKAGE: [*requirements, *limits]}, cutoff, without_torch=True)
    return tuple(pin for pin in pins if pin.name not in names)


def write(path: Path, pins: Iterable[Pin], about: str, cutoff: str) -> None:
    """Write a lock: no index, no address, every line with its hashes and who wants it."""
    lines = [
        f"# {about}",
        f"# Nothing published after {cutoff}. Made by `python3 installer/bootstrap.py lock`.",
    ]
    for pin in pins:
        lines.append(pin.text)
        groups = (PROGRAM, DEVELOPER, PACKAGE)
        wanted_by = [f"-r {p}.in" if p in groups else p for p in pin.wanted_by]
        lines += ["    # via", *(f"    #   {parent}" for parent in wanted_by)] if wanted_by else []
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def check_wheels(layout: Layout, lock: Path) -> list[str]:
    """The platforms and Pythons for which the lock has no complete set of wheels."""
    lacking = []
    with tempfile.TemporaryDirectory() as folder:
        for platform in PLATFORMS:
            for python in PYTHONS:
                where = ("--python-platform", platform, "--python-version", python)
                how = ("--dry-run", "--no-deps", "--only-binary", ":all:", "--require-hashes")
                words = ("pip", "install", *how, *where, "--target", folder, "-r", lock)
                try:
                    uv(layout, words)
                except SetupError as error:
                    lacking.append(f"{platform}, Python {python}: {error}")
    return lacking


def carry_pip(layout: Layout, pin: Pin) -> None:
    """Replace the carried pip wheel by the locked one."""
    folder = layout.pip_wheel.parent
    with tempfile.TemporaryDirectory() as temporary:
        wanted = Path(temporary, "pip.txt")
        wanted.write_text(pin.text + "\n", encoding="utf-8")
        words = ("--no-deps", "--require-hashes", "--only-binary", ":all:", "-d", temporary)
        command = (layout.python, "-m", "pip", "download", "-q", *words, "-r", str(wanted))
        if subprocess.run(list(map(str, command)), check=False).returncode:
            raise SetupError("The locked pip could not be fetched: the carried one stays.")
        for old in folder.glob("pip-*.whl"):
            old.unlink()
        for new in Path(temporary).glob("pip-*.whl"):
            (folder / new.name).write_bytes(new.read_bytes())


def make(layout: Layout, *, today: datetime.date | None = None) -> int:
    """Write all four locks and the carried pip; 0, or 1 when a platform lacks wheels."""
    day = (today or datetime.date.today()) - datetime.timedelta(days=COOLING_DAYS)
    cutoff = day.isoformat()
    told = inputs(tomllib.loads((layout.root / "pyproject.toml").read_text(encoding="utf-8")))
    apart, tools = told.pop("apart"), told.pop(PACKAGE)
    alone = resolve(layout, {PROGRAM: told[PROGRAM]}, cutoff, without_torch=True)
    universal = resolve(layout, told, cutoff, without_torch=True)
    universal = by_extras(universal, {pin.name for pin in alone})
    small = torch_pins(layout, apart, cutoff)
    gpu = gpu_pins(layout, apart, universal, cutoff)
    package = package_pins(layout, tools, universal, cutoff)
    write(layout.locks / "universal.txt", universal, "Everything but torch and torchcrepe.", cutoff)
    write(layout.locks / "torch.txt", small, "torch (CPU builds) and torchcrepe.", cutoff)
    write(layout.locks / "gpu.txt", gpu, "torch's CUDA build for Linux, for --gpu.", cutoff)
    write(layout.locks / "package.txt", package, "What makes packages of the program.", cutoff)
    carry_pip(layout, next(pin for pin in universal if pin.name == "pip"))
    lacking = check_wheels(layout, layout.locks / "universal.txt")
    for line in lacking:
        say(f"No complete set of wheels for {line}")
    say(f"Locked {len(universal)} packages, {len(gpu)} more for --gpu.")
    return 1 if lacking else 0
