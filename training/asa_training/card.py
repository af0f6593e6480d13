"""MODEL_CARD.md: the card in words, made from card.json alone."""

from __future__ import annotations

from typing import Any

_INTRO = """# {id}

One shared CNNSA tower (`{system}`: the learned system of Zhang et al., ISMIR 2021, with the key
removed once a take), trained to place a clip of 3 s the nearer to the original's the better it is
sung. Clips are compared by the mean cosine of their embeddings in {view_count} transpositions; the
score is a map of that mean.

**Scores are on a {scale}.** Nothing here was compared with people's judgement: that a score of 80
means what a listener would call good has not been shown. The model hears pitch: intonation, drift
and wrong notes. What it does not hear shows in the table below.

Licence of the weights: {licence}. Made from:
"""


def model_card(card: dict[str, Any]) -> str:
    """The whole text."""
    measured = card["evaluation"]
    parts = [
        _INTRO.format(**card, view_count=len(card["views"])),
        "\n".join(f"- {line}" for line in card["attribution"]),
        _training(card),
        _results(measured),
        _curve(measured["curve"]),
        _limits(measured),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _training(card: dict[str, Any]) -> str:
    rows = [
        f"| {each['corpus']} | {each['singer']} | {each['sources']} | {each['seconds']:.0f} "
        f"| {each['renditions']} | {each['licence']} |"
        for each in card["training"]["data"]
    ]
    run = card["training"]
    head = (
        "## Training data\n\nRendered performances of real singing: good ones with harmless edits, "
        "poor ones with one to three defects of continuous severity (off pitch, drift, wrong "
        "notes, timing), labelled by what was realised.\n\n"
        "| corpus | singer | recordings | seconds | renditions | licence |\n"
        "|---|---|---|---|---|---|"
    )
    foot = (
        f"\n\nSeed {run['seed']}, at most {run['steps']} steps of {run['clips']} clips x "
        f"{run['performances']} performances; the state of step {run['best']['step']} had the best "
        f"validation AUC ({run['best']['validation_auc']:.3f}). Score map fitted on "
        f"{card['score_map']['fitted_on']}.{_start(run)}"
    )
    return head + "\n" + "\n".join(rows) + foot


def _start(run: dict[str, Any]) -> str:
    start = run.get("started_from")
    if not start:
        return ""
    return (
        f" It began with the state of step {start['best']['step']} of a run of {start['steps']} "
        f"steps (seed {start['seed']}) without clips of other songs; this leg added them, as "
        "severity 1."
    )


def _results(measured: dict[str, Any]) -> str:
    low, high = measured["auc_pitch_0.5_interval"]
    each = measured["auc_each_0.5"]
    takes = measured["takes"]
    rows = [
        (
            "AUC, clips, realised severity 0.5, pooled over off pitch, drift, wrong notes",
            f"{_number(measured['auc_pitch_0.5'])} [{_number(low)}, {_number(high)}]",
        ),
        *(
            (f"the same, {name.replace('_', ' ')} alone", _number(value))
            for name, value in each.items()
        ),
        (
            'severity-0 probe ("good" against "poor", chance is 0.5)',
            f"{_number(measured['probe']['auc'])} ({measured['probe']['good']} and "
            f"{measured['probe']['poor']} clips)",
        ),
        (
            f"takes: good above poor of severity 0.5 ({takes['pairs']} pairs)",
            f"{_percent(takes['in_order'])}, median gap {takes['median_gap']} points",
        ),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return (
        "## Measured on held-out renditions\n\n"
        "Singers, songs and rendering engine of the test were "
        f"in no training or validation; singers: {', '.join(measured['singers'])}; "
        f"{measured['sources']} recordings, {measured['clips']} clips. Brackets: 95 % over "
        f"recordings drawn again. Remake with `asa-train evaluate`.\n\n| measure | value |\n"
        f"|---|---|\n{table}"
    )


def _number(value: float | None) -> str:
    return "no clips" if value is None else f"{value:.3f}"


def _percent(share: float | None) -> str:
    return "no pairs" if share is None else f"{100 * share:.1f} %"


def _curve(curves: dict[str, dict[str, float | None]]) -> str:
    steps = list(next(iter(curves.values())))
    head = f"| defect | {' | '.join(steps)} |\n|---|{'---|' * len(steps)}"
    rows = [
        f"| {name.replace('_', ' ')} | "
        + " | ".join("-" if value is None else f"{value:.0f}" for value in curve.values())
        + " |"
        for name, curve in curves.items()
    ]
    return "## Median clip score by realised severity\n\n" + head + "\n" + "\n".join(rows)


def _limits(measured: dict[str, Any]) -> str:
    singers = ", ".join(f"{name} {value:.3f}" for name, value in measured["auc_by_singer"].items())
    return (
        "## Limits\n\n"
        f"- AUC by singer (severity 0.5): {singers}.\n"
        "- Reference and take of the test are renderings of one recording: another singer of the "
        "same song differs in more than any rendering does.\n"
        "- Trained on a few singers of one tradition; children, choirs, rap, growl and noisy rooms "
        "were not tried.\n"
        "- Timing, vibrato, dynamics, words and tone are hardly in the score or not at all.\n"
        "- An octave apart is forgiven, and so is another key (it is reported)."
    )
