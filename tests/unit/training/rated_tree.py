"""Rated singing in the layouts of PESnQ (sound) and MAST (F0 alone), with planted quality.

Every performance has a quality from 1 to 5. Each of its notes is off by the same number of cents,
`NOTE_CENTS` at quality 1 and none at quality 5, sharp or flat by a coin; its notes are early or
late in the same way; each singer has a key and a tempo of their own, which no fair measure may
mind. All judges hear something beside the notes, too, and each has noise of their own. So what a
perfect measure of the notes would reach is known: the correlation of the planted errors with the
judges' mean. Names and numbers of files are those of PESnQ; what is sung is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from singing_voice import FRAME_S, RATE, sing

Array = NDArray[np.float64]

NOTE_CENTS = 150.0
LATE_SHARE = 0.12
VIBRATO_CENTS = 30.0
BESIDE = 0.7
ALONE = 0.5
"""Spread of what all judges hear beside the notes, and of what each hears alone, in ratings."""
REFERENCE = "MCUR"
DIMENSIONS = (
    "overall", "pitch", "rhythm", "vibrato", "volume", "vqual", "pronunciation",
    "pitchDynamicRange",
)  # fmt: skip
# Semitones above a first note, and beats; each song has sentences of about four seconds.
SONGS = {
    "Edelweiss": (
        ((0, 1), (4, 1), (7, 1), (9, 1.5), (7, 0.5), (5, 1), (4, 1), (2, 1.5)),
        ((7, 1), (5, 1), (4, 1), (2, 1), (4, 1.5), (5, 1), (2, 0.5), (0, 1.5)),
    ),
    "IHaveADream": (
        ((7, 1.5), (7, 0.5), (8, 1), (7, 1), (3, 1), (5, 1), (3, 1), (0, 1.5)),
        ((0, 1), (3, 1), (5, 1.5), (7, 0.5), (10, 1), (8, 1), (7, 1), (3, 1.5)),
    ),
}
BEAT_S = 0.5


@dataclass(frozen=True, slots=True)
class Planted:
    """Where the tree lies, and by (song, singer) what was planted and what judges said of it."""

    folder: Path
    cents: dict[tuple[str, str], float]
    human: dict[tuple[str, str], float]
    judges: dict[tuple[str, str], tuple[int, ...]]

    def correlation(self, song: str | None = None) -> float:
        """Pearson of the planted errors, negated, with the judges' mean: one song, or the mix."""
        kept = [each for each in self.human if song in (None, each[0])]
        errors = [-self.cents[each] for each in kept]
        return float(np.corrcoef(errors, [self.human[each] for each in kept])[0, 1])


def pesnq_tree(
    folder: Path, *, singers: int = 10, sentences: int = 2, judges: int = 5, seed: int = 1
) -> Planted:
    """Write a tree with two songs, each sung by as many singers of its own and the reference."""
    rng = np.random.default_rng(seed)
    planted = Planted(folder, {}, {}, {})
    dimensions: dict[tuple[str, str], dict[str, float]] = {}
    for number, (song, lines) in enumerate(SONGS.items()):
        for place, line in enumerate(lines[:sentences]):
            _write_sentence(folder, song, REFERENCE, place, _voice(line, rng, 5.0, vary=False))
        for k, quality in enumerate(rng.permutation(np.linspace(1, 5, singers))):
            name = f"S{'AB'[number]}{chr(65 + k // 10)}{chr(65 + k % 10)}"
            key, tempo = float(rng.integers(-4, 5)), float(rng.uniform(0.92, 1.08))
            for place, line in enumerate(lines[:sentences]):
                sung = _voice(line, rng, float(quality), key=key, tempo=tempo)
                _write_sentence(folder, song, name, place, sung)
            _judge(planted, (song, name), float(quality), rng, judges)
            dimensions[song, name] = _dimensions(planted.human[song, name], float(quality), rng)
    _write_truth(folder / "groundtruthfiles", dimensions)
    _write_judges(folder / "groundtruthfiles", planted, judges)
    return planted


def mast_tree(
    folder: Path, *, melodies: int = 3, singers: int = 8, references: int = 3, seed: int = 1
) -> Planted:
    """Write F0 curves and grades as MAST has them: three experts, two of them twice."""
    rng = np.random.default_rng(seed)
    planted = Planted(folder, {}, {}, {})
    lines = [line for song in SONGS.values() for line in song]
    curves: dict[str, NDArray[np.float32]] = {}
    grades = ["file,expert_a_1,expert_b,expert_a_2,expert_c_1,expert_c_2,majority"]
    for melody in range(melodies):
        song = f"5{melody + 1}_mel1"
        for k in range(references):
            tempo = float(rng.uniform(0.95, 1.05))
            played = _f0(lines[melody], rng, 5.0, tempo=tempo, vary=False)
            curves[f"{song}_ref{100000 + k}"] = _resampled(played)
        for k, quality in enumerate(rng.permutation(np.linspace(1, 4, singers))):
            name = f"per{100000 + 100 * melody + k}"
            key, tempo = float(rng.integers(-12, 5)), float(rng.uniform(0.9, 1.1))
            scaled = 1 + (float(quality) - 1) * 4 / 3
            f0 = _f0(lines[melody], rng, scaled, key=key, tempo=tempo)
            verdict = "pass" if quality > 2.5 else "fail"
            file = f"{song}_{name}_{verdict}"
            curves[file] = _resampled(f0)
            heard = float(quality) + 0.75 * BESIDE * rng.normal()
            said = np.clip(np.rint(heard + 0.75 * ALONE * rng.normal(size=5)), 1, 4)
            planted.cents[song, name] = _cents(scaled)
            planted.human[song, name] = float(
                np.mean([said[[0, 2]].mean(), said[1], said[[3, 4]].mean()])
            )
            planted.judges[song, name] = tuple(int(each) for each in said)
            grades.append(",".join([file, *(f"{each:.1f}" for each in said), ""]))
    folder.mkdir(parents=True)
    np.savez_compressed(folder / "f0_hz.npz", **curves)
    (folder / "grades.csv").write_text("\n".join(grades) + "\n", encoding="utf-8")
    return planted


def _cents(quality: float) -> float:
    return NOTE_CENTS * (5 - quality) / 4


def _f0(
    line: tuple[tuple[float, float], ...],
    rng: np.random.Generator,
    quality: float,
    *,
    key: float = 0.0,
    tempo: float = 1.0,
    vary: bool = True,
) -> Array:
    """F0 in Hz on 5 ms frames, 0 in the short rests between notes. Shape: (T,)."""
    poor = (5 - quality) / 4
    pieces = []
    for semitones, beats in line:
        late = rng.choice([-1.0, 1.0]) * LATE_SHARE * poor if vary else 0.0
        frames = round(BEAT_S * beats * (1 + late) / tempo / FRAME_S)
        off = rng.choice([-1.0, 1.0]) * _cents(quality) if vary else 0.0
        at = np.arange(frames) * FRAME_S
        vibrato = VIBRATO_CENTS * np.sin(2 * np.pi * 5.5 * at) * (at > 0.2)
        midi = 57 + semitones + key + (off + vibrato) / 100
        hz = 440 * 2 ** ((midi - 69) / 12)
        hz[-4:] = 0.0
        pieces.append(hz)
    rest = np.zeros(round(0.15 / FRAME_S))
    return np.concatenate([rest, *pieces, rest])


def _voice(line: tuple[tuple[float, float], ...], rng: np.random.Generator, quality: float, **how):
    f0 = _f0(line, rng, quality, **how)
    return sing(f0, seed=int(rng.integers(1 << 30)))


def _write_sentence(folder: Path, song: str, singer: str, place: int, sound: Array) -> None:
    path = folder / "WavfileDataset" / song / singer / f"{singer}_{place}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound, RATE, subtype="PCM_16")


def _judge(
    planted: Planted,
    who: tuple[str, str],
    quality: float,
    rng: np.random.Generator,
    judges: int,
) -> None:
    heard = quality + BESIDE * rng.normal()
    said = np.clip(np.rint(heard + ALONE * rng.normal(size=judges)), 1, 5).astype(int)
    planted.cents[who] = _cents(quality)
    planted.judges[who] = tuple(int(each) for each in said)
    planted.human[who] = round(float(said.mean()), 4)


def _dimensions(overall: float, quality: float, rng: np.random.Generator) -> dict[str, float]:
    """The overall mean; pitch and rhythm, which were planted; the others, which were not."""
    found = {"overall": overall}
    for name in DIMENSIONS[1:]:
        heard = quality if name in ("pitch", "rhythm") else float(rng.uniform(1, 5))
        found[name] = round(float(np.clip(heard + 0.2 * rng.normal(), 1, 5)), 1)
    return found


def _write_truth(folder: Path, dimensions: dict[tuple[str, str], dict[str, float]]) -> None:
    folder.mkdir(parents=True)
    for song in SONGS:
        for name in DIMENSIONS:
            lines = [
                f"{singer}\t{values[name]:g}\n"
                for (of, singer), values in dimensions.items()
                if of == song
            ]
            (folder / f"GT_{song}_{name}.txt").write_text("".join(lines), encoding="utf-8")


def _write_judges(folder: Path, planted: Planted, judges: int) -> None:
    """As published: carriage returns alone, one header, the second song without one."""
    commas = "," * judges
    header = [f"judge {10 + k}" for k in range(judges)]
    lines = [f"OVERALL SCORES{commas}", ",".join([next(iter(SONGS)).lower(), *header])]
    for (_, singer), said in planted.judges.items():
        lines.append(",".join([singer, *(str(each) for each in said)]))
    (folder / "GT_overall_individual_judge_scores.csv").write_bytes("\r".join(lines).encode())


def _resampled(f0: Array) -> NDArray[np.float32]:
    """On MAST's hop of 2.902494 ms, the nearest frame."""
    at = np.arange(0, len(f0) * FRAME_S - FRAME_S, 128 / 44_100)
    return f0[np.rint(at / FRAME_S).astype(int)].astype(np.float32)
