"""Which models there are, and which one is meant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.errors import AsaError, ModelError
from asa_desktop.services.paths import model_folders

DEFAULT_MODEL = "rori-3"


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of this machine: `name` is what `model_folder` finds it by, `id` its card's."""

    name: str
    id: str


def known_models() -> list[KnownModel]:
    """The models whose card can be read, the one that the program came with first."""
    from asa_desktop.core.models import read_card

    found: dict[str, KnownModel] = {}
    for folder in model_folders():
        try:
            card = read_card(folder)
        except AsaError:
            continue  # what is wrong with it is said when it is asked for
        found.setdefault(folder.name, KnownModel(folder.name, card.id))
    return sorted(found.values(), key=lambda one: one.name != DEFAULT_MODEL)


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
