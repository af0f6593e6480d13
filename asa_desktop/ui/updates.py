"""Newer versions: looked for when it is wanted and time, or on a click; told, never fetched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from asa_desktop.core.errors import AsaError
from asa_desktop.services.updates.place import here

if TYPE_CHECKING:
    from pathlib import Path

    from asa_desktop.services.updates.looking import Memory
    from asa_desktop.services.updates.release_list import Release, ReleaseList
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.jobs import Job, Task

_VIEW = "updates"
_FIRST_MS, _EVERY_MS, _ASK_AGAIN_MS = 5_000, 30 * 60_000, 500


class Updates(QObject):
    """What is known of newer versions. `changed` comes whenever any of it does.

    `release` is what to tell: newer than this program and not dismissed. `memory` is None until
    `begin`, or for ever in a build without a place. `error` is what went wrong with the last look
    of this run; `looked_now`: somebody clicked for one.
    """

    changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._context = context
        self._job: Job | None = None
        self._soon = QTimer(self, singleShot=True, interval=_FIRST_MS)
        self._timer = QTimer(self, interval=_EVERY_MS)
        for timer in (self._soon, self._timer):
            timer.timeout.connect(self.look_if_due)
        self._quiet = QTimer(self, singleShot=True, interval=_ASK_AGAIN_MS)
        self._quiet.timeout.connect(self._tell)
        self.busy = lambda: False
        self.place = here()
        self.memory: Memory | None = None
        self.error: AsaError | None = None
        self.looked_now = False
        context.settings_changed.connect(self._settings_changed)

    @property
    def looking(self) -> bool:
        """Whether a look is under way."""
        return self._job is not None

    @property
    def release(self) -> Release | None:
        """What to tell: nobody is told who did not ask."""
        found = self._newer()
        asked = self._context.settings.updates or self.looked_now
        if found is None or not asked or self._dismissed == found.version:
            return None
        return found

    def begin(self) -> None:
        """Read what is remembered, and look when it is time: from a moment after the start on."""
        if self.place is None:
            return
        self._remember()
        self._soon.start()
        self._timer.start()

    def close(self) -> None:
        """Look no more."""
        for timer in (self._soon, self._timer, self._quiet):
            timer.stop()

    def look_if_due(self) -> None:
        """Look, where the user wants it and a day has passed; never while somebody sings."""
        wanted = self._context.settings.updates and not self.busy()
        if wanted and self.memory is not None and self.memory.due(datetime.now(UTC)):
            self._look(clicked=False)

    def look(self) -> None:
        """Look now."""
        self._look(clicked=True)

    def dismiss(self) -> None:
        """Say nothing more of the version that is told now."""
        found = self._newer()
        if found is not None:
            self._context.keep_view(_VIEW, dismissed=found.version)
            self.changed.emit()

    @property
    def _dismissed(self) -> object:
        return self._context.view(_VIEW).get("dismissed")

    def _look(self, *, clicked: bool) -> None:
        place, file = self.place, self._file()
        if self._job is not None or place is None:
            return

        def work(task: Task) -> tuple[Memory, ReleaseList]:
            from asa_desktop.services.updates.looking import look

            return look(place, file, cancelled=lambda: task.cancelled)

        self.looked_now = self.looked_now or clicked
        self._job = self._context.jobs.start(
            work,
            done=self._found,
            failed=self._failed,
            stopped=lambda: self._settle(None),
            owner=self,
        )
        self.changed.emit()

    def _found(self, found: tuple[Memory, ReleaseList]) -> None:
        self.memory = found[0]
        self._settle(None)

    def _failed(self, error: BaseException) -> None:
        self._remember()
        if isinstance(error, AsaError):  # said in the settings, and nowhere else
            self._settle(error)
        else:
            self._settle(None)
            self._context.complain(error)

    def _settle(self, error: AsaError | None) -> None:
        self._job, self.error = None, error
        self._tell()

    def _tell(self) -> None:
        """Say that something changed, once nobody sings: a line more moves what is below it."""
        if self.busy():
            self._quiet.start()
        else:
            self.changed.emit()

    def _remember(self) -> None:
        from asa_desktop.services.updates.looking import remembered

        self.memory = remembered(self._file())
        self._tell()

    def _file(self) -> Path:
        from asa_desktop.services.updates.looking import memory_file

        return memory_file(self._context.places.home)

    def _newer(self) -> Release | None:
        return self.memory.newer() if self.memory is not None else None

    def _settings_changed(self, names: frozenset[str]) -> None:
        if "updates" in names:
            self.changed.emit()
            self.look_if_due()
