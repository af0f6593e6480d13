"""Whose each file of the frozen folder is: a package of Python, Python, the system, or ours."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from asa_setup import lockfile
from asa_setup.failures import SetupError
from asa_setup.lockfile import normalised
from asa_setup.state import site_packages

from asa_package import place
from asa_package.place import Workshop

_TEXT = re.compile(r"(licen[cs]e|copying|notice|copyright)", re.IGNORECASE)
_NO_TEXT = (".py", ".pyc", ".pyi", ".so", ".json", ".html", ".spdx")
_TOOL = "pyinstaller"
_LIKE_A_NAME = re.compile(r"(?!Copyright|License agreement)[A-Za-z0-9][\w .,+()/-]{1,60}")
# By hand where a package says nothing, or its papers name the licences of much that is not inside.
_KNOWN = {
    "cycler": "BSD-3-Clause", "kiwisolver": "BSD-3-Clause", "matplotlib": "PSF-based, see its text",
    "scipy": "BSD-3-Clause", "libbz2-1.0": "bzip2-1.0.6", "libffi8": "MIT", "libffi7": "MIT",
    "liblzma5": "public domain", "libsqlite3-0": "public domain", "libmpdec3": "BSD-2-Clause",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception; the starter alone is inside",
}  # fmt: skip
_ASKED = """
import platform, sysconfig
print(sysconfig.get_path("stdlib"), platform.python_version(), sep="\\n")
"""


@dataclass(frozen=True, order=True)
class Part:
    """One thing that somebody else made and a package holds.

    `kind` is "pypi", "system" (a Debian package) or "generic"; `texts` are its licences in full.
    """

    name: str
    version: str
    kind: str
    licence: str
    texts: tuple[tuple[str, str], ...]  # (name of the file, text)
    home: str = ""

    @property
    def address(self) -> str:
        """The package URL (purl)."""
        kind = {"system": "deb/debian", "pypi": "pypi"}.get(self.kind, "generic")
        return f"pkg:{kind}/{self.name}@{self.version.replace('+', '%2B')}"


def contents(shop: Workshop) -> tuple[dict[str, str], dict[str, str]]:
    """What PyInstaller took: place in the folder -> source, and module -> source."""
    told = json.loads(shop.contents.read_text(encoding="utf-8"))
    return told["files"], told["modules"]


def sources(shop: Workshop) -> list[Path]:
    """Every file that went into the folder, whole or compiled; links within it have no source."""
    files, modules = contents(shop)
    taken = {Path(one) for one in [*files.values(), *modules.values()] if one and one != "-"}
    return sorted(one for one in taken if one.is_absolute())


def recorded(site: Path) -> dict[str, Path]:
    """Files of installed packages (normal paths) and the dist-info folder of each."""
    found: dict[str, Path] = {}
    for info in sorted(site.glob("*.dist-info")):
        with (info / "RECORD").open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                if row:
                    found[_plain(site / row[0])] = info
    return found


def _plain(path: Path) -> str:
    return os.path.normpath(path)


def owned(
    taken: Iterable[Path],
    *,
    site: Path,
    environment: Path,
    root: Path,
    library: Path,
    packages: Callable[[Path], str],
) -> tuple[set[Path], set[str], list[Path]]:
    """Divide sources by whose they are.

    `environment` is what was frozen, with `site` in it: nothing of it is ours, though it lies below
    `root`. `library` is the folder of Python's own modules; `packages` names a file's system
    package, "" for none. Returns dist-info folders, system packages, and files that are nobody's;
    what is ours, Python's or PyInstaller's own making is left out.
    """
    known = recorded(site)
    infos: set[Path] = set()
    system: set[str] = set()
    nobodys: list[Path] = []
    for path in taken:
        info = known.get(_plain(path))
        if info is not None:
            infos.add(info)
        elif path.is_relative_to(environment):
            nobodys.append(path)
        elif path.is_relative_to(root) or path.is_relative_to(library):
            continue
        elif name := packages(path):
            system.add(name)
        elif not path.name.startswith("libpython"):
            nobodys.append(path)
    return infos, system, nobodys


def package_of(info: Path, extra: Mapping[str, Iterable[Path]]) -> Part:
    """What a dist-info folder says. Raises SetupError where no licence's text is to be had."""
    head = HeaderParser().parsestr(
        (info / "METADATA").read_text(encoding="utf-8", errors="replace")
    )
    name = normalised(head["Name"])
    found = [path for path in sorted(info.rglob("*")) if path.is_file() and _is_text(path, info)]
    found += list(extra.get(name, ()))
    texts = tuple((path.name, path.read_text(encoding="utf-8", errors="replace")) for path in found)
    if not texts:
        raise SetupError(f"{name} comes without the text of its licence: add it to third_party.py.")
    told = _KNOWN.get(name) or _licence(head)
    return Part(name, head["Version"], "pypi", told, texts, _home(head))


def _is_text(path: Path, info: Path) -> bool:
    inside = path.relative_to(info).as_posix()
    return bool(_TEXT.search(inside)) and not inside.endswith(_NO_TEXT)


def _licence(head: Mapping[str, str]) -> str:
    told = head.get("License-Expression") or ""
    if told:
        return str(told)
    classed = [
        line.rpartition("::")[2].strip()
        for line in head.get_all("Classifier") or ()
        if line.startswith("License ::") and line.count("::") > 1
    ]
    first = str(head.get("License") or "").strip().partition("\n")[0]
    return first if _LIKE_A_NAME.fullmatch(first) else ", ".join(classed) or "see its text"


def _home(head: Mapping[str, str]) -> str:
    pages = head.get_all("Project-URL") or ()
    named = [line.partition(",")[2].strip() for line in pages if "ome" in line.partition(",")[0]]
    return str(head.get("Home-page") or (named[0] if named else "") or "")


def system_package(path: Path) -> str:
    """The Debian package of a file of the system; "" where nobody knows."""
    for one in (path, path.resolve()):
        for name in (str(one), str(one).removeprefix("/usr")):
            try:
                reply = subprocess.run(
                    ["dpkg", "-S", name], capture_output=True, text=True, check=False
                )
            except FileNotFoundError:
                return ""
            if reply.returncode == 0:
                return reply.stdout.splitlines()[0].partition(":")[0]
    return ""


def system_part(name: str) -> Part:
    """A Debian package, with its copyright file."""
    reply = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}\n${Homepage}\n", name],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    version, home, *_ = [*reply.stdout.splitlines()[:2], "", ""]
    file = Path("/usr/share/doc") / name / "copyright"
    text = file.read_text(encoding="utf-8", errors="replace")
    return Part(
        name, version, "system", _KNOWN.get(name, "see its text"), ((file.name, text),), home
    )


def strangers(names: Iterable[str], shop: Workshop) -> list[str]:
    """Of these packages those that the program's own part of the locks does not bring."""
    pins = (
        *lockfile.closure(lockfile.read(shop.locks / "universal.txt"), lockfile.PROGRAM),
        *lockfile.read(shop.locks / ("gpu.txt" if shop.gpu else "torch.txt")),
    )
    return sorted(set(names) - {pin.name for pin in pins} - {_TOOL, "torchcrepe"})


def parts(shop: Workshop, extra: Mapping[str, Iterable[Path]]) -> list[Part]:
    """Everything in the frozen folder that is not ours, by name.

    Raises SetupError for a file whose owner, or a part whose licence, is not known, and for a
    package that the program does not ask for.
    """
    reply = subprocess.run([shop.python, "-c", _ASKED], capture_output=True, text=True, check=True)
    library, version = reply.stdout.splitlines()
    site = site_packages(shop)
    taken = [path for path in sources(shop) if not path.is_relative_to(shop.work)]
    infos, system, nobodys = owned(
        taken, site=site, environment=shop.venv, root=shop.root, library=Path(library),
        packages=system_package,
    )  # fmt: skip
    if nobodys:
        raise SetupError(f"Nobody knows whose {nobodys[0]} is; no package may hold it.")
    infos |= set(site.glob(f"{_TOOL}-*.dist-info"))  # its starter is the program's first bytes
    ours = normalised(place.NAME)
    found = [package_of(info, extra) for info in infos]
    found = [part for part in found if part.name != ours]
    strange = strangers((part.name for part in found), shop)
    if strange:
        raise SetupError(f"{strange[0]} came along, and the program's locks do not ask for it.")
    found += [system_part(name) for name in system if not name.startswith("libpython3")]
    found.append(
        Part(
            "python",
            version,
            "generic",
            "PSF-2.0",
            _python(Path(library)),
            "https://www.python.org",
        )
    )
    return sorted(found)


def _python(library: Path) -> tuple[tuple[str, str], ...]:
    """Python's own licence, which every installation has in one of these places."""
    name = f"lib{library.name}-stdlib"
    places = (
        library / "LICENSE.txt",
        library.parent / "LICENSE.txt",
        Path("/usr/share/doc") / name / "copyright",
    )
    for file in places:
        if file.is_file():
            return ((file.name, file.read_text(encoding="utf-8", errors="replace")),)
    raise SetupError("This Python comes without its licence's text.")
