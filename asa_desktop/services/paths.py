"""Where things are: the user's own folders, and what came with the program.

`ASA_HOME` puts everything of the user's, the cache too, under one folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.errors import PlaceError, place_error

APP = "ASA Desktop"
CARD = "card.json"


@dataclass(frozen=True, slots=True)
class Places:
    """The user's folders: `home` is kept and backed up, `cache` may be lost at any time."""

    home: Path
    cache: Path

    @property
    def library(self) -> Path:
        return self.home / "library"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def songs(self) -> Path:
        """Songs that the program made of others."""
        return self.home / "songs"

    @property
    def settings(self) -> Path:
        return self.home / "settings.json"

    @property
    def features(self) -> Path:
        return self.cache / "features"


def places() -> Places:
    """The folders of this user; nothing is made yet."""
    chosen = os.environ.get("ASA_HOME", "").strip()
    if chosen:
        home = Path(os.path.abspath(os.path.expanduser(chosen)))  # noqa: PTH100, PTH111 - never raise
        return Places(home=home, cache=home / "cache")
    import platformdirs

    return Places(
        home=platformdirs.user_data_path(APP, appauthor=False),
        cache=platformdirs.user_cache_path(APP, appauthor=False),
    )


def private_folder(folder: Path) -> Path:
    """Make `folder` for this user's eyes (0700 where that means something), and try it.

    Raises
    ------
    PlaceError
        ``in_the_way``, ``no_rights``, ``read_only``, ``disk_full`` and the like.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise PlaceError("in_the_way", path=_in_the_way(folder)) from error
    except OSError as error:
        raise place_error(error, folder) from error
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise place_error(error, folder) from error
    return folder


def _in_the_way(folder: Path) -> Path:
    return next((one for one in (folder, *folder.parents) if one.is_file()), folder)


def resources() -> Path:
    """The folder of bundled resources. Raises `PlaceError` ``bundled_missing``."""
    return _bundled("resources")


def models() -> Path:
    """The folder that holds the bundled models. Raises `PlaceError` ``bundled_missing``."""
    return _bundled("models")


def bundled_models() -> tuple[Path, ...]:
    """Folders of the models that came with the program, in the order of their names."""
    return _with_card(models())


def model_folders() -> tuple[Path, ...]:
    """All model folders: the bundled ones, then those that the user put into the own folder."""
    return bundled_models() + _with_card(places().models)


def _with_card(folder: Path) -> tuple[Path, ...]:
    if not folder.is_dir():
        return ()
    return tuple(sorted(one for one in folder.iterdir() if (one / CARD).is_file()))


def _bundled(name: str) -> Path:
    candidates = _candidates(name)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise PlaceError("bundled_missing", name=name, path=candidates[0])


def _candidates(name: str) -> tuple[Path, ...]:
    # Frozen bundle, then wheel, then checkout; a checkout has no _bundled folder.
    package = Path(__file__).resolve().parents[1]
    unpacked = getattr(sys, "_MEIPASS", None)
    frozen = (Path(unpacked) / "asa_desktop" / "_bundled" / name,) if unpacked else ()
    checkout = package.parent / name if (package.parent / "pyproject.toml").is_file() else None
    return (*frozen, package / "_bundled" / name, *((checkout,) if checkout else ()))
