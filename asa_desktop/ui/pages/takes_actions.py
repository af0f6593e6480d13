"""What is done with the chosen take, each with its way back."""

from __future__ import annotations

import contextlib
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QFile, QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from asa_desktop.core.errors import PlaceError
from asa_desktop.services import take_list
from asa_desktop.services.files import copy_verified
from asa_desktop.services.take_list import TakeEntry
from asa_desktop.ui.models.people import shown_name
from asa_desktop.ui.models.takes import name_of
from asa_desktop.ui.opening import open_path
from asa_desktop.ui.tr import tr

if TYPE_CHECKING:
    from asa_desktop.ui.context import AppContext

_VIEW = "takes"


class TakeActions(QObject):
    """Bin, restore, rename, export. `changed` gives the take that is to be chosen then, 0: none."""

    changed = Signal(int)

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.context = context
        self._parent = parent

    def bin(self, entry: TakeEntry, *, then: int = 0) -> None:
        """Off the list, the recording to the system's bin; `then` is chosen next."""
        take = entry.take

        trash = self.context.places.library / "trash"

        def binned(place: Path) -> None:
            named = {"song": take.song_title, "take": name_of(entry)}
            said = tr("“{song}, {take}” is in the bin.", **named)
            if place.parent == trash:  # this system has none
                said = tr("“{song}, {take}” is in the folder {path}.", path=trash, **named)
            self.context.notify(
                said, button=tr("Undo"), action=partial(self.restore, take.id, quiet=True)
            )
            self.changed.emit(then)

        self.context.library.run(
            lambda library: take_list.bin_take(library, take.id, system_bin),
            done=binned, owner=self,
        )  # fmt: skip

    def restore(self, take: int, *, quiet: bool = False) -> None:
        """Back to the list."""

        def restored(row: Any) -> None:
            if not quiet:
                said = tr("The take of “{song}” by {singer} is back.", song=row.song_title,
                          singer=shown_name(row.singer))  # fmt: skip
                self.context.notify(said)
            self.changed.emit(take)

        self.context.library.run(
            lambda library: take_list.unbin_take(library, take), done=restored, owner=self
        )

    def rename(self, take: int, title: str, singer: str) -> None:
        """Another title and singer."""
        self.context.library.run(
            lambda library: take_list.edit_take(library, take, title=title, singer=singer),
            done=lambda _: self.changed.emit(take), owner=self,
        )  # fmt: skip

    def export(self, entry: TakeEntry) -> None:
        """Ask where to, and copy the recording there."""
        start = Path(self._folder()) / file_name(entry)
        name, _ = QFileDialog.getSaveFileName(self._parent, tr("Export the recording"), str(start))
        if not name:
            return
        target = Path(name)
        self.context.keep_view(_VIEW, folder=str(target.parent))
        if target.suffix.lower() != start.suffix.lower():
            # The dialog asked about the name without its ending.
            target = target.with_name(target.name + start.suffix)
            if target.exists():
                self.context.notify(PlaceError("in_the_way", path=target))
                return
        self.export_to(entry, target)

    def export_to(self, entry: TakeEntry, target: Path) -> None:
        """Copy the bytes of a take; they are read back and compared."""
        take = entry.take
        library = self.context.places.library.resolve()
        if target.resolve().is_relative_to(library):
            self.context.notify(PlaceError("inside_library", path=library))
            return

        def found(source: Path) -> None:
            self.context.jobs.start(
                lambda task: copy_verified(source, target, progress=task.progress),
                title=tr("Exporting the recording"),
                done=lambda _: self.context.notify(
                    tr("The recording is at {path}.", path=target), button=tr("Open folder"),
                    action=partial(open_path, target.parent),
                ),
                owner=self,
            )  # fmt: skip

        self.context.library.run(
            lambda library: library.audio(library.take(take.id)), done=found, owner=self
        )

    def _folder(self) -> str:
        kept = self.context.view(_VIEW).get("folder")
        return kept if isinstance(kept, str) else str(Path.home())


def system_bin(path: Path) -> Path | None:
    """Give a file to the system's bin; where it lies there, None where there is no bin."""
    file = QFile(str(path))
    if not file.moveToTrash():
        # A new account may not have the folder in which its bin is to be.
        home = QStandardPaths.StandardLocation.GenericDataLocation
        with contextlib.suppress(OSError):
            Path(QStandardPaths.writableLocation(home)).mkdir(0o700, parents=True)
        if not file.moveToTrash():
            return None
    # Some systems do not tell where the file lies now.
    name = file.fileName()
    return Path(name) if name and Path(name) != path else take_list.UNKNOWN_PLACE


def file_name(entry: TakeEntry) -> str:
    """A name for an exported take that every system allows."""
    take = entry.take
    said = f"{take.song_title} - {shown_name(take.singer)} - {name_of(entry)}"
    plain = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", said)
    return " ".join(plain.split()).strip(". ")[:120] + Path(take.file).suffix
