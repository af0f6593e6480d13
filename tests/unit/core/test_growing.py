"""Features of a recording that grows are those of the whole recording, whatever the pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tracks import SPEC

from asa_desktop.core.features.growing import GrowingTrack
from asa_desktop.core.features.track import TrackFeatures, track_features


def fed(samples: np.ndarray, sizes: list[int], activation, *, ahead: bool) -> GrowingTrack:
    growing = GrowingTrack(SPEC, activation, ahead=ahead)
    at, turn = 0, 0
    while at < len(samples):
        size = sizes[turn % len(sizes)]
        growing.feed(samples[at : at + size])
        at, turn = at + size, turn + 1
    return growing


def assert_same(found: TrackFeatures, wanted: TrackFeatures) -> None:
    for name in ("mel", "chroma", "tempo", "activation"):
        np.testing.assert_array_equal(getattr(found, name), getattr(wanted, name), err_msg=name)
    np.testing.assert_array_equal(found.pitch.hz, wanted.pitch.hz)
    np.testing.assert_array_equal(found.pitch.confidence, wanted.pitch.confidence)
    np.testing.assert_array_equal(found.voicing.frames, wanted.voicing.frames)
    assert found.voicing.gain == wanted.voicing.gain


@settings(max_examples=6)
@given(
    sizes=st.lists(st.integers(1, 60_000), min_size=1, max_size=6).filter(lambda s: sum(s) > 2000),
    ahead=st.booleans(),
)
def test_pieces_of_any_size_give_the_same_to_the_bit(crepe, sound, features_of, sizes, ahead):
    growing = fed(sound("pjs001"), sizes, crepe.activation, ahead=ahead)
    assert_same(growing.features(), features_of("pjs001"))


def test_asking_on_the_way_changes_nothing(crepe, sound, features_of):
    samples = sound("vocadito_1")
    growing = GrowingTrack(SPEC, crepe.activation, ahead=True)
    for piece in np.array_split(samples, 5):
        growing.feed(piece)
        so_far = growing.features()
        assert so_far.frames == 1 + growing.length // SPEC.hop
    assert_same(growing.features(), features_of("vocadito_1"))


def test_what_was_so_far_is_what_a_shorter_recording_would_be(crepe, sound):
    samples = sound("nit_029")
    growing = GrowingTrack(SPEC, crepe.activation, ahead=True)
    growing.feed(samples[:70_001])
    wanted = track_features(samples[:70_001], SPEC, crepe.activation)
    assert_same(growing.features(), wanted)


def test_what_is_ready_stays(crepe, sound, features_of):
    samples = sound("pjs001")
    growing = GrowingTrack(SPEC, crepe.activation, ahead=True)
    growing.feed(samples[:60_000])
    ready = growing.ready
    assert 60_000 // SPEC.hop - 40 < ready <= 60_000 // SPEC.hop
    early = growing.features()
    whole = features_of("pjs001")
    np.testing.assert_array_equal(early.chroma[:, :ready], whole.chroma[:, :ready])
    both = early.voicing.frames[:ready] & whole.voicing.frames[:ready]
    np.testing.assert_array_equal(
        early.activation[:, :ready][:, both], whole.activation[:, :ready][:, both]
    )


def test_the_curve_on_the_way_is_mostly_that_of_the_end(crepe, sound, features_of):
    samples = sound("pjs001")
    growing = fed(samples, [4000], crepe.activation, ahead=True)
    whole = features_of("pjs001").pitch.hz
    shown = growing.pitch(range(64, growing.ready))
    assert len(shown.hz) == growing.ready - 64
    sung = (shown.hz > 0) & (whole[64 : growing.ready] > 0)
    assert sung.mean() > 0.5
    cents = 1200 * np.log2(shown.hz[sung] / whole[64 : growing.ready][sung])
    assert np.mean(np.abs(cents) < 1) > 0.97
    assert len(growing.pitch(range(0, 10**6)).hz) == growing.ready


def test_quiet_frames_cost_no_network(sound):
    asked: list[int] = []

    def activation(samples: np.ndarray, hop: int, wanted: np.ndarray) -> np.ndarray:
        asked.append(int(wanted.sum()))
        return np.zeros((360, len(wanted)), np.float32)

    growing = GrowingTrack(SPEC, activation, ahead=True)
    growing.feed(np.zeros(64_000, np.float32))
    assert not any(asked)
    growing.feed(sound("pjs001")[:64_000])
    assert sum(asked) > 60


@pytest.mark.parametrize("count", [0, 1, 700])
def test_next_to_nothing_has_features_too(crepe, count):
    growing = GrowingTrack(SPEC, crepe.activation, ahead=True)
    growing.feed(np.zeros(count, np.float32))
    made = growing.features()
    assert made.frames == 1 + count // SPEC.hop
    assert made.voicing.silent
