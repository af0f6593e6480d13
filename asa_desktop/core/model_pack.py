"""Packs of models: one zip with some model folders, and an index with every file's hash.

A pack may come from anybody. Nothing in it is executed or unpacked by its own names: only the
files that a model consists of are read, up to a size, and written where the caller says.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from asa_desktop.core.errors import ModelError, place_error
from asa_desktop.core.models import CARD, WEIGHTS, ModelCard

PACK_SCHEMA = 1
INDEX = "pack.json"
FILES: Mapping[str, int] = {
    CARD: 1 << 20,
    WEIGHTS: 1 << 30,
    "MODEL_CARD.md": 1 << 20,
    "rebuild.json": 1 << 24,
}
"""What a model's folder consists of, and how many bytes each may have."""

_NEEDED = {CARD, WEIGHTS}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,62}[A-Za-z0-9]|[A-Za-z0-9]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_BLOCK = 1 << 20
_MOST_ENTRIES = 400
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError,
    KeyError, TypeError, AttributeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack whose index fits its entries: hashes by file, by the model's id."""

    path: Path
    models: Mapping[str, Mapping[str, str]]


def is_model_id(name: str) -> bool:
    """Whether an id may be a folder's name on every system, and no way to anywhere else."""
    return bool(_ID.fullmatch(name)) and not _RESERVED.fullmatch(name)


def write_pack(cards: Sequence[ModelCard], stream: BinaryIO) -> None:
    """Write checked models (`validate_model`) of different ids; the same ones give the same bytes.

    Raises ValueError for an id that is none (`is_model_id`), and OSError.
    """
    contents = {card.id: dict(_files(card)) for card in cards}
    if len(contents) < len(cards) or not all(is_model_id(name) for name in contents):
        raise ValueError("ids")
    index = {
        "schema": PACK_SCHEMA,
        "models": {
            name: {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}
            for name, files in contents.items()
        },
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(INDEX), json.dumps(index, indent=1) + "\n")
        for name, files in contents.items():
            for file, content in files.items():
                archive.writestr(_entry(f"{name}/{file}"), content)


def _files(card: ModelCard) -> Iterator[tuple[str, bytes]]:
    for name in FILES:
        if (card.folder / name).is_file():
            yield name, (card.folder / name).read_bytes()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def read_pack(path: Path) -> Pack:
    """Read a pack's index and see that its entries are those, and no others.

    Raises
    ------
    ModelError
        ``pack_broken``, ``pack_version``; ``pack_hostile`` where an entry is none of a model's
        files, such as one that leads out of the folder, a link, or one that comes twice.
    PlaceError
        When the file cannot be read.
    """
    with opened_zip(path) as archive:
        names = plain_zip_names(archive, path, fits=_has_its_place, most=_MOST_ENTRIES) - {INDEX}
        index = json.loads(zip_bytes(archive, INDEX, 1 << 20).decode("utf-8"))
        if not isinstance(index, dict):
            raise ValueError("index")
        if index.get("schema") != PACK_SCHEMA:
            raise ModelError("pack_version", path=path, found=str(index.get("schema"))[:20])
        models = {str(name): dict(files) for name, files in index["models"].items()}
    expected = {f"{name}/{file}" for name, files in models.items() for file in files}
    whole = all(_NEEDED.issubset(files) for files in models.values())
    if not models or expected != names or not whole:
        raise ModelError("pack_broken", path=path)
    return Pack(path, models)


def plain_zip_names(
    archive: zipfile.ZipFile, path: Path, *, fits: Callable[[str], bool], most: int
) -> set[str]:
    """The names of all entries; ``pack_hostile`` where one does not fit, is a link or a double."""
    entries = archive.infolist()
    found: set[str] = set()
    for entry in entries[: most + 1]:
        name = entry.orig_filename
        link = stat.S_ISLNK(entry.external_attr >> 16)
        if not fits(name) or link or name in found or len(found) >= most:
            raise ModelError("pack_hostile", path=path, name=name)
        found.add(name)
    # Where capitals do not count, two names would be one folder.
    if len({name.casefold() for name in found}) < len(found):
        raise ModelError("pack_hostile", path=path, name="the same name twice")
    return found


def _has_its_place(name: str) -> bool:
    model, _, file = name.partition("/")
    return name == INDEX or (is_model_id(model) and file in FILES)


def unpack(pack: Pack, model: str, folder: Path) -> None:
    """Write one model's files into an empty folder, each of them as it was packed.

    Raises
    ------
    ModelError
        ``pack_changed`` where a file is not the one of the index, ``pack_broken``.
    PlaceError
        When something cannot be read or written.
    """
    with opened_zip(pack.path) as archive:
        for file, digest in pack.models[model].items():
            content = zip_bytes(archive, f"{model}/{file}", FILES[file])
            if hashlib.sha256(content).hexdigest() != digest:
                raise ModelError("pack_changed", path=pack.path, name=f"{model}/{file}")
            try:
                (folder / file).write_bytes(content)
            except OSError as error:
                raise place_error(error, folder / file) from error


def zip_bytes(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """An entry's content; ValueError where it is larger than it may be, whatever it claims."""
    with archive.open(name) as stream:
        blocks, size = [], 0
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > most:
                raise ValueError(name)
            blocks.append(block)
    return b"".join(blocks)


@contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip to be read; whatever is wrong with it is ``pack_broken``."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            yield archive
    except ModelError:
        raise
    except OSError as error:
        raise place_error(error, path) from error
    except _BROKEN:
        raise ModelError("pack_broken", path=path) from None
