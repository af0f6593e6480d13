"""What every part of the library stands on: one database and the recordings beside it."""

from __future__ import annotations

from asa_desktop.services.library.database import Database
from asa_desktop.services.library.recordings import Recordings


class Shelf:
    """The database and folders of an open library, used by the thread that opened it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.folder = database.path.parent
        self.recordings = Recordings(self.folder)
