"""`asa-train pack`: model folders as one file, which `asa models add` installs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import UsageError
from asa_desktop.core.examples import examples
from asa_desktop.core.model_pack import is_model_id, write_pack
from asa_desktop.core.models import validate_model
from asa_training.writing import write_whole


def pack(folders: list[Path], out: Path) -> list[str]:
    """Write a pack of checked models, whole or not at all; their ids.

    Raises
    ------
    UsageError
        ``pack_id`` where an id cannot be a folder's name, ``pack_twice`` where two models share
        one.
    ModelError, PlaceError
        What `validate_model` finds wrong; when something cannot be read or written.
    """
    cards = [validate_model(folder) for folder in folders]
    seen: set[str] = set()
    for card in cards:
        if not is_model_id(card.id):
            raise UsageError("pack_id", name=card.id)
        if card.id.casefold() in seen:
            raise UsageError("pack_twice", name=card.id)
        seen.add(card.id.casefold())
    write_whole(out, lambda stream: write_pack(cards, stream))
    return [card.id for card in cards]


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train pack`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "pack",
        help="pack models into one file, for `asa models add`",
        epilog=examples("asa-train pack models/rori-3 --out pack.zip"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL", help="a model's folder")
    parser.add_argument("--out", type=Path, required=True, help="the pack, a .zip")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Pack and say what is in it."""
    names = pack(args.models, args.out)
    print(f"{args.out}: {', '.join(names)}, {args.out.stat().st_size / 1e6:.1f} MB")
    return 0
