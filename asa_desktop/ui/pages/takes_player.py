"""Hearing a take: made ready in a process of its own, played by the engine, ended by anybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from asa_desktop.core.errors import PlaceError

if TYPE_CHECKING:
    from asa_desktop.services.library import Library, TakeRow
    from asa_desktop.services.playback import Playable
    from asa_desktop.services.recorder import Recorder
    from asa_desktop.ui.context import AppContext

_LOOK_MS = 150
_DIED = ("engine_died", "engine_silent")


class TakePlayer(QObject):
    """Plays one take at a time. `playing` is its number, None when nothing sounds.

    `changed` comes with every change of that; `moved` gives the second of the recording that
    sounds now.
    """

    changed = Signal()
    moved = Signal(float)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.playing: int | None = None
        self._turn = 0
        self._sounds = self._asking = False
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def toggle(self, take: TakeRow) -> None:
        """Play it, or stop it where it plays already."""
        if self.playing == take.id:
            self.stop()
        else:
            self.play_take(take)

    def play_take(self, take: TakeRow) -> None:
        """Play a take from its beginning; what sounded before ends."""
        self.stop()
        self._turn += 1
        turn = self._turn
        self._say(take.id)
        self.context.library.run(
            lambda library: _file(library, take),
            done=lambda file: self._open(file, turn), failed=self._failed(turn), owner=self,
        )  # fmt: skip

    def stop(self) -> None:
        """Be silent."""
        self._turn += 1
        self._timer.stop()
        if self._sounds:
            self._sounds = False
            self.context.recorder.run(_hush, failed=lambda error: None, owner=self)
        self._say(None)

    # Step by step; whoever pressed something else meanwhile has made `turn` another

    def _open(self, file: Path, turn: int) -> None:
        if turn != self._turn:
            return
        settings = self.context.settings

        def opened(recorder: Recorder) -> int:
            from asa_desktop.services.rehearsal import setup_of

            if recorder.recording:
                raise PlaceError("engine_busy")
            return recorder.open(setup_of(settings)).rate

        self.context.recorder.run(
            opened, done=lambda rate: self._prepare(file, rate, turn),
            failed=self._failed(turn), owner=self,
        )  # fmt: skip

    def _prepare(self, file: Path, rate: int, turn: int) -> None:
        if turn != self._turn:
            return
        cache = self.context.places.cache

        def made(task: Any) -> tuple[Playable, ...]:
            from asa_desktop.services.playback import prepare_in_worker
            from asa_desktop.services.rehearsal import PLAYBACK

            return prepare_in_worker(
                (file,), rate=rate, cache=cache / PLAYBACK, cancelled=lambda: task.cancelled
            )

        self.context.jobs.start(
            made, done=lambda ready: self._play(ready[0].path, turn),
            failed=self._failed(turn), owner=self,
        )  # fmt: skip

    def _play(self, file: Path, turn: int) -> None:
        if turn != self._turn:
            return

        def begun(recorder: Recorder) -> None:
            from asa_desktop.engine.messages import Play

            recorder.events()  # what was said before is of no use any more
            recorder.play(Play(vocal=file))

        self._sounds = True
        self.context.recorder.run(
            begun, done=lambda _: self._begun(turn), failed=self._failed(turn), owner=self
        )

    def _begun(self, turn: int) -> None:
        if turn == self._turn:
            self._timer.start()

    def _look(self) -> None:
        if self._asking:
            return
        self._asking = True
        turn = self._turn

        def looked(seen: tuple[bool, float]) -> None:
            self._asking = False
            if turn != self._turn:
                return
            ended, second = seen
            if ended:
                self.stop()
            else:
                self.moved.emit(second)

        def failed(error: BaseException) -> None:
            self._asking = False
            self._failed(turn)(error)

        self.context.recorder.run(_seen, done=looked, failed=failed, owner=self)

    def _failed(self, turn: int) -> Any:
        def failed(error: BaseException) -> None:
            if turn != self._turn:
                return
            if getattr(error, "code", "") in _DIED:
                self._sounds = False
            self.stop()
            self.context.complain(error)

        return failed

    def _say(self, take: int | None) -> None:
        if take != self.playing:
            self.playing = take
            self.changed.emit()


def _file(library: Library, take: TakeRow) -> Path:
    return library.audio(library.take(take.id))


def _hush(recorder: Recorder) -> None:
    """End what sounds, and let go of the microphone that was opened with the headphones."""
    recorder.stop()
    recorder.close_devices()
    recorder.events()


def _seen(recorder: Recorder) -> tuple[bool, float]:
    """Whether it has ended, and which second sounds."""
    from asa_desktop.engine.faults import error_of
    from asa_desktop.engine.messages import Fault, Lost, Played

    for event in recorder.events():
        if isinstance(event, Played):
            return True, 0.0
        if isinstance(event, Fault):
            raise error_of(event)
        if isinstance(event, Lost):
            raise PlaceError("device_lost")
    return False, float(recorder.snapshot().song_s)
