"""How well F0, notes and octaves of singing are found, beside the F0 channel and the renderer.

    python -m benchmarks.notes DATA

DATA is a folder with vocadito (F0 and notes of clip 1, by two annotators), pjs (songs with MIDI)
and makam. F0 is also known where WORLD sings a recording again. The constants of the notes come
from songs 1, 5, 9 ... of pjs, tables from songs 3, 7, 11 ...; those of the tracker from other
recordings than the resung ones here. Vocadito's clip was looked at now and then on the way.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.notes.octaves import mend_octaves
from asa_desktop.core.notes.segment import segment_notes
from asa_desktop.core.notes.syllables import syllable_level
from asa_desktop.core.notes.tracker import fine_pitch
from asa_desktop.core.types import FloatArray, Note, PitchTrack, SungNote
from benchmarks.notes_measures import (
    NOTES_HEAD,
    PITCH_HEAD,
    AnyNote,
    PitchCounts,
    lateness,
    notes_row,
    pitch_counts,
)

RATE = 16_000
_SEED = 6


@dataclass(frozen=True, slots=True)
class Tracked:
    """One recording: samples, F0 by CREPE and by periods, level; what the fine track took."""

    sound: FloatArray
    channel: PitchTrack
    fine: PitchTrack
    level_db: FloatArray
    seconds: float


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    _warm_up()
    _tones()
    _known_f0(data)
    _notes(data)
    _octaves(data)
    return 0


@cache
def _activation() -> Callable[[FloatArray, int, NDArray[np.bool_]], FloatArray]:
    import torch

    from asa_desktop.core.networks.crepe import load_crepe

    return load_crepe("tiny", torch.device("cpu")).activation


def tracked(sound: FloatArray) -> Tracked:
    """Both tracks of a recording at 16 kHz."""
    from asa_desktop.core.features.spec import FeatureSpec
    from asa_desktop.core.features.track import track_features

    take = track_features(sound, FeatureSpec(), _activation())
    begin = time.process_time()
    fine = fine_pitch(sound, rate=RATE, guide=take.pitch, voiced=take.voicing.frames)
    seconds = time.process_time() - begin
    return Tracked(sound, take.pitch, fine, syllable_level(sound, rate=RATE), seconds)


@cache
def _of_file(path: Path) -> Tracked:
    from asa_desktop.core.audio import mono_16k

    return tracked(mono_16k(path))


def _warm_up() -> None:
    tracked(_voice(np.full(RATE, 220.0)))


def _voice(hz: NDArray[np.float64]) -> FloatArray:
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    count = min(10, int(7000 / hz.max()))
    harmonics = [np.sin(k * phase) / k for k in range(1, count + 1)]
    return np.asarray(0.2 * np.sum(harmonics, axis=0), dtype=np.float32)


def _tones() -> None:
    """The spread of a steady tone, and how much of a vibrato of 80 cents is left."""
    print("\nTones: largest error in cents; width kept of a vibrato of 80 cents, %")
    print(f"{'':10} {'steady':>16} {'4.5 Hz':>16} {'6 Hz':>16} {'8 Hz':>16}   (periods / CREPE)")
    t = np.arange(3 * RATE) / RATE
    for middle in (82.4, 164.8, 329.6, 659.3, 987.8):
        row = f"{middle:7.1f} Hz"
        for rate_hz in (0.0, 4.5, 6.0, 8.0):
            hz = middle * 2 ** (80 * np.sin(2 * np.pi * rate_hz * t) / 1200)
            take = tracked(_voice(hz))
            shown = []
            for track in (take.fine, take.channel):
                at = np.flatnonzero(track.hz > 0)[4:-4]
                true = hz[np.minimum(np.round(at * track.hop_s * RATE).astype(int), len(hz) - 1)]
                off = 1200 * np.log2(track.hz[at] / true)
                swing = np.std(1200 * np.log2(track.hz[at] / middle))
                width = 100 * swing / np.std(1200 * np.log2(true / middle)) if rate_hz else 0.0
                shown.append(f"{width:.0f}" if rate_hz else f"{np.abs(off).max():.1f}")
            row += f"{' / '.join(shown):>17}"
        print(row)


def _known_f0(data: Path) -> None:
    with (data / "vocadito" / "F0_vocadito_1_f0.csv").open() as file:
        known = np.array([[float(value) for value in row] for row in csv.reader(file)])
    _pitch_table(
        "vocadito 1, annotated by hand",
        [(_of_file(data / "vocadito" / "vocadito_1.flac"), known[:, 0], known[:, 1])],
    )
    resung = [_resung(path) for path in _not_chosen_by(data)]
    _pitch_table(f"{len(resung)} recordings resung by WORLD", [_heard(*each) for each in resung])
    rng = np.random.default_rng(_SEED)
    noisy = []
    for sound, hz in resung:
        voice = np.sqrt(np.mean(np.square(sound[np.abs(sound) > 0.01])))
        noise = voice * 10 ** (-10 / 20) * rng.standard_normal(len(sound))
        noisy.append(_heard((sound + noise).astype(np.float32), hz))
    _pitch_table("the same in noise 10 dB under the voice", noisy)


def _not_chosen_by(data: Path) -> list[Path]:
    songs = [data / "pjs" / f"pjs{n:03d}" / f"pjs{n:03d}_song.flac" for n in range(6, 99, 12)]
    return songs + sorted((data / "makam").glob("*/*.flac"))[3::10]


def _resung(path: Path) -> tuple[FloatArray, NDArray[np.float64]]:
    """The first 12 s of a recording sung again by WORLD, and its F0 every 10 ms."""
    import pyworld
    from asa_training.segment import FRAME_S, track_f0

    from asa_desktop.core.audio import mono_16k

    sound = mono_16k(path)[: 12 * RATE].astype(np.float64)
    hz = track_f0(sound, RATE)
    times = np.arange(len(hz)) * FRAME_S
    spectrum = pyworld.cheaptrick(sound, hz, times, RATE)
    breath = pyworld.d4c(sound, hz, times, RATE)
    sung = pyworld.synthesize(hz, spectrum, breath, RATE, 1000 * FRAME_S)
    return sung[: len(sound)].astype(np.float32), hz[:: round(0.01 / FRAME_S)]


def _heard(
    sound: FloatArray, hz: NDArray[np.float64]
) -> tuple[Tracked, NDArray[np.float64], NDArray[np.float64]]:
    return tracked(sound), np.arange(len(hz)) * 0.01, hz


def _pitch_table(
    title: str, takes: Sequence[tuple[Tracked, NDArray[np.float64], NDArray[np.float64]]]
) -> None:
    none = PitchCounts(np.zeros(0), 0, 0, 0)
    fine = sum((pitch_counts(take.fine, times, hz) for take, times, hz in takes), none)
    channel = sum((pitch_counts(take.channel, times, hz) for take, times, hz in takes), none)
    length = sum(len(take.sound) for take, _, _ in takes) / RATE
    spent = sum(take.seconds for take, _, _ in takes)
    print(f"\nF0: {title} ({length:.0f} s; periods take {1000 * spent / length:.1f} ms a second)")
    print(PITCH_HEAD)
    print(f"{'periods (fine_pitch)':24} {fine.row()}")
    print(f"{'CREPE (the F0 channel)':24} {channel.row()}")


def _notes(data: Path) -> None:
    clip = data / "vocadito" / "vocadito_1.flac"
    annotators = {name: _annotated(data, name) for name in ("A1", "A2")}
    for name, true in annotators.items():
        other = annotators["A1" if name == "A2" else "A2"]
        print(f"\nNotes: vocadito 1 against annotator {name}\n{NOTES_HEAD}")
        for way, find in _WAYS.items():
            print(f"{way:24} {notes_row([(true, find(_of_file(clip)))])}")
        print(f"{'the other annotator':24} {notes_row([(true, other)])}")
    songs = [data / "pjs" / f"pjs{n:03d}" for n in range(3, 99, 4)]
    print(f"\nNotes: {len(songs)} songs of pjs against their MIDI\n{NOTES_HEAD}")
    shifted = []
    for way, find in _WAYS.items():
        pairs = [_with_midi(song, find) for song in songs]
        print(f"{way:24} {notes_row(pairs)}")
        late = lateness(pairs)
        moved = [([_later(each, late) for each in true], found) for true, found in pairs]
        shifted.append(f"{way + f' ({1000 * late:+.0f} ms)':24} {notes_row(moved)}")
    print("the same, each with the singer's usual lateness taken off", *shifted, sep="\n")


def _renderer(take: Tracked) -> Sequence[AnyNote]:
    from asa_training.segment import find_notes, track_f0

    hz = track_f0(take.sound.astype(np.float64), RATE)
    return [SungNote(each.start, each.end, 33 + each.cents / 100) for each in find_notes(hz)]


_WAYS: dict[str, Callable[[Tracked], Sequence[AnyNote]]] = {
    "periods and level": lambda take: segment_notes(take.fine, level_db=take.level_db),
    "periods alone": lambda take: segment_notes(take.fine),
    "CREPE alone": lambda take: segment_notes(take.channel),
    "the renderer's": _renderer,
}


def _annotated(data: Path, name: str) -> list[Note]:
    with (data / "vocadito" / f"Notes_vocadito_1_notes{name}.csv").open() as file:
        rows = [[float(value) for value in row] for row in csv.reader(file)]
    return [
        Note(start, start + length, float(69 + 12 * np.log2(hz / 440)))
        for start, hz, length in rows
    ]


def _midi(song: Path) -> tuple[Note, ...]:
    from asa_desktop.core.songs.midi import read_midi

    return read_midi(song / f"{song.name}.mid").melody.notes


def _with_midi(
    song: Path, find: Callable[[Tracked], Sequence[AnyNote]]
) -> tuple[list[Note], Sequence[AnyNote]]:
    """The song's notes, in the singer's octave, and those found."""
    found = find(_of_file(song / f"{song.name}_song.flac"))
    return _in_octave(_midi(song), found), found


def _in_octave(true: Sequence[Note], found: Sequence[AnyNote]) -> list[Note]:
    starts = np.array([each.start for each in true])
    apart = [each.midi - true[int(np.abs(starts - each.start).argmin())].midi for each in found]
    octaves = round(float(np.median(apart)) / 12) if apart else 0
    return [replace(each, midi=each.midi + 12 * octaves) for each in true]


def _later(note: AnyNote, seconds: float) -> AnyNote:
    return replace(note, start=note.start + seconds, end=note.end + seconds)


def _octaves(data: Path) -> None:
    """Errors and octaves planted in the fine tracks of pjs, against its MIDI."""
    rng = np.random.default_rng(_SEED)
    counts: dict[str, list[int]] = {}

    def count(what: str, hit: bool) -> None:
        hits = counts.setdefault(what, [0, 0])
        hits[0] += hit
        hits[1] += 1

    for song in (data / "pjs" / f"pjs{n:03d}" for n in range(3, 99, 4)):
        take = _of_file(song / f"{song.name}_song.flac")
        target = _in_octave(_midi(song), segment_notes(take.fine))
        pitch, found = mend_octaves(take.fine, target)
        count("takes as they are: nothing said", not found)
        for frames in (1, 5, 20, 40):
            inside = np.flatnonzero(
                np.convolve(pitch.hz > 0, np.ones(frames + 2), "valid") > frames + 1
            )
            for first in rng.choice(inside, 10) + 1:
                wrong = _moved(pitch, first, first + frames, int(rng.choice([-1, 1])))
                mended, _ = mend_octaves(wrong, target)
                count(f"errors of {10 * frames} ms: mended", _same(mended, pitch))
        voiced = np.flatnonzero(pitch.hz > 0)
        for phrase in np.split(voiced, np.flatnonzero(np.diff(voiced) > 30) + 1):
            if 80 <= len(phrase) < 0.8 * len(voiced):
                low = _moved(pitch, phrase[0], phrase[-1] + 1, -1)
                kept, found = mend_octaves(low, target)
                said = [each for each in found if each.kind == "sung" and each.octaves == -1]
                near = any(abs(100 * each.start - phrase[0]) < 15 for each in said)
                count("phrases an octave down: said", near)
                count("phrases an octave down: left as they are", _same(kept, low))
        low = replace(pitch, hz=pitch.hz / 2)
        kept, found = mend_octaves(low, target)
        count("takes an octave down: said once", [each.octaves for each in found] == [-1])
        count("takes an octave down: left as they are", _same(kept, low))
    print("\nOctaves planted in pjs, against its MIDI")
    for what, (hits, total) in counts.items():
        print(f"{what:44} {hits:4d} of {total}")


def _moved(pitch: PitchTrack, first: int, last: int, octaves: int) -> PitchTrack:
    hz = pitch.hz.copy()
    hz[first:last] *= 2.0**octaves
    return replace(pitch, hz=hz)


def _same(one: PitchTrack, other: PitchTrack) -> bool:
    return bool(np.allclose(one.hz, other.hz))


if __name__ == "__main__":
    sys.exit(main())
