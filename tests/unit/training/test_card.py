"""MODEL_CARD.md in the layout of model hubs, made from card.json alone."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest
from asa_training.card import model_card
from asa_training.card_front import front_matter

from asa_desktop.core.models import SYSTEMS
from asa_desktop.core.networks.cnnsa import TowerConfig

SECTIONS = [
    "Model details", "Intended use", "Out-of-scope", "Training data", "Training procedure",
    "Evaluation", "Known failures and limitations", "How to use", "Citation and attribution",
]  # fmt: skip


def card(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": "rori-9",
        "system": "rori",
        "scale": "scale of rendered defects, not of listeners",
        "licence": "CC BY-SA 4.0",
        "attribution": ["PJS (CC BY-SA 4.0)", "makam (CC BY 4.0)"],
        "features": {"key_removed": True},
        "network": TowerConfig().to_dict(),
        "towers": "shared",
        "views": [-240, 0, 240],
        "score_map": {"knots": [[0, 0], [1, 100]], "fitted_on": "validation renditions of x"},
        "weights": {
            "sha256": "ab" * 32, "bytes": 12_345_678, "precision": "float16",
            "rounding": {"limit_points": 0.5, "most": 0.123, "mean": 0.0456, "clips": 321},
        },
        "training": {
            "seed": 7, "steps": 900, "clips": 24, "performances": 5, "choose": "rank",
            "grade": "heard", "best": {"step": 600, "validation_rank": 0.81},
            "tower": {"id": "a-tower"},
            "data": [
                {"corpus": name, "singer": f"{name} singer", "sources": 3, "seconds": 61.2,
                 "renditions": 42, "licence": licence}
                for name, licence in (("makam", "CC BY 4.0"), ("pjs", "CC BY-SA 4.0"))
            ],
        },
        "made": {
            "versions": {"python": "3.11.0", "torch": "2.13.0"},
            "seconds": 5400.0, "on": ["x86_64 cpu"], "threads": [2],
            "corpora": [{"name": "pjs", "edition": "PJS 1.1", "licence": "CC BY-SA 4.0",
                         "files": 98, "sha256": "cd" * 32}],
            "commands": ["asa-train render --data DATA --seed 1", "asa-train train --run R/x"],
            "manifest": "rebuild.json",
        },
        "evaluation": {
            "clips": 400, "sources": 20, "singers": ["a", "b"], "auc_pitch_0.5": 0.9,
            "auc_pitch_0.5_interval": [0.85, 0.94],
            "auc_each_0.5": {"off_pitch": 0.93, "timing": 0.55, "held": None},
            "auc_each_0.5_interval": {"off_pitch": [0.9, 0.96], "timing": [0.5, 0.6],
                                      "held": [None, None]},
            "auc_by_singer": {"a": 0.91}, "rank": 0.7, "rank_interval": [0.6, 0.8],
            "probe": {"auc": 0.5, "good": 10, "poor": 11},
            "takes": {"pairs": 12, "in_order": 0.75, "median_gap": 20.5, "median_good": 88},
            "curve": {"off_pitch": {"0.0": 90.0, "0.5": 50.0}, "held": {"0.0": 90.0, "0.5": None}},
        },
    }  # fmt: skip
    return {**values, **changes}


def block(lines: list[str]) -> Any:
    """What block YAML of mappings, lists and JSON scalars means; anything else fails."""
    indent = len(lines[0]) - len(lines[0].lstrip())
    assert all(line.startswith(" " * indent) for line in lines)
    own = [n for n, line in enumerate(lines) if line[indent] != " "]
    parts = [lines[a:b] for a, b in zip(own, [*own[1:], len(lines)], strict=True)]
    if lines[0][indent:].startswith("- "):
        return [_item([part[0].replace("- ", "  ", 1), *part[1:]]) for part in parts]
    found = {}
    for first, *others in parts:
        name, rest = re.fullmatch(r"([a-z_-]+):(.*)", first.strip()).groups()
        assert name not in found
        found[name] = block(others) if others else json.loads(rest)
    return found


def _item(lines: list[str]) -> Any:
    try:
        (only,) = lines
        return json.loads(only)
    except ValueError:
        return block(lines)


def front(values: dict[str, Any]) -> dict[str, Any]:
    first, *lines, last = front_matter(values).splitlines()
    assert first == last == "---"
    return block(lines)


def test_the_head_is_what_hubs_read():
    head = front(card())
    assert head["license"] == "cc-by-sa-4.0"
    assert head["language"] == ["ja", "tr"]
    assert head["library_name"] == "asa-desktop"
    assert head["datasets"] == ["makam", "pjs"]
    assert head["metrics"] == ["roc_auc", "spearmanr"]
    assert "singing" in head["tags"]
    (index,) = head["model-index"]
    (result,) = index["results"]
    assert index["name"] == "rori-9"
    assert set(result) == {"task", "dataset", "metrics"}
    assert result["task"]["type"] == "audio-classification"
    assert {"type", "name"} <= set(result["dataset"])
    values = {each["name"]: each["value"] for each in result["metrics"]}
    assert values["AUC, off pitch at severity 0.5"] == 0.93
    assert not any("held" in name for name in values), "what was not measured is no result"
    assert all(math.isfinite(value) for value in values.values())


def test_no_name_can_break_the_head():
    wicked = 'a: b\n---\n# "x" - [é] {y}'
    head = front(card(id=wicked))
    assert head["model-index"][0]["name"] == wicked


def test_a_model_without_any_measure_has_no_results():
    measured = {**card()["evaluation"], "auc_pitch_0.5": None, "rank": None}
    measured["auc_each_0.5"] = {"held": None}
    assert "model-index" not in front(card(evaluation=measured))


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_has_every_section(system):
    text = model_card(card(system=system, towers="two" if system == "racc" else "shared"))
    assert re.findall(r"^## (.*)$", text, flags=re.MULTILINE) == SECTIONS
    body = text.split("\n---\n", 1)[1]
    for word in ("nan", "None", "{", "}"):
        assert word not in body, word


def test_processes_and_hashes_are_told_where_they_are_known():
    known = card()
    assert "processes" not in model_card(known)
    assert "source code" not in model_card(known)
    known["made"] |= {"processes": [1, 4], "code_sha256": ["ef" * 32, "01" * 32]}
    text = model_card(known)
    assert "threads: 2, processes: 1, 4." in text
    assert f"source code `{'ef' * 32}`, `{'01' * 32}`." in text


def test_the_text_holds_what_a_reader_needs_to_check_it():
    text = model_card(card())
    for wanted in (
        "Seed 7",
        "It took 1.50 hours in all (5400 s, checks included) on x86_64 cpu, threads: 2.",
        "asa-train render --data DATA --seed 1\nasa-train train --run R/x",
        "asa-train rebuild --manifest rebuild.json",
        "torch 2.13.0",
        "cd" * 32,
        "ab" * 32,
        "0.930 [0.900, 0.960]",
        "12.3 MB of float16",
        "moved by 0.12 points at most",
        "hardly or not at all (under 0.65): timing",
        "| pjs | pjs singer | 3 | 61 | 42 | CC BY-SA 4.0 |",
        "- PJS (CC BY-SA 4.0)",
        "all five channels",
    ):
        assert wanted in text, wanted


def test_a_model_that_met_no_other_song_says_so():
    without = card()
    without["training"]["strangers"] = 0.0
    assert "No other song" in model_card(without)
    without["training"]["strangers"] = 1.0
    assert "No other song" not in model_card(without)
    assert "No other song" not in model_card(card()), "not told of a card that does not say"


def test_what_is_not_known_is_not_made_up():
    text = model_card(card(made={"versions": {"python": "3.11.0"}}))
    assert "How long it took was not recorded." in text
    assert "rebuild" not in text
    assert "sha256sum" not in text


def test_marks_of_a_run_that_it_began_with_are_told():
    known = card()
    assert "not made from people's marks" in model_card(known)
    known["training"]["data"].append(
        {"corpus": "m.csv", "marks": "overall", "licence": "CC BY 4.0", "singers": 4,
         "recordings": 8, "seconds": 99.0}
    )  # fmt: skip
    text = model_card(known)
    assert "not made from people's marks" not in text
    assert "It learnt from people's marks" in text
    assert "Trained on 6 singers" in text
