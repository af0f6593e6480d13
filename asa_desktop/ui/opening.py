"""Files and folders shown by the system's own programs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_path(path: Path) -> None:
    """Open a file or folder as a double click would."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
