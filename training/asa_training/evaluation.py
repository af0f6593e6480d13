"""`asa-train evaluate`: a model folder on renditions, with the numbers its card carries."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.models import load_model
from asa_training.evaluate import clip_table
from asa_training.features import load
from asa_training.report import summary


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train evaluate`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "evaluate", help="measure a model folder on prepared renditions"
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--renders", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Print the summary as JSON."""
    model = load_model(args.model, device="cpu")
    renditions = load(args.renders, args.cache, FeatureSpec())
    if not renditions:
        print("nothing is prepared; run asa-train prepare first", file=sys.stderr)
        return 2
    table = clip_table(model.tower, renditions, device=model.device, views=model.card.views)
    print(json.dumps(summary(table, model.card.score_map), indent=2))
    return 0
