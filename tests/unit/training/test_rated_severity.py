"""Score against severity: from clips by hand, and from the card of the bundled model."""

from __future__ import annotations

import json

import numpy as np
import pytest
from asa_training.evaluate import ClipRow
from asa_training.grades import COLUMNS
from asa_training.rated.severity import STEPS, curves, curves_of_card
from asa_training.render.plan import DEFECTS
from carried import bundled_models

from asa_desktop.core.assess.score_map import ScoreMap

TO_SCORE = ScoreMap.from_knots([[0.0, 0.0], [1.0, 100.0]])


def row(cosine, *, start, role="negative", **severity):
    values = np.array([severity.get(name, 0.0) for name in COLUMNS], np.float32)
    return ClipRow(
        source="s", singer="one", take="t", anchor="a", role=role, asked=frozenset(severity),
        severity=values, cosine=cosine, start=start,
    )  # fmt: skip


def test_medians_and_middle_halves_by_hand():
    table = [
        row(0.9, start=0, role="positive"),
        *(row(cosine, start=94 * k, drift=0.5) for k, cosine in enumerate((0.2, 0.3, 0.6), 1)),
        row(0.1, start=900, drift=0.5, timing=0.5),
    ]
    found = curves(table, TO_SCORE)
    assert set(found) == set(DEFECTS)
    assert [point.severity for point in found["drift"]] == [0.0, *STEPS]
    clean, half = found["drift"][0], found["drift"][3]
    assert (clean.clips, clean.median) == (1, pytest.approx(90))
    assert (half.clips, half.median) == (3, pytest.approx(30))
    assert (half.low, half.high) == (pytest.approx(25), pytest.approx(45))
    assert found["timing"][3].clips == 0
    assert np.isnan(found["timing"][3].median)


def test_the_bundled_model_tells_its_curve():
    folder = bundled_models()[0]
    card = json.loads((folder / "card.json").read_text("utf-8"))
    found = curves_of_card(card)
    assert {"off_pitch", "drift", "wrong_notes", "timing"} <= set(found) <= set(DEFECTS)
    scores = [point.median for point in found["wrong_notes"]]
    assert scores[0] > scores[3] > scores[5]
    assert found["wrong_notes"][0].clips is None
    assert curves_of_card({}) == {}
