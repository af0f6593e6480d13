"""What every page is given: settings, the library's thread, the recorder, ways to go and tell."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from asa_desktop.core.errors import AsaError
from asa_desktop.services.paths import Places, places
from asa_desktop.services.settings import Settings, load_settings, save_settings
from asa_desktop.ui import faults
from asa_desktop.ui.jobs import Jobs, Resident

if TYPE_CHECKING:
    from asa_desktop.services.library import Library
    from asa_desktop.services.recorder import Recorder
    from asa_desktop.ui.updates import Updates

log = logging.getLogger(__name__)

_SAVE_AFTER_MS = 400
_LIBRARY_PATIENCE_S, _SOUND_PATIENCE_S = 10.0, 900.0


class AppContext(QObject):
    """One for the whole window.

    `settings_changed` gives the names that changed; `library_changed` tells every page to look
    again; `told` and `went` are what the window listens to. `touring`: the introduction is under
    way, and each page that belongs to it says its step.
    """

    settings_changed = Signal(frozenset)
    library_changed = Signal()
    told = Signal(str, str, str, object)
    went = Signal(str, dict)

    def __init__(self, where: Places | None = None) -> None:
        super().__init__()
        self.places = where or places()
        self.diary: Path | None = None
        self.touring = False
        self.settings, self.findings = self._read()
        self.jobs = Jobs(self.complain)
        self._writing = threading.Lock()
        self._closed = False
        self._save = QTimer(self, singleShot=True, interval=_SAVE_AFTER_MS)
        self._save.timeout.connect(self._save_beside)

    # Settings

    def change(self, **values: Any) -> None:
        """Change settings, here at once and on the disk in a moment."""
        before, self.settings = self.settings, replace(self.settings, **values)
        changed = frozenset(
            name for name in values if getattr(before, name) != getattr(self.settings, name)
        )
        if changed:
            if not self._closed:  # a timer that runs on would outlive what it belongs to
                self._save.start()
            self.settings_changed.emit(changed)

    def view(self, page: str) -> Mapping[str, Any]:
        """What `page` remembered of its view."""
        return self.settings.views.get(page, {})

    def keep_view(self, page: str, **values: Any) -> None:
        """Remember something of a page's view (what JSON can hold)."""
        views = {**self.settings.views, page: {**self.view(page), **values}}
        self.change(views=views)

    def save(self) -> None:
        """Write the settings now."""
        self._save.stop()
        try:
            self._write(self.settings)
        except AsaError as error:
            self.complain(error)

    def _save_beside(self) -> None:
        """Write them while the window goes on: a disk may take its time."""
        settings = self.settings
        self.jobs.start(lambda task: self._write(settings))

    def _write(self, settings: Settings) -> None:
        with self._writing:
            if settings is self.settings:  # else a newer one is on its way
                save_settings(self.places.settings, settings)

    def _read(self) -> tuple[Settings, tuple[Any, ...]]:
        try:
            return load_settings(self.places.settings)
        except AsaError as error:
            return Settings(), (error,)

    # What lives on threads of its own

    @cached_property
    def library(self) -> Resident[Library]:
        """The library: ``context.library.run(lambda library: library.songs(), done=...)``."""

        def made() -> Library:
            from asa_desktop.services.library import Library

            return Library.open(self.places.library)

        return self._resident("library", made, close=lambda one: one.close())

    @cached_property
    def recorder(self) -> Resident[Recorder]:
        """The audio engine's client; its first use starts the engine."""

        def started() -> Recorder:
            from asa_desktop.services.recorder import Recorder

            return Recorder.start()

        fatal = frozenset({"engine_died", "engine_silent"})
        return self._resident("recorder", started, close=lambda one: one.close(), fatal=fatal)

    @cached_property
    def analyst(self) -> Resident[Any]:
        """The analysis worker's client; its first use starts the worker."""

        def started() -> Any:
            from asa_desktop.services.analyst import Analyst, worker_main

            return Analyst.start(
                main=partial(worker_main, device=self.settings.device),
                features=self.places.features,
            )

        return self._resident("analyst", started, close=lambda one: one.close())

    def _resident(
        self,
        name: str,
        make: Callable[[], Any],
        *,
        close: Callable[[Any], object],
        fatal: frozenset[str] = frozenset(),
    ) -> Resident[Any]:
        return Resident(
            name,
            make,
            close=close,
            courier=self.jobs.courier,
            complain=self.complain,
            fatal=fatal,
        )

    @cached_property
    def updates(self) -> Updates:
        """What is known of newer versions."""
        from asa_desktop.ui.updates import Updates

        return Updates(self)

    # To the window

    def navigate(self, page: str, **arguments: Any) -> None:
        """Go to a page by its name; its `activated` gets the arguments."""
        self.went.emit(page, arguments)

    def notify(
        self,
        what: BaseException | str,
        *,
        level: str = "info",
        button: str = "",
        action: Callable[[], object] | None = None,
    ) -> None:
        """Say an error or a sentence in the window's bar."""
        if isinstance(what, BaseException):
            level, sentence = "error", faults.sentence_of(what, self.diary)
        else:
            sentence = what
        if sentence:
            self.told.emit(sentence, level, button, action)

    def complain(self, error: BaseException) -> None:
        """Say an error, and write ours into the diary."""
        if faults.surroundings(error) is None:
            log.error("something failed", exc_info=error)
        self.notify(error)

    def close(self) -> None:
        """Save, stop the jobs, and close what was opened: a take under way is ended properly."""
        self._closed = True
        self.save()
        if "updates" in self.__dict__:
            self.updates.close()
        self.jobs.close()
        for name, patience_s in (
            ("analyst", _LIBRARY_PATIENCE_S),
            ("recorder", _SOUND_PATIENCE_S),
            ("library", _LIBRARY_PATIENCE_S),
        ):
            resident = self.__dict__.get(name)
            if resident is not None and not resident.close(patience_s=patience_s):
                log.warning("%s did not end in time", name)
