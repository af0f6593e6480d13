"""The library of people, songs, takes and analyses: SQLite with the audio beside it."""

from asa_desktop.services.library.library import Library, restore_backup
from asa_desktop.services.library.rows import (
    AnalysisRow,
    ClipRow,
    DelayRow,
    PersonRow,
    SongRow,
    TakeRow,
)

__all__ = [
    "AnalysisRow",
    "ClipRow",
    "DelayRow",
    "Library",
    "PersonRow",
    "SongRow",
    "TakeRow",
    "restore_backup",
]
