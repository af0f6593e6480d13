"""What `asa-train render` was called with, kept in the folder that it filled.

So a model can say how its renditions came about, and they can be made again: `calls.jsonl` has one
line a call, in their order, without any path but those of the recordings below the data folder or
the manifest's root.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import PlaceError
from asa_training.corpus import Recording, Split
from asa_training.render.batch import Job
from asa_training.render.draw import SWAY_S, Design
from asa_training.writing import write_text

CALLS = "calls.jsonl"
_TOLD_APART = ("split", "manifest", "recordings")


@dataclass(frozen=True, slots=True)
class Used:
    """A recording as it was: `path` is its place, `sha256` of its file.

    A row of a manifest is told in full, so that nobody needs the table to make it again; what the
    corpora know of theirs is "" here.
    """

    id: str
    path: str
    sha256: str
    singer: str = ""
    song: str = ""
    part: str = ""
    licence: str = ""

    def to_dict(self) -> dict[str, str]:
        """Plain values; none that are empty."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call, as its command line has them, and the recordings they chose.

    `manifest` is the table's file name, "" where they come from the corpora.
    """

    split: Split
    engine: tuple[str, ...] = ("world",)
    per_source: int = 14
    design: Design = "turn"
    sway: float = SWAY_S
    probes: int = 0
    seed: int = 0
    limit: int | None = None
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    accompany: bool = False
    manifest: str = ""
    recordings: tuple[Used, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "recordings": [one.to_dict() for one in self.recordings]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Call:
        """Read what `to_dict` gave. Raises TypeError, ValueError or KeyError where it is not."""
        given = dict(values)
        for name in ("engine", "exclude", "only"):
            given[name] = tuple(str(each) for each in given.get(name, ()))
        given["recordings"] = tuple(Used(**each) for each in given.get("recordings", ()))
        return cls(**given)

    def command(self, *, data: str, out: str) -> str:
        """The command line that this was; `data` is also what a manifest's paths begin at."""
        table = ["--manifest", self.manifest, "--root", data]
        source = table if self.manifest else ["--data", data]
        words = ["asa-train", "render", *source, "--out", out, "--split", self.split]
        defaults = Call(self.split)
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name in _TOLD_APART or value == getattr(defaults, each.name):
                continue
            words.append(f"--{each.name.replace('_', '-')}")
            if isinstance(value, tuple):
                words.extend(value)
            elif value is not True:
                words.append(str(value))
        return shlex.join(words)

    def jobs(self, recordings: Iterable[Recording], out: Path) -> list[Job]:
        """What is to be done for these recordings."""
        return [
            Job(
                recording=one,
                out=out,
                engines=self.engine,
                count=self.per_source,
                probes=self.probes,
                seed=self.seed,
                design=self.design,
                sway_s=self.sway,
                accompany=self.accompany,
            )
            for one in recordings
        ]


def used(recordings: Iterable[Recording], *, in_full: bool = False) -> tuple[Used, ...]:
    """The recordings with what their files hold now; `in_full` for those of a manifest."""
    told = ("singer", "song", "part", "licence") if in_full else ()
    return tuple(
        Used(one.id, one.place, one.sha256(), **{name: getattr(one, name) for name in told})
        for one in recordings
    )


def remember(folder: Path, call: Call) -> None:
    """Put a call at the end of the folder's list, unless it is the last one there already."""
    calls = read_calls(folder)
    if calls[-1:] == [call]:
        return
    lines = (json.dumps(each.to_dict(), separators=(",", ":")) for each in (*calls, call))
    write_text(folder / CALLS, "".join(f"{line}\n" for line in lines))


def read_calls(folder: Path) -> list[Call]:
    """The calls that filled a folder; none where that is not known. Raises ``calls_broken``."""
    path = folder / CALLS
    if not path.exists():
        return []
    try:
        lines = path.read_text("utf-8").splitlines()
        return [Call.from_dict(json.loads(line)) for line in lines]
    except (OSError, TypeError, ValueError) as fault:
        raise PlaceError("calls_broken", path=path) from fault
