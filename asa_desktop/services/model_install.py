"""Models put into the user's own folder out of a pack or a folder: all of them, or none."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.errors import ModelError, PlaceError, place_error
from asa_desktop.core.model_pack import Pack, unpack
from asa_desktop.core.model_published import Published, copy_published, read_models
from asa_desktop.core.models import CARD, WEIGHTS, refuse_other_formats, validate_model
from asa_desktop.services.files import sync_folder
from asa_desktop.services.paths import bundled_models, places, private_folder

_UNPACKED, _ASIDE = "new", "old"


@dataclass(frozen=True, slots=True)
class Installed:
    """A model: where it is now, and whether it was there already, the very same.

    `passed_over` names what lay beside it in a folder and is none of a model's files.
    """

    id: str
    folder: Path
    kept: bool
    passed_over: tuple[str, ...] = ()


def install_pack(path: Path, *, replace: bool = False) -> list[Installed]:
    """Install every model of a pack, or the one of a folder as hubs keep it, zipped or not.

    Each is unpacked beside its place and checked as the program checks models before it opens
    them; only then are all of them moved to their places. `replace` allows another model of the
    same id to go.

    Raises
    ------
    ModelError
        What `read_models`, `unpack`, `copy_published`, `validate_model` and
        `refuse_other_formats` find wrong;
        ``model_bundled`` where a model of that id came with the program, ``model_there`` where
        another one is installed.
    PlaceError
        When the user's folder cannot be written.
    """
    pack = read_models(path)
    passed_over = pack.passed_over if isinstance(pack, Published) else ()
    bundled = {folder.name: folder for folder in bundled_models()}
    with _home() as home, _beside(home) as aside:
        moves, found = [], []
        for name in pack.models:
            here = bundled.get(name, home / name)
            if _same(pack, name, here):
                found.append(Installed(name, here, kept=True, passed_over=passed_over))
                continue
            if name in bundled:
                raise ModelError("model_bundled", model=name)
            if here.exists() and not replace:
                raise ModelError("model_there", model=name)
            moves.append((_checked(pack, name, aside / _UNPACKED), here))
            found.append(Installed(name, here, kept=False, passed_over=passed_over))
        _move_all(moves, aside / _ASIDE)
    return found


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    """The folder of the user's models; one that had to be made does not stay empty."""
    fresh = not places().models.exists()
    home = private_folder(places().models)
    try:
        yield home
    finally:
        if fresh:
            with contextlib.suppress(OSError):  # not empty
                home.rmdir()


@contextlib.contextmanager
def _beside(home: Path) -> Iterator[Path]:
    """A folder on the same disk, gone afterwards; no model is ever looked for in it."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".adding-", dir=home))
        for name in (_UNPACKED, _ASIDE):
            (folder / name).mkdir()
    except OSError as error:
        raise place_error(error, home) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _same(pack: Pack | Published, name: str, folder: Path) -> bool:
    """Whether the folder's card is the pack's, byte for byte, and its weights are the card's."""
    try:
        digest = hashlib.sha256((folder / CARD).read_bytes()).hexdigest()
        return digest == pack.models[name][CARD] and bool(validate_model(folder))
    except (ModelError, PlaceError, OSError):
        return False


def _checked(pack: Pack | Published, name: str, folder: Path) -> Path:
    """The model unpacked and validated; faults name the pack, not the place that is gone soon."""
    target = folder / name
    target.mkdir()
    if isinstance(pack, Published):
        copy_published(pack, target)
    else:
        unpack(pack, name, target)
    try:
        card = validate_model(target)
        refuse_other_formats(target / WEIGHTS)
    except ModelError as error:
        shown = pack.path if isinstance(pack, Published) else pack.path / name
        place = {"path": shown} if "path" in error.facts else {}
        raise ModelError(error.code, **{**error.facts, **place}) from None
    if card.id != name:
        raise ModelError("pack_broken", path=pack.path)
    return target


def _move_all(moves: list[tuple[Path, Path]], aside: Path) -> None:
    """Every new folder to its place; where one fails, all is as it was."""
    done: list[tuple[Path, Path]] = []
    try:
        for new, place in moves:
            if place.exists():
                place.rename(aside / place.name)
                done.append((aside / place.name, place))
            new.rename(place)
            done.append((place, new))
    except OSError as error:
        for now, before in reversed(done):
            with contextlib.suppress(OSError):
                now.rename(before)
        raise place_error(error, place) from error
    for _, place in moves:
        sync_folder(place.parent)
