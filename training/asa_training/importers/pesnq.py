"""The PESnQ set: ``WavfileDataset/<Song>/<Singer>/<Singer>_<k>.wav``, sentence by sentence.

Layout from github.com/chitralekha18/PESnQ_APSIPA2017 at 2364b2d (README.md, main_file.py, the file
tree; no rating was read); Gupta, Li and Wang 2017. Five judges rated every singer's whole song:
``groundtruthfiles/GT_<Song>_<dimension>.txt`` holds their mean from 1 to 5 (singer, tab, mean),
``GT_overall_individual_judge_scores.csv`` each one's (singer, five scores, rows ended by carriage
returns). MCUR, a professional, is the reference of both songs; sentence k goes with MCUR's k. The
repository puts its code under GPL 3 and says nothing of the recordings: unknown.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from asa_training.importers.layout import (
    UNKNOWN,
    Imported,
    Layout,
    below,
    counted,
    imported,
    sounds,
)
from asa_training.importers.sheets import number, read_sheet
from asa_training.manifest.values import OVERALL, Row

NAME = "pesnq"
REFERENCE = "MCUR"
SCALE = (1.0, 5.0)
_RATINGS = "groundtruthfiles"
_EACH_JUDGE = "GT_overall_individual_judge_scores.csv"
_SENTENCE = re.compile(r"(.+)_([0-9]+)")
_ROUNDING = 0.06

Singing = tuple[str, str]


@dataclass(slots=True)
class _Rated:
    """By (song, singer): mean ratings by dimension, and ratings by judge."""

    scores: dict[Singing, dict[str, float]] = field(default_factory=dict)
    judges: dict[Singing, dict[str, float]] = field(default_factory=dict)


def read(source: Path) -> Imported:
    """All sentences of all singers, the reference's among them."""
    found = [
        (path, match[2])
        for path in sounds(source, "WavfileDataset/*/*/*_*.*")
        if (match := _SENTENCE.fullmatch(path.stem)) and match[1] == path.parent.name
    ]
    sung = {(path.parent.parent.name, path.parent.name) for path, _ in found}
    rated = _ratings(source / _RATINGS, sung)
    unrated = sorted(f"{singer} ({song})" for song, singer in sung - set(rated.scores)
                     if singer != REFERENCE)  # fmt: skip
    silent = sorted(f"{singer} ({song})" for song, singer in set(rated.scores) - sung)
    rows = list(_rows(source, found, rated))
    alone = [row.path for row in rows if row.singer != REFERENCE and not row.reference]
    notices = [
        *counted(unrated, "Singers without rating"),
        *counted(silent, "Rated singers without recordings"),
        *counted(alone, f"Sentences without counterpart by {REFERENCE}"),
        *counted(_off_mean(rated), "Mean ratings that are not the mean of the judges' own"),
    ]
    looked_for = "WavfileDataset/<Song>/<Singer>/<Singer>_<k>.wav"
    return imported(NAME, source, rows, notices, looked_for=looked_for)


def _rows(source: Path, found: list[tuple[Path, str]], rated: _Rated) -> Iterator[Row]:
    there = {path for path, _ in found}
    for path, sentence in found:
        singer, song = path.parent.name, path.parent.parent.name
        reference = path.parent.parent / REFERENCE / f"{REFERENCE}_{sentence}{path.suffix}"
        scores = rated.scores.get((song, singer), {})
        yield Row(
            path=below(path, source),
            singer=singer,
            song=song,
            part=sentence,
            reference=(below(reference, source),)
            if reference in there and singer != REFERENCE
            else (),
            scores=scores,
            scales=dict.fromkeys(scores, SCALE),
            judges=rated.judges.get((song, singer), {}),
            licence=UNKNOWN,
        )


def _ratings(folder: Path, sung: set[Singing]) -> _Rated:
    rated = _Rated()
    for song in sorted({song for song, _ in sung}):
        for path in sorted(folder.glob(f"GT_{song}_*.txt")):
            dimension = path.stem.removeprefix(f"GT_{song}_")
            for line in read_sheet(path, separator="\t"):
                if len(line) > 1 and (mean := number(line[1])) is not None:
                    rated.scores.setdefault((song, line[0]), {})[dimension] = mean
    if (folder / _EACH_JUDGE).is_file():
        _add_judges(rated, read_sheet(folder / _EACH_JUDGE))
    return rated


def _add_judges(rated: _Rated, lines: list[list[str]]) -> None:
    """A singer's row belongs to the song that they sang; of two songs, to that of its mean."""
    for line in lines:
        numbers = [number(cell) for cell in line[1:]]
        # Not judge_1: a last _1 would mean the first round of one judge.
        judges = {f"judge{at}": value for at, value in enumerate(numbers, 1) if value is not None}
        if not judges:
            continue  # a header
        songs = [key for key in rated.scores if key[1] == line[0] and key not in rated.judges]
        if len(songs) > 1:
            mean = statistics.fmean(judges.values())
            songs.sort(key=lambda key: abs(rated.scores[key].get(OVERALL, 0.0) - mean))
        if songs:
            rated.judges[songs[0]] = judges


def _off_mean(rated: _Rated) -> list[str]:
    return [
        f"{singer} ({song})"
        for (song, singer), judges in rated.judges.items()
        if abs(
            rated.scores[song, singer].get(OVERALL, 0.0) - statistics.fmean(judges.values())
        ) > _ROUNDING
    ]  # fmt: skip


LAYOUT = Layout(
    NAME, "two songs by twenty singers, rated by five judges, and a professional", UNKNOWN, read
)
