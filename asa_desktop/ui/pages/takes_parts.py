"""Recordings that were broken off: offered once at the start, and listed until they are decided."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from asa_desktop.core.errors import PlaceError, place_error
from asa_desktop.ui.models.people import shown_name
from asa_desktop.ui.models.takes import when
from asa_desktop.ui.pages.takes_bring import Field, last_singer
from asa_desktop.ui.plots.timeaxis import clock
from asa_desktop.ui.theme.tokens import M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.choice import DropDown
from asa_desktop.ui.widgets.frames import Card, Elided, column, label, row
from asa_desktop.ui.widgets.singer import SingerField

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, SongRow, TakeRow
    from asa_desktop.services.parts import PartLeft
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task

_LOOKED = "parts_looked_for"


def offer_parts(context: AppContext) -> None:
    """Once for each window: list what a dying program had finished, offer what it had not."""
    if context.property(_LOOKED):
        return
    context.setProperty(_LOOKED, True)

    def looked(found: tuple[int, tuple[PartLeft, ...]]) -> None:
        taken, left = found
        if taken:
            context.library_changed.emit()
        if left:
            show = partial(context.navigate, "takes")
            context.notify(_sentence(left), level="warning", button=tr("Show"), action=show)
        elif taken:
            context.notify(tr("Takes that were finished while the program ended: {count}.",
                              count=taken))  # fmt: skip

    context.library.run(_look, done=looked, owner=context)


def _look(library: Library) -> tuple[int, tuple[PartLeft, ...]]:
    from asa_desktop.services.parts import parts_left, take_in_finished

    return len(take_in_finished(library)), parts_left(library)


def _sentence(left: tuple[PartLeft, ...]) -> str:
    if len(left) > 1:
        return tr("{count} recordings were broken off; what was sung is safe.", count=len(left))
    title, singer = left[0].song_title, shown_name(left[0].singer)
    what = tr("“{song}” by {singer}", song=title, singer=singer) if title and singer else ""
    length = clock(left[0].seconds)
    if what:
        return tr("A recording of {what} was broken off; {length} of it is safe.",
                  what=what, length=length)  # fmt: skip
    return tr("A recording was broken off; {length} of it is safe.", length=length)


class PartsCard(Card):
    """One line for each part: recover or discard. Hidden where there is none.

    `listed` comes when it shows others, `changed` after a part is gone, `recovered` with the
    `TakeRow` that one became.
    """

    listed = Signal()
    recovered = Signal(object)
    changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(margin=M, spacing=S, name=tr("Recordings that were broken off"))
        self.context = context
        self.box.addWidget(label(tr("Recordings that were broken off"), "strong"))
        self._lines = column(spacing=S)
        self.box.addLayout(self._lines)
        self.parts: tuple[PartLeft, ...] = ()
        self._songs: list[SongRow] = []
        self.hide()

    def refresh(self) -> None:
        """Look which parts there are now."""
        self.context.library.run(_listed, done=self._show, owner=self)

    def _show(self, found: tuple[tuple[PartLeft, ...], list[SongRow]]) -> None:
        parts, self._songs = found
        if parts == self.parts:
            return
        self.parts = parts
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for part in parts:
            self._lines.addWidget(_Line(self, part, self._songs))
        self.setVisible(bool(parts))
        self.listed.emit()

    def recover(self, part: PartLeft, *, song: int | None, singer: str) -> None:
        """Make a take of a part."""

        where = self.context.places.library

        def made(task: Task) -> TakeRow:
            from asa_desktop.services.library import Library
            from asa_desktop.services.parts import recover_part

            # A library of its own: a long part takes minutes, and the lists go on meanwhile.
            with Library.open(where) as library:
                person = library.add_person(name=singer).id if singer else None
                return recover_part(library, part.path, song=song, person=person)

        def done(take: TakeRow) -> None:
            self.recovered.emit(take)
            self._over()

        self.context.jobs.start(made, done=done, failed=self._failed, owner=self)

    def discard(self, part: PartLeft) -> None:
        """Move a part to the library's trash folder, with a way back."""

        def moved(library: Library) -> Path:
            from asa_desktop.services.parts import discard_part

            return discard_part(library, part.path)

        def done(place: Path) -> None:
            said = tr("The broken-off recording is in the trash folder of the library.")
            self.context.notify(said, button=tr("Undo"), action=partial(self._undo, part, place))
            self._over()

        self.context.library.run(moved, done=done, failed=self._failed, owner=self)

    def _undo(self, part: PartLeft, place: Path) -> None:
        self.context.library.run(
            lambda library: _brought_back(place, part.path), done=lambda _: self._over(), owner=self
        )

    def _over(self) -> None:
        self.changed.emit()
        self.refresh()

    def _failed(self, error: BaseException) -> None:
        self.context.complain(error)
        self.parts = ()  # the lines are made anew, their buttons free again
        self.refresh()


class _Line(QWidget):
    """One part, with fields for what its note does not tell."""

    def __init__(self, card: PartsCard, part: PartLeft, songs: list[SongRow]) -> None:
        super().__init__()
        self._card, self._part = card, part
        self._song: DropDown | None = None
        self._singer: SingerField | None = None
        named = ", ".join(one for one in (part.song_title, shown_name(part.singer)) if one)
        text = Elided(named or tr("Song and singer are not known any more"))
        facts = label(f"{when(part.started_at)}, {clock(part.seconds)}", tone="muted")
        name = named or when(part.started_at)
        self.recover = Button(tr("Recover"), icon="rotate-ccw", action=self._recover)
        self.discard = Button(tr("Discard"), kind="quiet", icon="trash-2", action=self._discard)
        self.recover.setAccessibleName(tr("Recover {name}", name=name))
        self.discard.setAccessibleName(tr("Discard {name}", name=name))
        head = row(text, facts, self.discard, self.recover, spacing=M)
        head.setStretch(0, 1)
        box = column(head, spacing=S)
        if not part.complete:
            options = [(str(one.id), one.title) for one in songs]
            known = [key for key, title in options if title == part.song_title]
            self._song = DropDown(tr("Song"), options, value=known[0] if known else "")
            self._singer = SingerField(part.singer or last_singer(card.context))
            fields = row(Field(tr("Song"), self._song), Field(tr("Singer"), self._singer))
            fields.setStretch(0, 2)
            fields.setStretch(1, 1)
            box.addLayout(fields)
        self.setLayout(box)

    def _recover(self) -> None:
        self._hold()
        song = int(self._song.value) if self._song is not None and self._song.value else None
        singer = self._singer.name if self._singer is not None else ""
        self._card.recover(self._part, song=song, singer=singer)

    def _discard(self) -> None:
        self._hold()
        self._card.discard(self._part)

    def _hold(self) -> None:
        self.recover.setEnabled(False)
        self.discard.setEnabled(False)


def _listed(library: Library) -> tuple[tuple[PartLeft, ...], list[SongRow]]:
    from asa_desktop.services.parts import parts_left

    return parts_left(library), library.songs()


def _brought_back(place: Path, home: Path) -> None:
    """Undo `discard_part`: the note first, so that a kill between leaves the part whole."""
    from asa_desktop.engine.part import part_note_path

    if home.exists():
        raise PlaceError("in_the_way", path=home)
    try:
        for source, target in ((part_note_path(place), part_note_path(home)), (place, home)):
            if source.exists():
                source.replace(target)
    except OSError as error:
        raise place_error(error, place) from error
