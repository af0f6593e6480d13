"""The parts of a MODEL_CARD.md that tell what a model learnt from, and how it came about."""

from __future__ import annotations

from typing import Any

from asa_training.render.plan import DEFECTS

GRADES = {
    "heard": "intonation, rhythm and vibrato weighed as in the program's score of a take",
    "worst": "the worst of intonation, rhythm and vibrato",
    "intonation": "that of intonation alone",
    "rhythm": "that of rhythm alone",
    "vibrato": "that of vibrato alone",
}


def data(card: dict[str, Any]) -> str:
    """Corpora, singers, licences, and the hashes of what was used."""
    every = card["training"]["data"]
    rendered = [each for each in every if "marks" not in each]
    marked = [each for each in every if "marks" in each]
    lines = ["## Training data"]
    if rendered:
        lines += ["", *_rendered(rendered, card["training"]["grade"])]
    if marked:
        lines += ["", *_marked(marked)]
    return "\n".join([*lines, *_corpora(card)])


def _rendered(entries: list[dict[str, Any]], grade: str) -> list[str]:
    rows = [
        f"| {each['corpus']} | {each['singer']} | {each['sources']} | {each['seconds']:.0f} "
        f"| {each['renditions']} | {each['licence']} |"
        for each in entries
    ]
    head = (
        "Rendered performances of real singing: good ones with harmless edits, "
        "poor ones with one or more defects of continuous severity "
        f"({', '.join(name.replace('_', ' ') for name in DEFECTS)}), labelled by what was "
        f"realised. A clip's severity is {GRADES[grade]}.\n\n"
        "| corpus | singer | recordings | seconds | renditions | licence |\n"
        "|---|---|---|---|---|---|"
    )
    return [head, *rows]


def _marked(entries: list[dict[str, Any]]) -> list[str]:
    rows = [
        f"| {each['corpus']} | {each['marks']} | {each['singers']} | {each['recordings']} "
        f"| {each['seconds']:.0f} | {each['licence']} |"
        for each in entries
    ]
    head = (
        "Recordings of people, each clip labelled by the mean mark that people gave the whole "
        "performance. `recordings.sha256`, written where the model was exported, has the sha256 of "
        "every recording. Whether the model may be given away hangs on licences and consent; a "
        "licence that is unknown allows nothing.\n\n"
        "| table | marks | singers | recordings | seconds learnt from | licence |\n"
        "|---|---|---|---|---|---|"
    )
    return [head, *rows]


def _corpora(card: dict[str, Any]) -> list[str]:
    corpora = card["made"].get("corpora", ())
    if not corpora:
        return []
    rows = [
        f"| {each['name']} | {each['edition']} | {each['licence']} | {each['files']} "
        f"| `{each['sha256']}` |"
        for each in corpora
    ]
    return [
        "",
        "What training, validation and test were rendered from. The hash is that of the list which "
        "`sha256sum` writes of the files, sorted by their paths.",
        "",
        "| corpus | edition | licence | files | sha256 |",
        "|---|---|---|---|---|",
        *rows,
    ]


def procedure(card: dict[str, Any]) -> str:
    """Seeds, steps, time, machine, commands and versions."""
    run, made = card["training"], card["made"]
    parts = [
        "## Training procedure\n\n"
        f"Seed {run['seed']}, at most {run['steps']} steps of {run['clips']} clips x "
        f"{run['performances']} performances; the state of step {run['best']['step']} had the "
        f"{_best(run)}.{_fitted(card)}{_start(run)}{_time(made)}"
    ]
    if made.get("commands"):
        commands = "\n".join(made["commands"])
        parts.append(
            f"These commands made it ({_data_of(commands)}, R anything; seeds that are not given "
            f"stand in the configuration):\n\n```\n{commands}\n```\n\n"
            f"`asa-train rebuild --manifest {made['manifest']} --data DATA --work R` does all of "
            "it, verifies the corpora and compares golden scores."
        )
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    parts.append(f"Versions: {versions}.{_known_by(made)}")
    return "\n\n".join(parts)


def _data_of(commands: str) -> str:
    own = ", or what a manifest's paths begin at" if " --manifest " in commands else ""
    return f"DATA holds the corpora{own}"


def _known_by(made: dict[str, Any]) -> str:
    """The hashes of what the run was trained from and with, where they were written down."""
    named = {"training": "training data", "validation": "validation data",
             "code": "source code"}  # fmt: skip
    hashes = [
        f"{name} {', '.join(f'`{each}`' for each in made[f'{key}_sha256'])}"
        for key, name in named.items()
        if f"{key}_sha256" in made
    ]
    return f" By sha256 (`asa_training/parts.py`): {'; '.join(hashes)}." if hashes else ""


def _best(run: dict[str, Any]) -> str:
    if run["choose"] == "loss":
        return f"lowest validation loss ({run['best']['validation_loss']:.4f})"
    if run["choose"] == "rank":
        rank = run["best"]["validation_rank"]
        what = "marks" if "marks" in run else "severity"
        return f"best rank correlation with the {what} of validation clips ({rank:.3f})"
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
        f"steps (seed {start['seed']})."
    )


def _time(made: dict[str, Any]) -> str:
    if "seconds" not in made:
        return " How long it took was not recorded."
    threads = ", ".join(str(each) for each in made["threads"])
    several = [str(each) for each in made.get("processes", ())]
    return (
        f" It took {made['seconds'] / 3600:.2f} hours in all ({made['seconds']:.0f} s, checks "
        f"included) on {', '.join(made['on'])}, threads: {threads}"
        + (f", processes: {', '.join(several)}." if several else ".")
    )
