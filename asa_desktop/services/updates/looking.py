"""One look for newer versions: what is remembered of it, and when the next one is due."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asa_desktop import __version__
from asa_desktop.core.errors import UpdateError
from asa_desktop.services.files import write_bytes
from asa_desktop.services.paths import private_folder
from asa_desktop.services.updates.asking import LIMIT_S, Cancel, Main, asked, fetch_main
from asa_desktop.services.updates.place import Place
from asa_desktop.services.updates.release_list import (
    Release,
    ReleaseList,
    believed,
    newer,
    release_of,
)

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
_LARGEST_MEMORY = 1 << 16


@dataclass(frozen=True, slots=True)
class Memory:
    """What stays of the looks: the highest number of a list, the time of the last, what it found.

    `outcome` is the code of what went wrong, empty for a look that went well.
    """

    serial: int = 0
    looked: datetime | None = None
    outcome: str = ""
    found: Release | None = None

    def due(self, now: datetime) -> bool:
        """Whether a day has passed. A look in the future was dated by a clock that was wrong."""
        return self.looked is None or not self.looked <= now < self.looked + EVERY

    def newer(self, version: str = __version__) -> Release | None:
        """What was found, where it is newer than this program still."""
        return newer((self.found,), version) if self.found else None


def memory_file(home: Path) -> Path:
    """Where the memory lies."""
    return home / "updates.json"


def remembered(path: Path) -> Memory:
    """The memory; an empty one where there is none, or none that can be read."""
    try:
        if path.stat().st_size > _LARGEST_MEMORY:
            return Memory()
        return _memory(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Memory()


def look(
    place: Place,
    path: Path,
    *,
    now: datetime | None = None,
    cancelled: Cancel | None = None,
    main: Main = fetch_main,
    limit_s: float = LIMIT_S,
) -> tuple[Memory, ReleaseList]:
    """Fetch the list, believe it or not, and remember; the memory now, and the list.

    That somebody looked is remembered before, so that a failing look is one of the day's too; where
    nothing can be written down nobody is asked.

    Raises
    ------
    UpdateError
        ``updates_unreached``, ``updates_refused``, ``updates_stale``.
    PlaceError
        What the disk says.
    Cancelled
        When `cancelled` said so.
    """
    now = now or datetime.now(UTC)
    memory = replace(remembered(path), looked=now, outcome="")
    _remember(path, memory)
    try:
        content, signature = asked(place, main=main, cancelled=cancelled, limit_s=limit_s)
        found = believed(content, signature, keys=place.keys, now=now, least_serial=memory.serial)
    except UpdateError as error:
        log.info("no list of releases: %s (%s)", error.code, error.facts.get("why", ""))
        _remember(path, replace(memory, outcome=error.code))
        raise
    memory = replace(memory, serial=found.serial, found=newer(found.releases, __version__))
    _remember(path, memory)
    return memory, found


def _remember(path: Path, memory: Memory) -> None:
    kept: dict[str, Any] = {"serial": memory.serial, "outcome": memory.outcome}
    if memory.looked is not None:
        kept["looked"] = memory.looked.astimezone(UTC).isoformat()
    if memory.found is not None:
        kept["found"] = {**asdict(memory.found), "date": memory.found.date.isoformat()}
    private_folder(path.parent)
    write_bytes(path, json.dumps(kept, indent=1).encode() + b"\n")


def _memory(kept: Any) -> Memory:
    serial, looked, outcome = kept.get("serial", 0), kept.get("looked"), kept.get("outcome", "")
    if type(serial) is not int or serial < 0 or not isinstance(outcome, str):
        raise ValueError("not ours")
    when = datetime.fromisoformat(looked) if looked is not None else None
    if when is not None and when.tzinfo is None:
        raise ValueError("no moment")
    found = kept.get("found")
    return Memory(serial, when, outcome, release_of(found) if found is not None else None)
