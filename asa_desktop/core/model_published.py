"""Models as model hubs keep them: one model's folder, or a zip of it.

Such a folder comes from anybody. Of what it holds, only the files that a model consists of are
read, by names of our own and up to a size, and never executed; anything else stays where it is and
is named. What the folder says of itself is believed no further than the hashes go: config.json
lists those of the other files, card.json that of the weights.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from asa_desktop.core.errors import ModelError, place_error
from asa_desktop.core.model_pack import (
    FILES,
    Pack,
    is_model_id,
    opened_zip,
    plain_zip_names,
    read_pack,
    zip_bytes,
)
from asa_desktop.core.model_pack import INDEX as PACK_INDEX
from asa_desktop.core.models import CARD, WEIGHTS, parse_card

LAYOUT = 1
INDEX = "config.json"
README = "README.md"
MODEL_CARD = "MODEL_CARD.md"
RECIPE = "rebuild.json"
RECORDINGS = "recordings.sha256"
"""The marked recordings that a model learnt from, by their hashes alone."""

_HARMLESS = {INDEX, README, MODEL_CARD, CARD, WEIGHTS, RECIPE, RECORDINGS, "LICENSE", "__MACOSX"}
_MOST_INDEX_BYTES = 1 << 20
_MOST_NAMES = 4000
_SHOWN = 5
_POINTER = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class Published:
    """A model's folder, or a zip of it, whose index fits its files.

    `models` has the hashes of the files that are installed, by the one model's id, as a pack has;
    `sources` where each lies, and `passed_over` what else there is, some names of it.
    """

    path: Path
    models: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, str]
    passed_over: tuple[str, ...]


class _Place(Protocol):
    """A folder, or a zip, by the names of the files right in it."""

    def names(self) -> list[str]: ...

    def read(self, name: str, most: int) -> bytes: ...


def read_models(path: Path) -> Pack | Published:
    """What is at `path`: a pack, a model's folder, or a zip of one.

    Raises ModelError and PlaceError as `read_pack` and `read_published`.
    """
    if path.is_dir() or _holds_one_model(path):
        return read_published(path)
    return read_pack(path)


def read_published(path: Path) -> Published:
    """Read a model's folder, or a zip of it, and hold its index to its files.

    Without a config.json of ours, as in the program's own folders of models, the card's hash of
    the weights has to do.

    Raises
    ------
    ModelError
        ``model_missing`` without a card; ``model_link`` where a name in a folder is a link;
        ``pack_hostile`` where a name in a zip leads out of it, is a link or comes twice;
        ``pack_version``, ``pack_changed``, ``pack_broken``; as `models.read_card`.
    PlaceError
        When something cannot be read.
    """
    with _opened(path) as place:
        names = set(place.names())
        if CARD not in names:
            raise ModelError("model_missing", path=path)
        if WEIGHTS not in names:
            raise ModelError("weights_missing", path=path / WEIGHTS)
        content = place.read(CARD, FILES[CARD])
        card = parse_card(content, path)
        if not is_model_id(card.id):
            raise ModelError("card_broken", path=path / CARD)
        listed = _listed(place, names, path)
        digests = {CARD: hashlib.sha256(content).hexdigest(), WEIGHTS: card.weights_sha256}
        if RECIPE in names:
            digests[RECIPE] = _digest(place, RECIPE)
    for name, digest in digests.items():
        if listed is not None and listed.get(name) != digest:
            raise ModelError("pack_changed", path=path, name=name)
    sources = {name: name for name in digests}
    for name in (README, MODEL_CARD):
        if name in names:
            sources[MODEL_CARD] = name
    others = sorted(name for name in names - _HARMLESS if not name.startswith("."))
    return Published(path, {card.id: digests}, sources, _some(others))


def copy_published(published: Published, folder: Path) -> None:
    """Write the model's files into an empty folder; what has a hash, as its hash says.

    Raises
    ------
    ModelError
        ``pack_changed``; ``weights_pointer`` where the weights are a note of Git LFS about the
        weights; ``weights_changed``, ``pack_broken``.
    PlaceError
        When something cannot be read or written.
    """
    (digests,) = published.models.values()
    with _opened(published.path) as place:
        for name, source in published.sources.items():
            content = place.read(source, FILES[name])
            if name == WEIGHTS and content.startswith(_POINTER):
                raise ModelError("weights_pointer", path=published.path / WEIGHTS)
            if name in digests and hashlib.sha256(content).hexdigest() != digests[name]:
                if name == WEIGHTS:
                    raise ModelError("weights_changed", path=published.path / WEIGHTS)
                raise ModelError("pack_changed", path=published.path, name=name)
            try:
                (folder / name).write_bytes(content)
            except OSError as error:
                raise place_error(error, folder / name) from error


def _listed(place: _Place, names: set[str], path: Path) -> Mapping[str, str] | None:
    """The hashes by name that our config.json lists; None where there is none of ours."""
    if INDEX not in names:
        return None
    try:
        index = json.loads(place.read(INDEX, _MOST_INDEX_BYTES).decode("utf-8"))
    except (ValueError, RecursionError):
        raise ModelError("pack_broken", path=path) from None
    if not isinstance(index, dict) or "asa_layout" not in index:
        return None
    if index["asa_layout"] != LAYOUT:
        raise ModelError("pack_version", path=path, found=str(index["asa_layout"])[:20])
    files: Any = index.get("files")
    if not isinstance(files, dict):
        raise ModelError("pack_broken", path=path)
    return {str(name): str(digest) for name, digest in files.items()}


def _digest(place: _Place, name: str) -> str:
    return hashlib.sha256(place.read(name, FILES[name])).hexdigest()


def _some(names: list[str]) -> tuple[str, ...]:
    return tuple(names if len(names) <= _SHOWN else [*names[:_SHOWN], "..."])


def _holds_one_model(path: Path) -> bool:
    """Whether a zip is one of a model's folder; what cannot be read is not."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return PACK_INDEX not in names and _top(names) is not None


def _top(names: list[str]) -> str | None:
    """What stands before the names of the one model's files: nothing, or its folder with a /."""
    if CARD in names:
        return ""
    tops = {name.removesuffix(CARD) for name in names if name.endswith(f"/{CARD}")}
    tops = {top for top in tops if top.count("/") == 1}
    return tops.pop() if len(tops) == 1 else None


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        found = []
        try:
            with os.scandir(self._path) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        raise ModelError("model_link", path=self._path / entry.name)
                    found.append(entry.name)
        except OSError as error:
            raise place_error(error, self._path) from error
        return found

    def read(self, name: str, most: int) -> bytes:
        path = self._path / name
        # What has become a link meanwhile is not followed, and no pipe is waited for.
        how = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            with open(os.open(path, how | getattr(os, "O_BINARY", 0)), "rb") as stream:  # noqa: PTH123
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise ModelError("pack_hostile", path=self._path, name=name)
                content = stream.read(most + 1)
        except OSError as error:
            raise place_error(error, path) from error
        if len(content) > most:
            raise ModelError("pack_broken", path=self._path)
        return content


class _Zip:
    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self._archive = archive
        names = plain_zip_names(archive, path, fits=_leads_nowhere, most=_MOST_NAMES)
        top = _top(list(names))
        if top is None:
            raise ModelError("model_missing", path=path)
        self._top = top
        self._names = {name.removeprefix(top) for name in names if name.startswith(top)}

    def names(self) -> list[str]:
        return sorted({name.partition("/")[0] for name in self._names} - {""})

    def read(self, name: str, most: int) -> bytes:
        return zip_bytes(self._archive, f"{self._top}{name}", most)


def _leads_nowhere(name: str) -> bool:
    """Whether an entry lies below the folder that it would be unpacked in, on every system."""
    parts = name.removesuffix("/").split("/")
    odd = "\\" in name or ":" in name or any(ord(char) < 32 for char in name)
    return not odd and not any(part in ("", ".", "..") for part in parts)


@contextmanager
def _opened(path: Path) -> Iterator[_Place]:
    if path.is_dir():
        yield _Folder(path)
        return
    with opened_zip(path) as archive:
        yield _Zip(archive, path)
