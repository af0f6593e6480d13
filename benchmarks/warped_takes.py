"""Songs of real singing, and takes of them rendered out of step with a known time map.

The voice is WORLD's, the notes' mistakes and the microphone are those of the training's renderer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from asa_training.render.channel import record
from asa_training.render.curves import draw_curves
from asa_training.render.draw import draw_channel
from asa_training.render.engines import RATE, engine
from asa_training.render.plan import Harmless, Plan, Severities
from asa_training.render.rendition import asked_f0
from asa_training.segment import FRAME_S, cents_of, find_notes, track_f0
from numpy.typing import NDArray

from asa_desktop.core.audio import mono_16k
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import Activation, TrackFeatures, track_features
from asa_desktop.core.songs.midi import read_midi
from asa_desktop.core.types import FloatArray, Melody, Note

PAUSE_S = 1.2
_PHRASE_GAP_S = 0.3
_LEAST_PHRASE_S = 1.0

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Song:
    """Recordings of one singer, one after the other: the reference. F0 on frames of 5 ms."""

    name: str
    audio: Array
    f0: Array
    melody: Melody | None
    activation: Activation

    @cached_property
    def features(self) -> TrackFeatures:
        """As the program computes them."""
        return self.heard(self.audio)

    @cached_property
    def vocoded(self) -> Any:
        """As WORLD analyses it."""
        return engine("world").prepare(self.audio, self.f0)

    @cached_property
    def phrases(self) -> list[tuple[float, float]]:
        """Sung stretches with pauses of 0.3 s and more between them, in seconds."""
        sung = np.flatnonzero(self.f0 > 0)
        cuts = np.flatnonzero(np.diff(sung) * FRAME_S > _PHRASE_GAP_S)
        starts = sung[np.concatenate([[0], cuts + 1])] * FRAME_S
        ends = (sung[np.concatenate([cuts, [len(sung) - 1]])] + 1) * FRAME_S
        return list(zip(starts.tolist(), ends.tolist(), strict=True))

    def heard(self, sound: Array) -> TrackFeatures:
        """The features of 16 kHz sound."""
        return track_features(sound.astype(np.float32), FeatureSpec(), self.activation)


def song_of(name: str, paths: list[Path], activation: Activation) -> Song:
    """Join recordings with pauses of 1.2 s. Beside each its MIDI file may give the melody."""
    sounds: list[Array] = []
    curves: list[Array] = []
    notes: list[Note] = []
    start = 0.0
    for path in paths:
        sound = mono_16k(path).astype(np.float64)
        curve = track_f0(sound, RATE)
        frames = min(len(curve), int(len(sound) / RATE / FRAME_S))
        pause = round(PAUSE_S / FRAME_S)
        sounds.append(np.append(sound[: round(frames * FRAME_S * RATE)], np.zeros(pause * 80)))
        curves.append(np.append(curve[:frames], np.zeros(pause)))
        for midi in path.parent.glob(f"{path.parent.name}.mid"):
            melody = read_midi(midi).melody
            notes += [Note(n.start + start, n.end + start, n.midi) for n in melody.notes]
        start += (frames + pause) * FRAME_S
    melody = Melody(tuple(notes), beat_s=0.1) if notes else None
    return Song(name, np.concatenate(sounds), np.concatenate(curves), melody, activation)


@dataclass(frozen=True, slots=True)
class Case:
    """How a take differs from its reference.

    `tempo` is the mean, `rubato` the spread of the logarithm of the local tempo, which changes
    every 1.2 s; with `free` pauses last half to twice as long. `missing` phrases are left out, or
    in step kept silent; `part` are the shares of the song between which the take lies.
    """

    name: str
    tempo: float = 1.0
    rubato: float = 0.05
    free: bool = True
    cents: float = 0.0
    formant: float = 1.0
    vibrato: float = 1.0
    severities: Severities = field(default_factory=Severities)
    missing: int = 0
    silent: bool = False
    part: tuple[float, float] = (0.0, 1.0)
    talk: bool = False
    hummed: bool = False


@dataclass(frozen=True, slots=True)
class Take:
    """A rendered take. `take_s` (T,) is where each 5 ms frame of the song sounds in it, NaN where
    it does not; `gone` are the phrases that were left out, in seconds of the song."""

    features: TrackFeatures
    take_s: Array
    gone: list[tuple[float, float]]


def render(song: Song, case: Case, *, seed: int, talk: Array) -> Take:
    """Sing the song anew. The same seed gives the same take."""
    rng = np.random.default_rng(seed)
    sounds_at = _time_map(song, case, rng)
    gone = _chosen_phrases(song, case, rng)
    frames = len(song.f0)
    total = round(sounds_at[-1] / FRAME_S)
    source_time = np.interp(np.arange(total) * FRAME_S, sounds_at, np.arange(frames) * FRAME_S)
    sound = _sung(song, case, source_time, seed)
    kept = _kept(song, case, gone)
    there = kept[np.clip(np.round(source_time / FRAME_S).astype(int), 0, frames - 1)]
    audible = np.repeat(there, round(FRAME_S * RATE))[: len(sound)]
    clock = np.arange(total) * FRAME_S if case.silent else (np.cumsum(there) - 1) * FRAME_S
    sound = sound * audible if case.silent else sound[audible]
    take_s = np.interp(sounds_at, np.arange(total) * FRAME_S, clock)
    take_s[~kept] = np.nan
    if case.talk:
        before = np.append(talk * np.std(sound) / np.std(talk), np.zeros(RATE))
        sound, take_s = np.append(before, sound), take_s + len(before) / RATE
    heard = record(sound, draw_channel(np.random.default_rng(seed + 1)), seed)
    return Take(song.heard(heard), take_s, gone)


def _time_map(song: Song, case: Case, rng: np.random.Generator) -> Array:
    """The second at which each frame of the song sounds in the whole take, rising. Shape: (T,)."""
    frames = len(song.f0)
    knots = np.linspace(0, frames, max(4, round(frames * FRAME_S / 1.2)))
    walk = rng.normal(0, case.rubato, len(knots))
    slow = np.exp(np.interp(np.arange(frames), knots, walk)) / case.tempo
    if case.free:
        for (_, end), (start, _) in pairwise(song.phrases):
            longer = np.exp(rng.uniform(np.log(0.5), np.log(2)))
            slow[round(end / FRAME_S) : round(start / FRAME_S)] *= longer
    return np.concatenate([[0], np.cumsum(slow)[:-1]]) * FRAME_S


def _chosen_phrases(song: Song, case: Case, rng: np.random.Generator) -> list[tuple[float, float]]:
    inner = [n for n in range(1, len(song.phrases) - 1) if np.ptp(song.phrases[n]) > 1.5]
    chosen = sorted(rng.permutation(inner)[: case.missing])
    return [song.phrases[n] for n in chosen]


def _kept(song: Song, case: Case, gone: list[tuple[float, float]]) -> NDArray[np.bool_]:
    """Which frames of the song the take has: phrases go with half the pauses around them."""
    clock = np.arange(len(song.f0)) * FRAME_S
    kept = (clock >= case.part[0] * clock[-1]) & (clock <= case.part[1] * clock[-1])
    for number, phrase in enumerate(song.phrases):
        if phrase in gone:
            first = (song.phrases[number - 1][1] + phrase[0]) / 2
            last = (phrase[1] + song.phrases[number + 1][0]) / 2
            kept &= (clock < first) | (clock >= last)
    return kept


def _sung(song: Song, case: Case, source_time: Array, seed: int) -> Array:
    plan = Plan(
        role="negative",
        engine="world",
        seed=seed,
        severities=case.severities,
        harmless=Harmless(
            transpose_cents=case.cents,
            vibrato=case.vibrato,
            wobble_cents=5.0,
            formant=case.formant,
        ),
    )
    cents = cents_of(song.f0)
    curves = draw_curves(plan, cents=cents, notes=find_notes(song.f0))
    source = song.vocoded
    if case.hummed:
        source = replace(source, envelope=_one_vowel(source.envelope, song.f0 > 0))
    return engine("world").render(
        replace(source, samples=round(len(source_time) * FRAME_S * RATE)),
        f0=asked_f0(cents + curves.cents, source_time),
        source_time=source_time,
        formant=case.formant,
    )


def _one_vowel(envelope: FloatArray, voiced: NDArray[np.bool_]) -> FloatArray:
    """The mean spectrum of all voiced frames, as loud as each of them was."""
    voiced = voiced[: len(envelope)]
    level = envelope.mean(axis=1, keepdims=True)
    vowel = envelope[voiced].mean(axis=0) - envelope[voiced].mean()
    return np.where(voiced[:, None], vowel + level, envelope).astype(np.float32)


def words_of(path: Path) -> list[tuple[float, float, str]]:
    """Start, end and letters of the words of a TextGrid, from its tier of words, else of phrases.

    Letters are compared without case and diacritics.
    """
    import unicodedata

    tiers: dict[str, list[tuple[float, float, str]]] = {}
    for item in re.split(r"item \[\d+\]:", path.read_text("utf-8"))[1:]:
        name = re.search(r'name = "(.*?)"', item)
        found = re.findall(r'xmin = ([\d.]+)\s+xmax = ([\d.]+)\s+text = "(.*?)"', item)
        words = []
        for start, end, text in found:
            plain = unicodedata.normalize("NFKD", text.lower().replace("ı", "i"))
            letters = "".join(each for each in plain if each.isalpha())
            if letters:
                words.append((float(start), float(end), letters))
        tiers.setdefault(name.group(1) if name else "", words)
    return next((tiers[name] for name in ("words", "phrases", ".phrases") if name in tiers), [])
