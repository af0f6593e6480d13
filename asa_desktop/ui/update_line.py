"""The quiet line that says there is a newer version: what is new, its page, and a cross."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy

from asa_desktop.ui.opening import open_page
from asa_desktop.ui.theme.tokens import M, S
from asa_desktop.ui.tr import tr
from asa_desktop.ui.updates import Updates
from asa_desktop.ui.widgets.button import Button, IconButton
from asa_desktop.ui.widgets.frames import label, row
from asa_desktop.ui.widgets.notice import Sign


class UpdateLine(QFrame):
    """Hidden while there is nothing to tell; `told` comes when that has changed.

    It takes no focus and opens nothing by itself.
    """

    told = Signal()

    def __init__(self, updates: Updates) -> None:
        super().__init__()
        self._updates = updates
        self.setObjectName("notice")
        self._words = label("", wrap=True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.page = Button(tr("Open its page"), action=self._open)
        self.cross = IconButton("x", tr("Say nothing more of this version"), action=updates.dismiss)
        box = row(Sign(), self._words, self.page, self.cross, spacing=M)
        box.setContentsMargins(M, S - 2, S, S - 2)
        self.setLayout(box)
        updates.changed.connect(self._tell)
        self._tell()

    @property
    def sentence(self) -> str:
        """What is said; empty while it is hidden."""
        return "" if self.isHidden() else self._words.text()

    def _tell(self) -> None:
        release = self._updates.release
        if release is not None:
            said = tr("Version {version} is out: {about}",
                      version=release.version, about=release.about)  # fmt: skip
            self._words.setText(said)
            self.setAccessibleName(said)
            self.page.setToolTip(release.page)
            self.page.setAccessibleDescription(release.page)
        self.setVisible(release is not None)
        self.told.emit()

    def _open(self) -> None:
        release = self._updates.release
        if release is not None:
            open_page(release.page)
