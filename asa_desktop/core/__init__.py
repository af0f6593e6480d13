"""The analysis: from a recording and a song to scores. Nothing heavy is imported until used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asa_desktop.core.analysis import analyse
    from asa_desktop.core.models import load_model, validate_model
    from asa_desktop.core.songs import load_song

__all__ = ["analyse", "load_model", "load_song", "validate_model"]

_HOMES = {
    "analyse": "asa_desktop.core.analysis",
    "load_model": "asa_desktop.core.models",
    "load_song": "asa_desktop.core.songs",
    "validate_model": "asa_desktop.core.models",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
