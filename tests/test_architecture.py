"""The shape of the code: which layer knows which, what stays light, how long a file may be."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from carried import ROOT

HEAVY = ("torch", "torchcrepe", "librosa", "numba", "scipy", "matplotlib", "PySide6", "av")
LIGHT_PARTS = ("services", "cli")
LONGEST = 600
WRITTEN = {".py", ".toml", ".md", ".sh", ".yml", ".yaml", ".json", ".txt", ".cfg", ""}

# Put together here so that this file does not hold them.
ELSEWHERE = re.compile(
    "|".join(
        (
            "/wor" + "k/(?:main|shared|notes|runs)",
            r"\.\./sha" + "red",
            "/opt/whe" + "els",
            "/ro" + "ot/",
            "anthr" + "opic",
            r"\bclau" + r"de\b",
        )
    ),
    re.IGNORECASE,
)


def our_files() -> list[Path]:
    """What git tracks or would track; in a copy without git, what is not hidden or built."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [
            path
            for path in ROOT.rglob("*")
            if not any(part.startswith(".") or part == "build" for part in path.parts)
        ]
    return [path for path in found if path.is_file()]


def test_the_layers_import_one_way():
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports; "
            "raise SystemExit(lint_imports(no_cache=True, show_timings=False))",
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
    assert "0 broken" in found.stdout


def modules_below(part: str) -> list[str]:
    folder = ROOT / "asa_desktop" / part
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in folder.rglob("*.py")
    ]
    return sorted(name.removesuffix(".__init__") for name in names)


LIGHT = [
    "asa_desktop",
    "asa_desktop.words",
    "asa_desktop.core",
    "asa_desktop.core.errors",
    "asa_desktop.core.types",
    "asa_desktop.core.models",
    "asa_desktop.core.features.spec",
    *(name for part in LIGHT_PARTS for name in modules_below(part)),
]


def imported_by(names: list[str]) -> dict[str, list[str]]:
    """For each module the heavy packages that are there after it is imported, in this order."""
    program = (
        "import importlib, json, sys\n"
        "names, heavy = json.loads(sys.argv[1])\n"
        "found = {}\n"
        "for name in names:\n"
        "    importlib.import_module(name)\n"
        "    found[name] = [each for each in heavy if each in sys.modules]\n"
        "print(json.dumps(found))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, json.dumps([names, HEAVY])],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found: dict[str, list[str]] = json.loads(ran.stdout)
    return found


def test_what_must_start_at_once_imports_nothing_heavy():
    heavy = {name: there for name, there in imported_by(LIGHT).items() if there}
    assert not heavy, f"first of them: {next(iter(heavy.items()))}"


def test_the_check_above_would_notice():
    assert imported_by(["asa_desktop.core.networks.cnnsa"])["asa_desktop.core.networks.cnnsa"]


def test_core_gives_its_names_when_asked():
    import asa_desktop.core as core

    assert all(callable(getattr(core, name)) for name in core.__all__)
    with pytest.raises(AttributeError):
        _ = core.nothing_of_the_kind


NETWORK = {"ssl", "http", "urllib.request", "urllib.error", "requests", "urllib3", "ftplib",
           "smtplib", "xmlrpc", "aiohttp", "httpx"}  # fmt: skip
LOCAL_SOCKETS = {"ui/farewell.py", "ui/screen.py", "ui/instance.py"}
"""A pair that hears Ctrl-C, whether a display answers, how a second start finds the first."""


def imported_in(path: Path) -> set[str]:
    """What a file imports anywhere in it, by whole names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


SPEAKS = {
    "services/https.py",
    "services/updates/fetching.py",
    "services/separation/fetching.py",
}
"""What two processes of their own run, which live as long as a question; see docs/threats.md."""


def test_two_processes_alone_speak_to_a_network():
    speaks, sockets = set(), set()
    for path in (ROOT / "asa_desktop").rglob("*.py"):
        name, found = path.relative_to(ROOT / "asa_desktop").as_posix(), imported_in(path)
        if any(one == each or one.startswith(f"{each}.") for one in found for each in NETWORK):
            speaks.add(name)
        if found & {"socket", "PySide6.QtNetwork", "asyncio", "socketserver"}:
            sockets.add(name)
    assert speaks == SPEAKS
    assert sockets == LOCAL_SOCKETS


def test_no_written_file_is_longer_than_600_lines():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in our_files()
        if path.suffix == ".py"
    }
    assert len(lengths) > 50
    assert not {name: count for name, count in lengths.items() if count > LONGEST}


def test_the_project_names_no_place_outside_itself():
    found = {}
    for path in our_files():
        if path.suffix in WRITTEN:
            match = ELSEWHERE.search(path.read_text("utf-8", errors="ignore"))
            if match:
                found[path.relative_to(ROOT).as_posix()] = match.group()
    assert not found


def test_locks_name_public_hosts_alone():
    hosts = set()
    for path in (ROOT / "installer" / "locks").glob("*"):
        hosts |= set(re.findall(r"https?://([^/\s\"']+)", path.read_text("utf-8")))
    public = {
        "pypi.org",
        "files.pythonhosted.org",
        "download.pytorch.org",
        "download-r2.pytorch.org",
    }
    assert hosts <= public
