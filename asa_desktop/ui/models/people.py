"""Names of singers between the library and the window."""

from __future__ import annotations

from collections.abc import Collection

from asa_desktop.services.singers import FIRST_SINGER
from asa_desktop.ui.tr import tr


def shown_name(kept: str) -> str:
    """A name of the library's as it is read: who never wrote one is "me" in the user's language."""
    return tr("Me") if kept == FIRST_SINGER else kept


def kept_name(shown: str, known: Collection[str] = ()) -> str:
    """A name that was read or written, as it is kept.

    `known` are the library's own: one that is there word for word stays that singer's.
    """
    name = shown.strip()
    return FIRST_SINGER if name == tr("Me") and name not in known else name
