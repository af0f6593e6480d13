"""`asa-train overall`: the scale of the program's score, from renditions spoilt alike.

The score is a weighted mean of attributes and likeness, put on a scale (`core.assess.overall`).
Weights and headroom are theory and stay as they are. The scale's knots are made here: of
renditions whose intonation, rhythm and vibrato were all spoilt by 0.5, the median take gets 55
points, of those at 1 it gets 25. From 85 points on the mean is left as it is, since what is lost
there by good singers beside another's voice no rendition shows.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from asa_desktop.core.assess.overall import HEADROOM, WEIGHTS, Knots, mean_of_take, on_scale
from asa_desktop.core.errors import AsaError, UsageError
from asa_desktop.core.examples import examples
from asa_training.attribute_table import beside_anchor
from asa_training.render.batch import read_manifest
from asa_training.render.calls import read_calls
from asa_training.writing import write_text

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

GOALS = ((1.0, 25.0), (0.5, 55.0))
"""Points of the median take by severity."""

_KEPT = ((85.0, 85.0), (100.0, 100.0))
_LEAST = 5
_DRAWS, _SEED = 1000, 3

Means = Mapping[float, Sequence[float]]
"""Weighted means of takes by the severity that was asked for: 0, 0.5, 1."""


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to `subparsers`; its `run` default takes the parsed arguments."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "overall",
        help="make the scale of the program's score from renditions of the design alike",
        epilog=examples(
            "asa-train overall --renders R/alike --model models/rori-3 --id overall-1 \\",
            "    --out overall.json",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--renders", type=Path, nargs="+", required=True)
    parser.add_argument("--model", type=Path, required=True, help="whose likeness is a part")
    parser.add_argument("--id", required=True, help="the scorer's name")
    parser.add_argument("--out", type=Path, required=True, help="the scorer's card, JSON")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Analyse, make the scale, write and print what came of it."""
    from asa_desktop.core import load_model

    model = load_model(args.model, device="cpu")
    read = {folder: read_manifest(folder) for folder in args.renders}
    facts = [each for lines in read.values() for each in lines]
    means: dict[float, list[float]] = defaultdict(list)
    turned_away = 0
    for folder, lines in read.items():
        for severity, mean in _means(folder, lines, model):
            turned_away += mean is None
            if mean is not None:
                means[severity].append(mean)
        print(f"{folder.name}: {sum(map(len, means.values()))} takes", file=sys.stderr, flush=True)
    scale = scale_of(means)
    takes = {f"{severity:g}": _of(means[severity], scale) for severity in sorted(means)}
    card = {
        "id": args.id,
        "weights": dict(WEIGHTS),
        "headroom": HEADROOM,
        "scale": [list(knot) for knot in scale],
        "made": {
            "model": model.card.id,
            "singers": sorted({each["source"]["singer"] for each in facts}),
            "recordings": len({each["source"]["recording"] for each in facts}),
            "engines": sorted({each["plan"]["engine"] for each in facts}),
            "renders": [
                call.command(data="DATA", out=f"R/{folder.name}")
                for folder in args.renders
                for call in read_calls(folder)
            ],
            "turned_away": turned_away,
            "takes": takes,
        },
    }
    write_text(args.out, json.dumps(card, indent=2) + "\n")
    for severity, said in takes.items():
        print(f"severity {severity}: {said}")
    print(f"scale {card['scale']}")
    return 0


def scale_of(means: Means) -> Knots:
    """The knots, from 0 to 100.

    Raises
    ------
    UsageError
        ``too_few_alike`` with fewer than five takes of a severity; ``model_orders_nothing`` when
        the medians do not rise as the severity falls, or are higher than what is left as it is.
    """
    fewest = min(len(means.get(severity, ())) for severity, _ in GOALS)
    if fewest < _LEAST:
        raise UsageError("too_few_alike", count=fewest, least=_LEAST)
    medians = [round(float(np.median(means[severity])), 1) for severity, _ in GOALS]
    low, middle = medians
    if not 0 < low < middle < _KEPT[0][0]:
        raise UsageError("model_orders_nothing", low=low, middle=middle, high=_KEPT[0][0])
    goals = [score for _, score in GOALS]
    found = list(zip(medians, goals, strict=True))
    return ((0.0, 0.0), *found, *_KEPT)


def _means(
    folder: Path, facts: Sequence[Mapping[str, Any]], model: Model
) -> Iterator[tuple[float, float | None]]:
    """Severity asked for and weighted mean of every take; None where it was turned away."""
    for one, found in beside_anchor(folder, facts, model=model):
        severity = float(one["plan"]["severities"]["off_pitch"])
        scored = not isinstance(found, AsaError) and found.overall.score is not None
        yield severity, mean_of_take(found.attributes, found.clips) if scored else None


def _of(means: Sequence[float], scale: Knots) -> dict[str, float | list[float] | int]:
    """What the takes of one severity get: median with its 95 % interval, and the middle 80 %."""
    scores = np.array([on_scale(mean, scale) for mean in means])
    rng = np.random.default_rng(_SEED)
    again = np.median(rng.choice(scores, (_DRAWS, len(scores))), axis=1)
    return {
        "takes": len(scores),
        "median": round(float(np.median(scores)), 1),
        "median_interval": [round(float(each), 1) for each in np.quantile(again, (0.025, 0.975))],
        "middle_80": [round(float(each), 1) for each in np.quantile(scores, (0.1, 0.9))],
    }
