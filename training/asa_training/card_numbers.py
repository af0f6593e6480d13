"""The part of a MODEL_CARD.md that tells what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def evaluation(card: dict[str, Any]) -> str:
    """The measures with their intervals, and the score by severity."""
    measured = card["evaluation"]
    rows = [
        (
            "AUC, clips, realised severity 0.5, pooled over off pitch, drift, wrong notes",
            _within(measured["auc_pitch_0.5"], measured["auc_pitch_0.5_interval"]),
        ),
        *(
            (
                f"the same, {name.replace('_', ' ')} alone",
                _within(value, measured["auc_each_0.5_interval"][name]),
            )
            for name, value in measured["auc_each_0.5"].items()
        ),
        (
            "rank correlation of clips with their severity, all defects mixed",
            _within(measured["rank"], measured["rank_interval"]),
        ),
        (
            'severity-0 probe ("good" against "poor", chance is 0.5)',
            f"{number(measured['probe']['auc'])} ({measured['probe']['good']} and "
            f"{measured['probe']['poor']} clips)",
        ),
        _takes(measured["takes"]),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return (
        "## Evaluation\n\n"
        "Singers, songs and rendering engine of the test were in no training or validation; "
        f"singers: {', '.join(measured['singers'])}; {measured['sources']} recordings, "
        f"{measured['clips']} clips. Brackets: 95 % over recordings drawn again. Remake with "
        f"`asa-train evaluate`.\n\n| measure | value |\n|---|---|\n{table}\n\n{_rounding(card)}\n\n"
        f"{_curve(measured['curve'])}"
    )


def number(value: float | None) -> str:
    """Three digits, or that there was nothing to measure."""
    return "no clips" if value is None else f"{value:.3f}"


def _within(value: float | None, bounds: Sequence[float | None]) -> str:
    if value is None:
        return number(value)
    return f"{value:.3f} [{number(bounds[0])}, {number(bounds[1])}]"


def _takes(takes: dict[str, Any]) -> tuple[str, str]:
    name = f"takes: good above poor of severity 0.5 ({takes['pairs']} pairs)"
    if takes["in_order"] is None:
        return name, "no pairs"
    return name, f"{100 * takes['in_order']:.1f} %, median gap {takes['median_gap']} points"


def _rounding(card: dict[str, Any]) -> str:
    weights = card["weights"]
    size = f"The weights are {weights['bytes'] / 1e6:.1f} MB of {weights['precision']}"
    if weights["precision"] == "float32":
        return f"{size}."
    moved = weights["rounding"]
    return (
        f"{size} (norms in float32); rounded to that, the scores of {moved['clips']} validation "
        f"clips moved by {moved['most']:.2f} points at most and {moved['mean']:.3f} in the mean "
        f"(allowed: {moved['limit_points']}). All numbers here are of the rounded weights."
    )


def _curve(curves: dict[str, dict[str, float | None]]) -> str:
    steps = list(next(iter(curves.values())))
    head = f"| defect | {' | '.join(steps)} |\n|---|{'---|' * len(steps)}"
    rows = [
        f"| {name.replace('_', ' ')} | "
        + " | ".join("-" if value is None else f"{value:.0f}" for value in curve.values())
        + " |"
        for name, curve in curves.items()
    ]
    return "### Median clip score by realised severity\n\n" + head + "\n" + "\n".join(rows)
