"""The head of a MODEL_CARD.md that model hubs read: YAML between two lines of dashes.

The entries are those of the Hugging Face hub's model cards. Texts are written as JSON writes them,
which YAML reads alike, so that no name can end the head or mean something else in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from asa_desktop.core.models import TRIPLETS

LANGUAGES = {"pjs": "ja", "nit_song070": "ja", "makam": "tr"}
"""In which the corpora are sung, where each is sung in one."""

HUB_LICENCES = {
    "CC BY-SA 4.0": "cc-by-sa-4.0",
    "CC BY 4.0": "cc-by-4.0",
    "CC BY 3.0": "cc-by-3.0",
    "CC0 1.0": "cc0-1.0",
}


def front_matter(card: dict[str, Any]) -> str:
    """The head, with its dashes."""
    corpora = sorted({each["corpus"] for each in card["training"]["data"] if "marks" not in each})
    values: dict[str, Any] = {
        "license": HUB_LICENCES.get(card["licence"], "other"),
        "language": sorted({LANGUAGES[name] for name in corpora if name in LANGUAGES}),
        "library_name": "asa-desktop",
        "pipeline_tag": "audio-classification",
        "tags": _tags(card),
        "datasets": corpora,
        "metrics": ["roc_auc", "spearmanr"],
        "model-index": [{"name": card["id"], "results": each} for each in _results(card)],
    }
    kept = {name: value for name, value in values.items() if value}
    return "\n".join(["---", *_lines(kept), "---"])


def _tags(card: dict[str, Any]) -> list[str]:
    learnt = "metric-learning" if card["system"] in TRIPLETS else "regression"
    return ["audio", "music", "singing", "singing-assessment", learnt, card["system"]]


def _results(card: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The model's list of results; none where nothing could be measured."""
    measured = card["evaluation"]
    each = measured["auc_each_0.5"]
    metrics = [
        ("roc_auc", "AUC, clips at severity 0.5 in pitch", measured["auc_pitch_0.5"]),
        *(("roc_auc", f"AUC, {_plain(name)} at severity 0.5", each[name]) for name in each),
        ("spearmanr", "Rank correlation with severity", measured["rank"]),
    ]
    known = [
        {"type": kind, "name": name, "value": value}
        for kind, name, value in metrics
        if value is not None
    ]
    if not known:
        return []
    task = {"type": "audio-classification", "name": "Singing assessment"}
    data = {"type": "rendered-singing", "name": f"{measured['sources']} held-out recordings"}
    return [[{"task": task, "dataset": data, "metrics": known}]]


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _lines(value: Any, indent: str = "") -> Iterator[str]:
    """A mapping or a list as block YAML."""
    if isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, dict | list):
                yield f"{indent}{name}:"
                yield from _lines(each, indent + "  ")
            else:
                yield f"{indent}{name}: {_scalar(each)}"
        return
    for each in value:
        if isinstance(each, dict):
            first, *others = _lines(each, indent + "  ")
            yield f"{indent}- {first.strip()}"
            yield from others
        else:
            yield f"{indent}- {_scalar(each)}"


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
