"""From a manifest to labelled clips: what is chosen, prepared and laid, of both splits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.errors import AudioError, UsageError
from asa_desktop.core.models import SYSTEMS, TRIPLETS
from asa_training.config import FitConfig
from asa_training.corpus import Split
from asa_training.labelled import Labelled
from asa_training.learnt import Learnt, Origin
from asa_training.marked.choosing import SPLITS, Marked, choose, few
from asa_training.marked.clips import Clips
from asa_training.marked.laying import Lay, lay_all, read_laid
from asa_training.prepared.digests import Digests
from asa_training.prepared.job import cores
from asa_training.prepared.recordings import Recording
from asa_training.prepared.store import Store
from asa_training.sentences import say

_SAID_EVERY = 1000

Tell = Callable[[str], None]


def from_manifest(
    path: Path,
    *,
    root: Path | None,
    target: str,
    cache: Path,
    config: FitConfig,
    tell: Tell = lambda sentence: None,
) -> tuple[Labelled, Labelled]:
    """The clips to train on and those to validate by; `tell` is told what is left out.

    Raises
    ------
    UsageError
        As `choose`; ``marked_not_prepared`` where nothing of a split is prepared, ``no_clips``
        where nothing of a split can be judged.
    AudioError, PlaceError
        ``bytes_differ`` where a file is not the one that the manifest lists; where the cache cannot
        be read or written.
    """
    chosen = choose(path, root=root, target=target, system=config.system)
    for sentence in chosen.notices:
        tell(sentence)
    store = Store(cache, config.features)
    table = _Table(path, target, config, store, _Keys(store, path.parent if root is None else root))
    training, validation = (table.ready(chosen.recordings[split], split, tell) for split in SPLITS)
    _lay(store, [*training, *validation], tell)
    return table.labelled(training, "train", tell), table.labelled(validation, "validation", tell)


class _Keys:
    """The names of sounds in the cache; each file is hashed once at most."""

    def __init__(self, store: Store, root: Path) -> None:
        self._root, self._digests = root, Digests(store.root)
        self._known: dict[Path, str] = {}

    def of(self, recording: Recording) -> str:
        """The key, there or not. Raises AudioError ``bytes_differ``, PlaceError."""
        digest = self._digest(recording)
        if recording.listed and recording.listed != digest:
            raise AudioError("bytes_differ", path=recording.file)
        return recording.key(digest)

    def file(self, recording: Recording) -> tuple[str, str]:
        """(path below the root, sha256)."""
        return recording.file.relative_to(self._root).as_posix(), self._digest(recording)

    def _digest(self, recording: Recording) -> str:
        if recording.file not in self._known:
            self._known[recording.file] = self._digests.of(recording.file)
        return self._known[recording.file]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A recording of which all is prepared; `files` are its sounds and what it is laid beside."""

    marked: Marked
    lay: Lay
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Table:
    path: Path
    target: str
    config: FitConfig
    store: Store
    keys: _Keys

    def ready(self, marked: Sequence[Marked], split: Split, tell: Tell) -> list[_Ready]:
        """What is prepared of a split."""
        found: list[_Ready] = []
        missing: list[str] = []
        for each in map(self._ready, marked):
            if self._is_prepared(each.lay):
                found.append(each)
            else:
                missing.append(each.marked.row.path)
        if not found:
            raise UsageError("marked_not_prepared", path=self.path, split=split)
        if missing:
            tell(
                f"{len(missing)} of {len(marked)} recordings of {split} are not prepared and are "
                f"left out (`asa-train prepare` goes on): {few(missing)}"
            )
        return found

    def labelled(self, ready: Sequence[_Ready], split: Split, tell: Tell) -> Labelled:
        """The clips of a split."""
        kept: list[_Ready] = []
        begins: list[NDArray[np.int32]] = []
        lost, bare = [], []
        for each in ready:
            if not self.store.laid(each.lay.name).exists():
                continue  # it was told why
            laid = read_laid(self.store, each.lay)
            if not laid.found:
                lost.append(each.marked.row.path)
            elif not len(laid.starts):
                bare.append(each.marked.row.path)
            else:
                kept.append(each)
                begins.append(laid.starts)
        for names, why in ((lost, "not found in their references"), (bare, "no clip to judge")):
            if names:
                tell(
                    f"{why}, and left out: {few(names)}"
                    f" ({len(names)} of {len(ready)} recordings of {split})"
                )
        if not kept:
            raise UsageError("no_clips", path=self.path, split=split, count=len(ready))
        counts = [len(each) for each in begins]
        takes = np.repeat(np.arange(len(kept), dtype=np.int32), counts)
        lays = [each.lay for each in kept]
        removed = self.config.key == "removed"
        clips = Clips(self.store, lays, takes, np.concatenate(begins), key_removed=removed)
        scores = np.array([each.marked.score for each in kept], dtype=np.float32)
        return Labelled(
            scores=scores[takes],
            places=self._places(clips, kept),
            cut=clips.cut,
            reference=clips.reference if lays[0].compared else None,
            takes=takes,
            origin=self._origin(kept, counts),
        )  # fmt: skip

    def _places(self, clips: Clips, kept: Sequence[_Ready]) -> list[str]:
        """Of each clip where it lies; none for systems that make no triplets, to save memory."""
        if self.config.system not in TRIPLETS:
            return []
        return clips.places([f"{each.marked.row.song}, {each.marked.row.part}" for each in kept])

    def _ready(self, marked: Marked) -> _Ready:
        """Errors as `_Keys.of`."""
        needs = SYSTEMS[self.config.system]
        compared = marked.compared(needs)
        # For what needs nothing a take is not laid: its clips are cut on its own clock.
        vocal = None if needs == "nothing" else marked.vocal
        beside = dict.fromkeys(each for each in (vocal, compared) if each is not None)
        lay = Lay(
            take=self.keys.of(marked.take),
            needs=needs,
            vocal="" if vocal is None else self.keys.of(vocal),
            compared="" if compared is None else self.keys.of(compared),
            accompanied=marked.accompaniment is not None,
        )
        return _Ready(marked, lay, tuple(self.keys.file(each) for each in (marked.take, *beside)))

    def _is_prepared(self, lay: Lay) -> bool:
        keys = {lay.take, lay.vocal, lay.compared} - {""}
        return all(self.store.features(key).exists() for key in keys)

    def _origin(self, kept: Sequence[_Ready], counts: Sequence[int]) -> Origin:
        learnt: dict[tuple[str, str], list[int]] = {}
        for each, clips in zip(kept, counts, strict=True):
            row = each.marked.row
            learnt.setdefault((row.singer, row.licence or "unknown"), []).append(clips)
        return Origin(
            manifest=self.path.name,
            target=self.target,
            files=tuple(sorted({file for each in kept for file in each.files})),
            songs=tuple(sorted({each.marked.row.song for each in kept})),
            learnt=tuple(
                Learnt(singer, licence, len(clips), sum(clips) * self.store.spec.clip_s)
                for (singer, licence), clips in sorted(learnt.items())
            ),
        )


def _lay(store: Store, ready: Sequence[_Ready], tell: Tell) -> None:
    """Lay all takes; one that cannot be is told of, and has no clips."""
    # Faults name files of the cache, which tell nobody which recording it was.
    names = {each.lay: each.marked.row.path for each in ready}
    count = 0
    for outcome in lay_all(store, list(names), workers=cores()):
        count += 1
        if outcome.fault is not None:
            tell(f"{names[outcome.lay]}: {say(outcome.fault)}")
        if count % _SAID_EVERY == 0:
            tell(f"{count} takes laid out so far")
    if count:
        tell(f"{count} takes laid out in clips, once for all runs on this cache")
