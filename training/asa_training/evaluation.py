"""`asa-train evaluate`: models and systems against people, or a model on renditions."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import UsageError
from asa_desktop.core.examples import examples
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.models import load_model
from asa_training.evaluate import table_of_model
from asa_training.features import load
from asa_training.report import summary


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train evaluate`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "evaluate",
        help="systems against people's ratings (--manifest), or a model on renditions (--renders)",
        epilog=examples(
            "asa-train evaluate --manifest MANIFEST.csv --variants 0 --out results",
            "asa-train evaluate --model models/rori-3 --renders R/test --cache R/cache",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", type=Path, nargs="+", default=[], help="folders of models")
    people = parser.add_argument_group("against people")
    people.add_argument("--manifest", type=Path, help="rated recordings; see asa-train import")
    people.add_argument("--root", type=Path, help="where its paths begin, if not beside it")
    people.add_argument("--systems", default="all", help="all, none, or names with commas")
    people.add_argument("--target", default="overall", help="the score that people gave")
    people.add_argument("--split", default="", help="train, validation or test alone")
    people.add_argument("--out", type=Path, help="folder for table.csv and report.html")
    people.add_argument("--seed", type=int, default=1, help="of the bootstrap")
    people.add_argument("--variants", type=int, help="how many were tried before this one")
    people.add_argument("--jobs", type=int, default=1, help="processes")
    renditions = parser.add_argument_group("on renditions")
    renditions.add_argument("--renders", type=Path)
    renditions.add_argument("--cache", type=Path)
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Print the table; of renditions alone, the summary as JSON."""
    if args.manifest is not None:
        from asa_training.rated import command

        return command.run(args)
    if args.renders is None or args.cache is None or len(args.model) != 1:
        raise UsageError("nothing_to_evaluate")
    model = load_model(args.model[0], device="cpu")
    renditions = load(args.renders, args.cache, FeatureSpec())
    if not renditions:
        print("nothing is prepared; run asa-train prepare first", file=sys.stderr)
        return 2
    table = table_of_model(model, renditions)
    print(json.dumps(summary(table, model.card.score_map), indent=2))
    return 0
