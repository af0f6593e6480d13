"""`asa-train score`: a folder of takes of one song to one CSV, a row a take, and one of its clips.

A take that cannot be read is a row with its code, and the others go on. A stopped run is taken up:
takes whose bytes are in the table already are not looked at again, those that failed are. A take
has one row: that of its present bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asa_desktop.core.audio import mono_16k, sha256
from asa_desktop.core.errors import AsaError, AudioError, PlaceError, UsageError
from asa_desktop.core.examples import examples
from asa_desktop.core.take_timing import read_timing
from asa_desktop.core.types import Analysis, Song, SystemScore
from asa_training.rated.growing_table import GrowingTable, Row
from asa_training.rated.takes import takes_in

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

FAILED = "failed"
CLIPS = (
    "take", "sha256", "clip", "start_s", "end_s", "voiced", "pitched", "score", "cosine", "reason",
)  # fmt: skip
_TAKE = (
    "take", "sha256", "song", "reference", "notes", "accompaniment", "model", "weights", "status",
    "reason", "overall", "low", "high", "clips", "clips_scored", "key_semitones",
)  # fmt: skip

Analyse = Callable[[Path], Analysis]


def score_folder(
    takes: Sequence[Path],
    folder: Path,
    out: Path,
    analyse: Analyse,
    *,
    run: Row,
    systems: Sequence[str],
) -> Iterator[Row]:
    """Analyse what is not in the table yet; yields each take's row when it is written.

    Parameters
    ----------
    out
        The table; that of the clips lies beside it, ``<stem>.clips.csv``.
    run
        What all rows share, as `shared_by_all`.

    Raises
    ------
    PlaceError
        When a table cannot be written.
    UsageError
        ``table_of_another_run`` when `out` holds rows of another song or model, of other
        files of the song, or of other systems.
    """
    table = GrowingTable(out, columns(systems))
    clips = GrowingTable(out.with_name(f"{out.stem}.clips.csv"), CLIPS)
    if any(row[name] != value for row in table.rows for name, value in run.items()):
        raise UsageError("table_of_another_run", path=out)
    table.keep(row for row in table.rows if row["sha256"] and row["status"] != FAILED)
    known = {_take_of(row) for row in table.rows}
    clips.keep(row for row in clips.rows if _take_of(row) in known)
    for take in takes:
        name = _name(take, folder)
        digest = _digest(take)
        if (name, digest) in known:
            continue
        row, of_clips = _again(table, clips, name, digest) or _rows(
            take, name, digest, analyse, systems
        )
        _forget(table, clips, name)
        clips.add(of_clips)
        table.add([{**row, **run}])
        yield table.rows[-1]


def columns(systems: Sequence[str]) -> tuple[str, ...]:
    """The columns of a take's row."""
    parts = [f"{name}:{part}" for name in systems for part in ("value", "score", "reason")]
    return (*_TAKE, *parts)


def shared_by_all(song: Song, model: Model | None) -> dict[str, str]:
    """What tells a run from another: its song with the bytes of its files, and its model's.

    Raises PlaceError where a file of the song cannot be read.
    """
    notes = song.melody.source if song.melody is not None else None
    files = {"reference": song.vocal, "notes": notes, "accompaniment": song.accompaniment}
    return {
        "song": song.title,
        **{what: sha256(path)[:12] if path is not None else "" for what, path in files.items()},
        "model": model.card.id if model is not None else "",
        # A model that was trained anew may bear the same id.
        "weights": model.card.weights_sha256[:12] if model is not None else "",
    }


def _name(take: Path, folder: Path) -> str:
    # One file may be given in place of a folder, and would be "." below itself.
    is_below = take != folder and take.is_relative_to(folder)
    return take.relative_to(folder).as_posix() if is_below else take.name


def _digest(take: Path) -> str:
    """The hash of its bytes, "" where they cannot be read: then it is tried again next time."""
    try:
        return sha256(take)
    except (AsaError, OSError):
        return ""


def _again(
    table: GrowingTable, clips: GrowingTable, name: str, digest: str
) -> tuple[Row, list[Row]] | None:
    """The rows of the same bytes under another name."""
    for row in table.rows:
        if digest and row["sha256"] == digest:
            known = [each for each in clips.rows if _take_of(each) == _take_of(row)]
            return {**row, "take": name}, [{**each, "take": name} for each in known]
    return None


def _take_of(row: Row) -> tuple[str, str]:
    return row["take"], row["sha256"]


def _forget(table: GrowingTable, clips: GrowingTable, name: str) -> None:
    """Drop what is known of a take's earlier bytes; its row first, since no row, no clips."""
    if any(row["take"] == name for row in table.rows):
        table.keep(row for row in table.rows if row["take"] != name)
        clips.keep(row for row in clips.rows if row["take"] != name)


def _rows(
    take: Path, name: str, digest: str, analyse: Analyse, systems: Sequence[str]
) -> tuple[Row, list[Row]]:
    marks = {"take": name, "sha256": digest}
    try:
        found = analyse(take)
    except (AudioError, PlaceError) as fault:
        if fault.facts.get("path") != take:
            raise
        return {**marks, "status": FAILED, "reason": fault.code}, []
    return {**marks, **take_row(found, systems)}, [{**marks, **row} for row in clip_rows(found)]


def take_row(found: Analysis, systems: Sequence[str]) -> Row:
    """What an analysis says of the whole take, and what these systems say of it."""
    row = {
        "status": found.status,
        "reason": found.reason or "",
        "overall": _digits(found.overall.score),
        "low": _digits(found.overall.low),
        "high": _digits(found.overall.high),
        "clips": str(len(found.clips)),
        "clips_scored": str(sum(clip.score is not None for clip in found.clips)),
        "key_semitones": _digits(found.alignment.key),
    }
    for name in systems:
        if name in found.systems:
            row |= _system(name, found.systems[name])
    return row


def _system(name: str, said: SystemScore) -> dict[str, str]:
    return {
        f"{name}:value": _digits(said.value),
        f"{name}:score": _digits(said.score),
        f"{name}:reason": said.reason or "",
    }


def clip_rows(found: Analysis) -> list[Row]:
    """What it says of each clip."""
    return [
        {
            "clip": str(each.clip.index),
            "start_s": f"{each.clip.start:.3f}",
            "end_s": f"{each.clip.end:.3f}",
            "voiced": _digits(each.clip.voiced),
            "pitched": _digits(each.clip.pitched),
            "score": _digits(each.score),
            "cosine": _digits(each.cosine),
            "reason": each.reason or "",
        }
        for each in found.clips
    ]


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train score`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "score",
        help="analyse a folder of takes of one song to CSV",
        epilog=examples(
            "asa-train score resources/demo/takes --song resources/demo/pjs-medley \\",
            "    --model models/rori-3 --out scores.csv",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    against = parser.add_mutually_exclusive_group(required=True)
    against.add_argument("--song", type=Path, help="the song's folder or notes")
    against.add_argument("--reference", type=Path, help="one recording of the original voice")
    parser.add_argument(
        "--out", type=Path, required=True, help="the table; <out>.clips.csv beside it"
    )
    parser.add_argument("--model", type=Path, help="a model's folder; without it systems alone")
    parser.add_argument("--systems", default="all", help="all, none, or names with commas")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Score the folder and say each take's row in short; 2 where one could not be read."""
    from asa_desktop.core import load_model, load_song
    from asa_training.rated.analysing import Analyser, system_names

    takes = takes_in([args.folder])
    if args.song is not None:
        song = load_song(args.song)
    else:
        song = Song(title=args.reference.stem, vocal=args.reference)
    systems = system_names(args.systems)
    model = load_model(args.model) if args.model is not None else None
    analyser = Analyser(models=[model] if model is not None else [], systems=systems)

    def analyse(take: Path) -> Analysis:
        timing, _notices = read_timing(take)
        found = analyser.analyse(mono_16k(take), take.name, song, timing=timing)
        return replace(found.analyses[0], systems=found.systems)

    shared = shared_by_all(song, model)
    failed = 0
    rows = score_folder(takes, args.folder, args.out, analyse, run=shared, systems=systems)
    for row in rows:
        failed += row["status"] == FAILED
        print(f"{row['take']}: {row['overall'] or row['status']} {row['reason']}".rstrip())
    print(f"{len(takes)} takes in {args.out}", file=sys.stderr)
    return 2 if failed else 0
