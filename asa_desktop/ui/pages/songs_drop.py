"""What stands below the list of songs: where to drop things, and what came to nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import RADIUS_CARD, L, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import IconButton
from asa_desktop.ui.widgets.frames import Card, label, row
from asa_desktop.ui.widgets.painting import antialiased, plate

_TALL = 56
_MOST_SAID = 8


class DropArea(QWidget):
    """A dashed frame with a sentence; the whole page takes what is dropped."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence
        self.setAccessibleName(sentence)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, _TALL)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        box = QRectF(self.rect())
        plate(painter, box, edge=colour("border"), radius=RADIUS_CARD, dashed=True)
        painter.setPen(colour("muted"))
        painter.setFont(font())
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box.adjusted(L, 0, -L, 0), flags, self._sentence)


class NotTaken(Card):
    """The sentences about what could not be used, to be read in peace. `closed`: by its cross."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__(margin=M, spacing=S, name=tr("What could not be used"))
        self._close = IconButton("x", tr("Close this list"), action=self.dismiss)
        head = row(label(tr("What could not be used"), "strong"), None, self._close)
        self._lines = label("", wrap=True)
        self._lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.box.addLayout(head)
        self.box.addWidget(self._lines)
        self.hide()

    def say(self, sentences: Sequence[str]) -> None:
        """Show these sentences, the first of them where there are many."""
        said = list(sentences[:_MOST_SAID])
        if len(sentences) > _MOST_SAID:
            said.append(tr("And {count} more.", count=len(sentences) - _MOST_SAID))
        self._lines.setText("\n".join(said))
        self.show()

    def dismiss(self) -> None:
        self.hide()
        self.closed.emit()


def are_recordings(paths: Sequence[Path]) -> bool:
    """Whether all of them are files that sound, by their names."""
    from asa_desktop.core.songs.places import AUDIO, suffix

    return bool(paths) and all(suffix(one) in AUDIO and not one.is_dir() for one in paths)
