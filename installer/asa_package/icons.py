"""The program's sign in the forms that systems want: PNG and SVG, .ico, .icns."""

from __future__ import annotations

import os
import re
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

from asa_setup.failures import SetupError
from asa_setup.processes import stream

from asa_package.place import Workshop

SIZES = (16, 24, 32, 48, 64, 128, 256)
LARGE = (512, 1024)
# The measures of asa_desktop.ui.theme.emblem, in a field of 24 by 24 that lies in one of 36.
_FIELD, _SIGN, _CORNER, _STROKE = 36.3636, 24, 0.22, 1.75
# Apple's names for PNG pictures of these sizes.
_ICNS = {128: b"ic07", 256: b"ic08", 512: b"ic09", 1024: b"ic10", 32: b"ic11", 64: b"ic12"}


def vector(lines: str, *, ground: str, ink: str) -> str:
    """The sign as SVG: `lines` is the drawing on it (24 by 24), in the colour `ink`."""
    inner = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$", "", lines).strip()
    inner = re.sub(r"\s*\n\s*", "", inner)
    edge = (_FIELD - _SIGN) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_FIELD} {_FIELD}">'
        f'<rect width="{_FIELD}" height="{_FIELD}" rx="{_FIELD * _CORNER:.3f}" fill="{ground}"/>'
        f'<g transform="translate({edge:.4f} {edge:.4f})" fill="none" stroke="{ink}" '
        f'stroke-width="{_STROKE}" stroke-linecap="round" stroke-linejoin="round">'
        f"{inner}</g></svg>\n"
    )


def drawn(shop: Workshop) -> Path:
    """The folder of pictures, drawn by the program in the environment that is frozen."""
    folder = shop.build / "icons"
    path = os.pathsep.join([str(shop.root), str(shop.root / "installer")])
    code = f"import sys; sys.path[:0] = {path.split(os.pathsep)!r}; sys.dont_write_bytecode = True"
    start = f"{code}; from asa_package.draw_emblem import main; from pathlib import Path"
    status, output = stream(
        (shop.python, "-c", f"{start}; main(Path({str(folder)!r}))"),
        log=shop.build / "icons.log",
        environ={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    if status:
        raise SetupError(f"The program's sign could not be drawn: {output.strip()[-600:]}")
    return folder


def ico(pictures: Mapping[int, bytes]) -> bytes:
    """A Windows icon of PNG pictures, by size in pixels (at most 256)."""
    sizes = sorted(size for size in pictures if size <= 256)
    head = struct.pack("<HHH", 0, 1, len(sizes))
    offset = len(head) + 16 * len(sizes)
    entries, body = b"", b""
    for size in sizes:
        data = pictures[size]
        entries += struct.pack(
            "<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), offset + len(body)
        )
        body += data
    return head + entries + body


def icns(pictures: Mapping[int, bytes]) -> bytes:
    """A macOS icon of PNG pictures, by size in pixels."""
    body = b"".join(
        kind + struct.pack(">I", len(pictures[size]) + 8) + pictures[size]
        for size, kind in _ICNS.items()
        if size in pictures
    )
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def for_system(shop: Workshop, system: str = sys.platform) -> Path | None:
    """The icon that a program carries in itself on Windows and macOS; None on Linux."""
    folder = drawn(shop)
    pictures = {size: (folder / f"{size}.png").read_bytes() for size in (*SIZES, *LARGE)}
    if system == "linux":
        return None
    made = folder / ("asa.ico" if system == "win32" else "asa.icns")
    made.write_bytes(ico(pictures) if system == "win32" else icns(pictures))
    return made
