"""Every widget on two sheets, to be looked at and to be walked through."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.base import Page
from asa_desktop.ui.theme.tokens import L, M
from asa_desktop.ui.widgets.button import Button, IconButton, RecordButton
from asa_desktop.ui.widgets.choice import DropDown, Segmented, Switch
from asa_desktop.ui.widgets.empty import EmptyState
from asa_desktop.ui.widgets.frames import (
    Card,
    Elided,
    PageHeader,
    SectionHeader,
    column,
    label,
    line,
    row,
)
from asa_desktop.ui.widgets.hints import KeyHints
from asa_desktop.ui.widgets.meter import LevelMeter
from asa_desktop.ui.widgets.notice import NoticeBar
from asa_desktop.ui.widgets.progress import ProgressRow
from asa_desktop.ui.widgets.score import ScoreNumber
from asa_desktop.ui.widgets.search import SearchField
from asa_desktop.ui.widgets.slider import LabelledSlider
from asa_desktop.ui.widgets.table import BUTTON, CHIP, KIND, SUBTITLE, TILE, TONE, Table
from asa_desktop.ui.widgets.tile import InitialsTile

HEADS = ("Song", "Length", "Range", "", "Best", "Takes", "")
SONGS = (
    ("Morning medley", "pjs, arranged here", "0:58", "D3–F4", "", "64", "3 takes"),
    ("On the run", "Joshua Morin", "3:12", "B2–E4", "", "71", "5 takes"),
    ("Scarborough Fair", "traditional", "2:46", "A2–D4", "", "–", "0 takes"),
    ("Erev shel shoshanim", "recording only", "2:31", "?", "needs: notes", "–", "0 takes"),
)


class Songs(QAbstractTableModel):
    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        return len(SONGS)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        return len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:  # noqa: N802
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return HEADS[section]
            if role == Qt.ItemDataRole.AccessibleTextRole:
                return HEADS[section] or ("Missing" if section == 3 else "Sing")
        return None

    def data(self, index: QModelIndex, role: int = 0) -> object:
        song, at = SONGS[index.row()], index.column()
        shown = (song[0], *song[2:], "Sing")[at]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return shown or "nothing missing"
        given = {
            SUBTITLE: song[1] if at == 0 else None,
            TILE: song[0] if at == 0 else None,
            TONE: "muted" if at in (1, 2, 5) else None,
            KIND: "number" if at == 4 else None,
            CHIP: at == 3,
            BUTTON: "mic" if at == 6 else None,
        }
        return given.get(role)


def table() -> Table:
    made = Table("Songs")
    made.setModel(Songs(made))
    made.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for at, wide in enumerate((0, 80, 90, 120, 60, 90, 110)):
        if at:
            made.setColumnWidth(at, wide)
    made.selectRow(1)
    made.hovered_row = 2
    return made


class Gallery(Page):
    """One sheet of widgets as a page."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title="Songs")
        self.search = SearchField("Search title, artist, key")
        header = PageHeader("Songs", "7, all on this computer")
        header.add(self.search, Button("Add songs", icon="plus"))
        self.notice = NoticeBar()
        self.notice.say("The disk is full; make room and try again.", level="error", button="Retry")
        self.table = table()
        self.table.setFixedHeight(36 + 4 * 56 + 2)
        self.box.addWidget(header)
        self.box.addWidget(self.notice)
        self.box.addWidget(self.table)
        self.box.addLayout(row(self.buttons(), self.values(), spacing=L))
        self.box.addWidget(self.below())
        self.box.addStretch(1)
        self.add_shortcut("Space", "play", lambda: None)

    def buttons(self) -> QWidget:
        card = Card(name="Buttons")
        unable = Button("Not now", icon="download")
        unable.setEnabled(False)
        self.primary = Button("Practise worst 3", kind="primary", icon="repeat", keys="P")
        kinds = row(self.primary, Button("Me", icon="play", keys="A"), unable, None)
        others = row(
            Button("Skip", kind="quiet"),
            Button("Move to the bin", kind="danger", icon="trash-2"),
            IconButton("volume-2", "Sound", keys="M"),
            IconButton("ellipsis", "More"),
            None,
        )
        going = RecordButton("Record", "Stop")
        going.set_recording(True)
        rounds = row(RecordButton("Record", "Stop"), going, InitialsTile("Morning medley"),
                     InitialsTile("On the run"), None, spacing=M)  # fmt: skip
        for part in (SectionHeader("Buttons", "one primary a page"), kinds, others, rounds):
            (card.box.addWidget if isinstance(part, QWidget) else card.box.addLayout)(part)
        card.box.addWidget(KeyHints(("Space", "play"), ("A", "me"), ("B", "original")))
        return card

    def values(self) -> QWidget:
        card = Card(name="Values")
        self.meter = LevelMeter("Microphone")
        self.meter.set_level(-9.0, clipped=True)
        self.meter.set_level(-18.0)
        job = ProgressRow("Reading Danny Boy", cancel=lambda: None)
        job.show_part(0.42)
        looks = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
        card.box.addWidget(self.meter)
        card.box.addLayout(
            row(LabelledSlider("Accompaniment", value=0.7), LabelledSlider("Original", value=0.25))
        )
        card.box.addLayout(row(Segmented("Theme", looks), Switch("Fold octaves", on=True), None))
        card.box.addLayout(row(DropDown("Model", [("a", "rori-3 (as delivered)")]), None))
        card.box.addWidget(job)
        card.box.addWidget(ProgressRow("Looking for the start"))
        return card

    def below(self) -> QWidget:
        card = Card(name="Scores")
        scored, unscored = ScoreNumber(), ScoreNumber()
        scored.show_score(64, remark="of 100, ±4")
        unscored.show_score(None, remark="not scored", reason="the recording is silent")
        head = row(label("Morning medley", "page"), label("take 3, B♭ major", tone="muted"), None)
        said = label(
            "In time throughout, and the verse sits on the notes. From 0:06 you drift low.",
            wrap=True,
        )
        tones = row(
            label("31 ¢ low ▼", "strong", tone="flat"),
            label("in tune", "strong", tone="in_tune"),
            label("+62 ¢ sharp ▲", "strong", tone="sharp"),
            Elided("C♯4 on a very long word that is cut", "caption", tone="muted"),
        )
        text = column(head, said, line(), tones)
        box = row(scored, unscored, spacing=L)
        box.addLayout(text, 1)
        box.addWidget(EmptyState("No takes yet", "Sing a song, and it is listed here.",
                                 Button("Go to the songs"), icon="audio-lines"))  # fmt: skip
        card.box.addLayout(box)
        return card
