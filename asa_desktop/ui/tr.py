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


def sentences(*said: str) -> str:
    """One sentence after another, with what the language puts between; empty ones are left out."""
    return _joined(marked("{before} {after}"), said)


def listed(*said: str) -> str:
    """Words one after another, with the language's comma between; empty ones are left out."""
    return _joined(marked("{before}, {after}"), said)


def _joined(pattern: str, said: tuple[str, ...]) -> str:
    whole = ""
    for one in said:
        whole = tr(pattern, before=whole, after=one) if whole and one else whole or one
    return whole
