"""The one way a sentence of the window's own reaches the screen, ready for other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "asa"


def marked(text: str) -> str:
    """A text that is given to `tr` later: what collects the window's texts finds it by this."""
    return text


def tr(text: str, **facts: object) -> str:
    """`text` in the user's language, with ``{fact}`` filled in. Facts are shown as they are."""
    said = QCoreApplication.translate(CONTEXT, text)
    return said.format(**facts) if facts else said
