"""What came of an analysis, into the library, and what is drawn of it, into the cache."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core.types import TakeTiming
from asa_desktop.services.library.rows import AnalysisRow, ClipRow, TakeRow

if TYPE_CHECKING:
    from asa_desktop.core.types import Analysis, ClipScore
    from asa_desktop.services.library import Library


@dataclass(frozen=True, slots=True)
class Review:
    """A take as it can be reviewed: its recording, its song's folder, one of its analyses.

    `analysis` is None where it was never analysed, or where its pictures are no longer there;
    `row` is its row. `others` are all analyses that can be shown, the newest first.
    """

    take: TakeRow
    audio: Path
    song: Path
    analysis: Analysis | None
    row: AnalysisRow | None = None
    others: tuple[AnalysisRow, ...] = ()


def timing_of(take: TakeRow) -> TakeTiming:
    """How a take lies to its song, as its row says."""
    return TakeTiming(
        latency_s=take.latency_s,
        clock_ratio=take.clock_ratio,
        start_s=take.start_s,
        gaps=take.gaps,
        delay_from=take.delay_from,
    )


def open_review(library: Library, take: int, *, cache: Path, analysis: int | None = None) -> Review:
    """All that a review needs of a take; `analysis` names one of its analyses, else the newest.

    Raises `LibraryError` ``take_unknown`` or ``song_unknown``.
    """
    from asa_desktop.services.pictures import key_of, load_pictures, picture_store

    row, store = library.take(take), picture_store(cache)
    made = library.analyses(take=take)
    others = reviewable(library, take, cache=cache)
    asked = (one for one in others if one.id == analysis)
    chosen = next(asked, None) if analysis is not None else next(iter(made), None)
    found = None if chosen is None else load_pictures(store, key_of(chosen))
    if analysis is None and found is not None and found.timing != timing_of(row):
        found = None  # it was shifted since
    song = library.song(row.song).path
    return Review(row, library.audio(row), song, found, chosen if found else None, others)


def reviewable(library: Library, take: int, *, cache: Path) -> tuple[AnalysisRow, ...]:
    """The analyses of a take whose pictures are kept, the newest first."""
    from asa_desktop.services.pictures import key_of, picture_store

    store = picture_store(cache)
    return tuple(one for one in library.analyses(take=take) if store.has(key_of(one)))


def keep_analysis(library: Library, take: int, analysis: Analysis, *, cache: Path) -> AnalysisRow:
    """Give an analysis its row, beside earlier ones, and keep its pictures for the review.

    Raises `LibraryError` ``take_unknown``, ``library_full`` and what the database says.
    """
    from asa_desktop.services.pictures import key_of, picture_store, save_pictures
    from asa_desktop.services.result import dumps, to_json

    row = library.add_analysis(
        take=take,
        document=dumps(to_json(analysis)),
        status=analysis.status,
        reason=analysis.reason,
        score=analysis.overall.score,
        low=analysis.overall.low,
        high=analysis.overall.high,
        case=analysis.case,
        model=analysis.model,
        features=analysis.features,
        latency_s=analysis.timing.latency_s,
        clips=[_clip_row(each) for each in analysis.clips],
    )
    save_pictures(picture_store(cache), key_of(row), analysis)
    return row


def _clip_row(each: ClipScore) -> ClipRow:
    return ClipRow(
        start=each.clip.start,
        end=each.clip.end,
        score=each.score,
        reason=each.reason,
        cosine=each.cosine,
        voiced=each.clip.voiced,
        pitched=each.clip.pitched,
    )
