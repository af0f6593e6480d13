"""The rows over one time axis: pitch, chroma of both, log-mel; with splitters and one playhead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QVBoxLayout, QWidget

from asa_desktop.ui.plots.heat_row import ChromaRow, MelRow
from asa_desktop.ui.plots.overlay import Overlay
from asa_desktop.ui.plots.pitch_row import PitchRow, pitch_words
from asa_desktop.ui.plots.row import Row
from asa_desktop.ui.plots.ruler import Ruler
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.plots.timeaxis import GUTTER, RIGHT, TimeAxis, clock
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.tr import tr

HANDLE = 8
_SHARES = (240, 108, 108, 78)
_DESCRIBE_AFTER_MS = 400
NAMES = ("pitch", "chroma", "original_chroma", "mel")


@dataclass(frozen=True, slots=True)
class Reading:
    """What lies under the crosshair: the second, both pitches in words ("" where not sung), and
    what the row under the pointer says of its own level."""

    second: float
    take: str
    original: str
    level: str


class Stack(QWidget):
    """All rows of one take. `read` tells what is under the crosshair, `clicked` a second."""

    read = Signal(object)
    clicked = Signal(float)
    rows_changed = Signal()

    def __init__(self, axis: TimeAxis) -> None:
        super().__init__()
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # time, in every language
        self.axis = axis
        self.sheet: Sheet | None = None
        self._wanted = dict.fromkeys(NAMES, True)
        self.pitch = PitchRow(axis)
        self.chroma = ChromaRow(axis, title=(tr("Chroma"), tr("me")))
        self.original_chroma = ChromaRow(axis, title=(tr("Chroma"), tr("original")))
        self.mel = MelRow(axis, title=(tr("Mel"), tr("me")))
        self.rows: dict[str, Row] = dict(
            zip(NAMES, (self.pitch, self.chroma, self.original_chroma, self.mel), strict=True)
        )
        self.splitter = _Splitter()
        for row in self.rows.values():
            self.splitter.addWidget(row)
            row.pointed.connect(self._pointed)
            row.clicked.connect(self.clicked)
            row.installEventFilter(self)
        self.splitter.setSizes(list(_SHARES))
        for index, share in enumerate(_SHARES):
            self.splitter.setStretchFactor(index, share)
        self.ruler = Ruler(axis)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.ruler)
        self.overlay = Overlay(axis, list(self.rows.values()), self)
        self.overlay.dot = self._dot
        self.splitter.splitterMoved.connect(self.overlay.update)
        self._name_rows()
        self._clip_words = ""
        self._moved = QTimer(self, singleShot=True, interval=_DESCRIBE_AFTER_MS)
        self._moved.timeout.connect(lambda: self.describe(self._clip_words))
        axis.changed.connect(self._moved.start)

    def set_sheet(self, sheet: Sheet | None) -> None:
        """Show this take, all of it; None empties the rows."""
        self.sheet = sheet
        self.pitch.set_sheet(sheet)
        self.chroma.set_map(None if sheet is None else sheet.chroma)
        self.original_chroma.set_map(None if sheet is None else sheet.original_chroma)
        self.mel.set_map(None if sheet is None else sheet.mel)
        self.overlay.set_cross(None)
        self._show_rows()
        self.describe("")

    def can_show(self, name: str) -> bool:
        """Whether there is something for a row to show."""
        return name != "original_chroma" or (
            self.sheet is not None and self.sheet.original_chroma is not None
        )

    def is_shown(self, name: str) -> bool:
        """Whether the user wants to see a row."""
        return self._wanted[name]

    def show_row(self, name: str, wanted: bool) -> None:
        """Show or hide a row; the last one stays."""
        left = [each for each in NAMES if self._wanted[each] and self.can_show(each)]
        if not wanted and left == [name]:
            return
        self._wanted[name] = wanted
        self._show_rows()
        self.rows_changed.emit()

    def state(self) -> dict[str, object]:
        """Which rows are shown and how high they are, to be remembered."""
        hidden = [name for name in NAMES if not self._wanted[name]]
        return {"hidden": hidden, "heights": self.splitter.sizes()}

    def restore(self, state: Mapping[str, object]) -> None:
        """What `state` gave; anything else is passed over."""
        hidden, heights = state.get("hidden"), state.get("heights")
        if isinstance(hidden, list) and len(set(hidden) & set(NAMES)) < len(NAMES):
            self._wanted = {name: name not in hidden for name in NAMES}
        if isinstance(heights, list) and len(heights) == len(NAMES):
            whole = [each for each in heights if isinstance(each, int) and 0 <= each < 10_000]
            if len(whole) == len(NAMES) and any(whole):
                self.splitter.setSizes(whole)
        self._show_rows()

    def describe(self, clip_words: str) -> None:
        """Tell the screen reader what the rows show and which clip is selected."""
        self._clip_words = clip_words
        shown = tr(
            "From {start} to {end}.",
            start=clock(self.axis.start), end=clock(self.axis.end),
        )  # fmt: skip
        for row in self.rows.values():
            row.setAccessibleDescription(f"{shown} {clip_words}".strip())

    def _show_rows(self) -> None:
        for name, row in self.rows.items():
            row.setVisible(self._wanted[name] and self.can_show(name))
        self.overlay.update()

    def _name_rows(self) -> None:
        names = (
            tr("Pitch of the take, the original and the notes"),
            tr("Chroma of the take"),
            tr("Chroma of the original"),
            tr("Spectrogram of the take"),
        )
        for row, name in zip(self.rows.values(), names, strict=True):
            row.setAccessibleName(name)
            row.viewport().setAccessibleName(name)
        self.splitter.setAccessibleName(tr("Plots over time"))

    # The crosshair

    def _pointed(self, second: float | None, level: float | None) -> None:
        self.overlay.set_cross(second)
        row = self.sender()
        words = row.level_words(level) if isinstance(row, Row) and level is not None else ""
        self.read.emit(None if second is None else self.reading(second, words))

    def reading(self, second: float, level: str = "") -> Reading:
        """What is at a second."""
        sheet = self.sheet
        take = None if sheet is None else sheet.take.at(second)
        original = None if sheet is None or sheet.original is None else sheet.original.at(second)
        return Reading(
            second,
            "" if take is None else pitch_words(take),
            "" if original is None else pitch_words(original),
            level,
        )

    def step_cross(self, frames: int) -> None:
        """Move the crosshair by frames of the pitch line, for the keyboard."""
        if self.sheet is None:
            return
        hop, now = self.sheet.take.hop_s, self.overlay.cross
        middle = (self.axis.start + self.axis.end) / 2
        second = middle if now is None else now + frames * hop
        second = min(max(second, 0.0), self.sheet.seconds)
        self.axis.reveal(second, second)
        self.overlay.set_cross(second)
        self.read.emit(self.reading(second))

    def _dot(self, second: float) -> tuple[Row, float] | None:
        midi = None if self.sheet is None else self.sheet.take.at(second)
        return None if midi is None else (self.pitch, midi)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
            if shift and event.key() in steps:
                self.step_cross(steps[Qt.Key(event.key())])
                return True
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show):
            self.overlay.update()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.overlay.setGeometry(QRect(0, 0, self.width(), self.height() - self.ruler.height()))
        self.overlay.raise_()


class _Splitter(QSplitter):
    """Between rows a handle that shows itself only under the pointer or the focus."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setHandleWidth(HANDLE)
        self.setChildrenCollapsible(False)

    def createHandle(self) -> QSplitterHandle:  # noqa: N802
        return _Handle(self.orientation(), self)


class _Handle(QSplitterHandle):
    def __init__(self, orientation: Qt.Orientation, parent: QSplitter) -> None:
        super().__init__(orientation, parent)
        self.setAccessibleName(tr("Height of the rows"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not (self.underMouse() or self.hasFocus()):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        token = "accent" if self.hasFocus() else "control"
        painter.setPen(QPen(colour(token), 2))
        middle = (GUTTER + self.width() - RIGHT) // 2
        painter.drawLine(middle - 16, self.height() // 2, middle + 16, self.height() // 2)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        steps = {Qt.Key.Key_Up: -16, Qt.Key.Key_Down: 16}
        if event.key() in steps:
            self.moveSplitter(self.pos().y() + steps[Qt.Key(event.key())])
            event.accept()
        else:
            super().keyPressEvent(event)
