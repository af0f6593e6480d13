"""How songs come onto the list, and how a moved one is found again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from asa_desktop.core.errors import AsaError
from asa_desktop.services import song_list
from asa_desktop.services.song_files import Found, SongFacts, find_songs, read_songs
from asa_desktop.ui.faults import sentence_of
from asa_desktop.ui.pages.songs_drop import NotTaken
from asa_desktop.ui.theme.tokens import S
from asa_desktop.ui.tr import sentences, tr
from asa_desktop.ui.widgets.frames import column
from asa_desktop.ui.widgets.progress import ProgressRow

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, SongRow
    from asa_desktop.services.song_list import SongEntry
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task

Added = list[tuple["SongRow", bool]]
_VIEW = "songs"
_KINDS = (
    "*.mp3 *.flac *.wav *.ogg *.opus *.m4a *.aac *.wma *.aif *.aiff *.mp4 *.m4v *.webm *.mkv"
    " *.mov *.avi *.txt *.mid *.midi *.kar *.musicxml *.mxl *.xml"
)


class Adding(QWidget):
    """Reads what the user gives, shows how far it is, says what is no song.

    `read` gives the `SongFacts` of what came onto the list, `added` the number of the first song,
    `separable` a song whose mix somebody wants to have taken apart.
    """

    read = Signal(list)
    added = Signal(int)
    separable = Signal(object)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.not_taken = NotTaken()
        self.not_taken.closed.connect(self._fit)
        self._box = column(self.not_taken, spacing=S)
        self.setLayout(self._box)
        self._running = 0
        self._fit()

    def choose_files(self) -> None:
        """Let the user choose files."""
        kinds = f"{tr('Songs')} ({_KINDS});;{tr('All files')} (*)"
        names, _ = QFileDialog.getOpenFileNames(self, tr("Add songs"), self._folder(), kinds)
        if names:
            self.context.keep_view(_VIEW, folder=str(Path(names[0]).parent))
            self.add([Path(name) for name in names])

    def choose_folder(self) -> None:
        """Let the user choose a song's folder, or one that holds many."""
        name = QFileDialog.getExistingDirectory(self, tr("Add a folder"), self._folder())
        if name:
            self.context.keep_view(_VIEW, folder=name)
            self.add([Path(name)])

    def add(self, paths: Sequence[Path]) -> None:
        """Put all songs in these files and folders on the list; what is none is said."""
        self.not_taken.hide()
        what = paths[0].name if len(paths) == 1 else tr("{count} files", count=len(paths))
        self._run(
            lambda task: _found(paths, task), self.keep,
            title=tr("Reading {what}", what=what or str(paths[0])),
        )  # fmt: skip

    def find(self, entry: SongEntry) -> None:
        """Ask where a song's folder or file is now."""
        before = entry.song.path
        title = tr("Where is “{song}” now?", song=entry.song.title)
        if _is_file_name(before):
            name, _ = QFileDialog.getOpenFileName(self, title, str(before.parent))
        else:
            name = QFileDialog.getExistingDirectory(self, title, str(before.parent))
        if name:
            self.move(entry, Path(name))

    def move(self, entry: SongEntry, path: Path) -> None:
        """A song lies at `path` now; it is read there first."""

        def moved(read: list[SongFacts | AsaError]) -> None:
            facts = read[0]
            if isinstance(facts, AsaError):
                self.context.notify(facts)
                return
            self.context.library.run(
                lambda library: song_list.move_song(library, entry.song.id, facts),
                done=lambda song: self._listed([facts], song.id), owner=self,
            )  # fmt: skip

        self._run(
            lambda task: read_songs([path], cancelled=lambda: task.cancelled), moved,
            title=tr("Reading {what}", what=path.name),
        )  # fmt: skip

    def keep(self, found: Found) -> None:
        """Put what was read onto the list, and say so."""
        if not found.songs:
            self._tell(found, [])
            return

        def kept(added: Added) -> None:
            self._tell(found, added)
            self._listed(found.songs, added[0][0].id)

        self.context.library.run(lambda library: _kept(library, found.songs), done=kept, owner=self)

    def _listed(self, facts: Sequence[SongFacts], song: int) -> None:
        cache = self.context.places.cache
        self.context.jobs.start(lambda task: song_list.remember(cache, facts), owner=self)
        self.read.emit(list(facts))
        self.added.emit(song)

    def _tell(self, found: Found, added: Added) -> None:
        said = _sentence(added)
        faults = [sentence_of(one, self.context.diary) for one in found.faults]
        if not faults:
            self._say_added(said, added)
            return
        level = "warning" if added else "error"
        if len(faults) == 1:
            self.context.notify(sentences(said, faults[0]), level=level)
            return
        count = tr("{count} things could not be used.", count=len(faults))
        sentence = sentences(said, count)
        self.context.notify(
            sentence, level=level, button=tr("Show"), action=partial(self._show, faults)
        )

    def _say_added(self, said: str, added: Added) -> None:
        """Say it, and of a new song that is a mix what can be done with it."""
        new = [song for song, is_new in added if is_new]
        if len(new) != 1 or not can_be_separated(new[0]):
            self.context.notify(said)
            return
        self.context.notify(
            said, button=tr("Separate voice and accompaniment"),
            action=partial(self.separable.emit, new[0]),
        )  # fmt: skip

    def _show(self, faults: Sequence[str]) -> None:
        self.not_taken.say(faults)
        self._fit()

    def _run(self, work: Callable[[Task], Any], done: Any, *, title: str) -> None:
        """A job whose progress stands on the page until it is over."""
        job = self.context.jobs.start(work, title=title, done=done, owner=self)
        progress = ProgressRow(title, cancel=job.cancel)
        self._running += 1

        def over() -> None:
            self._running -= 1
            progress.hide()
            progress.deleteLater()
            self._fit()

        job.progressed.connect(progress.show_part)
        job.finished.connect(over)
        self._box.addWidget(progress)
        self._fit()

    def _fit(self) -> None:
        """Take no room where there is nothing to say."""
        self.setVisible(bool(self._running) or not self.not_taken.isHidden())

    def _folder(self) -> str:
        kept = self.context.view(_VIEW).get("folder")
        return kept if isinstance(kept, str) else str(Path.home())


def can_be_separated(song: SongRow) -> bool:
    """Whether a song has a mix, and lacks the voice or the accompaniment of it."""
    return "mix" in song.parts and not {"vocal", "accompaniment"} <= set(song.parts)


def _sentence(added: Added) -> str:
    new = [song for song, is_new in added if is_new]
    if len(new) == 1:
        return tr("“{title}” is on the list.", title=new[0].title)
    if new:
        return tr("{count} songs are on the list now.", count=len(new))
    if len(added) == 1:
        return tr("“{title}” was on the list already.", title=added[0][0].title)
    return tr("These songs were on the list already.") if added else ""


def _found(paths: Sequence[Path], task: Task) -> Found:
    return find_songs(
        paths,
        progress=lambda done, of: task.progress(
            done / of, tr("Reading songs: {done} of {of}", done=done, of=of)
        ),
        cancelled=lambda: task.cancelled,
    )


def _kept(library: Library, songs: Sequence[SongFacts]) -> Added:
    """Each song as a row of the list, and whether it is new there."""
    added = []
    for facts in songs:
        before = library.song_at(path=facts.path)
        added.append((song_list.keep_song(library, facts), before is None or before.removed))
    return added


def _is_file_name(path: Path) -> bool:
    from asa_desktop.core.songs.places import AUDIO, NOTES, suffix

    return suffix(path) in AUDIO | NOTES
