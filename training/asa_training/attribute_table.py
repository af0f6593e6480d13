"""`asa-train attributes`: whether the attributes of renditions follow what was done to them.

Every rendition of a folder is analysed as the program does, against the first good one of the same
source, which another voice sings in another key. Then each attribute's score is set against the
severity of the defects that belong to it (`render.attributes_of_defects`): its rank correlation
with its own, and the partial one with each of the others', all remaining severities held still.
With a model, its opinion (the mean over a take's clips) is set against the same severities, on the
same renditions: so a network for one attribute can be held against the plain measure.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from asa_desktop.core.attributes.codes import LIKENESS
from asa_desktop.core.errors import AsaError, UsageError
from asa_desktop.core.examples import examples
from asa_training.render.attributes_of_defects import (
    ATTRIBUTES,
    attribute_severity,
    heard_severity,
    total_severity,
)
from asa_training.render.batch import read_manifest
from asa_training.segment import Array
from asa_training.writing import write_text

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model
    from asa_desktop.core.types import Analysis

OVERALL = "overall"
_LEAST = 10
_PRESENT = 0.05
_DRAWS = 1000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Row:
    """One rendition: what was done to it, what came of it (None where it has no score), and why."""

    key: str
    source: str
    severity: Mapping[str, float]
    total: float
    heard: float
    lost_vibrato: bool
    scores: Mapping[str, float | None]
    reason: str


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to `subparsers`; its `run` default takes the parsed arguments."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "attributes",
        help="whether the attributes of renditions follow what was done to them",
        epilog=examples("asa-train attributes --renders R/grid --model models/rori-3 --out a.csv"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--renders", type=Path, required=True, help="renditions of the design grid")
    parser.add_argument("--model", type=Path, help="model whose likeness is part of the score")
    parser.add_argument("--out", type=Path, help="one row for each rendition, as CSV")
    parser.add_argument("--limit", type=int, help="renditions at most, the first of each source")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Analyse and print the table; 2 where there is nothing to analyse."""
    from asa_desktop.core import load_model

    facts = read_manifest(args.renders)
    model = None if args.model is None else load_model(args.model, device="cpu")
    began = time.monotonic()
    rows = []
    for row in rows_of(args.renders, facts, model=model):
        rows.append(row)
        if len(rows) % 20 == 0:
            print(f"[{len(rows)}] {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        if args.limit and len(rows) >= args.limit:
            break
    if not rows:
        raise UsageError("nothing_to_evaluate")
    if args.out is not None:
        _write(args.out, rows)
    for line in table(rows):
        print(line)
    return 0


def rows_of(
    folder: Path, facts: Sequence[Mapping[str, Any]], *, model: Model | None
) -> Iterator[Row]:
    """Every rendition but the first anchor of each source, which the others are compared with."""
    from asa_training.rated.singing import of_analysis

    for one, found in beside_anchor(folder, facts, model=model):
        if isinstance(found, AsaError):
            yield _row(one, {}, found.code)
            continue
        sung = of_analysis(found)
        scores = {key: each.score for key, each in sung.attributes.items()}
        likeness = [each.parts[LIKENESS] for each in found.clips if LIKENESS in each.parts]
        scores[LIKENESS] = float(np.mean(likeness)) if likeness else None
        yield _row(one, {**scores, OVERALL: sung.overall}, found.reason or "")


def beside_anchor(
    folder: Path, facts: Sequence[Mapping[str, Any]], *, model: Model | None
) -> Iterator[tuple[Mapping[str, Any], Analysis | AsaError]]:
    """What the program makes of each rendition beside its source's first anchor, or its fault."""
    from asa_desktop.core import analyse
    from asa_desktop.core.types import Song
    from asa_training.rated.analysing import MemoryCache

    cache = MemoryCache()
    sources: dict[str, list[Mapping[str, Any]]] = {}
    for one in facts:
        sources.setdefault(one["source"]["id"], []).append(one)
    for name, renditions in sorted(sources.items()):
        anchors = [one for one in renditions if one["plan"]["role"] == "anchor"]
        if not anchors:
            continue
        song = Song(title=name, vocal=_file(folder, anchors[0]))
        for one in renditions:
            if one is anchors[0]:
                continue
            try:
                yield one, analyse(_file(folder, one), song, model=model, cache=cache, align=True)
            except AsaError as fault:
                yield one, fault


def table(rows: Sequence[Row]) -> list[str]:
    """The lines to print: attributes, then the overall score by severity."""
    lost = [row for row in rows if row.scores.get(OVERALL) is None]
    lines = [f"{len(rows)} renditions, {len(lost)} without a score"]
    if lost:
        reasons = sorted({row.reason for row in lost})
        lines.append("  " + ", ".join(
            f"{reason} {sum(row.reason == reason for row in lost)}" for reason in reasons
        ))  # fmt: skip
    lines.append("")
    lines.append(
        f"{'attribute':11} {'n':>4} {'own severity':>22} {'where there is any':>24}"
        "   partial with the others' (largest)"
    )
    lines += [_attribute_line(name, rows) for name in ATTRIBUTES]
    lines += _of_network(rows)
    lines.append("")
    scored = [row for row in rows if row.scores.get(OVERALL) is not None]
    overall = np.array([row.scores[OVERALL] for row in scored], dtype=np.float64)
    for label, severities in (
        ("of what it counts", [row.heard for row in scored]),
        ("of all six alike", [row.total for row in scored]),
    ):
        if len(scored) >= _LEAST:
            lines.append(
                f"overall against the total severity {label}: "
                f"{_with_range(-overall, np.array(severities))} (n {len(scored)})"
            )
    lines += _by_severity(scored)
    return lines


def _attribute_line(name: str, rows: Sequence[Row]) -> str:
    known = _telling(rows, name)
    if len(known) < _LEAST:
        return f"{name:11} {len(known):4} has no score"
    score = -np.array([row.scores[name] for row in known], dtype=np.float64)
    own = np.array([row.severity[name] for row in known])
    others = [each for each in ATTRIBUTES if each != name]
    severities = np.array([[row.severity[each] for each in others] for row in known])
    present = own > _PRESENT
    partials = {
        each: partial(
            score, severities[:, k], np.column_stack([own, np.delete(severities, k, axis=1)])
        )
        for k, each in enumerate(others)
    }
    worst = max(partials, key=lambda each: abs(partials[each]))
    among = _with_range(score[present], own[present]) if present.sum() >= _LEAST else "-"
    return (
        f"{name:11} {len(known):4} {_with_range(score, own):>22} "
        f"{among:>18} n {int(present.sum()):3}   {partials[worst]:+.2f} {worst}"
    )


def _telling(rows: Sequence[Row], name: str) -> list[Row]:
    """Those with a score of an attribute, for vibrato where there was one to lose."""
    known = [row for row in rows if row.scores.get(name) is not None]
    return [row for row in known if row.lost_vibrato] if name == "vibrato" else known


def _of_network(rows: Sequence[Row]) -> list[str]:
    """The network's opinion beside each attribute's severity, over the same renditions."""
    lines = []
    for name in ATTRIBUTES:
        known = [row for row in _telling(rows, name) if row.scores.get(LIKENESS) is not None]
        if len(known) >= _LEAST:
            said = -np.array([row.scores[LIKENESS] for row in known], dtype=np.float64)
            own = np.array([row.severity[name] for row in known])
            lines.append(f"{name:11} {len(known):4} {_with_range(said, own):>22}")
    head = "the model's opinion alone, against the severity of each:"
    return ["", head, *lines] if lines else []


def partial(values: Array, severity: Array, held: Array) -> float:
    """Rank correlation of values (n,) and severity (n,) with `held` (n, k) taken out of both."""
    from scipy.stats import rankdata

    base = np.column_stack([np.ones(len(values)), *(rankdata(column) for column in held.T)])
    left = []
    for each in (values, severity):
        ranks = rankdata(each)
        left.append(ranks - base @ np.linalg.lstsq(base, ranks, rcond=None)[0])
    spread = float(np.linalg.norm(left[0]) * np.linalg.norm(left[1]))
    return float(left[0] @ left[1]) / spread if spread > 1e-9 else 0.0


def _with_range(values: Array, severity: Array) -> str:
    """Spearman's correlation with its 95 % interval over renditions drawn again."""
    from scipy.stats import spearmanr

    rng = np.random.default_rng(_SEED)
    drawn = []
    for _ in range(_DRAWS):
        chosen = rng.integers(0, len(values), len(values))
        if np.ptp(severity[chosen]) > 0 and np.ptp(values[chosen]) > 0:
            drawn.append(float(spearmanr(values[chosen], severity[chosen])[0]))
    if not drawn:
        return "-"
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{float(spearmanr(values, severity)[0]):.2f} [{low:.2f}, {high:.2f}]"


def _by_severity(rows: Sequence[Row]) -> list[str]:
    lines = ["", "total severity of what counts: overall score, 10 %, median, 90 %"]
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 9.0)):
        inside = [row.scores[OVERALL] for row in rows if low <= row.heard < high]
        if inside:
            part = np.quantile(np.array(inside, dtype=np.float64), (0.1, 0.5, 0.9))
            bounds = f"{low:.1f} to {high:.1f}" if high < 9 else f"over {low:.1f}"
            lines.append(
                f"  {bounds:11} " + " ".join(f"{each:5.0f}" for each in part) + f"  n {len(inside)}"
            )
    return lines


def _row(one: Mapping[str, Any], scores: Mapping[str, float | None], reason: str) -> Row:
    realised = one["realised"]
    return Row(
        key=one["key"],
        source=one["source"]["id"],
        severity=attribute_severity(realised),
        total=total_severity(realised),
        heard=heard_severity(realised),
        lost_vibrato=realised["vibrato_notes"] > 0,
        scores=scores,
        reason=reason,
    )


def _file(folder: Path, one: Mapping[str, Any]) -> Path:
    return next((folder / one["source"]["id"]).glob(f"*-{one['key']}.flac"))


def _write(path: Path, rows: Sequence[Row]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    names = (*ATTRIBUTES, LIKENESS, OVERALL)
    severities = [f"severity {name}" for name in ATTRIBUTES]
    writer.writerow(["key", "source", *severities, "total", "heard", *names, "reason"])
    for row in rows:
        spoilt = [row.severity[name] for name in ATTRIBUTES]
        numbers = [f"{each:.4f}" for each in (*spoilt, row.total, row.heard)]
        scores = [row.scores.get(name) for name in names]
        said = ["" if each is None else f"{each:.1f}" for each in scores]
        writer.writerow([row.key, row.source, *numbers, *said, row.reason])
    write_text(path, text.getvalue())
