"""Hearing a take of the list."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from asa_desktop.engine.messages import Play
from asa_desktop.ui.playing import Player, prepared

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, TakeRow
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task


class TakePlayer(QObject):
    """Plays one take at a time. `playing` is its number, None when nothing sounds or will.

    `changed` comes with every change of that; `sound` tells whether it is still being made ready.
    The devices are open only for as long as something sounds.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.playing: int | None = None
        self.sound = Player(context, self)
        self.sound.ended.connect(self.stop)

    def toggle(self, take: TakeRow) -> None:
        """Play it, or stop it where it plays already."""
        if self.playing == take.id:
            self.stop()
        else:
            self.play_take(take)

    def play_take(self, take: TakeRow) -> None:
        """Play a take from its beginning; what sounded before ends."""
        self.sound.let_go()
        self._say(take.id)
        self.context.library.run(
            lambda library: _file(library, take),
            done=self.sound.in_turn(self._found),
            failed=self.sound.in_turn(self.sound.fail),
            owner=self,
        )

    def stop(self) -> None:
        """Be silent."""
        self.sound.let_go()
        self._say(None)

    def _found(self, file: Path) -> None:
        self.sound.make_ready(
            partial(_ready, file, self.context.places.cache),
            lambda path: self.sound.play(Play(vocal=path)),
        )

    def _say(self, take: int | None) -> None:
        if take != self.playing:
            self.playing = take
            self.changed.emit()


def _file(library: Library, take: TakeRow) -> Path:
    return library.audio(library.take(take.id))


def _ready(file: Path, cache: Path, rate: int, task: Task) -> Path:
    return prepared((file,), rate=rate, cache=cache, task=task)[0].path
