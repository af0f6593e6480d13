"""How far off takes that are not in step are aligned, how long it takes, and who is turned away.

    python -m benchmarks.alignment DATA

DATA is the folder that the corpora lie in, as `asa_training.corpus` expects them. The numbers of
the alignment were chosen on pjs001 to pjs037 and vocadito; renderings here are of pjs050 to pjs095
and nit, another singer. Of makam the same song is sung by two people, and the ends of words were
marked by hand: nothing was chosen there. Needs the training's packages; takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
from asa_training.render.plan import Severities
from numpy.typing import NDArray

from asa_desktop.core.alignment.find import align, align_pitch, align_to_notes
from asa_desktop.core.alignment.warp import SURE, Warp
from asa_desktop.core.audio import mono_16k
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import Activation, TrackFeatures, track_features
from benchmarks.warped_takes import Case, Song, Take, render, song_of, words_of

SONGS = {
    "three of pjs": ("pjs050", "pjs055", "pjs060"),
    "four of pjs": ("pjs065", "pjs070", "pjs075", "pjs080"),
    "one of pjs": ("pjs085",),
    "two of pjs": ("pjs090", "pjs095"),
    "nit 004": ("nitech_jp_song070_f001_004",),
    "nit 029": ("nitech_jp_song070_f001_029",),
}
POOR = Severities(off_pitch=0.7, wrong_notes=0.3)
CASES = (
    Case("in step, another voice", rubato=0.0, free=False, cents=-100, formant=0.9),
    Case("80 %, another voice, +3", tempo=0.8, cents=300, formant=1.15),
    Case("90 %, octave, child's voice", tempo=0.9, cents=1350, formant=1.25, vibrato=0.6),
    Case("110 %, larger voice, -2", tempo=1.1, cents=-200, formant=0.82, vibrato=1.3),
    Case("125 %, larger voice, -4", tempo=1.25, cents=-400, formant=0.87),
    Case("rubato, another voice, +7", rubato=0.12, cents=700, formant=1.2),
    Case("a phrase missing, 95 %", tempo=0.95, cents=200, formant=1.12, missing=1),
    Case("a phrase silent, in step", rubato=0.02, free=False, formant=1.1, missing=1, silent=True),
    Case("after talk, 90 %", tempo=0.9, cents=-500, formant=0.9, talk=True),
    Case("from 40 to 75 %, 115 %", tempo=1.15, cents=250, formant=1.1, part=(0.4, 0.75)),
    Case("second half after talk", tempo=0.88, cents=250, formant=0.88, part=(0.5, 1), talk=True),
    Case("badly sung, 107 %", tempo=1.07, cents=500, formant=1.1, severities=POOR),
    Case("drifting, 93 %", tempo=0.93, cents=-300, formant=1.15, severities=Severities(drift=0.8)),
    Case("hummed, 110 %", tempo=1.1, cents=400, formant=1.1, hummed=True),
)
PAIRS = (
    *(("barbaros", "goekhan", f"02_Gel_{part}") for part in ("2_zemin", "4_nakarat", "6_meyan")),
    *(
        ("guelen", "safiye", f"01_{part}")
        for part in (
            "Aksam_0_zemin", "Aksam_2_nakarat", "Aksam_3_nakarat2", "Aksam_4_meyan",
            "Aksam_5_meyan2", "Aksam_6_nakarat", "Aksam_7_nakarat3",
            "Olmaz_16_meyan", "Olmaz_2_zemin", "Olmaz_4_nakarat", "Olmaz_6_meyan",
        )
    ),
)  # fmt: skip
SECONDS = 240
EXCERPT_S = 10.0
_HOP = FeatureSpec().hop_s

Array = NDArray[np.float64]
Aligner = Callable[[TrackFeatures, Song], Warp]


def _to_notes(take: TrackFeatures, song: Song) -> Warp:
    assert song.melody is not None
    return align_to_notes(take, song.melody, offset_s=0.0)


WAYS: dict[str, Aligner] = {
    "sound": lambda take, song: align(take, song.features),
    "F0 alone": lambda take, song: align_pitch(take.pitch, song.features.pitch),
    "notes": _to_notes,
}


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with pjs, nit_song070 and makam")
    parser.add_argument("--songs", type=int, default=len(SONGS), help="how many of the songs")
    options = parser.parse_args()
    activation = _activation()
    names = list(SONGS)[: options.songs]
    songs = [song_of(name, _paths(options.data, SONGS[name]), activation) for name in names]
    takes = _renderings(songs)
    _makam(options.data / "makam", activation)
    _others([song.features for song in songs])
    _cost([song.features for song in songs], takes)
    return 0


def _activation() -> Activation:
    import torch

    from asa_desktop.core.networks.crepe import load_crepe

    return load_crepe("tiny", torch.device("cpu")).activation


def _paths(data: Path, stems: Sequence[str]) -> list[Path]:
    folders = (data / "pjs", data / "nit_song070")
    return [sorted(p for f in folders for p in f.rglob(f"{stem}*.flac"))[0] for stem in stems]


def _renderings(songs: Sequence[Song]) -> list[TrackFeatures]:
    """The table of errors, per case and way. Gives the takes of the second case, for `_cost`."""
    talk = mono_16k(Path(__file__).parents[1] / "tests/data/singing/francium_speech.flac")
    print(f"renderings of {len(songs)} songs; error of sung frames in ms, median and 95 %")
    print(f"{'':28}{''.join(f'{way:>14}' for way in WAYS)}  {'key':>5} {'sure':>9}  phrases, step")
    pooled: dict[str, list[Array]] = {way: [] for way in WAYS}
    kept = []
    for number, case in enumerate(CASES):
        errors: dict[str, list[Array]] = {way: [] for way in WAYS}
        facts: list[tuple[Warp, Take]] = []
        for at, song in enumerate(songs):
            take = render(song, case, seed=100 * at + number, talk=talk.astype(np.float64))
            if number == 1:
                kept.append(take.features)
            for way, aligner in WAYS.items():
                if way == "notes" and song.melody is None:
                    continue
                found = aligner(take.features, song)
                errors[way].append(_errors(found, song, take))
                if way == "sound":
                    facts.append((found, take))
        cells = "".join(_cell(errors[way]) for way in WAYS)
        print(f"{case.name:28}{cells}  {_facts(case, facts)}", flush=True)
        for way in WAYS:
            pooled[way] += errors[way]
    print(f"{'all':28}{''.join(_cell(pooled[way]) for way in WAYS)}\n")
    return kept


def _errors(found: Warp, song: Song, take: Take) -> Array:
    """How far off the reference's sung frames are put that the take has, in ms."""
    clock = np.arange(len(song.f0)) * 0.005
    there = (song.f0 > 0) & np.isfinite(take.take_s)
    return 1000 * np.abs(found.take_at(clock[there]) - take.take_s[there])


def _cell(errors: Sequence[Array]) -> str:
    if not errors:
        return f"{'-':>14}"
    every = np.concatenate(errors)
    return f"{np.median(every):8.0f} {np.quantile(every, 0.95):5.0f}"


def _facts(case: Case, facts: Sequence[tuple[Warp, Take]]) -> str:
    """Largest error of the key (cents), least confidence, phrases found and false, in step."""
    heard = [np.inf if warp.key_cents is None else warp.key_cents for warp, _ in facts]
    key = max(abs(cents - case.cents) for cents in heard)
    gone = sum(len(take.gone) for _, take in facts)
    found = sum(any(_overlap(one, span) for span in w.missing) for w, t in facts for one in t.gone)
    false = sum(
        not any(_overlap(span, one) for one in t.gone) for w, t in facts for span in w.missing
    )
    step = sum(warp.in_step for warp, _ in facts)
    phrases = f"{found} of {gone} missing found, " if gone else ""
    if case.part == (0.0, 1.0):
        phrases += f"{false} false, "
    if case.talk:
        phrases += f"talk in {sum(bool(warp.added) for warp, _ in facts)} of {len(facts)}, "
    least = min(warp.confidence for warp, _ in facts)
    return f"{key:5.0f} {least:9.2f}  {phrases}{step} of {len(facts)} in step"


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two spans share half of the shorter."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > 0.5 * min(np.ptp(one), np.ptp(other))


def _makam(folder: Path, activation: Activation) -> None:
    """Two singers on one song, both ways round: their words' starts and ends."""
    starts: list[float] = []
    ends: list[float] = []
    offset: list[float] = []
    sure = []
    for one, other, part in PAIRS:
        ours, theirs = (
            track_features(mono_16k(folder / who / f"{part}.flac"), FeatureSpec(), activation)
            for who in (one, other)
        )
        words = _matched(*(words_of(folder / who / f"{part}.TextGrid") for who in (one, other)))
        for take, reference, pairs in (
            (theirs, ours, words),
            (ours, theirs, [(b, a) for a, b in words]),
        ):
            found = align(take, reference)
            sure.append(found.confidence)
            starts += [float(found.take_at(a[0]) - b[0]) for a, b in pairs]
            ends += [float(found.take_at(a[1]) - b[1]) for a, b in pairs]
            away = np.array([b[0] - a[0] for a, b in pairs])
            offset += (away - np.median(away)).tolist()
    print(f"makam, {len(PAIRS)} pairs both ways round, ms: median and 95 %")
    for name, values in (
        ("starts of words", starts),
        ("ends of words", ends),
        ("both", starts + ends),
        ("starts, by offset alone", offset),
    ):
        away = 1000 * np.abs(values)
        print(f"  {name:26}{np.median(away):6.0f}{np.quantile(away, 0.95):6.0f}  n {len(away)}")
    print(f"  confidence {min(sure):.2f} to {max(sure):.2f}, under {SURE}: {_under(sure)}\n")


Word = tuple[float, float, str]


def _matched(ours: Sequence[Word], theirs: Sequence[Word]) -> list[tuple[Word, Word]]:
    """Equal words, in order."""
    letters = [[word[2] for word in words] for words in (ours, theirs)]
    blocks = difflib.SequenceMatcher(None, *letters, autojunk=False).get_matching_blocks()
    return [(ours[b.a + n], theirs[b.b + n]) for b in blocks for n in range(b.size)]


def _others(songs: Sequence[TrackFeatures]) -> None:
    """How often another song is turned away, whole and in stretches of 10 s."""
    pieces = [
        _cut(song, start, EXCERPT_S)
        for song in songs
        for start in np.arange(0, song.frames * _HOP - EXCERPT_S, EXCERPT_S)
    ]
    owners = [
        n for n, song in enumerate(songs) for _ in np.arange(0, song.frames * _HOP - EXCERPT_S, 10)
    ]
    sung = [n for n, piece in enumerate(pieces) if np.mean(piece.voicing.frames) > 0.5]
    strangers = [(a, b) for a, b in permutations(sung, 2) if owners[a] != owners[b]]
    chosen = np.random.default_rng(0).permutation(len(strangers))[:200]
    print(f"another song: under {SURE}, the median, 95 % and greatest confidence")
    for name, pairs in (
        ("whole", [(a, b) for a, b in permutations(songs, 2)]),
        ("10 s", [(pieces[strangers[n][0]], pieces[strangers[n][1]]) for n in chosen]),
    ):
        for way, found in (
            ("sound", [align(take, reference) for take, reference in pairs]),
            ("F0 alone", [align_pitch(take.pitch, other.pitch) for take, other in pairs]),
        ):
            sure = [warp.confidence for warp in found]
            spread = " ".join(f"{value:.2f}" for value in np.quantile(sure, (0.5, 0.95, 1)))
            print(f"  {name:6} {way:10} {_under(sure)}  {spread}", flush=True)
    print()


def _under(sure: Sequence[float]) -> str:
    return f"{sum(value < SURE for value in sure)} of {len(sure)}"


def _cut(track: TrackFeatures, start_s: float, seconds: float) -> TrackFeatures:
    frames = slice(round(start_s / _HOP), round((start_s + seconds) / _HOP))
    return _of_arrays([track], lambda values: values[..., frames])


def _of_arrays(
    tracks: Iterable[TrackFeatures], change: Callable[[NDArray[np.generic]], NDArray[np.generic]]
) -> TrackFeatures:
    """The tracks one after the other, their arrays changed."""
    parts = [track.to_arrays() for track in tracks]
    arrays = {
        name: first if name == "level" else change(np.concatenate([p[name] for p in parts], -1))
        for name, first in parts[0].items()
    }
    return TrackFeatures.from_arrays(arrays, FeatureSpec())


def _cost(songs: Sequence[TrackFeatures], takes: Sequence[TrackFeatures]) -> None:
    """Seconds of processor time, and memory, for a take of 240 s of a reference as long."""
    frames = round(SECONDS / _HOP)
    song, take = (_of_arrays(each, lambda values: values) for each in (songs, takes))
    times = -(-frames // min(song.frames, take.frames))
    song, take = (
        _of_arrays([each] * times, lambda values: values[..., :frames]) for each in (song, take)
    )
    spent = []
    for _ in range(3):
        start = time.process_time()
        align(take, song)
        spent.append(time.process_time() - start)
    tracemalloc.start()
    align(take, song)
    more = tracemalloc.get_traced_memory()[1] / 2**20
    print(f"{SECONDS} s: {np.median(spent):.2f} s of processor time, {more:.0f} MiB at most")


if __name__ == "__main__":
    sys.exit(main())
