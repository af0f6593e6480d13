"""Give a frozen program a place to look for newer versions: how a trial gets one without freezing.

Needs the Python that froze it (build/package/venv), whose PyInstaller knows how modules lie in it.
"""

from __future__ import annotations

import marshal
import zlib
from pathlib import Path

from PyInstaller.archive.readers import CArchiveReader

MODULE = "asa_desktop.services.updates.place"
SOURCE = Path(__file__).resolve().parents[1] / "asa_desktop/services/updates/place.py"


def filled(source: str, address: str, key: str) -> str:
    """The module's source with its two lines filled in, as whoever publishes the program does."""
    for blank, line in (
        ('ADDRESS = ""\n', f"ADDRESS = {address!r}\n"),
        ("KEYS: tuple[str, ...] = ()\n", f"KEYS: tuple[str, ...] = ({key!r},)\n"),
    ):
        if source.count(blank) != 1:
            raise SystemExit(f"place.py holds no line {blank!r}: is it filled in already?")
        source = source.replace(blank, line)
    return source


def give_place(program: Path, address: str, key: str) -> None:
    """Write the module over the one in `program`; without its docstrings it is the shorter one."""
    text = filled(SOURCE.read_text(encoding="utf-8"), address, key)
    code = compile(text, f"{MODULE.replace('.', '/')}.py", "exec", optimize=2, dont_inherit=True)
    packed = zlib.compress(marshal.dumps(code), 9)
    modules = CArchiveReader(str(program)).open_embedded_archive("PYZ.pyz")
    _, offset, length = modules.toc[MODULE]
    if len(packed) > length:
        raise SystemExit("The module does not fit where the old one lies.")
    with program.open("r+b") as file:
        file.seek(modules._start_offset + offset)
        file.write(packed.ljust(length, b"\0"))
