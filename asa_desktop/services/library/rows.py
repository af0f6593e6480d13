"""The library's rows as frozen values. Times of day are UTC, ISO 8601."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asa_desktop.services.library.text import path_of

Source = Literal["recorded", "imported"]
Status = Literal["scored", "not_scored"]
Method = Literal["chirps", "taps"]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who sings, or listens and comments."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class SongRow:
    """A song folder or file that was opened once; `parts` names what it holds."""

    id: int
    path: Path
    title: str
    artist: str
    language: str
    parts: tuple[str, ...]
    added_at: str
    removed: bool

    @classmethod
    def of(cls, row: sqlite3.Row) -> SongRow:
        return cls(
            id=row["id"],
            path=path_of(row["location"]),
            title=row["title"],
            artist=row["artist"],
            language=row["language"],
            parts=tuple(row["parts"].split()),
            added_at=row["added_at"],
            removed=row["removed_at"] is not None,
        )


@dataclass(frozen=True, slots=True)
class TakeRow:
    """A recording of one person singing one song, with the outcome of its newest analysis.

    Time t of the recording is song time ``start_s + (t - latency_s) / clock_ratio``; `delay_from`
    tells how `latency_s` came about (stamps, chirps, taps, given, or nothing known). `gaps` are
    (start, end) in the recording where the device was away. `status` is None while it was never
    analysed.
    """

    id: int
    song: int
    song_title: str
    person: int
    singer: str
    title: str
    file: str
    sha256: str
    source: Source
    original_name: str
    latency_s: float
    clock_ratio: float
    start_s: float
    delay_from: str
    duration_s: float | None
    sample_rate: int | None
    device: str
    xruns: int
    gaps: tuple[tuple[float, float], ...]
    recorded_at: str
    removed: bool
    status: Status | None
    score: float | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> TakeRow:
        return cls(
            id=row["id"],
            song=row["song_id"],
            song_title=row["song_title"],
            person=row["person_id"],
            singer=row["singer"],
            title=row["title"],
            file=row["file"],
            sha256=row["sha256"],
            source=row["source"],
            original_name=row["original_name"],
            latency_s=row["latency_s"],
            clock_ratio=row["clock_ratio"],
            start_s=row["start_s"],
            delay_from=row["delay_from"],
            duration_s=row["duration_s"],
            sample_rate=row["sample_rate"],
            device=row["device"],
            xruns=row["xruns"],
            gaps=tuple((start, end) for start, end in json.loads(row["gaps"])),
            recorded_at=row["recorded_at"],
            removed=row["removed_at"] is not None,
            status=row["status"],
            score=row["score"],
        )


@dataclass(frozen=True, slots=True)
class ClipRow:
    """What one analysis found in one clip; `reason` says why there is no score."""

    start: float
    end: float
    score: float | None
    reason: str | None = None
    cosine: float | None = None
    voiced: float | None = None
    pitched: float | None = None


@dataclass(frozen=True, slots=True)
class AnalysisRow:
    """One analysis of a take: by which model, at which latency, what came out."""

    id: int
    take: int
    model: str | None
    features: str
    latency_s: float
    status: Status
    reason: str | None
    score: float | None
    low: float | None
    high: float | None
    case: str | None
    program: str
    made_at: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> AnalysisRow:
        return cls(
            id=row["id"],
            take=row["take_id"],
            model=row["model"],
            features=row["features"],
            latency_s=row["latency_s"],
            status=row["status"],
            reason=row["reason"],
            score=row["score"],
            low=row["low"],
            high=row["high"],
            case=row["step_case"],
            program=row["program"],
            made_at=row["made_at"],
        )


@dataclass(frozen=True, slots=True)
class DelayRow:
    """One calibration: for which devices and settings, and what came out."""

    id: int
    input: str
    output: str
    host_api: str
    rate: int
    block: int
    latency: str
    duplex: bool
    delay_s: float
    spread_s: float
    found: int
    played: int
    method: Method
    stamp_delay_s: float
    measured_at: str

    @classmethod
    def of(cls, row: sqlite3.Row) -> DelayRow:
        return cls(**{**dict(row), "duplex": bool(row["duplex"])})
