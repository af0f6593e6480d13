"""The songs: what can be sung, what each lacks, and the way to the microphone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from asa_desktop.services import song_list
from asa_desktop.services.song_files import SongFacts
from asa_desktop.services.song_list import SongEntry
from asa_desktop.ui.models.songs import BEST, LENGTH, RANGE, SING, STATE, TAKES, SongsModel
from asa_desktop.ui.pages.base import Page
from asa_desktop.ui.pages.songs_adding import Adding, can_be_separated
from asa_desktop.ui.pages.songs_drop import DropArea, are_recordings
from asa_desktop.ui.pages.songs_separate import Separating
from asa_desktop.ui.pages.songs_table import RowsTable, Width, row_at
from asa_desktop.ui.pages.takes_bring import BringIn, choose_recordings, tell_brought
from asa_desktop.ui.pages.takes_parts import offer_parts
from asa_desktop.ui.theme.tokens import XS
from asa_desktop.ui.tr import marked, tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.empty import EmptyState
from asa_desktop.ui.widgets.frames import PageHeader, row
from asa_desktop.ui.widgets.search import SearchField

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, SongRow, TakeRow
    from asa_desktop.ui.context import AppContext

_WIDTHS = {
    LENGTH: Width(84, 80),
    RANGE: Width(108, 0),
    STATE: Width(196, 186),
    BEST: Width(68, 60),
    TAKES: Width(164, 88),
    SING: Width(116, 108, (marked("Sing"), marked("Find"))),
}


class SongsPage(Page):
    """A table of songs; whatever is dropped here becomes one, or a take of one."""

    def __init__(self, context: AppContext) -> None:
        super().__init__(context, title=tr("Songs"))
        self.model = SongsModel()
        self.table = RowsTable(tr("Songs"), self.model, widths=_WIDTHS)
        self.adding = Adding(context)
        self.panel = BringIn(context)
        self.separating = Separating(context, self.adding)
        self._loaded = self._looking = False
        self._to_choose: int | None = None
        self._lay_out()
        self._connect()
        context.library_changed.connect(self._refresh)

    # Page

    def activated(self, **arguments: Any) -> None:
        if (song := arguments.get("song")) is not None:
            self._to_choose = int(song)
        self._refresh()
        if (paths := arguments.get("add")) is not None:
            self.add(paths)
        if self.panel.isHidden():
            self.table.setFocus()

    def back(self) -> bool:
        if not self.separating.isHidden():
            self.separating.dismiss()
            return True
        if not self.panel.isHidden():
            self._close_panel()
            return True
        if not self.adding.not_taken.isHidden():
            self.adding.not_taken.dismiss()
            return True
        return False

    def drop_hint(self, paths: list[Path], at: QPoint) -> str:
        entry = self._entry_under(at)
        if entry is not None and are_recordings(paths):
            return tr("A take of “{song}”, or a song of its own", song=entry.song.title)
        return tr("Add to the songs")

    def on_drop(self, paths: list[Path], at: QPoint) -> bool:
        entry = self._entry_under(at)
        if entry is not None and are_recordings(paths):
            self._ask(paths, song=entry.song.id, may_be_song=True)
        else:
            self.add(paths)
        return True

    # What is done with songs

    def add(self, paths: Sequence[Path]) -> None:
        """Put all songs in these files and folders on the list."""
        self._close_panel()
        self.adding.add(paths)

    def sing(self, entry: SongEntry | None = None) -> None:
        """To the microphone; where the files are gone, to the question where they are."""
        entry = entry or self.table.current
        if entry is None:
            return
        if self.model.is_gone(entry):
            self.adding.find(entry)
        else:
            self.context.navigate("record", song=entry.song.id)

    def remove(self) -> None:
        """Take the chosen song off the list, with a way back."""
        entry: SongEntry | None = self.table.current
        if entry is None:
            return
        song, at = entry.song, self.table.currentIndex().row()

        def undo() -> None:
            self.context.library.run(
                lambda library: _put_back(library, song),
                done=lambda _: self._changed(song.id), owner=self,
            )  # fmt: skip

        def removed(_: object) -> None:
            said = tr("“{title}” is off the list; its files and takes stay.", title=song.title)
            self.context.notify(said, button=tr("Undo"), action=undo)
            near = self.model.at(at + 1) or self.model.at(at - 1)
            self._changed(near.song.id if near is not None else None)

        self.context.library.run(
            lambda library: library.remove_song(song.id), done=removed, owner=self
        )

    def show_takes(self) -> None:
        """The takes of the chosen song."""
        if (entry := self.table.current) is not None:
            self.context.navigate("takes", song=entry.song.id)

    def bring_in(self) -> None:
        """Choose recordings of the chosen song."""
        entry: SongEntry | None = self.table.current
        if entry is not None and (files := choose_recordings(self)):
            self._ask(files, song=entry.song.id)

    def separate(self, song: SongRow | None = None) -> None:
        """Make a song of the chosen one's mix, or of `song`, with voice and accompaniment apart."""
        entry: SongEntry | None = self.table.current
        song = song or (entry.song if entry is not None else None)
        if song is not None:
            self._close_panel()
            self.separating.begin(song)
            self._say_count()

    # The list

    def _refresh(self) -> None:
        if not self._loaded or self.isVisible():
            self.context.library.run(_opened, done=self._show, owner=self)

    def _show(self, entries: list[SongEntry]) -> None:
        self._loaded = True
        self.model.set_rows(entries)
        if self._to_choose is not None and self.table.choose(self._to_choose):
            self._to_choose = None
        self._choose_first()
        self._say_count()
        self.table.take_over(self)
        offer_parts(self.context)
        self._look_again([one.song for one in entries])

    def _look_again(self, songs: list[SongRow]) -> None:
        """See in the background which songs' files are new, changed or gone."""
        if self._looking:
            return
        self._looking = True

        def over(error: BaseException | None = None) -> None:
            self._looking = False
            if error is not None:
                self.context.complain(error)

        def looked(look: song_list.Look) -> None:
            over()
            listed = {one.song.path: one.song for one in self.model.all}
            # What was read meanwhile is newer than this look.
            others = {path: one for path, one in self.model.known_files.items()
                      if path not in look.known}  # fmt: skip
            self.model.set_known({**others, **look.known})
            new = [one for one in look.changed if song_list.differs(one, listed.get(one.path))]
            if new:
                self.context.library.run(
                    lambda library: [song_list.keep_song(library, one) for one in new],
                    done=lambda _: self._refresh(), owner=self,
                )  # fmt: skip
            elif {one.song.path for one in self.model.all} - look.known.keys():
                self._look_again([one.song for one in self.model.all])

        cache = self.context.places.cache
        self.context.jobs.start(
            lambda task: song_list.look_again(songs, cache, cancelled=lambda: task.cancelled),
            done=looked, failed=over, stopped=over, owner=self,
        )  # fmt: skip

    def _say_count(self) -> None:
        count, shown = len(self.model.all), len(self.model.shown)
        if not self._loaded:
            remark = tr("reading the list")
        elif self.model.searching:
            remark = tr("{shown} of {count}", shown=shown, count=count)
        else:
            remark = tr("{count} songs", count=count) if count > 1 else tr("1 song") * count
        self.header.remark.setText(remark)
        self.empty.setVisible(self._loaded and not count)
        self.no_hit.setVisible(bool(count) and not shown)
        for part in (self.table, self.foot):
            part.setVisible(bool(shown))
        asked = not self.panel.isHidden() or not self.separating.isHidden()
        self.drop_area.setVisible(bool(shown) and not asked)
        self._fit_foot()

    def _fit_foot(self) -> None:
        """Offer to separate what can be separated, and nothing else."""
        entry: SongEntry | None = self.table.current
        self.apart.setVisible(entry is not None and can_be_separated(entry.song))

    def _searched(self, text: str) -> None:
        self.model.search(text)
        self._choose_first()
        self._say_count()

    def _choose_first(self) -> None:
        if not self.table.currentIndex().isValid() and self.model.shown:
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _bring_back_demos(self) -> None:
        self.context.library.run(
            lambda library: song_list.add_bundled(library, again=True),
            done=lambda _: self._changed(None), owner=self,
        )  # fmt: skip

    # Layout

    def _lay_out(self) -> None:
        self.search = SearchField(tr("Search title, artist"))
        self.header = PageHeader(self.title)
        self.header.add(
            self.search,
            Button(tr("Add a folder"), icon="folder-open", action=self.adding.choose_folder),
            Button(tr("Add songs"), icon="plus", action=self.adding.choose_files),
        )
        self.apart = Button(
            tr("Separate voice and accompaniment"), kind="quiet", icon="audio-waveform",
            action=self.separate,
        )  # fmt: skip
        self.foot = QWidget()
        self.foot.setAccessibleName(tr("The chosen song"))
        self.foot.setLayout(row(
            Button(tr("Its takes"), kind="quiet", icon="audio-lines", action=self.show_takes),
            Button(tr("Bring in a recording"), kind="quiet", icon="download",
                   action=self.bring_in),
            Button(tr("Take off the list"), kind="quiet", icon="x", tip=tr("Delete"),
                   action=self.remove),
            self.apart, None, spacing=XS,
        ))  # fmt: skip
        self.drop_area = DropArea(
            tr("Drop files or folders anywhere here: audio, video, UltraStar, MIDI, KAR, MusicXML."
               " A recording alone will do.")
        )  # fmt: skip
        self.empty = EmptyState(
            tr("No songs"),
            tr("Drop a song's folder, a recording or an UltraStar file anywhere here."),
            Button(tr("Add songs"), kind="primary", icon="plus", action=self.adding.choose_files),
            Button(tr("Bring back the demo songs"), action=self._bring_back_demos),
        )
        self.no_hit = EmptyState(
            tr("No song found"), tr("Nothing on the list holds these words."),
            Button(tr("Show all songs"), action=self.search.clear), icon="search",
        )  # fmt: skip
        self.panel.hide()
        for part in (self.header, self.adding, self.panel, self.separating):
            self.box.addWidget(part)
        self.box.addWidget(self.table, 1)
        self.box.addWidget(self.foot)
        self.box.addWidget(self.drop_area)
        self.box.addWidget(self.empty, 1)
        self.box.addWidget(self.no_hit, 1)
        self.box.addStretch(0)
        self._say_count()

    def _connect(self) -> None:
        assert self.search is not None
        self.search.textChanged.connect(self._searched)
        self.search.returnPressed.connect(self.table.setFocus)
        for signal in (self.table.opened, self.table.acted):
            signal.connect(lambda index: self.sing(row_at(self.table, index)))
        self.adding.read.connect(self._read)
        self.adding.added.connect(self._changed)
        self.adding.separable.connect(self.separate)
        self.separating.closed.connect(self._say_count)
        self.separating.closed.connect(self.table.setFocus)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._fit_foot())
        self.panel.closed.connect(self._close_panel)
        self.panel.as_song.connect(self.add)
        self.panel.brought.connect(self._brought)
        self.add_shortcut("Delete", tr("take the song off the list"), self.remove)
        self.add_shortcut("Ctrl+O", tr("add songs"), self.adding.choose_files)

    def _entry_under(self, at: QPoint) -> SongEntry | None:
        row = self.table.row_under(self, at)
        return self.model.at(row)

    def _ask(self, paths: Sequence[Path], *, song: int, may_be_song: bool = False) -> None:
        songs = [one.song for one in self.model.all]
        self.panel.show_files(paths, songs, song=song, may_be_song=may_be_song)
        self.panel.show()
        self.drop_area.hide()
        self.panel.focus_first()

    def _close_panel(self) -> None:
        if not self.panel.isHidden():
            self.panel.hide()
            self._say_count()
            self.table.setFocus()

    def _read(self, facts: list[SongFacts]) -> None:
        known = {one.path: song_list.Known.of(one) for one in facts}
        self.model.set_known({**self.model.known_files, **known})

    def _changed(self, song: int | None) -> None:
        self._to_choose = song
        self.context.library_changed.emit()

    def _brought(self, takes: list[TakeRow]) -> None:
        self._close_panel()
        tell_brought(self.context, takes)
        self.context.library_changed.emit()


def _opened(library: Library) -> list[SongEntry]:
    song_list.add_bundled(library)
    return song_list.song_entries(library)


def _put_back(library: Library, song: SongRow) -> None:
    library.add_song(
        path=song.path,
        title=song.title,
        artist=song.artist,
        language=song.language,
        parts=song.parts,
    )
