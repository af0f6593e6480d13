"""The list of songs as a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt

from asa_desktop import words
from asa_desktop.services.song_list import Known, SongEntry
from asa_desktop.ui.models.rows import Column, RowsModel
from asa_desktop.ui.plots.timeaxis import clock
from asa_desktop.ui.tr import listed, tr
from asa_desktop.ui.widgets.score import score_text
from asa_desktop.ui.widgets.table import BUTTON, CHIP, KIND, SUBTITLE, TILE, TONE

SONG, LENGTH, RANGE, STATE, BEST, TAKES, SING = range(7)
TREND = Qt.ItemDataRole.UserRole + 20
"""tuple of float: scores in time order, drawn as a small line before the text."""

_NOTES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
NOTHING = "–"


class SongsModel(RowsModel[SongEntry]):
    """Songs by title. Lengths come later than the songs, see `set_known`."""

    def __init__(self) -> None:
        super().__init__()
        self.columns = (
            Column(tr("Song")),
            Column(tr("Length")),
            Column(tr("Range")),
            Column("", spoken=tr("What is missing")),
            Column(tr("Best"), right=True),
            Column(tr("Takes")),
            Column("", spoken=tr("Sing")),
        )
        self._known: Mapping[Path, Known] = {}

    def set_known(self, known: Mapping[Path, Known]) -> None:
        """What is known of the songs' files by now."""
        self._known = known
        self.sift()

    @property
    def known_files(self) -> Mapping[Path, Known]:
        return self._known

    def known(self, entry: SongEntry) -> Known | None:
        return self._known.get(entry.song.path)

    def is_gone(self, entry: SongEntry) -> bool:
        """Whether the song's files were looked for and not found."""
        known = self.known(entry)
        return known is not None and not known.stamp

    def key_of(self, row: SongEntry) -> int:
        return row.song.id

    def text_of(self, row: SongEntry) -> str:
        return f"{row.song.title} {row.song.artist}"

    def cell(self, row: SongEntry, column: int, role: int) -> object:
        known = self.known(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, known, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(row, column)
        if role == TONE:
            quiet = column in (LENGTH, RANGE, TAKES) or (column == STATE)
            return "muted" if quiet or (column == BEST and row.best is None) else None
        if column == SONG and role in (TILE, SUBTITLE):
            return row.song.title if role == TILE else _below(row)
        if column == STATE:
            if role == CHIP:
                return self.is_gone(row) or bool(needs(row))
            return "caption" if role == KIND else None
        if column == BEST and role == KIND:
            return "number"
        if column == TAKES and role == TREND:
            return row.scores
        if column == SING and role == BUTTON:
            return "folder-open" if self.is_gone(row) else "mic"
        return None

    def spoken(self, row: SongEntry, column: int) -> str:
        if column == SONG and row.song.artist:
            return tr("{title}, {artist}", title=row.song.title, artist=row.song.artist)
        if column == BEST and row.best is None:
            return tr("no score yet")
        text = super().spoken(row, column)
        if text and text != NOTHING:
            return text
        return tr("nothing is missing") if column == STATE else tr("not known")

    def _text(self, row: SongEntry, known: Known | None, column: int) -> str:
        if column == SONG:
            return row.song.title
        if column == LENGTH:
            return clock(known.seconds) if known and known.seconds is not None else NOTHING
        if column == RANGE:
            if known is None or known.low is None or known.high is None:
                return NOTHING
            return f"{note_name(known.low)}–{note_name(known.high)}"
        if column == STATE:
            return tr("files not found") if self.is_gone(row) else needs(row) or lacks(row)
        if column == BEST:
            return score_text(row.best)
        if column == TAKES:
            return tr("1 take") if row.takes == 1 else tr("{count} takes", count=row.takes)
        return tr("Find") if self.is_gone(row) else tr("Sing")

    def _tip(self, row: SongEntry, column: int) -> str | None:
        if column == SONG:
            return words.on_one_line(row.song.path)
        if column == STATE and self.is_gone(row):
            return tr("{path} is not there any more.", path=words.on_one_line(row.song.path))
        if column == STATE and not row.can_be_scored:
            return tr("It can be sung. It is not scored: it has no original voice and no notes.")
        return None


def needs(entry: SongEntry) -> str:
    """What keeps a song from being sung and scored; empty: nothing does."""
    missing = set(entry.missing)
    if not entry.can_be_scored:
        if "mix" in entry.song.parts:
            return tr("mix only: sung, not scored")
        return tr("no notes: sung, not scored")
    return tr("needs: accompaniment") if "accompaniment" in missing else ""


def lacks(entry: SongEntry) -> str:
    """What a song does well without."""
    names = {"vocal": tr("original voice"), "melody": tr("notes"), "lyrics": tr("lyrics")}
    lacking = [names[one] for one in entry.missing if one in names]
    return tr("without {parts}", parts=listed(*lacking)) if lacking else ""


def note_name(midi: int) -> str:
    """Name and octave of a note: 60 is C4."""
    return f"{_NOTES[midi % 12]}{midi // 12 - 1}"


def _below(row: SongEntry) -> str:
    if row.song.artist:
        return row.song.artist
    if row.song.parts == ("mix",):
        return tr("a recording alone")
    return tr("artist not known")
