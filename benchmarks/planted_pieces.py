"""Pieces of real singing and accompaniment from which `planted_takes` makes its takes.

Half A and half B share no singer, no accompaniment and no seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from asa_training.render.engines import engine
from asa_training.segment import FRAME_S, cents_of, find_notes, track_f0

from asa_desktop.core.audio import mono_16k
from asa_desktop.core.types import Melody, Note
from benchmarks.planted_sounds import RATE, Array, Tone

SECONDS = 10.0
SINGERS = {
    "a": ("pjs/pjs0[0-4]?/*", "makam/guelen/*", "makam/goekhan/*", "makam/idil/*", "vocadito/*_1"),
    "b": (
        "nit_song070/*",
        "makam/safiye/*",
        "makam/barbaros/*",
        "makam/guelcin/*",
        "vocadito/*_1?",
    ),
}
PIECES = {"a": (4, 2, 2, 3, 1), "b": (3, 3, 2, 2, 2)}
BANDS = {"a": ("1_", "2_", "3_"), "b": ("4_", "5_", "6_", "7_")}
SEEDS = {"a": 1, "b": 2}
ANOTHER_VOICE = {"a": (1.15, 250.0), "b": (0.88, -200.0)}


@dataclass(frozen=True)
class Piece:
    """Ten seconds of one singer. Shapes: `sound` (n,) at 16 kHz, `f0` (T,) on 5 ms frames."""

    name: str
    sound: Array

    @cached_property
    def f0(self) -> Array:
        """In Hz, 0 where there is none."""
        return track_f0(self.sound, RATE)

    @cached_property
    def vocoded(self) -> Any:
        """As WORLD analyses it."""
        return engine("world").prepare(self.sound, self.f0)

    @cached_property
    def tones(self) -> list[Tone]:
        """Its notes."""
        return [(note.start, note.end, note.cents / 100 + 33) for note in find_notes(self.f0)]

    @property
    def melody(self) -> Melody:
        """Its notes, as a song has them."""
        return Melody(tuple(Note(*tone) for tone in self.tones), beat_s=0.1)

    def sung(
        self,
        *,
        cents: float = 0.0,
        formant: float = 1.0,
        vibrato: float = 1.0,
        tilt: float = 0.0,
        one_vowel: bool = False,
    ) -> Array:
        """Anew by WORLD: `tilt` in nepers a kHz, what moves within a note times `vibrato`."""
        source = self.vocoded
        curve = cents_of(self.f0) + cents
        for note in find_notes(self.f0):
            part = slice(round(note.start / FRAME_S), round(note.end / FRAME_S))
            middle = note.cents + cents
            curve[part] = middle + vibrato * (curve[part] - middle)
        envelope = source.envelope
        voiced = self.f0[: len(envelope)] > 0
        if one_vowel:
            vowel = envelope[voiced].mean(axis=0) - envelope[voiced].mean()
            level = envelope.mean(axis=1, keepdims=True)
            envelope = np.where(voiced[:, None], vowel + level, envelope)
        envelope = envelope - tilt * np.linspace(0, 8, envelope.shape[1]) * voiced[:, None]
        return np.asarray(
            engine("world").render(
                replace(source, envelope=envelope.astype(np.float32)),
                f0=np.nan_to_num(55 * 2 ** (curve / 1200)),
                source_time=np.arange(len(self.f0)) * FRAME_S,
                formant=formant,
            )
        )


def pieces(data: Path, half: str) -> list[Piece]:
    """The half's pieces of singing."""
    rng = np.random.default_rng(SEEDS[half])
    found = []
    for pattern, count in zip(SINGERS[half], PIECES[half], strict=True):
        files = sorted(data.glob(f"{pattern}.flac"))
        for path in [files[at] for at in rng.permutation(len(files))[:count]]:
            whole = mono_16k(path).astype(np.float64)
            first = int(np.argmax(np.abs(whole) > 0.1 * np.abs(whole).max()))
            cut = whole[max(first - RATE // 2, 0) :][: round(SECONDS * RATE)]
            found.append(Piece(f"{path.parent.name}/{path.stem[:24]}", cut))
    return found


def bands(data: Path, half: str, count: int) -> list[Array]:
    """Stretches of accompaniments in which something is played. Shapes: (n,)."""
    rng = np.random.default_rng(SEEDS[half] + 10)
    files = sorted((data / "everything_is_remixed").glob("*accompaniment.ogg"))
    whole = [mono_16k(path) for path in files if path.name.startswith(BANDS[half])]
    cuts: list[Array] = []
    while len(cuts) < count:
        one = whole[len(cuts) % len(whole)]
        at = int(rng.integers(0, len(one) - round(SECONDS * RATE)))
        cut = one[at : at + round(SECONDS * RATE)].astype(np.float64)
        if np.sqrt(np.mean(cut**2)) > 0.3 * np.sqrt(np.mean(one**2)):
            cuts.append(cut)
    return cuts
