"""MASTmelody: F0 of melodies sung in conservatory entrance examinations, and of piano renditions.

Published as ``f0data/<melody>_per<id>_<pass|fail>.f0s.txt`` and ``<melody>_ref<id>.f0s.txt``
(github.com/barisbozkurt/MASTmelody_dataset at 976c695: README.md, annotations/README and two files
of f0data were read; CC BY-NC-SA 4.0; Bozkurt, Baysal and Yuret 2017). Read as well: the same
tracks, named alike and without their suffix, as members of one ``f0_hz.npz``.

The verdict is in the name. Grades of 1 (completely off) to 4 (perfect) come as ``grades.csv`` or
``annotations/annotations.csv``: a column of those names, one column a judge and round and perhaps
``majority``. Ours names judges ``expert_a``; a last ``_1``, ``_2`` counts a judge's rounds. The
published one has no verdict in its names, and the header ``index,file,1Asli,5Ozan,2Asli,3Cihan,
4Cihan,fullAgree,fullAgree_score,majority_score``: judges Asli_1, Ozan, Asli_2 and so on. Other
columns are no judges. ``overall`` is the mean over judges, each of whom counts once.

A performance's references are all piano renditions of its melody. These are rows, too: the singer
is ``piano``, the take their name. The source does not say whether one candidate sang several
melodies, so an id is a singer.
"""

from __future__ import annotations

import re
import statistics
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from asa_desktop.core.errors import UsageError
from asa_training.importers.layout import Imported, Layout, below, counted, imported, is_hidden
from asa_training.importers.sheets import number, read_sheet
from asa_training.manifest.values import OVERALL, Row, in_order
from asa_training.rated.judges import person_of

NAME = "mast"
LICENCE = "CC BY-NC-SA 4.0"
ARCHIVE = "f0_hz.npz"
PIANO = "piano"
_GRADES = ("grades.csv", "annotations/annotations.csv", "annotations.csv")
_SUFFIX = ".f0s.txt"
_TRACK = re.compile(r"(?P<song>.+)_(?P<kind>per|ref)(?P<id>[0-9]+)(?:_(?P<verdict>pass|fail))?")
_VERDICT = re.compile(r"_(pass|fail)$")
_JUDGE = re.compile(r"(expert_.+)|[0-9]+([^\W\d].*)")
_SCALE = (1.0, 4.0)
_MAJORITY = "majority"
_COLUMNS_OF_MAJORITY = (_MAJORITY, "majority_score")


@dataclass(frozen=True, slots=True)
class _Grades:
    """`majority` is None where the source leaves it empty, or has none."""

    judges: Mapping[str, float] = field(default_factory=dict)
    majority: float | None = None

    @property
    def scores(self) -> dict[str, float]:
        scores = {OVERALL: mean_of_people(self.judges)} if self.judges else {}
        return scores if self.majority is None else {**scores, _MAJORITY: self.majority}


def read(source: Path) -> Imported:
    """All performances and renditions below the folder."""
    tracks = {name: place for name, place in _tracks(source) if _TRACK.fullmatch(name)}
    grades = _grades(source)
    performed = [name for name in tracks if "_per" in name]
    there = {_key(name) for name in tracks}
    notices = [
        *counted(
            [name for name in performed if _key(name) not in grades], "Performances without grades"
        ),
        *counted([name for name in grades if name not in there], "Graded performances without F0"),
    ]
    looked_for = f"{ARCHIVE} or f0data/<melody>_per<id>_<pass|fail>{_SUFFIX}"
    return imported(NAME, source, _rows(tracks, grades), notices, looked_for=looked_for)


def mean_of_people(judges: Mapping[str, float]) -> float:
    """The mean over judges; of one who judged in several rounds the mean of these counts."""
    rounds: defaultdict[str, list[float]] = defaultdict(list)
    for judge, rating in judges.items():
        rounds[person_of(judge)].append(rating)
    return statistics.fmean(statistics.fmean(each) for each in rounds.values())


def _rows(tracks: Mapping[str, str], grades: Mapping[str, _Grades]) -> Iterator[Row]:
    renditions: defaultdict[str, list[str]] = defaultdict(list)
    for name, place in tracks.items():
        match = _TRACK.fullmatch(name)
        if match and match["kind"] == "ref":
            renditions[match["song"]].append(place)
    for name, place in tracks.items():
        match = _TRACK.fullmatch(name)
        if match is None:
            continue
        row = Row(path=place, singer=PIANO, song=match["song"], licence=LICENCE)
        if match["kind"] == "ref":
            yield replace(row, take=f"ref{match['id']}")
        else:
            graded = grades.get(_key(name), _Grades())
            verdict = {"verdict": float(match["verdict"] == "pass")} if match["verdict"] else {}
            yield replace(
                row,
                singer=f"per{match['id']}",
                reference=tuple(renditions[match["song"]]),
                scores={**graded.scores, **verdict},
                scales={**dict.fromkeys(graded.scores, _SCALE), **dict.fromkeys(verdict, (0, 1))},
                judges=graded.judges,
            )


def _tracks(source: Path) -> list[tuple[str, str]]:
    """(name, place) of every F0 track, as people sort them."""
    archive = source / ARCHIVE
    if archive.is_file():
        try:
            with zipfile.ZipFile(archive) as opened:
                members = [name.removesuffix(".npy") for name in opened.namelist()]
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise UsageError("table_broken", path=archive, why=str(error)) from error
        found = [(name, f"{ARCHIVE}#{name}") for name in members]
    else:
        files = [*source.glob(f"f0data/*{_SUFFIX}"), *source.glob(f"*{_SUFFIX}")]
        found = [
            (path.name.removesuffix(_SUFFIX), below(path, source))
            for path in files
            if not is_hidden(path, source)
        ]
    return sorted(found, key=lambda one: in_order(one[0]))


def _grades(source: Path) -> dict[str, _Grades]:
    """The grades by the name of the performance, without the verdict."""
    path = next((source / name for name in _GRADES if (source / name).is_file()), None)
    lines = read_sheet(path) if path else []
    if len(lines) < 2:
        return {}
    columns, graded = _judges(lines[0]), {}
    for line in lines[1:]:
        name = next((bare for cell in line if _TRACK.fullmatch(bare := _bare(cell))), None)
        if name is None:
            continue
        numbers = {
            column: value
            for column, cell in zip(columns, line, strict=False)
            if column and (value := number(cell)) is not None
        }
        majority = numbers.pop(_MAJORITY, None)
        graded[_key(name)] = _Grades(numbers, majority)
    return graded


def _judges(header: Sequence[str]) -> list[str]:
    """What each column holds: a judge's name, `_MAJORITY`, or "" for what we do not know."""
    found = [_JUDGE.fullmatch(cell) for cell in header]
    rounds = Counter(match[2] for match in found if match and match[2])
    counts: Counter[str] = Counter()
    named = []
    for cell, match in zip(header, found, strict=True):
        if match is None:
            named.append(_MAJORITY if cell in _COLUMNS_OF_MAJORITY else "")
        elif match[1]:
            named.append(match[1])
        else:
            counts[match[2]] += 1
            times = f"_{counts[match[2]]}" if rounds[match[2]] > 1 else ""
            named.append(f"{match[2]}{times}")
    return named


def _key(name: str) -> str:
    # The published grades leave the verdict out, the tracks' names have it.
    return _VERDICT.sub("", name)


def _bare(cell: str) -> str:
    """A performance's name without a folder and without the suffix of a file."""
    return re.sub(r"(\.f0s)?\.(txt|wav)$", "", cell.rpartition("/")[2])


LAYOUT = Layout(
    NAME, "F0 of examined melodies, with verdicts, grades and piano renditions", LICENCE, read
)
