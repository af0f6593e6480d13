"""Every code that the training package raises has its sentence, with the facts that it needs."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from asa_training.sentences import SENTENCES, say
from carried import ROOT

from asa_desktop.core.errors import UsageError

PACKAGE = ROOT / "training" / "asa_training"
FROM_CORE = {
    "disk_full", "no_rights", "damaged", "cut_short", "empty_file", "no_samples", "no_sound_track",
    "not_audio", "too_many_channels", "odd_rate", "unknown_codec",
    "not_finite", "too_long", "needs_formats", "model_missing", "card_broken", "card_version",
    "weights_missing", "weights_changed", "features_unknown", "network_unknown", "system_unknown",
    "score_map_broken",
    "no_demucs", "weights_unusable", "weights_file_too_large", "mix_silent", "separation_room",
    "separation_memory",
}  # fmt: skip
"""Raised below, by what this package calls."""


def raised() -> dict[str, list[set[str | None]]]:
    """Codes and the names of the facts that each is raised with; None where they are passed on."""
    found: dict[str, list[set[str | None]]] = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.parent.name == "demo":  # arranges the bundled songs; no command of `asa-train`
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name, code = ast.unparse(node.func), node.args[0]
            if re.fullmatch(r"(Usage|Audio|Place|Model|Song)Error", name) and isinstance(
                code, ast.Constant
            ):
                found[code.value].append({keyword.arg for keyword in node.keywords})
    return found


def test_every_code_has_its_sentence() -> None:
    codes = raised()
    assert {"manifest_empty", "nothing_rated", "tower_missing"} <= set(codes), "the search is blind"
    assert set(codes) - set(SENTENCES) - {"too_short"} == set()
    for code, calls in codes.items():
        wanted = set(re.findall(r"\{(\w+)\}", SENTENCES.get(code, "")))
        for facts in calls:
            assert None in facts or wanted <= facts, code


def test_no_sentence_is_left_over() -> None:
    text = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    unused = {code for code in SENTENCES if text.count(f'"{code}"') < 2}
    assert unused == FROM_CORE


def test_a_sentence_as_it_is_read() -> None:
    error = UsageError("nothing_rated", path=Path("m.csv"), target="x", known=("overall", "pitch"))
    assert say(error) == (
        'Nobody\'s marks of x are in "m.csv"; it has marks of: overall, pitch. Choose one by'
        " --target, or another --split."
    )
