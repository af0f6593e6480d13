"""A singer's name, to be written or completed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.tr import tr


class SingerField(QLineEdit):
    """A name, with those that the library knows at hand."""

    def __init__(self, value: str = "") -> None:
        super().__init__(value)
        self.setFont(font())
        self.setMaxLength(80)
        self.setMinimumWidth(160)
        self.setPlaceholderText(tr("Name"))
        self.setAccessibleName(tr("Singer"))
        self.setAcceptDrops(False)

    def offer(self, names: Sequence[str]) -> None:
        """Names to complete to."""
        completer = QCompleter(list(names), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)

    @property
    def name(self) -> str:
        return self.text().strip()
