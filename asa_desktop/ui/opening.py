"""Files, folders and pages shown by the system's own programs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_path(path: Path) -> None:
    """Open a file or folder as a double click would."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def open_page(address: str) -> None:
    """Open an address in the user's browser, as a click on a link does."""
    QDesktopServices.openUrl(QUrl(address, QUrl.ParsingMode.StrictMode))
