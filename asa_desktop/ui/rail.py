"""The rail at the left: where one can go. Signs alone where there is little room."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout

from asa_desktop.ui.theme import icons
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import blend, colour
from asa_desktop.ui.theme.tokens import ICON, RAIL, RAIL_NARROW, XL, XS, L, M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import IconButton
from asa_desktop.ui.widgets.frames import label, row
from asa_desktop.ui.widgets.painting import antialiased, mirrored, plate

_TALL = 36


class RailEntry(QAbstractButton):
    """One place to go."""

    def __init__(self, text: str, icon: str, keys: str) -> None:
        super().__init__()
        self.sign, self.narrow = icon, False
        self.setText(text)
        self.setFont(font("button"))
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self.setAccessibleDescription(keys)
        self.setToolTip(f"{text}  ({keys})" if keys else text)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(_TALL if self.narrow else 160, _TALL)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = antialiased(QPainter(self))
        here = self.isChecked()
        if here or self.isDown():
            plate(painter, QRectF(self.rect()), fill=colour("raised"))
        elif self.underMouse():
            plate(painter, QRectF(self.rect()), fill=blend("bg", "raised", 0.6))
        ink = colour("text" if here or self.underMouse() else "muted")
        left = (self.width() - ICON) / 2 if self.narrow else M - 2
        box = QRectF(round(left), round((self.height() - ICON) / 2), ICON, ICON)
        whole = QRectF(self.rect())
        icons.draw(painter, self.sign, mirrored(painter, box, whole), ink)
        if self.narrow:
            return
        painter.setPen(ink)
        painter.setFont(font("strong" if here else "body"))
        words = QRectF(M - 2 + ICON + S, 0, self.width() - M - ICON - S, self.height())
        words = mirrored(painter, words, whole)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())


class Rail(QFrame):
    """The entries, those of `below` at the foot; `fold` is what its own button asks for."""

    def __init__(self, *, fold: Callable[[], object], fold_keys: str) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAccessibleName(tr("Places"))
        self._entries: dict[str, RailEntry] = {}
        self._narrow: bool | None = None
        self._name = label("ASA Desktop", "strong")
        self._fold = IconButton("panel-left", tr("Fold the rail"), keys=fold_keys, action=fold)
        self._head = row(self._name, None, self._fold, spacing=0)
        self._above, self._below = QVBoxLayout(), QVBoxLayout()
        self._box = box = QVBoxLayout(self)
        box.setContentsMargins(M, L, M + 1, L)
        box.setSpacing(0)
        box.addLayout(self._head)
        box.addSpacing(M)
        for part in (self._above, self._below):
            part.setSpacing(XS)
            box.addLayout(part)
            if part is self._above:
                box.addStretch(1)
        self.set_narrow(False)

    @property
    def narrow(self) -> bool:
        return bool(self._narrow)

    def add(
        self,
        key: str,
        text: str,
        icon: str,
        *,
        keys: str,
        action: Callable[[], object],
        below: bool,
    ) -> None:
        """A further place."""
        entry = RailEntry(text, icon, keys)
        entry.narrow = self.narrow
        entry.clicked.connect(lambda _checked=False: action())
        self._entries[key] = entry
        (self._below if below else self._above).addWidget(entry)

    def mark(self, key: str) -> None:
        """Show where one is; a page without an entry keeps the mark where it was."""
        if key in self._entries:
            self._entries[key].setChecked(True)

    def set_narrow(self, narrow: bool) -> None:
        """Signs alone, or signs and words."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self.setFixedWidth(RAIL_NARROW if narrow else RAIL)
        self._name.setVisible(not narrow)
        side = (RAIL_NARROW - _TALL) // 2
        self._box.setContentsMargins(side if narrow else M, L, (side if narrow else M) + 1, L)
        self._head.setContentsMargins((_TALL - 32) // 2 if narrow else XL - M - 2, 0, 0, 0)
        self._fold.name(
            tr("Unfold the rail") if narrow else tr("Fold the rail"),
            keys=self._fold.accessibleDescription(),
        )
        for entry in self._entries.values():
            entry.narrow = narrow
            entry.updateGeometry()
            entry.update()
