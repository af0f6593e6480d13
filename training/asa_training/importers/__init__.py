"""Importers: one small module a layout, each of which says where that layout was read."""

from __future__ import annotations

from importlib import import_module

from asa_desktop.core.errors import UsageError
from asa_training.importers.layout import Imported, Layout

NAMES = (
    "makam", "mast", "mir1k", "nit_song070", "pesnq", "pjs", "takes", "ultrastar", "vocadito",
)  # fmt: skip

__all__ = ["NAMES", "Imported", "Layout", "layout"]


def layout(name: str) -> Layout:
    """The importer of that name. Raises UsageError ``layout_unknown``."""
    if name not in NAMES:
        raise UsageError("layout_unknown", layout=name, known=NAMES)
    found: Layout = import_module(f"asa_training.importers.{name}").LAYOUT
    return found
