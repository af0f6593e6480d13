"""What the sound check measures, beside the window: opening, listening, calibrating."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from asa_desktop.core.errors import Cancelled, PlaceError
from asa_desktop.engine.messages import Calibrated, Opened
from asa_desktop.services.delays import delay_for, keep_delay
from asa_desktop.services.rehearsal import make_ready, setup_of
from asa_desktop.services.soundcheck import Bleed, check_job, measure_bleed, piece_of

if TYPE_CHECKING:
    from asa_desktop.core.types import FloatArray
    from asa_desktop.services.library import DelayRow
    from asa_desktop.services.recorder import Recorder
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Task

FOLDER = "check"
_STOPPED = object()


class Measuring(QObject):
    """One thing at a time; `busy` names it. Each outcome is a signal, faults come by `failed`."""

    opened = Signal(object)
    delay_known = Signal(object)
    bleed_found = Signal(object)
    calibrated = Signal(object)
    failed = Signal(str, object)
    busy_changed = Signal(str)

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.busy = ""
        self.devices: Opened | None = None
        self._wanted = False
        self._stop = threading.Event()

    def open(self) -> None:
        """Open the chosen devices, and look up their delay."""
        self.cancel()
        self.devices = None
        self._wanted = True
        setup = setup_of(self.context.settings)
        self._run("open", lambda it: it.open(setup), self._opened)

    def open_again(self) -> None:
        """As `open` where that failed before: nobody is told before it is over."""
        if self.busy or self.devices is not None or not self._wanted:
            return
        setup = setup_of(self.context.settings)
        self._hand("open", lambda it: it.open(setup), self._opened)

    def listen(self, song: int | None) -> None:
        """Play a piece of the song (none: soft noise) and measure what comes back of it."""
        opened = self.devices
        if opened is None or self.busy:
            return
        self._begin("bleed")
        if song is None:
            self._piece(None, opened)
            return
        self.context.library.run(
            lambda it: it.song(song).path,
            done=lambda path: self._piece(path, opened),
            failed=lambda error: self._fault("bleed", error),
            owner=self,
        )

    def calibrate(self, *, by_ear: bool) -> None:
        """Measure the round trip and keep it."""
        stop = self._stop = threading.Event()
        if by_ear:
            self._run("delay", lambda it: it.tap_along(cancelled=stop.is_set), self._calibrated)
        else:
            self._run("delay", lambda it: it.calibrate(cancelled=stop.is_set), self._calibrated)

    def cancel(self) -> None:
        """Stop what is being measured."""
        self._stop.set()

    def close(self) -> None:
        """Let go of the devices."""
        self.cancel()
        self.devices = None
        self._wanted = False
        if self.context.recorder.value is not None:
            self.context.recorder.run(
                lambda it: it.close_devices(), failed=lambda error: None, owner=self
            )

    # Opening

    def _opened(self, opened: Opened) -> None:
        if not self._wanted:  # the page was left meanwhile
            return
        self.devices = opened
        self.opened.emit(opened)
        if not self.busy:  # nobody was told that they are being opened
            self.busy_changed.emit("")
        self.context.library.run(
            lambda it: delay_for(opened, library=it), done=self.delay_known.emit, owner=self
        )

    # Bleed

    def _piece(self, path: object, opened: Opened) -> None:
        from pathlib import Path

        stop, cache = self._stop, self.context.places.cache
        gain = self.context.settings.accompaniment_volume

        def work(task: Task) -> FloatArray:
            backing = None
            if isinstance(path, Path):
                from asa_desktop.core.songs import load_song

                ready = make_ready(
                    load_song(path),
                    rate=opened.rate,
                    cache=cache,
                    with_voice=False,
                    cancelled=stop.is_set,
                )
                backing = ready.backing or ready.voice
            return piece_of(backing, rate=opened.rate, gain=gain)

        self.context.jobs.start(
            work,
            done=lambda piece: self._play(piece, opened),
            failed=lambda error: self._fault("bleed", error),
            stopped=lambda: self._end("bleed"),
            owner=self,
        )

    def _play(self, piece: FloatArray, opened: Opened) -> None:
        stop, folder = self._stop, self.context.places.cache / FOLDER

        def work(it: Recorder) -> Bleed:
            try:
                job = check_job(piece, folder, rate=opened.rate)
            except OSError as error:
                from asa_desktop.core.errors import place_error

                raise place_error(error, folder) from error
            return measure_bleed(it, job, cancelled=stop.is_set)

        self._hand("bleed", work, self.bleed_found.emit)

    # Delay

    def _calibrated(self, found: Calibrated) -> None:
        opened = self.devices
        if opened is None:
            return
        self.calibrated.emit(found)

        def keep(library: object) -> DelayRow:
            return keep_delay(opened, found, library=library)  # type: ignore[arg-type]

        self.context.library.run(keep, done=self.delay_known.emit, owner=self)

    # One at a time

    def _run(
        self, what: str, work: Callable[[Recorder], object], done: Callable[..., object]
    ) -> None:
        self._begin(what)
        self._hand(what, work, done)

    def _hand(
        self, what: str, work: Callable[[Recorder], object], done: Callable[..., object]
    ) -> None:
        def unless_stopped(it: Recorder) -> object:
            try:
                return work(it)
            except Cancelled:
                return _STOPPED

        def over(result: object) -> None:
            if result is not _STOPPED:
                done(result)
            self._end(what)

        self.context.recorder.run(
            unless_stopped, done=over, failed=lambda error: self._fault(what, error), owner=self
        )

    def _begin(self, what: str) -> None:
        if what != "delay":
            self._stop = threading.Event()
        self.busy = what
        self.busy_changed.emit(what)

    def _end(self, what: str) -> None:
        if self.busy == what:
            self.busy = ""
            self.busy_changed.emit("")

    def _fault(self, what: str, error: BaseException) -> None:
        if isinstance(error, PlaceError) and error.code in ("engine_died", "engine_silent"):
            self.devices = None
        self._end(what)
        self.failed.emit(what, error)
