"""The models of this machine, to choose from."""

from __future__ import annotations

from asa_desktop.services.model_list import DEFAULT_MODEL, known_models
from asa_desktop.ui.tr import tr


def model_options(chosen: str) -> list[tuple[str, str]]:
    """Pairs of value and text; the empty value is the model that the program came with.

    `chosen` is among them even where it is no longer there.
    """
    found = known_models()
    usual = next((one for one in found if one.name == DEFAULT_MODEL), None)
    first = tr("{model} (as delivered)", model=usual.id) if usual else tr("as delivered")
    others = [(one.name, one.id) for one in found if one is not usual]
    if chosen and chosen not in {one.name for one in found}:
        others.append((chosen, tr("{model} (missing)", model=chosen)))
    return [("", first), *others]
