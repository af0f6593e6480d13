"""The takes: who sang what when, how it went, and everything that can be done with one."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPoint
from PySide6.QtWidgets import QWidget

from asa_desktop.services.song_list import add_bundled
from asa_desktop.services.take_list import TakeEntry, take_entries
from asa_desktop.ui.models.model_options import model_options
from asa_desktop.ui.models.takes import (
    LENGTH,
    MARK,
    NEWEST,
    PLAY,
    SCORE,
    SINGER,
    WHEN,
    TakesModel,
)
from asa_desktop.ui.pages.base import Page
from asa_desktop.ui.pages.songs_drop import DropArea, are_recordings
from asa_desktop.ui.pages.songs_table import RowsTable, Width, row_at
from asa_desktop.ui.pages.takes_actions import TakeActions
from asa_desktop.ui.pages.takes_bring import BringIn, Panel, choose_recordings, tell_brought
from asa_desktop.ui.pages.takes_filters import ORDERS, Filters
from asa_desktop.ui.pages.takes_panels import AssessPanel, EditPanel
from asa_desktop.ui.pages.takes_parts import PartsCard, offer_parts
from asa_desktop.ui.pages.takes_player import TakePlayer
from asa_desktop.ui.playing import readying
from asa_desktop.ui.theme.tokens import S
from asa_desktop.ui.tr import marked, tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.empty import EmptyState
from asa_desktop.ui.widgets.frames import PageHeader, row
from asa_desktop.ui.widgets.search import SearchField

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, SongRow, TakeRow
    from asa_desktop.ui.context import AppContext

_WIDTHS = {
    SINGER: Width(124, 108),
    WHEN: Width(184, 172),
    LENGTH: Width(76, 0),
    MARK: Width(116, 100),
    SCORE: Width(104, 96),
    PLAY: Width(128, 124, (marked("Play"), marked("Stop"), marked("Restore"))),
}
_ANALYST = "asa_desktop.services.analyst"


class TakesPage(Page):
    """A table of takes, the newest first; a singer, a song or words narrow it down."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title=tr("Takes"))
        kept = context.view("takes").get("order")
        self.model = TakesModel()
        self.model.choose(order=kept if kept in ORDERS else NEWEST)
        self.player = TakePlayer(context, self)
        self.acts = TakeActions(context, self)
        self.songs: list[SongRow] = []
        self.singers: list[str] = []
        self._removed: list[TakeEntry] = []
        self._listed: list[TakeEntry] = []
        self._loaded = False
        self._to_choose: int | None = None
        self._to_bring: list[Path] = []
        self._lay_out()
        self._connect()
        context.library_changed.connect(self._refresh)

    # Page

    def activated(self, **arguments: Any) -> None:
        song, singer = arguments.get("song"), arguments.get("singer")
        if song is not None or singer is not None:
            self.show_removed(False)
            self._sift(song=song, singer=singer)
        if (take := arguments.get("take")) is not None:
            self._to_choose = int(take)
        self._to_bring = arguments.get("bring") or []
        self._refresh()
        self.parts.refresh()
        if not self._panel_open():
            self.table.setFocus()

    def deactivated(self) -> None:
        self.player.stop()

    def back(self) -> bool:
        if self._panel_open():
            self._close_panels()
            return True
        if self.player.playing is not None:
            self.player.stop()
            return True
        if self.model.removed:
            self.show_removed(False)
            return True
        return False

    def drop_hint(self, paths: list[Path], at: QPoint) -> str:
        return tr("Bring in as a take") if are_recordings(paths) else ""

    def on_drop(self, paths: list[Path], at: QPoint) -> bool:
        if not are_recordings(paths):
            return False
        if not self._loaded:  # it is asked as soon as the songs are known
            self._to_bring = paths
            return True
        under = self._entry_under(at)
        self.bring_in(paths, song=self.model.song or (under.take.song if under else None))
        return True

    # What is done with takes

    def review(self, entry: TakeEntry | None = None) -> None:
        """See how the take went."""
        entry = entry or self.table.current
        if entry is not None and not self.model.removed:
            self.context.navigate("review", take=entry.take.id)

    def look_at_example(self) -> None:
        """The review of the take that came with the program."""
        self.context.navigate("review", example=True)

    def play(self, entry: TakeEntry | None = None) -> None:
        """Hear the take, or be silent again."""
        entry = entry or self.table.current
        if entry is not None and not self.model.removed:
            self.player.toggle(entry.take)

    def edit(self) -> None:
        """Another name, another singer."""
        if (entry := self._current()) is not None:
            self.edit_panel.show_take(entry, self.singers)
            self._open_panel(self.edit_panel)

    def assess(self) -> None:
        """Another delay, another model."""
        entry = self._current()
        if entry is None or not self.can_assess:
            return
        chosen = self.context.settings.model
        self.assess_panel.show_take(entry, model_options(chosen), model=chosen)
        self._open_panel(self.assess_panel)

    def export(self) -> None:
        """Copy the recording to somewhere else."""
        if (entry := self._current()) is not None:
            self.acts.export(entry)

    def bin(self) -> None:
        """Move the take to the bin, with a way back."""
        entry = self._current()
        if entry is None:
            return
        if self.player.playing == entry.take.id:
            self.player.stop()
        at = self.table.currentIndex().row()
        near = self.model.at(at + 1) or self.model.at(at - 1)
        self.acts.bin(entry, then=near.take.id if near is not None else 0)

    def choose_files(self) -> None:
        """Choose recordings to bring in."""
        if files := choose_recordings(self):
            self.bring_in(files, song=self.model.song)

    def bring_in(
        self, files: Sequence[Path], *, song: int | None = None, may_be_song: bool = False
    ) -> None:
        """Ask whose these recordings are, and of which song; or whether they are songs."""
        self.bring_panel.show_files(files, self.songs, song=song, may_be_song=may_be_song)
        self._open_panel(self.bring_panel)

    def show_removed(self, removed: bool) -> None:
        """The takes in the bin, or those of the list."""
        if removed == self.model.removed:
            return
        self.player.stop()
        self._close_panels()
        self.model.removed = removed
        self.model.singer = self.model.song = None
        self._show_rows()
        self.table.setFocus()

    # The list

    def _refresh(self) -> None:
        if not self._loaded or self.isVisible():
            self.context.library.run(_opened, done=self._show, owner=self)

    def _show(
        self, found: tuple[list[TakeEntry], list[TakeEntry], list[SongRow], list[str]]
    ) -> None:
        self._listed, self._removed, self.songs, self.singers = found
        self._loaded = True
        if self._to_bring:
            files, self._to_bring = self._to_bring, []
            self.bring_in(files, may_be_song=True)
        if self.model.removed and not self._removed:
            self.model.removed = False
        self._show_rows()
        self.table.take_over(self)
        offer_parts(self.context)

    def _show_rows(self) -> None:
        rows = self._removed if self.model.removed else self._listed
        self.filters.offer(rows, self.songs, singer=self.model.singer, song=self.model.song)
        self.model.set_rows(rows)
        self.model.choose(
            order=self.model.order, singer=self.filters.singer, song=self.filters.song
        )
        self._choose_one()
        self._say_count()

    def _choose_one(self) -> None:
        if self._to_choose is not None and self.table.choose(self._to_choose):
            self._to_choose = None
        if not self.table.currentIndex().isValid() and self.model.shown:
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _sift(self, *, song: int | None = None, singer: int | None = None) -> None:
        self.model.choose(order=self.model.order, singer=singer, song=song)
        if self._loaded:
            self._show_rows()

    def _filtered(self) -> None:
        chosen = self.filters
        self.model.choose(order=chosen.order, singer=chosen.singer, song=chosen.song)
        self.context.keep_view("takes", order=chosen.order)
        self._choose_one()
        self._say_count()

    def _searched(self, text: str) -> None:
        self.model.search(text)
        self._choose_one()
        self._say_count()

    def _show_all(self) -> None:
        assert self.search is not None
        self.search.clear()
        self._sift()

    def _say_count(self) -> None:
        model = self.model
        count, shown = len(model.all), len(model.shown)
        narrowed = model.searching or model.singer is not None or model.song is not None
        people = len({one.take.person for one in model.all})
        if model.removed:
            remark = tr("in the bin: {count}", count=count)
        elif narrowed and count:
            remark = tr("{shown} of {count}", shown=shown, count=count)
        elif people > 1:
            remark = tr("{count} takes by {people} singers", count=count, people=people)
        elif count == 1:
            remark = tr("1 take")
        else:
            remark = tr("{count} takes", count=count) if count else ""
        self.header.remark.setText(remark)
        self.filters.setVisible(bool(count or self._removed))
        self.filters.count_bin(len(self._removed), shown=model.removed)
        self.empty.setVisible(self._loaded and not count and not narrowed)
        self.no_hit.setVisible(self._loaded and not shown and narrowed)
        self.table.setVisible(bool(shown))
        self.foot.setVisible(bool(shown) and not model.removed)
        free = not model.removed and not self._panel_open() and self.parts.isHidden()
        self.drop_area.setVisible(bool(shown) and free)

    # Layout

    def _lay_out(self) -> None:
        self.search = SearchField(tr("Search song, singer, name"))
        self.header = PageHeader(self.title)
        self.header.add(
            self.search,
            Button(tr("Bring in a recording"), icon="download", action=self.choose_files),
        )
        self.filters = Filters(self.model.order)
        self.parts = PartsCard(self.context)
        self.bring_panel, self.edit_panel = BringIn(self.context), EditPanel()
        self.assess_panel = AssessPanel()
        self._panels: tuple[Panel, ...] = (self.bring_panel, self.edit_panel, self.assess_panel)
        self.table = RowsTable(tr("Takes"), self.model, widths=_WIDTHS)
        self.can_assess = importlib.util.find_spec(_ANALYST) is not None
        self._lay_out_actions()
        self.drop_area = DropArea(
            tr("Drop a recording anywhere here to bring it in as somebody's take.")
        )
        self.empty = EmptyState(
            tr("No takes yet"),
            tr("Sing a song, and it is listed here; or drop a recording of one."),
            Button(tr("Look at an example"), icon="eye", action=self.look_at_example),
            Button(tr("Go to the songs"), kind="primary", icon="music",
                   action=lambda: self.context.navigate("songs")),
            icon="audio-lines",
        )  # fmt: skip
        self.no_hit = EmptyState(
            tr("No take found"), tr("No take has this singer, this song and these words."),
            Button(tr("Show all takes"), action=self._show_all), icon="search",
        )  # fmt: skip
        for part in (self.header, self.filters, self.parts, *self._panels):
            self.box.addWidget(part)
        for panel in self._panels:
            panel.hide()
        self.box.addWidget(self.table, 1)
        self.box.addWidget(self.foot)
        self.box.addWidget(self.drop_area)
        self.box.addWidget(self.empty, 1)
        self.box.addWidget(self.no_hit, 1)
        self.box.addStretch(0)
        self._say_count()

    def _lay_out_actions(self) -> None:
        quiet = partial(Button, kind="quiet")
        again = quiet(tr("Assess again"), icon="refresh-cw", action=self.assess)
        self.foot = QWidget()
        self.foot.setAccessibleName(tr("The chosen take"))
        self.foot.setLayout(row(
            quiet(tr("Review"), icon="audio-waveform", tip=tr("Enter"), action=self.review),
            quiet(tr("Rename"), icon="pencil", tip="F2", action=self.edit),
            *((again,) if self.can_assess else ()),
            quiet(tr("Export"), icon="upload", tip="Ctrl+E", action=self.export),
            quiet(tr("Move to the bin"), icon="trash-2", tip=tr("Delete"), action=self.bin),
            None, spacing=S,
        ))  # fmt: skip

    def _connect(self) -> None:
        assert self.search is not None
        self.search.textChanged.connect(self._searched)
        self.search.returnPressed.connect(self.table.setFocus)
        self.filters.changed.connect(self._filtered)
        self.filters.binned.connect(self._toggle_removed)
        self.table.opened.connect(self._opened_row)
        self.table.acted.connect(self._acted)
        self.player.changed.connect(lambda: self.model.set_playing(self.player.playing))
        self.player.sound.busy.connect(lambda busy: self.set_status(readying(busy)))
        for panel in self._panels:
            panel.closed.connect(self._close_panels)
        self.bring_panel.as_song.connect(self._as_songs)
        self.bring_panel.brought.connect(self._brought)
        self.edit_panel.saved.connect(self._saved)
        self.assess_panel.asked.connect(self._asked)
        self.acts.changed.connect(self._changed)
        self.parts.listed.connect(self._say_count)
        self.parts.recovered.connect(self._recovered)
        self.parts.changed.connect(self.context.library_changed)
        self.add_shortcut("Space", tr("play or stop the take"), self.play)
        self.add_shortcut("F2", tr("rename the take"), self.edit)
        self.add_shortcut("Delete", tr("move the take to the bin"), self.bin)
        self.add_shortcut("Ctrl+E", tr("export the recording"), self.export)
        if self.can_assess:
            self.add_shortcut("Ctrl+R", tr("assess again"), self.assess)

    # What happens

    def _current(self) -> TakeEntry | None:
        entry: TakeEntry | None = None if self.model.removed else self.table.current
        return entry

    def _entry_under(self, at: QPoint) -> TakeEntry | None:
        return None if self.model.removed else self.model.at(self.table.row_under(self, at))

    def _opened_row(self, index: QModelIndex) -> None:
        if self.model.removed:
            self._acted(index)
        else:
            self.review(row_at(self.table, index))

    def _acted(self, index: QModelIndex) -> None:
        entry: TakeEntry | None = row_at(self.table, index)
        if entry is None:
            return
        if self.model.removed:
            self.acts.restore(entry.take.id)
        else:
            self.play(entry)

    def _toggle_removed(self) -> None:
        self.show_removed(not self.model.removed)

    def _panel_open(self) -> bool:
        return any(not one.isHidden() for one in self._panels)

    def _open_panel(self, panel: BringIn | EditPanel | AssessPanel) -> None:
        for one in self._panels:
            one.setVisible(one is panel)
        self.drop_area.hide()
        panel.focus_first()

    def _close_panels(self) -> None:
        if self._panel_open():
            for one in self._panels:
                one.hide()
            self._say_count()
            self.table.setFocus()

    def _changed(self, take: int) -> None:
        self._to_choose = take or None
        self.context.library_changed.emit()

    def _saved(self, take: int, title: str, singer: str) -> None:
        self._close_panels()
        self.acts.rename(take, title, singer)

    def _asked(self, take: int, seconds: float, model: str) -> None:
        entry = next((one for one in self._listed if one.take.id == take), None)
        self._close_panels()
        if entry is not None:
            delay_s = None if seconds == entry.take.latency_s else seconds
            self.context.navigate("review", take=take, again=True, model=model, delay_s=delay_s)

    def _as_songs(self, paths: list[Path]) -> None:
        self._close_panels()
        self.context.navigate("songs", add=paths)

    def _brought(self, takes: list[TakeRow]) -> None:
        self._close_panels()
        self._to_choose = takes[0].id
        tell_brought(self.context, takes)
        self.context.library_changed.emit()

    def _recovered(self, take: TakeRow) -> None:
        self._to_choose = take.id
        tell_brought(self.context, [take])


def _opened(
    library: Library,
) -> tuple[list[TakeEntry], list[TakeEntry], list[SongRow], list[str]]:
    add_bundled(library)  # whoever comes here first has them too
    return (
        take_entries(library),
        take_entries(library, removed=True),
        library.songs(),
        [one.name for one in library.people()],
    )
