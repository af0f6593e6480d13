"""One part under the eyes of `asa check`: finished where its note says how, else said."""

from __future__ import annotations

from pathlib import Path

from asa_desktop.core.errors import AsaError, Fact
from asa_desktop.engine.held import hold, is_held
from asa_desktop.services.files import TEMPORARY
from asa_desktop.services.findings import Finding
from asa_desktop.services.library import Library
from asa_desktop.services.part_row import SUFFIX
from asa_desktop.services.parts import finish_left, finished_take

SIDES = (".json", ".lock", TEMPORARY)
"""What may lie beside a part: its note, its lock, a note half written."""


def look_at_part(library: Library, path: Path, *, repair: bool) -> Finding:
    """What is to be said of a file among the parts that nobody holds.

    Codes: ``part_left`` (with ``to`` where it was finished), ``part_finished`` (its take is there
    already), ``part_empty``, ``part_unreadable``.
    """
    from asa_desktop.engine.finish import drop_part
    from asa_desktop.engine.part import part_info, read_part_note

    facts: dict[str, Fact] = {"path": path}
    code = "part_unreadable"
    try:
        frames = part_info(path)[1] if path.stat().st_size else 0
        code = "part_left" if frames else "part_empty"
        take = finished_take(library, path, read_part_note(path) or {}) if frames else None
        if take is not None:
            code, facts["to"] = "part_finished", take
        if not repair:
            return Finding(code, facts)
        if frames:
            facts["to"] = finish_left(library, path)
        else:
            with hold(path):
                drop_part(path)
    except (AsaError, OSError):
        return Finding(code, facts)  # what is in the way of finishing it stays in the way
    return Finding(code, facts, repaired=True)


def finishing_names(library: Library) -> tuple[str, ...]:
    """How temporary files begin that a living engine is making of its parts just now."""
    folder = library.recordings.parts
    held = [part for part in folder.glob(f"*{SUFFIX}") if is_held(part)] if folder.is_dir() else []
    if not held:
        return ()
    from asa_desktop.engine.part import read_part_note

    targets = [str((read_part_note(part) or {}).get("target", "")) for part in held]
    return tuple(f".{Path(target).name[:80]}." for target in targets if target)
