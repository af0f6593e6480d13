"""Which takes are shown: of whom, of what, in which order, or those in the bin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from asa_desktop.services.take_list import TakeEntry
from asa_desktop.ui.models.people import shown_name
from asa_desktop.ui.models.takes import BY_SINGER, BY_SONG, NEWEST
from asa_desktop.ui.theme.tokens import S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.choice import DropDown, Segmented
from asa_desktop.ui.widgets.frames import row

if TYPE_CHECKING:
    from asa_desktop.services.library import SongRow

ORDERS = (NEWEST, BY_SINGER, BY_SONG)


class Filters(QWidget):
    """`changed` comes with every choice, `binned` with the press that shows or leaves the bin."""

    changed = Signal()
    binned = Signal()

    def __init__(self, order: str) -> None:
        super().__init__()
        self.setAccessibleName(tr("Which takes are shown"))
        self.singers = DropDown(tr("Singer"), [("", tr("All singers"))])
        self.songs = DropDown(tr("Song"), [("", tr("All songs"))])
        orders = ((NEWEST, tr("Newest")), (BY_SINGER, tr("Singer")), (BY_SONG, tr("Song")))
        self.orders = Segmented(tr("Order"), orders, value=order)
        self.bin = Button("", kind="quiet", icon="trash-2", action=self.binned.emit)
        self.bin.setCheckable(True)
        self.setLayout(row(self.singers, self.songs, self.orders, None, self.bin, spacing=S))
        self.singers.picked.connect(lambda _: self.changed.emit())
        self.songs.picked.connect(lambda _: self.changed.emit())
        self.orders.chosen.connect(lambda _: self.changed.emit())

    @property
    def order(self) -> str:
        return self.orders.value

    @property
    def singer(self) -> int | None:
        return int(self.singers.value) if self.singers.value else None

    @property
    def song(self) -> int | None:
        return int(self.songs.value) if self.songs.value else None

    def offer(
        self,
        entries: Sequence[TakeEntry],
        songs: Iterable[SongRow],
        *,
        singer: int | None,
        song: int | None,
    ) -> None:
        """Offer the singers and songs of these takes.

        What is chosen stays as far as there is something of it; a song may have no take yet.
        """
        people = {one.take.person: shown_name(one.take.singer) for one in entries}
        titles = {one.take.song: one.take.song_title for one in entries}
        if song is not None and song not in titles:
            titles |= {one.id: one.title for one in songs if one.id == song}
        self.singers.set_options(
            [("", tr("All singers")), *_by_name(people)], value=_value(singer, people)
        )
        self.songs.set_options(
            [("", tr("All songs")), *_by_name(titles)], value=_value(song, titles)
        )

    def count_bin(self, count: int, *, shown: bool) -> None:
        """Say how many takes are in the bin; with none there is nothing to go to."""
        self.bin.say(tr("In the bin: {count}", count=count))
        self.bin.setVisible(bool(count))
        self.bin.setChecked(shown)


def _by_name(names: dict[int, str]) -> list[tuple[str, str]]:
    ordered = sorted(names.items(), key=lambda one: (one[1].casefold(), one[0]))
    return [(str(key), name) for key, name in ordered]


def _value(key: int | None, names: dict[int, str]) -> str:
    return str(key) if key in names else ""
