"""XML from strangers: no entities of its own, no depth, no bombs; also out of a .mxl archive."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree as ET
from xml.parsers import expat

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs.textfile import read_bounded

XML_LIMIT = 10_000_000
_MOST_ELEMENTS = 500_000
_DEEPEST = 60
_MOST_MEMBERS = 500


def read_xml(path: Path) -> ET.Element:
    """The root element of a .xml, .musicxml or .mxl file, its name spaces cut off.

    Raises
    ------
    SongError
        ``bad_musicxml`` if it cannot be read, ``unsafe_xml`` if it defines entities or is built
        to exhaust us, ``file_too_large``.
    """
    data = read_bounded(path, limit=XML_LIMIT)
    if data[:4] == b"PK\x03\x04":
        data = _unpacked(data, path)
    return _parsed(data, path)


def _parsed(data: bytes, path: Path) -> ET.Element:
    builder, parser = ET.TreeBuilder(), expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = count = 0

    def refuse(*_: object) -> NoReturn:
        raise SongError("unsafe_xml", path=path)

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > _DEEPEST or count > _MOST_ELEMENTS:
            refuse()
        builder.start(tag.rpartition("}")[2], attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag.rpartition("}")[2])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, LookupError, ValueError, AssertionError) as error:
        raise SongError("bad_musicxml", path=path) from error


def _unpacked(data: bytes, path: Path) -> bytes:
    """The score inside an .mxl archive; nothing is written, and no size in it is believed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > _MOST_MEMBERS:
                raise SongError("unsafe_xml", path=path)
            return _member(archive, _score_name(archive, path), path)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        NotImplementedError,  # a packing that Python does not know
        OSError,
        RuntimeError,  # locked by a password
        ValueError,
    ) as error:
        raise SongError("bad_musicxml", path=path) from error


def _score_name(archive: zipfile.ZipFile, path: Path) -> str:
    names = archive.namelist()
    if "META-INF/container.xml" in names:
        container = _parsed(_member(archive, "META-INF/container.xml", path), path)
        for rootfile in container.iter("rootfile"):
            if name := rootfile.get("full-path"):
                return name
    for name in names:
        if name.lower().endswith((".xml", ".musicxml")) and not name.startswith("META-INF"):
            return name
    raise SongError("bad_musicxml", path=path)


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    with archive.open(name) as file:
        data = file.read(XML_LIMIT + 1)
    if len(data) > XML_LIMIT:
        raise SongError("unsafe_xml", path=path)
    return data
