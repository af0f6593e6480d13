"""MODEL_CARD.md: the card in words, made from card.json alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asa_desktop.core.models import SYSTEMS, TRIPLETS
from asa_training.render.plan import DEFECTS

_INTRO = """# {id}

{made}

**Scores are on a {scale}.** Nothing here was compared with people's judgement: that a score of 80
means what a listener would call good has not been shown. {hears}

Licence of the weights: {licence}. Made from:
"""

_SHARED = "One shared CNNSA tower"
_TWO = "Two CNNSA towers, one for what is sung and one for the reference"

_TRIPLET = """{towers} (`{system}`: the learned system of Zhang et al., ISMIR 2021{key}), trained to
place a clip of 3 s the nearer to {reference} the better it is sung. Clips are compared by the
{cosine}; the score is a map of that."""

_HEADED = """A CNNSA tower with a head that says the score of a clip of 3 s (`{system}` of Zhang et
al., ISMIR 2021): {learnt}. It learnt the weak label 100 x (1 - severity), {grade}, which the
renderer knows and no listener gave. The score is {said}."""

_LEARNT = {
    "direct": "it is shown the take alone",
    "delta": "it is shown the take less the original's voice{key}, channel by channel",
    "embdirect": "three layers on the embedding of the frozen tower of `{tower}`, which is shown "
    "the take alone",
}
_GRADES = {
    "heard": "intonation, rhythm and vibrato weighed as in the program's score of a take",
    "worst": "the worst of intonation, rhythm and vibrato",
    "intonation": "of intonation alone",
}
_HEARD_FROM, _UNHEARD_BELOW = 0.8, 0.65
_REFERENCES = {"rori": "the original's", "racc": "the accompaniment's"}


def model_card(card: dict[str, Any]) -> str:
    """The whole text."""
    measured = card["evaluation"]
    parts = [
        _INTRO.format(**{**card, "made": _network(card), "hears": _hears(card)}),
        "\n".join(f"- {line}" for line in card["attribution"]),
        _training(card),
        _results(measured),
        _curve(measured["curve"]),
        _limits(card, measured),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _network(card: dict[str, Any]) -> str:
    system, count = card["system"], len(card["views"])
    key = ", with the key removed once a take" if card["features"]["key_removed"] else ""
    if system in TRIPLETS:
        mean = f"mean cosine of their embeddings in {count} transpositions"
        return _TRIPLET.format(
            towers=_TWO if card["towers"] == "two" else _SHARED,
            system=system,
            key=key,
            reference=_REFERENCES[system],
            cosine=mean if count > 1 else "cosine of their embeddings",
        )
    tower = card["training"].get("tower", {}).get("id", "")
    return _HEADED.format(
        system=system,
        grade=_GRADES[card["training"]["grade"]],
        learnt=_LEARNT[system].format(key=key, tower=tower),
        said=f"the mean of what it says in {count} transpositions" if count > 1 else "what it says",
    )


def _hears(card: dict[str, Any]) -> str:
    """Which faults it tells from none, by what was measured on the test."""
    each = card["evaluation"]["auc_each_0.5"]
    known = {name: value for name, value in each.items() if value is not None}
    well = _names(name for name, value in known.items() if value >= _HEARD_FROM)
    hardly = _names(name for name, value in known.items() if value < _UNHEARD_BELOW)
    return (
        f"At half strength it tells from good singing (AUC {_HEARD_FROM} and more): "
        f"{well or 'nothing'}; hardly or not at all (under {_UNHEARD_BELOW}): "
        f"{hardly or 'nothing'}."
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _training(card: dict[str, Any]) -> str:
    rows = [
        f"| {each['corpus']} | {each['singer']} | {each['sources']} | {each['seconds']:.0f} "
        f"| {each['renditions']} | {each['licence']} |"
        for each in card["training"]["data"]
    ]
    run = card["training"]
    head = (
        "## Training data\n\nRendered performances of real singing: good ones with harmless edits, "
        "poor ones with one or more defects of continuous severity "
        f"({_names(DEFECTS)}), labelled by what was realised. A clip's severity is "
        f"{_GRADES[card['training']['grade']]}.\n\n"
        "| corpus | singer | recordings | seconds | renditions | licence |\n"
        "|---|---|---|---|---|---|"
    )
    foot = (
        f"\n\nSeed {run['seed']}, at most {run['steps']} steps of {run['clips']} clips x "
        f"{run['performances']} performances; the state of step {run['best']['step']} had the "
        f"{_best(run)}.{_fitted(card)}{_start(run)}"
    )
    return head + "\n" + "\n".join(rows) + foot


def _best(run: dict[str, Any]) -> str:
    if run["choose"] == "loss":
        return f"lowest validation loss ({run['best']['validation_loss']:.4f})"
    if run["choose"] == "rank":
        rank = run["best"]["validation_rank"]
        return f"best rank correlation with the severity of validation clips ({rank:.3f})"
    return f"best validation AUC ({run['best']['validation_auc']:.3f})"


def _fitted(card: dict[str, Any]) -> str:
    fitted_on = card["score_map"]["fitted_on"]
    return f" Score map fitted on {fitted_on}." if fitted_on else ""


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
            "rank correlation of clips with their severity, all defects mixed",
            f"{_number(measured['rank'])} [{_number(measured['rank_interval'][0])}, "
            f"{_number(measured['rank_interval'][1])}]",
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


def _limits(card: dict[str, Any], measured: dict[str, Any]) -> str:
    singers = ", ".join(f"{name} {value:.3f}" for name, value in measured["auc_by_singer"].items())
    lines = [
        f"AUC by singer (severity 0.5): {singers}.",
        _of_the_reference(card["system"]),
        "Trained on a few singers of one tradition; children, choirs, rap, growl and noisy rooms "
        "were not tried.",
        "Words, expression and style were no defects in training.",
        _of_the_key(card),
    ]
    return "## Limits\n\n" + "\n".join(f"- {line}" for line in lines)


def _of_the_reference(system: str) -> str:
    if SYSTEMS[system] == "vocal":
        return (
            "Reference and take of the test are renderings of one recording: another singer of the "
            "same song differs in more than any rendering does."
        )
    if SYSTEMS[system] == "accompaniment":
        return (
            "The takes of the test are renderings: people differ in more than any rendering does."
        )
    return "It compares with nothing: what is in tune and not in the song cannot be heard."


def _of_the_key(card: dict[str, Any]) -> str:
    if SYSTEMS[card["system"]] == "nothing":
        return "In which key or octave one sings is no matter to it."
    if card["features"]["key_removed"]:
        return "An octave apart is forgiven, and so is another key (it is reported)."
    return "The key is not removed: a take in another key than the song's is judged as it stands."
