"""Which recordings of a manifest are learnt from and which choose the state, with their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.errors import UsageError
from asa_desktop.core.models import SYSTEMS, Needs
from asa_training.corpus import Split
from asa_training.manifest import Manifest, Performance, Row, performances, read_manifest
from asa_training.prepared.recordings import Recording, is_sound
from asa_training.rated.command import rated_ones

SPLITS: tuple[Split, Split] = ("train", "validation")

_COLUMNS: Mapping[Needs, str] = {"vocal": "reference", "accompaniment": "accompaniment"}
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Marked:
    """One recording with the mean mark of its performance, `score`, brought to 0 to 100.

    `vocal` is the first of its references that is sound, `accompaniment` what was heard while
    singing; None where the row names none.
    """

    row: Row
    score: float
    take: Recording
    vocal: Recording | None = None
    accompaniment: Recording | None = None

    def compared(self, needs: Needs) -> Recording | None:
        """What a system with these needs compares it with."""
        return {"nothing": None, "vocal": self.vocal, "accompaniment": self.accompaniment}[needs]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The recordings of both splits, and a sentence for everything that was left out."""

    recordings: Mapping[Split, tuple[Marked, ...]]
    notices: tuple[str, ...]


def choose(path: Path, *, root: Path | None, target: str, system: str) -> Chosen:
    """The marked recordings of a manifest, by split, that a system can learn from.

    Raises
    ------
    UsageError
        As `read_manifest` and `rated_ones`; ``scale_missing`` where marks come without their scale,
        ``split_lacks`` where a split has no marked recording, ``marked_lacks`` where none of a
        split names what the system compares with, ``singers_in_both`` where somebody sings in
        both splits.
    PlaceError
        Where the manifest is missing or closed to us.
    """
    manifest = read_manifest(path, root=root)
    rated = rated_ones(manifest, target, path)
    if unscaled := [each for each in rated if target not in each.scales]:
        raise UsageError("scale_missing", path=path, target=target, place=unscaled[0].rows[0].path)
    split = {name: [each for each in rated if each.split == name] for name in SPLITS}
    _refuse_singers(split, path)
    notices = _untouched(manifest, rated)
    listed = {row.path: row.sha256 for row in manifest.rows}
    found: dict[Split, tuple[Marked, ...]] = {}
    for name, some in split.items():
        sung = [_marked(row, each, target, manifest.root, listed)
                for each in some for row in each.rows if is_sound(row.path)]  # fmt: skip
        if not sung:
            raise UsageError("split_lacks", path=path, split=name, target=target)
        found[name], lacking = _with_reference(sung, system, split=name, path=path)
        notices += lacking
    if both := _songs(split["train"]) & _songs(split["validation"]):
        notices.append(
            f"sung in both splits: {few(both)}; the state is chosen on songs that were learnt from"
        )
    return Chosen(found, tuple(notices))


def _marked(
    row: Row, performance: Performance, target: str, root: Path, listed: Mapping[str, str]
) -> Marked:
    lowest, highest = performance.scales[target]
    voices = [place for place in row.reference if is_sound(place)]

    def recording(place: str) -> Recording:
        return Recording(str(root / place), listed.get(place, ""))

    return Marked(
        row=row,
        score=100 * (performance.scores[target] - lowest) / (highest - lowest),
        take=recording(row.path),
        vocal=recording(voices[0]) if voices else None,
        accompaniment=recording(row.accompaniment) if is_sound(row.accompaniment) else None,
    )


def _with_reference(
    sung: Sequence[Marked], system: str, *, split: Split, path: Path
) -> tuple[tuple[Marked, ...], list[str]]:
    """Those that name what the system compares with, and a sentence about the others."""
    needs = SYSTEMS[system]
    if needs == "nothing":
        return tuple(sung), []
    kept = tuple(each for each in sung if each.compared(needs) is not None)
    if not kept:
        raise UsageError(
            "marked_lacks", path=path, split=split, system=system, column=_COLUMNS[needs]
        )
    without = [each.row.path for each in sung if each.compared(needs) is None]
    if not without:
        return kept, []
    return kept, [
        f"{len(without)} of {len(sung)} recordings of {split} name no sound as "
        f"{_COLUMNS[needs]} and are left out: {few(without)}"
    ]


def _untouched(manifest: Manifest, rated: Sequence[Performance]) -> list[str]:
    """What of the table is not touched, in sentences."""
    every = performances(manifest)
    others = Counter(each.split or "no split" for each in every if each.split not in SPLITS)
    said = [f"not touched: {count} takes of {name}" for name, count in sorted(others.items())]
    marked = {row.path for each in rated for row in each.rows}
    bare = [row.path for each in every if each.split in SPLITS and not each.referenced
            for row in each.rows if row.path not in marked]  # fmt: skip
    if bare:
        said.append(f"without a mark, and left out: {few(bare)} ({len(bare)} recordings)")
    silent = [row.path for each in rated if each.split in SPLITS
              for row in each.rows if not is_sound(row.path)]  # fmt: skip
    if silent:
        said.append(f"no sound but F0 alone, and left out: {few(silent)} ({len(silent)})")
    return said


def _refuse_singers(split: Mapping[Split, Sequence[Performance]], path: Path) -> None:
    """Who was learnt from would be told by the voice, not by the singing."""
    train, validation = ({each.singer for each in split[name]} for name in SPLITS)
    if both := train & validation:
        raise UsageError("singers_in_both", path=path, names=few(both))


def _songs(some: Iterable[Performance]) -> set[str]:
    return {each.song for each in some}


def few(names: Iterable[str]) -> str:
    """The first of some names, in order, and whether there are more."""
    ordered = sorted(names)
    return ", ".join(ordered[:_NAMED]) + (", ..." if len(ordered) > _NAMED else "")
