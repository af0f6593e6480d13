"""Which model is meant."""

from __future__ import annotations

from pathlib import Path

from asa_desktop.core.errors import ModelError
from asa_desktop.services.paths import model_folders

DEFAULT_MODEL = "rori-1"


def model_folder(name: str | None) -> Path:
    """The folder of a model by its id or path; without a name the default one.

    Raises
    ------
    ModelError
        ``unknown_model``; ``no_model`` where the program came without any.
    """
    found = model_folders()
    folders = {each.name: each for each in reversed(found)}
    if not name:
        if not folders:
            raise ModelError("no_model")
        return folders.get(DEFAULT_MODEL) or found[0]
    if name in folders:
        return folders[name]
    if _is_there(Path(name)):
        return Path(name)
    raise ModelError("unknown_model", model=name, known=tuple(sorted(folders)))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
