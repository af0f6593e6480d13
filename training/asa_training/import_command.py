"""`asa-train import` makes a manifest of a corpus, `asa-train check` looks for faults in one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import AsaError, UsageError
from asa_desktop.core.examples import examples
from asa_training.corpus import SPLITS
from asa_training.importers import NAMES, layout
from asa_training.manifest import (
    Fault,
    Manifest,
    Row,
    inspect_manifest,
    performances,
    write_manifest,
)
from asa_training.manifest.places import file_of
from asa_training.sentences import say

_TOLD = 50


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add both commands to `subparsers`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "import", help="make a manifest of a corpus", description=_layouts(),
        epilog=examples(
            "asa-train import ultrastar resources/demo --out songs.csv",
            "asa-train import takes FOLDER --licence LICENCE --out takes.csv",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("layout", metavar="LAYOUT", help="how the corpus is laid out")
    parser.add_argument("source", metavar="SOURCE", type=Path, help="the corpus' folder")
    parser.add_argument("--out", type=Path, required=True, help="manifest, .csv or .parquet")
    parser.add_argument(
        "--root", type=Path, help="folder that paths begin at, if not the manifest's"
    )
    parser.add_argument("--licence", help="of all recordings, in place of the layout's own")
    parser.add_argument("--split", choices=("none", *SPLITS), help="put all rows there")
    parser.add_argument("--replace", action="store_true", help="write over a manifest")
    parser.set_defaults(run=run)
    checking: argparse.ArgumentParser = subparsers.add_parser(
        "check",
        help="look for faults in a manifest",
        epilog=examples(
            "asa-train import ultrastar resources/demo --out songs.csv",
            "asa-train check songs.csv --verify",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    checking.add_argument("manifest", metavar="MANIFEST", type=Path)
    checking.add_argument("--root", type=Path, help="folder that paths begin at")
    checking.add_argument("--verify", action="store_true", help="compare every file's sha256")
    checking.set_defaults(run=run_check)
    return parser


def _layouts() -> str:
    known = (layout(name) for name in NAMES)
    return "Layouts:\n" + "\n".join(f"  {one.name:12} {one.holds}" for one in known)


def run(args: argparse.Namespace) -> int:
    """Import and print what was found; 2 with sentences where it cannot be done."""
    try:
        return _import(args)
    except AsaError as error:
        for sentence in _faults(error):
            print(sentence, file=sys.stderr)
        print(f"asa-train: {say(error)}", file=sys.stderr)
        return 2


def run_check(args: argparse.Namespace) -> int:
    """Print every fault; 2 if there is one."""
    try:
        found = inspect_manifest(args.manifest, root=args.root, verify=args.verify)
    except AsaError as error:
        print(f"asa-train: {say(error)}", file=sys.stderr)
        return 2
    _tell(found.faults)
    print(summary(found.manifest))
    return 2 if found.faults else 0


def _import(args: argparse.Namespace) -> int:
    reader = layout(args.layout)
    if not args.source.is_dir():
        raise UsageError("source_not_a_folder", path=args.source)
    if args.out.exists() and not args.replace:
        raise UsageError("manifest_in_the_way", path=args.out)
    root = args.root or _root(args.source, args.out)
    found = reader.read(args.source)
    rows = with_sha256(below_root(found.rows, args.source, root), root)
    if args.licence:
        rows = [replace(row, licence=args.licence) for row in rows]
    if args.split:
        split = "" if args.split == "none" else args.split
        rows = [replace(row, split=split) for row in rows]
    write_manifest(args.out, rows)
    for notice in found.notices:
        print(notice)
    checked = inspect_manifest(args.out, root=root)
    _tell(checked.faults)
    print(f"{args.out}: {summary(checked.manifest)}")
    if root.resolve() != args.out.parent.resolve():
        print(f"Its paths begin at {root}: give --root when it is read.")
    return 2 if checked.faults else 0


def _root(source: Path, out: Path) -> Path:
    """The manifest's folder where the corpus lies below it, else the corpus' own."""
    return out.parent if source.resolve().is_relative_to(out.parent.resolve()) else source


def below_root(rows: Sequence[Row], source: Path, root: Path) -> list[Row]:
    """Rows whose paths begin at `source`, so that they begin at `root`.

    Raises UsageError ``root_too_low``.
    """
    try:
        between = source.resolve().relative_to(root.resolve()).as_posix()
    except ValueError as error:
        raise UsageError("root_too_low", path=source, root=root) from error
    if between == ".":
        return list(rows)

    def moved(place: str) -> str:
        return f"{between}/{place}" if place else ""

    return [
        replace(
            row,
            path=moved(row.path),
            reference=tuple(map(moved, row.reference)),
            accompaniment=moved(row.accompaniment),
        )
        for row in rows
    ]


def with_sha256(rows: Sequence[Row], root: Path) -> list[Row]:
    """Rows with the fingerprint of their file, which is read once even if it holds many tracks.

    Raises PlaceError.
    """
    digests: dict[Path, str] = {}
    for row in rows:
        file = file_of(row.path, root)
        if file not in digests:
            digests[file] = sha256(file)
    return [replace(row, sha256=digests[file_of(row.path, root)]) for row in rows]


def summary(manifest: Manifest) -> str:
    """What a manifest holds, in one line."""
    sung = performances(manifest)
    rows = manifest.rows
    return (
        f"{len(rows)} rows, {len(sung)} performances, {sum(bool(one.scores) for one in sung)} of"
        f" them rated, {len({row.singer for row in rows})} singers,"
        f" {len({row.song for row in rows})} songs"
    )


def _tell(faults: Sequence[Fault]) -> None:
    for fault in faults[:_TOLD]:
        print(fault.sentence, file=sys.stderr)
    if len(faults) > _TOLD:
        print(f"... and {len(faults) - _TOLD} more.", file=sys.stderr)


def _faults(error: AsaError) -> tuple[str, ...]:
    told = error.facts.get("faults", ())
    return told if isinstance(told, tuple) else ()
