"""The takes as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, QLocale, Qt

from asa_desktop import words
from asa_desktop.services.take_list import TakeEntry
from asa_desktop.ui.models.people import shown_name
from asa_desktop.ui.models.rows import Column, RowsModel
from asa_desktop.ui.plots.timeaxis import clock
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.score import score_text
from asa_desktop.ui.widgets.table import BUTTON, CHIP, KIND, SUBTITLE, TILE, TONE

TAKE, SINGER, WHEN, LENGTH, MARK, SCORE, PLAY = range(7)
NEWEST, BY_SINGER, BY_SONG = "newest", "singer", "song"
NOTHING = "–"


class TakesModel(RowsModel[TakeEntry]):
    """Takes, the newest first; under a singer or a song, or ordered by them."""

    def __init__(self, *, removed: bool = False) -> None:
        super().__init__()
        self.removed = removed
        self.columns = (
            Column(tr("Take")),
            Column(tr("Singer")),
            Column(tr("Sung")),
            Column(tr("Length")),
            Column("", spoken=tr("What went wrong")),
            Column(tr("Score"), right=True),
            Column("", spoken=tr("Play")),
        )
        self.order = NEWEST
        self.singer: int | None = None
        self.song: int | None = None
        self.playing: int | None = None
        self.analysing: dict[int, float | None] = {}

    def choose(
        self, *, order: str = NEWEST, singer: int | None = None, song: int | None = None
    ) -> None:
        """Show the takes of a singer, of a song, of both or all, in this order."""
        self.order, self.singer, self.song = order, singer, song
        self.sift()

    def set_playing(self, take: int | None) -> None:
        """Which take sounds now."""
        before, self.playing = self.playing, take
        for one in (before, take):
            if one is not None and (row := self.row_of(one)) >= 0:
                self.dataChanged.emit(self.index(row, 0), self.index(row, PLAY))

    def set_analysing(self, take: int, share: float | None) -> None:
        """A take is being analysed, and how far that is (None: nobody can say)."""
        self.analysing[take] = share
        self._score_changed(take)

    def set_analysed(self, take: int) -> None:
        """It is no longer being analysed."""
        if self.analysing.pop(take, self) is not self:
            self._score_changed(take)

    def _score_changed(self, take: int) -> None:
        if (row := self.row_of(take)) >= 0:
            self.dataChanged.emit(self.index(row, SCORE), self.index(row, SCORE))

    def key_of(self, row: TakeEntry) -> int:
        return row.take.id

    def text_of(self, row: TakeEntry) -> str:
        take = row.take
        return f"{take.song_title} {shown_name(take.singer)} {name_of(row)} {take.original_name}"

    def wanted(self, row: TakeEntry) -> bool:
        take = row.take
        return self.singer in (None, take.person) and self.song in (None, take.song)

    def ordered(self, rows: Sequence[TakeEntry]) -> Sequence[TakeEntry]:
        if self.order == BY_SINGER:
            return sorted(
                rows, key=lambda one: (shown_name(one.take.singer).casefold(), _song(one))
            )
        return sorted(rows, key=_song) if self.order == BY_SONG else rows

    def cell(self, row: TakeEntry, column: int, role: int) -> object:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(row, column)
        if role == TONE:
            quiet = column in (WHEN, LENGTH) or (column == SCORE and not self._has_score(row))
            return "muted" if quiet else None
        if column == TAKE and role in (TILE, SUBTITLE):
            return row.take.song_title if role == TILE else _below(row)
        if column == MARK and role == CHIP:
            return True
        if column == SCORE:
            if role == KIND:
                return "number" if self._has_score(row) else "caption"
            return None
        if column == PLAY and role == BUTTON:
            if self.removed:
                return "rotate-ccw"
            return "square" if self.playing == row.take.id else "play"
        return None

    def spoken(self, row: TakeEntry, column: int) -> str:
        if column == TAKE:
            return tr("{song}, {take}", song=row.take.song_title, take=name_of(row))
        if column == SCORE:
            said = self._text(row, SCORE)
            return f"{said}: {words.reason_text(row.reason)}" if row.reason else said
        text = super().spoken(row, column)
        if text and text != NOTHING:
            return text
        return tr("nothing went wrong") if column == MARK else tr("not known")

    def _has_score(self, row: TakeEntry) -> bool:
        return row.take.score is not None and row.take.id not in self.analysing

    def _score(self, row: TakeEntry) -> str:
        if row.take.id not in self.analysing:
            return score_words(row)
        share = self.analysing[row.take.id]
        return tr("analysing") if share is None else tr("analysing {share} %",
                                                        share=round(100 * share))  # fmt: skip

    def _text(self, row: TakeEntry, column: int) -> str:
        take = row.take
        if column == TAKE:
            return take.song_title
        if column == SINGER:
            return shown_name(take.singer)
        if column == WHEN:
            return when(take.recorded_at)
        if column == LENGTH:
            return NOTHING if take.duration_s is None else clock(take.duration_s)
        if column == MARK:
            return trouble(row)
        if column == SCORE:
            return self._score(row)
        if self.removed:
            return tr("Restore")
        return tr("Stop") if self.playing == take.id else tr("Play")


def name_of(entry: TakeEntry) -> str:
    """What a take is called: its title, else its number."""
    return entry.take.title or tr("take {number}", number=entry.number)


def score_words(entry: TakeEntry) -> str:
    """A take's score, or that there is none yet or will be none."""
    if entry.take.score is not None:
        return score_text(entry.take.score)
    return tr("not analysed") if entry.take.status is None else tr("not scored")


def trouble(entry: TakeEntry) -> str:
    """What the sound devices did to a take; empty: nothing."""
    gaps, xruns = len(entry.take.gaps), entry.take.xruns
    if gaps:
        return tr("a gap") if gaps == 1 else tr("{count} gaps", count=gaps)
    if xruns:
        return tr("1 dropout") if xruns == 1 else tr("{count} dropouts", count=xruns)
    return ""


def when(stamp: str, *, now: QDateTime | None = None) -> str:
    """A moment of the library's in the reader's own time: today and yesterday by name."""
    moment = QDateTime.fromSecsSinceEpoch(int(datetime.fromisoformat(stamp).timestamp()))
    today = (now or QDateTime.currentDateTime()).date()
    place = QLocale()
    time = place.toString(moment.time(), QLocale.FormatType.ShortFormat)
    day: QDate = moment.date()
    if day == today:
        return tr("today {time}", time=time)
    if day == today.addDays(-1):
        return tr("yesterday {time}", time=time)
    form = tr("d MMM") if day.year() == today.year() else tr("d MMM yyyy")
    return f"{place.toString(day, form)}, {time}"


def _below(row: TakeEntry) -> str:
    """The take's name, and why it has no score."""
    return f"{name_of(row)} – {words.reason_text(row.reason)}" if row.reason else name_of(row)


def _song(entry: TakeEntry) -> tuple[str, int]:
    return entry.take.song_title.casefold(), entry.take.song


def _tip(row: TakeEntry, column: int) -> str | None:
    take = row.take
    if column == SCORE and row.reason:
        return tr("Not scored: {reason}.", reason=words.reason_text(row.reason))
    if column == TAKE and take.original_name and take.source == "imported":
        return tr("Brought in from {name}", name=take.original_name)
    if column == MARK and take.gaps:
        places = ", ".join(f"{clock(start)}–{clock(end)}" for start, end in take.gaps[:8])
        return tr("The microphone was away at {places}.", places=places)
    if column == MARK and take.xruns:
        if take.xruns == 1:
            return tr("Sound was lost once; close other programs.")
        return tr("Sound was lost {count} times; close other programs.", count=take.xruns)
    return words.on_one_line(take.device) if column == WHEN and take.device else None
