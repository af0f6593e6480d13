"""The table of attributes and of a model's opinion beside what was done to renditions."""

from __future__ import annotations

import numpy as np
from asa_training.attribute_table import OVERALL, Row, table
from asa_training.render.attributes_of_defects import ATTRIBUTES

from asa_desktop.core.attributes.codes import LIKENESS


def rows(*, opinion_of: str | None) -> list[Row]:
    """Renditions whose attributes follow their severities; the opinion follows one of them."""
    rng = np.random.default_rng(3)
    found = []
    for number in range(40):
        severity = dict(zip(ATTRIBUTES, rng.uniform(0, 1, len(ATTRIBUTES)).tolist(), strict=True))
        scores: dict[str, float | None] = {name: 100 - 90 * severity[name] for name in ATTRIBUTES}
        scores[OVERALL] = float(np.mean([*scores.values()]))
        scores[LIKENESS] = None if opinion_of is None else 50 - 40 * severity[opinion_of]
        total = float(np.mean([*severity.values()]))
        found.append(Row(str(number), "a", severity, total, total, number % 2 == 0, scores, ""))
    return found


def below(lines: list[str]) -> dict[str, list[str]]:
    """The words of each attribute's line under the model's head."""
    at = next(k for k, line in enumerate(lines) if "opinion alone" in line)
    return {line.split()[0]: line.split() for line in lines[at + 1 : at + 1 + len(ATTRIBUTES)]}


def test_an_opinion_that_follows_one_attribute_is_seen_to():
    found = below(table(rows(opinion_of="vibrato")))
    assert found["vibrato"][2] == "1.00"
    assert all(float(found[name][2]) < 0.5 for name in ATTRIBUTES if name != "vibrato")


def test_vibrato_counts_where_there_was_one_to_lose():
    found = below(table(rows(opinion_of="vibrato")))
    assert (found["vibrato"][1], found["rhythm"][1]) == ("20", "40")


def test_without_a_model_nothing_is_said_of_one():
    assert not any("opinion" in line for line in table(rows(opinion_of=None)))
