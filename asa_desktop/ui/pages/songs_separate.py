"""The offer to take a song's mix apart: the question about the weights, the job, the new song."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from asa_desktop import words
from asa_desktop.core.errors import AsaError
from asa_desktop.services.separation import new_song, weights
from asa_desktop.services.separation.source import usual
from asa_desktop.services.song_files import Found, SongFacts, read_songs
from asa_desktop.ui.pages.takes_bring import Panel
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.frames import label
from asa_desktop.words_separation import QUESTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from asa_desktop.services.library import SongRow
    from asa_desktop.services.paths import Places
    from asa_desktop.services.separation.source import Source
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task
    from asa_desktop.ui.pages.songs_adding import Adding

_FETCHING = 0.15


class Separating(Panel):
    """Hidden but for the question; the job stands where the window shows long ones.

    What becomes of a mix is a song of its own, put on the list beside the one it came from.
    """

    def __init__(self, context: AppContext, adding: Adding) -> None:
        super().__init__(tr("Separate voice and accompaniment"))
        self.context, self.adding = context, adding
        self.busy = False
        self._path: Path | None = None
        self._said = label("", wrap=True)
        self._said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.box.insertWidget(1, self._said)
        self.fetch = Button(
            tr("Fetch and separate"), kind="primary", icon="download", action=self._fetch
        )
        for button in (
            Button(tr("Cancel"), kind="quiet", keys=tr("Esc"), action=self.dismiss),
            Button(tr("I have the file"), icon="folder-open", action=self._choose),
            self.fetch,
        ):
            self.actions.addWidget(button)
        self.hide()

    def begin(self, song: SongRow) -> None:
        """Separate this song, or say what is missing, or ask for the weights."""
        if self.busy:
            self.context.notify(tr("One song is being separated; the next can follow it."))
            return
        try:
            weights.require_demucs()
        except AsaError as error:
            self.context.notify(error)
            return
        self._path = song.path
        if weights.are_there(self.context.places, usual()):
            self._start(None)
            return
        self._ask(song.title)

    def _ask(self, title: str) -> None:
        self.title.setText(tr("Separate voice and accompaniment of “{song}”", song=title))
        source = usual()
        facts = {"address": source.address, "size_mb": source.megabytes}
        said = [words.filled(text, facts) for text in QUESTION.values()]
        self._said.setText("\n\n".join(said))
        self.refuse("")
        self.show()
        self.fetch.setFocus()

    def dismiss(self) -> None:
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def _fetch(self) -> None:
        self._start(partial(_fetched, self.context.places, usual()))

    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Where are the weights?"), str(Path.home()), f"{usual().name} (*.safetensors)"
        )
        if name:
            self.take(Path(name))

    def take(self, file: Path) -> None:
        """Separate by weights that somebody has: if they are the right ones, they are kept."""
        self._start(partial(_taken_in, self.context.places, usual(), file))

    def _start(self, get_weights: Callable[[Task], object] | None) -> None:
        path = self._path
        if self.busy or path is None:
            return
        self.dismiss()
        self.busy = True
        where, device = self.context.places, self.context.settings.device
        job = self.context.jobs.start(
            partial(_separated, where, usual(), path, get_weights, device),
            title=tr("Separating {what}", what=path.name), done=self._made, owner=self,
        )  # fmt: skip
        job.finished.connect(self._over)

    def _over(self) -> None:
        self.busy = False

    def _made(self, facts: SongFacts) -> None:
        self.adding.keep(Found((facts,), ()))


def _fetched(places: Places, source: Source, task: Task) -> None:
    said = tr("Fetching the weights")
    weights.fetched(
        places, source,
        progress=lambda share: task.progress(_FETCHING * share, said),
        cancelled=lambda: task.cancelled,
    )  # fmt: skip


def _taken_in(places: Places, source: Source, file: Path, task: Task) -> None:
    weights.taken_in(places, source, file, progress=lambda share: task.progress(None))


def _separated(
    places: Places,
    source: Source,
    path: Path,
    get_weights: Callable[[Task], object] | None,
    device: str,
    task: Task,
) -> SongFacts:
    """The new song as it was read; what is wrong with the mix is found before a fetch."""
    plan = new_song.planned(path, cancelled=lambda: task.cancelled)
    first = 0.0
    if get_weights is not None:
        get_weights(task)
        first = _FETCHING
    folder = new_song.free_folder(places, plan)
    said = tr("Separating “{title}”", title=plan.title)
    made = new_song.separate_into(
        plan, folder, places=places, source=source, device=device,
        progress=lambda share: task.progress(first + (1 - first) * share, said),
        cancelled=lambda: task.cancelled,
    )  # fmt: skip
    [facts] = read_songs([made.folder], cancelled=lambda: task.cancelled)
    if isinstance(facts, AsaError):
        raise facts
    return facts
