"""Tables of marked recordings that nobody sang: files of noise, with features in the cache.

A song is a random tune with random channels; a take of it is the song with some noise, the more the
worse it was marked. `Table.row` adds one, `Table.write` writes the manifest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from asa_training.config import FitConfig
from asa_training.manifest import Row, write_manifest
from asa_training.prepared.store import Store
from tracks import track

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.networks.cnnsa import TowerConfig

SPEC = FeatureSpec()
SCALE = (1.0, 5.0)
SMALL = TowerConfig(width=4, feed_forward=8, layers=1, heads=2, embedding=8)
CONFIG = FitConfig(
    steps=6, clips=4, performances=2, warmup=2, check_every=3, learning_rate=2e-3, network=SMALL
)


def tune(seed: int, frames: int = 300) -> TrackFeatures:
    """A song: a note every half a second, with rests; channels that hold for each note."""
    rng = np.random.default_rng(seed)
    notes = rng.integers(-5, 7, size=frames // 15 + 1)
    hz = 220 * 2 ** (np.repeat(notes, 15)[:frames] / 12)
    hz[np.arange(frames) % 75 > 68] = 0.0
    found = track(hz, seed=seed)
    held = np.arange(frames) // 5 * 5
    return replace(
        found,
        mel=found.mel[:, held],
        chroma=found.chroma[:, held],
        activation=found.activation[:, held],
    )


def sung(song: TrackFeatures, seed: int, *, strays: float = 0.05) -> TrackFeatures:
    """A take of a song in step with it, some of it noise."""
    own = track(np.full(song.frames, 220.0), seed=seed)
    share = np.float32(strays)
    wander = np.random.default_rng(seed).normal(0, 200 * strays, song.frames)
    mixed = {
        name: ((1 - share) * getattr(song, name) + share * getattr(own, name)).astype(
            getattr(song, name).dtype
        )
        for name in ("mel", "chroma", "tempo", "activation")
    }
    hz = (song.pitch.hz * 2 ** (wander / 1200)).astype(np.float32)
    return replace(song, pitch=replace(song.pitch, hz=hz), **mixed)


def slower(take: TrackFeatures, tempo: float, *, semitones: int = 0) -> TrackFeatures:
    """The same at another tempo and in another key."""
    at = np.arange(0, take.frames - 1, tempo).astype(int)
    rows = {name: getattr(take, name)[:, at] for name in ("mel", "tempo")}
    return replace(
        take,
        chroma=np.roll(take.chroma[:, at], 8 * semitones, axis=0),
        activation=np.roll(take.activation[:, at], 5 * semitones, axis=0),
        pitch=replace(
            take.pitch,
            hz=(take.pitch.hz[at] * 2 ** (semitones / 12)).astype(np.float32),
            confidence=take.pitch.confidence[at],
        ),
        voicing=replace(take.voicing, frames=take.voicing.frames[at]),
        **rows,
    )


@dataclass
class Table:
    """A folder of files, a cache with their features, and rows."""

    root: Path
    rows: list[Row] = field(default_factory=list)

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def path(self) -> Path:
        return self.root / "m.csv"

    @property
    def store(self) -> Store:
        return Store(self.cache, SPEC)

    def sound(self, name: str, features: TrackFeatures | None) -> str:
        """A file and, unless nobody prepared it, its features; its sha256."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        digest = hashlib.sha256(name.encode()).hexdigest()
        if features is not None:
            self.store.write_arrays(self.store.features(digest), features.to_arrays())
        return digest

    def row(self, singer: str, song: str, mark: float | None, **more: object) -> Row:
        """A row more; of a prepared sound if `features` are given."""
        path = f"{singer}/{song}{more.pop('take', '')}.flac"
        digest = self.sound(path, more.pop("features", None))
        scores = {"overall": mark} if mark is not None else {}
        given = {
            "scores": scores,
            "scales": dict.fromkeys(scores, SCALE),
            "split": "train",
            "licence": "CC BY 4.0",
            "reference": (f"{song}.flac",),
            **more,
        }
        self.rows.append(Row(path=path, singer=singer, song=song, sha256=digest, **given))
        return self.rows[-1]

    def write(self) -> Path:
        write_manifest(self.path, self.rows)
        return self.path


def table(
    root: Path, *, songs: int = 2, singers: int = 3, frames: int = 300, **more: object
) -> Table:
    """Every singer sings every song well or badly by turns; as many others validate."""
    made = Table(root)
    for song in range(songs):
        original = tune(song, frames)
        made.sound(f"song{song}.flac", original)
        made.sound(f"music{song}.flac", tune(100 + song, frames))
        for split in ("train", "validation"):
            for number in range(singers):
                poor = (number + song) % 2
                seed = 1000 * song + 10 * number + (split == "train")
                made.row(
                    f"{split}{number}",
                    f"song{song}",
                    1.4 if poor else 4.8,
                    split=split,
                    features=sung(original, seed, strays=0.4 if poor else 0.05),
                    accompaniment=f"music{song}.flac",
                    **more,
                )
    made.write()
    return made
