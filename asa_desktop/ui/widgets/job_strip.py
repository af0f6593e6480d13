"""Long work that no page shows by itself: how far each job is, and its cross."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from asa_desktop.ui.theme.tokens import XS
from asa_desktop.ui.widgets.frames import column
from asa_desktop.ui.widgets.progress import ProgressRow

if TYPE_CHECKING:
    from asa_desktop.ui.jobs import Job, Jobs

_SHOWN_AFTER_MS = 300


class JobStrip(QWidget):
    """Shows the jobs that have a title, from a moment after their beginning to their end."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._rows = column(spacing=XS)
        self.setLayout(self._rows)
        self._count = 0
        self.hide()
        jobs.started.connect(self._started)

    def _started(self, job: Job) -> None:
        if job.title:
            QTimer.singleShot(_SHOWN_AFTER_MS, self, partial(self._show, job))

    def _show(self, job: Job) -> None:
        if not job.running:
            return
        row = ProgressRow(job.title, cancel=job.cancel)
        job.progressed.connect(row.show_part)
        job.finished.connect(partial(self._remove, row))
        self._rows.addWidget(row)
        self._count += 1
        self.show()

    def _remove(self, row: ProgressRow) -> None:
        row.hide()
        row.deleteLater()
        self._count -= 1
        self.setVisible(self._count > 0)
