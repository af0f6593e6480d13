"""A singer's name, to be written or completed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

from asa_desktop.ui.models.people import kept_name, shown_name
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.tr import tr


class SingerField(QLineEdit):
    """A name, with those that the library knows at hand; names come and go as the library has them.

    "Me" alone is read and written in the user's language.
    """

    def __init__(self, value: str = "") -> None:
        super().__init__(shown_name(value))
        self._known: tuple[str, ...] = ()
        self.setFont(font())
        self.setMaxLength(80)
        self.setMinimumWidth(160)
        self.setPlaceholderText(tr("Name"))
        self.setAccessibleName(tr("Singer"))
        self.setAcceptDrops(False)

    def offer(self, names: Sequence[str]) -> None:
        """Names to complete to."""
        self._known = tuple(names)
        completer = QCompleter([shown_name(one) for one in names], self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCompleter(completer)

    def show_name(self, name: str) -> None:
        """Have the field say a name of the library's."""
        self.setText(shown_name(name))

    @property
    def name(self) -> str:
        """Whom it names, as the library keeps it."""
        return kept_name(self.text(), self._known)
