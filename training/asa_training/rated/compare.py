"""The table: every system against people, per song and over the mix, beside the human line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from asa_training.rated.agreement import MEASURES, Agreement, Array, Measure, agreement
from asa_training.rated.combining import COSINE
from asa_training.rated.fitted import FITS, leave_one_song_out
from asa_training.rated.judges import HumanLine, human_line, person_of
from asa_training.rated.performances import Better, Rated, Said

Scope = str | None
"""A song, or None for the mix: all performances of all songs in one correlation, as published."""

VALUE, NEGATED, SCORE, FITTED, NOTHING = "value", "-value", "score", "fitted", "–"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One system.

    `by` tells what of it is compared: its value, its value negated where less is better, its
    mapped score where it has no value, or a prediction fitted on the other songs. `oriented` is
    that, one number a performance, more being better, NaN where there is none. Shape: (n,).
    `reasons` counts why.
    """

    system: str
    unit: str
    by: str
    oriented: Array
    cells: Mapping[tuple[Measure, Scope], Agreement]
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The whole comparison. `unfitted` are systems too incomplete for the fitted lines."""

    target: str
    seed: int
    variants: int | None
    songs: tuple[str, ...]
    rated: tuple[Rated, ...]
    lines: tuple[Line, ...]
    human: Mapping[tuple[Measure, Scope], HumanLine]
    unfitted: tuple[str, ...]

    @property
    def singers(self) -> int:
        """How many sang."""
        return len({each.singer for each in self.rated})

    @property
    def judges(self) -> tuple[str, ...]:
        """Who rated, as far as that is known."""
        return _judges(self.rated)


def compare(
    rated: Sequence[Rated], *, target: str, seed: int, variants: int | None = None
) -> Table:
    """Compare every system that says anything with the people's mean rating.

    Parameters
    ----------
    seed
        Of the bootstrap.
    variants
        How many variants were tried before this one, None where nobody says; it is passed on.
    """
    songs = tuple(dict.fromkeys(each.song for each in rated))
    bare = [_line(rated, name) for name in _names(rated)]
    fitted, unfitted = _fitted(rated, bare)
    human = np.array([each.human for each in rated], dtype=np.float64)
    singers = np.array([each.singer for each in rated], dtype=str)
    cells: dict[str, dict[tuple[Measure, Scope], Agreement]] = {}
    people: dict[tuple[Measure, Scope], HumanLine] = {}
    ratings, persons = _panel(rated)
    for scope, inside in _scopes(rated, songs):
        for measure in MEASURES:
            people[measure, scope] = human_line(
                ratings[inside], persons, list(singers[inside]), measure=measure, seed=seed
            )
            for line in (*bare, *fitted):
                cells.setdefault(line.system, {})[measure, scope] = agreement(
                    line.oriented[inside],
                    human[inside],
                    list(singers[inside]),
                    measure=measure,
                    seed=seed,
                )
    return Table(
        target=target,
        seed=seed,
        variants=variants,
        songs=songs,
        rated=tuple(rated),
        lines=tuple(replace(line, cells=cells[line.system]) for line in (*bare, *fitted)),
        human=people,
        unfitted=unfitted,
    )


def _scopes(
    rated: Sequence[Rated], songs: Sequence[str]
) -> Iterator[tuple[Scope, NDArray[np.intp]]]:
    """The mix, then each song, with the places of its performances."""
    yield None, np.arange(len(rated))
    for song in songs:
        yield song, np.flatnonzero([each.song == song for each in rated])


def _names(rated: Sequence[Rated]) -> list[str]:
    return list(dict.fromkeys(name for each in rated for name in each.heard.said))


def _judges(rated: Sequence[Rated]) -> tuple[str, ...]:
    return tuple(sorted({judge for each in rated for judge in each.judges}))


def _panel(rated: Sequence[Rated]) -> tuple[Array, list[str]]:
    """All judges' ratings, NaN where one did not rate, and who each of them is. (n, J)."""
    judges = _judges(rated)
    ratings = [[each.judges.get(judge, np.nan) for judge in judges] for each in rated]
    shaped = np.array(ratings, dtype=np.float64).reshape(len(rated), len(judges))
    return shaped, [person_of(judge) for judge in judges]


def _line(rated: Sequence[Rated], name: str) -> Line:
    """What one system says, turned so that more is better; its cells are still to come."""
    said = [each.heard.said.get(name, Said(reason=each.heard.fault)) for each in rated]
    values = _numbers([one.value for one in said])
    scores = _numbers([one.score for one in said])
    known = [one for one in said if one.value is not None or one.score is not None]
    better: Better = known[0].better if known else "high"
    by_score = np.isfinite(scores).sum() > np.isfinite(values).sum()
    oriented = scores if by_score else values if better == "high" else -values
    missing = [one for one, number in zip(said, oriented, strict=True) if not np.isfinite(number)]
    return Line(
        system=name,
        unit=known[0].unit if known else "",
        by=_by(by_score, better) if known else NOTHING,
        oriented=oriented,
        cells={},
        reasons=dict(Counter(one.reason or "not_said" for one in missing)),
    )


def _by(by_score: bool, better: Better) -> str:
    if by_score:
        return SCORE
    return VALUE if better == "high" else NEGATED


def _numbers(found: Sequence[float | None]) -> Array:
    """Infinite values are no values: nothing can be correlated with them. Shape: (n,)."""
    numbers = np.array([np.nan if one is None else one for one in found], dtype=np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _fitted(rated: Sequence[Rated], lines: Sequence[Line]) -> tuple[list[Line], tuple[str, ...]]:
    """What can be learnt from the other songs, of systems that speak of every performance.

    Performances that could not be read are left out, and so is a model's cosine: its score says the
    same.
    """
    read = np.array([each.heard.fault is None for each in rated])
    asked = [line for line in lines if line.unit != COSINE]
    whole = [line for line in asked if read.any() and np.isfinite(line.oriented[read]).all()]
    unfitted = tuple(sorted({each.system for each in asked} - {each.system for each in whole}))
    known = [each for each, there in zip(rated, read, strict=True) if there]
    songs = [each.song for each in known]
    if len(whole) < 2 or len(set(songs)) < 2:
        return [], unfitted
    values = np.stack([line.oriented[read] for line in whole], axis=1)
    human = np.array([each.human for each in known], dtype=np.float64)
    singers = [each.singer for each in known]
    found = []
    for name, fit in FITS.items():
        predicted = np.full(len(rated), np.nan)
        predicted[read] = leave_one_song_out(fit, values, human, songs, singers)
        reasons = Counter(
            each.heard.fault or "too_little_to_fit"
            for each, one in zip(rated, predicted, strict=True)
            if not np.isfinite(one)
        )
        found.append(Line(name, "rating", FITTED, predicted, {}, dict(reasons)))
    return found, unfitted
