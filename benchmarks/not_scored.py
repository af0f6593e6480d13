"""How many of the takes that must not be scored are turned away, and how many others are not.

    python -m benchmarks.not_scored DATA --half a

DATA is the folder that pjs, makam, nit_song070, vocadito and everything_is_remixed lie in. The
thresholds of `core.judge`, `core.bleed` and `core.doubts` were chosen on half A; half B, of other
singers, accompaniments, timbres and seeds, only counts. There are three tables: what must be turned
away, honest takes, and poor singers, who must be scored, too. Each take is judged twice: beside the
song's vocal, and beside its notes alone. Takes last ten seconds: of a longer one more can be told.
Needs the training's packages; takes half an hour a half. `--kind` makes one table alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import soundfile

from asa_desktop.core.analysis import assess
from asa_desktop.core.audio import mono_16k
from asa_desktop.core.models import load_model
from asa_desktop.core.networks.runner import Model
from asa_desktop.core.run import Arrays, begin, features_of
from asa_desktop.core.types import Song
from benchmarks.planted_pieces import ANOTHER_VOICE, Piece, bands, pieces
from benchmarks.planted_poor import poor
from benchmarks.planted_sounds import RATE, Array
from benchmarks.planted_takes import PLANTED, Take, honest, planted

ROOT = Path(__file__).parents[1]
WAYS = ("vocal", "notes")
KINDS = ("planted", "honest", "poor")


class Cache:
    """Keeps the features of the songs' vocals in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Arrays] = {}

    def get(self, key: str) -> Arrays | None:
        """What was put there, or None."""
        return self._kept.get(key)

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep it."""
        self._kept[key] = arrays


@dataclass
class Count:
    """Of one row and way: how many, how many came out as they should, for the right reason."""

    takes: int = 0
    good: int = 0
    right: int = 0
    missed: Counter[str] = field(default_factory=Counter)


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with the corpora")
    parser.add_argument("--half", choices=("a", "b"), default="a")
    parser.add_argument("--kind", choices=KINDS, nargs="*", default=KINDS)
    options = parser.parse_args()
    model = load_model(next(iter(sorted((ROOT / "models").iterdir()))), device="cpu")
    sung = pieces(options.data, options.half)
    played = bands(options.data, options.half, len(sung) + PLANTED)
    talk = None
    if options.half == "a":
        talk = mono_16k(ROOT / "tests/data/singing/francium_speech.flac").astype(np.float64)
    print(f"half {options.half}: {', '.join(piece.name for piece in sung)}")
    with tempfile.TemporaryDirectory() as folder:
        songs = _songs(sung, played, options.half, Path(folder))
        take, cache = Path(folder) / "take.wav", Cache()
        made = {
            "planted": planted(sung, played, talk, options.half),
            "honest": honest(sung, played, options.half),
            "poor": poor(sung, options.half),
        }
        for kind in options.kind:
            _print(_counts(made[kind], songs, model, take, cache), honest=kind != "planted")
    return 0


def _songs(sung: Sequence[Piece], played: Sequence[Array], half: str, folder: Path) -> list[Song]:
    """Each piece as a song: its vocal in another voice, an accompaniment, its notes."""
    formant, cents = ANOTHER_VOICE[half]
    songs = []
    for number, piece in enumerate(sung):
        vocal, band = folder / f"vocal{number}.wav", folder / f"band{number}.wav"
        _write(vocal, piece.sung(cents=cents, formant=formant))
        _write(band, played[number])
        songs.append(Song(piece.name, vocal=vocal, accompaniment=band, melody=piece.melody))
    return songs


def _write(path: Path, sound: Array) -> None:
    soundfile.write(path, np.clip(sound, -1, 1), RATE, subtype="PCM_16")


def _counts(
    takes: Iterable[Take], songs: Sequence[Song], model: Model, path: Path, cache: Cache
) -> dict[tuple[str, str], Count]:
    counts: dict[tuple[str, str], Count] = defaultdict(Count)
    for take in takes:
        _write(path, take.sound)
        for way, said in _judged(path, take, songs[take.song], model, cache).items():
            count = counts[take.row, way]
            count.takes += 1
            good = (said is None) == (not take.codes)
            count.good += good
            count.right += good and (said is None or said in take.codes)
            if not good or (said is not None and said not in take.codes):
                count.missed[f"{take.name}: {said or 'scored'}"] += 1
    return counts


def _judged(
    path: Path, take: Take, song: Song, model: Model, cache: Cache
) -> dict[str, str | None]:
    """The reason by each way, as `analyse` comes to it; the take's features are computed once."""
    found: dict[str, str | None] = {}
    ours = None
    for way in WAYS:
        run = begin(model, cache=cache, progress=None, timing=None)
        run.align = take.align
        ours = ours or features_of(run, path, "take", run.timing)
        beside = replace(song, vocal=song.vocal if way == "vocal" else None)
        if not take.band:
            beside = replace(beside, accompaniment=None)
        analysis = assess(run, take.name, beside, ours)
        found[way] = None if analysis.status == "scored" else analysis.reason
    return found


def _print(counts: dict[tuple[str, str], Count], *, honest: bool) -> None:
    rows = list(dict.fromkeys(row for row, _ in counts))
    kind = "scored" if honest else "turned away, with the right reason"
    print(f"\n{'':24}{'n':>4}  {'beside vocal':>13}  {'beside notes':>13}   {kind}")
    for row in rows:
        cells = "".join(f"  {_cell(counts[row, way], honest):>13}" for way in WAYS)
        print(f"{row:24}{counts[row, WAYS[0]].takes:4}{cells}")
    for way in WAYS:
        mine = [counts[row, way] for row in rows]
        good, takes = sum(c.good for c in mine), sum(c.takes for c in mine)
        print(f"all, beside {way}: {good} of {takes}, {100 * good / takes:.1f} %")
    for (row, way), count in counts.items():
        for what, often in count.missed.items():
            print(f"  {row}, beside {way}: {what}{f' x {often}' if often > 1 else ''}")


def _cell(count: Count, honest: bool) -> str:
    return f"{count.good}" if honest else f"{count.good}, {count.right}"


if __name__ == "__main__":
    sys.exit(main())
