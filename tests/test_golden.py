"""The program and the training see in a recording what they saw when the models were made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from carried import SINGING, SPOKEN, SUNG, bundled_models
from golden import FILE, of_features, of_model

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.models import load_model

GOLDEN = json.loads(FILE.read_text("utf-8"))
STEMS = sorted(path.stem for path in SINGING.glob("*.flac"))

# Other processors add in another order. A frame may fall on the other side of a threshold.
TOLERANCE = {
    "frames": 0,
    "gain_db": 0.1,
    "level_db": 0.02,
    "pitched_frames": 3,
    "cents": 5,
    "pitch": 10,
    "voiced": 0.04,
    "pitched": 0.04,
    "first": 0.01,
    "cosines": 0.01,
}
CHANNELS = {"spec": 0.3, "chroma": 0.01, "tchroma": 0.01, "f0": 0.002, "tempo": 0.01}


def numbers(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """All numbers of a nested value with where they stand."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from numbers(each, (*place, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from numbers(each, (*place, str(index)))
    else:
        yield place, value


def allowed(place: tuple[str, ...]) -> float:
    limits = {**TOLERANCE, **CHANNELS}
    return next(limits[name] for name in place if name in limits)


def apart(found: Any, wanted: Any) -> list[str]:
    """The numbers that differ by more than they may; one in fifty of the F0 samples may."""
    ours, theirs = dict(numbers(found)), dict(numbers(wanted))
    assert ours.keys() == theirs.keys()
    wrong = [place for place in theirs if abs(ours[place] - theirs[place]) > allowed(place)]
    loose = [place for place in wrong if place[0] == "pitch"]
    if len(loose) <= 1:
        wrong = [place for place in wrong if place not in loose]
    return [f"{'/'.join(place)}: {ours[place]} instead of {theirs[place]}" for place in wrong]


def test_the_golden_numbers_are_of_this_specification():
    assert GOLDEN["features"] == FeatureSpec().key
    assert sorted(GOLDEN["recordings"]) == STEMS == sorted((*SUNG, SPOKEN))


@pytest.mark.parametrize("stem", STEMS)
def test_a_recording_gives_the_same_features(features_of, stem):
    assert not apart(of_features(features_of(stem)), GOLDEN["recordings"][stem])


def test_every_bundled_model_has_its_golden_numbers():
    assert sorted(GOLDEN["models"]) == [folder.name for folder in bundled_models()]


@pytest.mark.parametrize("folder", bundled_models(), ids=lambda folder: folder.name)
def test_a_bundled_model_gives_the_same_embeddings(features_of, folder):
    model = load_model(folder, device="cpu")
    found = of_model(model, {stem: features_of(stem) for stem in STEMS})
    assert not apart(found, GOLDEN["models"][folder.name])


def test_a_difference_would_be_seen(features_of):
    stem = STEMS[0]
    found = json.loads(json.dumps(of_features(features_of(stem))))
    found["channels"]["chroma"]["rows"][2] += 0.02
    found["cents"][1] += 6
    assert len(apart(found, GOLDEN["recordings"][stem])) == 2
