"""Bringing in recordings from elsewhere: whose, of which song."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from asa_desktop.core.errors import AsaError, Cancelled
from asa_desktop.services.singers import FIRST_SINGER, singer_names
from asa_desktop.services.take_list import bring_in, read_recordings
from asa_desktop.ui.faults import sentence_of
from asa_desktop.ui.models.people import shown_name
from asa_desktop.ui.theme.tokens import M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.choice import DropDown
from asa_desktop.ui.widgets.frames import Card, Elided, column, label, row
from asa_desktop.ui.widgets.progress import ProgressRow
from asa_desktop.ui.widgets.singer import SingerField

if TYPE_CHECKING:
    from asa_desktop.services.library import SongRow, TakeRow
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task

_VIEW = "takes"
_READING = 0.7
_KINDS = "*.wav *.flac *.mp3 *.ogg *.opus *.m4a *.aac *.aif *.aiff *.mp4 *.mov *.webm *.mkv"


class Panel(Card):
    """A question in its place on the page: a title, fields, what to do, and a way out."""

    closed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__(margin=M, spacing=M, name=name)
        self.title = Elided(name, "strong")
        self.fields = row(spacing=M)
        self.fault = label("", "caption", tone="record", wrap=True)
        self.fault.hide()
        self.remark = label("", "caption", tone="muted", wrap=True)
        self.remark.hide()
        self.actions = row(None, spacing=S)
        self.box.addWidget(self.title)
        self.box.addLayout(self.fields)
        for part in (self.fault, self.remark):
            self.box.addWidget(part)
        self.box.addLayout(self.actions)

    def say(self, remark: str) -> None:
        """A quiet remark under the fields."""
        self.remark.setText(remark)
        self.remark.setVisible(bool(remark))

    def refuse(self, sentence: str) -> None:
        """Say what is wrong with what was entered; empty: nothing any more."""
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))

    def dismiss(self) -> None:
        self.closed.emit()


class Field(QWidget):
    """A control under its name."""

    def __init__(self, name: str, control: QWidget) -> None:
        super().__init__()
        self.setLayout(column(label(name, "caption", tone="muted"), control, spacing=2))


class BringIn(Panel):
    """Asks for song and singer, then reads the recordings and takes them in.

    `brought` gives the takes. `as_song` comes where the user meant a song: only offered where
    `show_files` was told that this can be.
    """

    brought = Signal(list)
    as_song = Signal(list)

    def __init__(self, context: AppContext) -> None:
        super().__init__(tr("Bring in a recording"))
        self.context = context
        self.files: list[Path] = []
        self._busy = False
        self.song = DropDown(tr("Song"))
        self.singer = SingerField()
        self.singer.returnPressed.connect(self._go)
        self.fields.addWidget(Field(tr("Song"), self.song), 2)
        self.fields.addWidget(Field(tr("Singer"), self.singer), 1)
        self.bring = Button(tr("Bring in"), kind="primary", icon="check", action=self._go)
        self.other = Button(tr("Add as a song"), icon="music", action=self._as_song)
        for button in (
            Button(tr("Cancel"), kind="quiet", keys=tr("Esc"), action=self.dismiss),
            self.other,
            self.bring,
        ):
            self.actions.addWidget(button)
        self._progress = QVBoxLayout()
        self.box.addLayout(self._progress)

    def show_files(
        self,
        files: Sequence[Path],
        songs: Sequence[SongRow],
        *,
        song: int | None = None,
        may_be_song: bool = False,
    ) -> None:
        """Ask about these files; `song` is the one that they were dropped on."""
        self.files = list(files)
        if len(files) == 1:
            self.title.setText(tr("Bring in {name} as a take", name=files[0].name))
        else:
            self.title.setText(tr("Bring in {count} recordings as takes", count=len(files)))
        self.say(tr("Where in the song it begins, and in which tempo, is found by itself."))
        self.refuse("" if songs else tr("There is no song to be a take of; add it first."))
        options = [(str(one.id), _name(one)) for one in songs]
        chosen = str(song if song is not None else self.context.view(_VIEW).get("song"))
        if chosen not in dict(options) and len(options) > 1:
            options.insert(0, ("", tr("Choose the song")))
            chosen = ""
        self.song.set_options(options, value=chosen)
        self.bring.setEnabled(bool(songs))
        self.other.setVisible(may_be_song or not songs)
        self.singer.show_name(last_singer(self.context))
        self.context.library.run(singer_names, done=self.singer.offer, owner=self)

    def focus_first(self) -> None:
        (self.bring if self.singer.name else self.singer).setFocus()

    def _as_song(self) -> None:
        self.as_song.emit(self.files)

    def _go(self) -> None:
        if self._busy or not self.bring.isEnabled():
            return
        if not self.song.value:
            self.refuse(tr("Choose the song that is sung here."))
            self.song.setFocus()
            return
        if not self.singer.name:
            self.refuse(tr("Write who sings here."))
            self.singer.setFocus()
            return
        self.refuse("")
        self._set_busy(True)
        files, song, singer = self.files, int(self.song.value), self.singer.name
        remember_singer(self.context, singer)
        self.context.keep_view(_VIEW, song=song)

        where = self.context.places.library

        def failed(error: BaseException) -> None:
            self.refuse(sentence_of(error, self.context.diary))

        job = self.context.jobs.start(
            lambda task: _brought(where, files, task, song=song, singer=singer),
            done=self._kept, failed=failed, stopped=self.dismiss, owner=self,
        )  # fmt: skip
        progress = ProgressRow(tr("Reading the recording"), cancel=job.cancel)
        job.progressed.connect(progress.show_part)
        job.finished.connect(progress.hide)
        job.finished.connect(progress.deleteLater)
        job.finished.connect(lambda: self._set_busy(False))
        self._progress.addWidget(progress)

    def _kept(self, outcome: tuple[list[TakeRow], list[AsaError]]) -> None:
        takes, faults = outcome
        said = [sentence_of(one) for one in faults]
        if takes:
            self.brought.emit(takes)
        if len(said) > 1:
            said = [tr("{count} recordings did not come in. The first: {why}", count=len(said),
                       why=said[0])]  # fmt: skip
        if said and takes:
            self.context.notify(said[0], level="warning")
        elif said:
            self.refuse(said[0])

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        for control in (self.bring, self.other, self.song, self.singer):
            control.setEnabled(not busy)


def last_singer(context: AppContext) -> str:
    """Who was named last, else who is named in the settings, as the library keeps names."""
    kept = context.view(_VIEW).get("singer")
    return kept if isinstance(kept, str) and kept else context.settings.singer or FIRST_SINGER


def remember_singer(context: AppContext, name: str) -> None:
    context.keep_view(_VIEW, singer=name)


def _brought(
    where: Path, files: Sequence[Path], task: Task, *, song: int, singer: str
) -> tuple[list[TakeRow], list[AsaError]]:
    """Read each recording through, then copy it in; those that were copied stay at a stop.

    It opens the library for itself, so that nobody waits for long copies.
    """
    from asa_desktop.services.library import Library

    read = read_recordings(
        files,
        progress=lambda done, of: task.progress(_READING * done / of),
        cancelled=lambda: task.cancelled,
    )
    takes: list[TakeRow] = []
    faults: list[AsaError] = []
    with Library.open(where) as library:
        for number, one in enumerate(read):
            try:
                task.progress(_READING + (1 - _READING) * number / len(read), tr("Copying"))
            except Cancelled:
                if takes:
                    break
                raise
            if isinstance(one, AsaError):
                faults.append(one)
                continue
            try:
                takes.append(bring_in(library, one, song=song, singer=singer))
            except AsaError as error:
                faults.append(error)
    return takes, faults


def _name(song: SongRow) -> str:
    return f"{song.title} – {song.artist}" if song.artist else song.title


def choose_recordings(parent: QWidget) -> list[Path]:
    """Let the user choose recordings; empty where nothing was chosen."""
    kinds = f"{tr('Recordings')} ({_KINDS});;{tr('All files')} (*)"
    names, _ = QFileDialog.getOpenFileNames(
        parent, tr("Bring in recordings"), str(Path.home()), kinds
    )
    return [Path(name) for name in names]


def tell_brought(context: AppContext, takes: Sequence[TakeRow]) -> None:
    """Say which takes came in, and offer the first."""
    first = takes[0]
    facts = {"song": first.song_title, "singer": shown_name(first.singer)}
    if len(takes) == 1:
        said = tr("A take of “{song}” by {singer} is in.", **facts)
    else:
        said = tr("{count} takes of “{song}” by {singer} are in.", count=len(takes), **facts)
    context.notify(
        said, button=tr("Review"), action=lambda: context.navigate("review", take=first.id)
    )
