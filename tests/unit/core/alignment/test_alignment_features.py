"""The sequences that are compared, against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import track

from asa_desktop.core.alignment import features, likeness
from asa_desktop.core.alignment.features import HOP_S, of_melody, of_pitch, of_track, pooled
from asa_desktop.core.alignment.refine import FINE, finer, smoothed
from asa_desktop.core.types import Melody, Note, NoteKind, PitchTrack

NAN = np.nan


def pitch(hz, hop_s: float = HOP_S) -> PitchTrack:
    curve = np.asarray(hz, dtype=np.float32)
    return PitchTrack(hop_s=hop_s, hz=curve, confidence=np.ones_like(curve))


def test_cents_are_hundredths_of_midi_numbers():
    found = of_pitch(pitch([440.0, 880.0, 0.0, 220.0]))
    assert found.cents[[0, 1, 3]].tolist() == [6900, 8100, 5700]
    assert np.isnan(found.cents[2])


def test_holes_of_consonants_are_sung_and_pauses_are_not():
    hz = [220.0] * 10 + [0.0] * 5 + [220.0] * 10 + [0.0] * 6 + [220.0] * 10
    sung = of_pitch(pitch(hz)).sung
    assert sung[:25].all()
    assert not sung[25:31].any()
    assert sung[31:].all()


@given(hop_ms=st.sampled_from([2.902494, 5.0, 10.0, 16.0]), seconds=st.floats(1.0, 4.0))
def test_a_curve_on_other_frames_lies_at_the_same_time(hop_ms, seconds):
    hop_s = hop_ms / 1000
    clock = np.arange(0, seconds, hop_s)
    hz = 220 * 2 ** (clock / 12)  # 100 cents a second
    found = of_pitch(pitch(hz, hop_s))
    expected = 5700 + 100 * np.arange(len(found)) * HOP_S
    assert abs(len(found) - seconds / HOP_S) < 2
    assert found.cents[1:-1] == pytest.approx(expected[1:-1], abs=1.0)


@given(key=st.floats(-2400, 2400), seed=st.integers(0, 99))
def test_the_contour_knows_no_key(key, seed):
    rng = np.random.default_rng(seed)
    hz = 220 * 2 ** (np.repeat(rng.integers(-5, 6, 20), 15) / 12)
    one = of_pitch(pitch(hz)).contour
    other = of_pitch(pitch(hz * 2 ** (key / 1200))).contour
    assert other == pytest.approx(one, abs=0.5)
    # A rise of 500 cents at frame 50 of 100: 50 frames on either side, one more of its own.
    step = of_pitch(pitch([220.0] * 50 + [220 * 2 ** (5 / 12)] * 50)).contour
    assert step[49] == pytest.approx(-500 * 50 / 100, abs=1)
    assert step[50] == pytest.approx(500 - 500 * 50 / 100, abs=1)


def test_a_melody_is_drawn_where_its_notes_are():
    notes = (
        Note(1.0, 2.0, 60.0),
        Note(2.0, 2.5, 62.0),
        Note(4.0, 5.0, 60.0, kind=NoteKind.RAP),
    )
    found = of_melody(Melody(notes, beat_s=0.1), offset_s=0.6)
    at = lambda seconds: round(seconds / HOP_S)  # noqa: E731
    assert np.isnan(found.cents[at(1.5)])
    assert found.cents[at(1.7)] == 6000
    assert found.cents[at(2.7)] == 6200
    assert found.sung[at(5.0)]
    assert np.isnan(found.cents[at(5.0)])
    assert not found.sung[at(3.8)]
    assert np.flatnonzero(found.onsets).tolist() == [at(1.6), at(2.6), at(4.6)]
    assert len(of_melody(Melody((), beat_s=0.1), offset_s=0.0)) == 1


def test_pooled_frames_hold_the_mean_of_what_is_sung_and_the_median_of_pitch():
    hz = np.array([200, 210, 220, 230, 0, 0, 0, 240, 250, 260], dtype=float)
    voiced = [True] * 4 + [False, False, True, True] + [True] * 2
    made = of_track(track(hz, voiced=voiced))
    loud = replace(made, sung=np.array(voiced))
    found = pooled(loud, 4)
    assert len(found) == 2
    assert found.sung.tolist() == [True, True]
    middle = (made.cents[1] + made.cents[2]) / 2
    assert found.cents == pytest.approx([middle, made.cents[7]])
    assert found.mel is not None
    assert made.mel is not None
    assert found.mel[0] == pytest.approx(made.mel[:4].mean(axis=0), abs=1e-3)
    assert found.mel[1] == pytest.approx(made.mel[6:8].mean(axis=0), abs=1e-3)


def test_room_and_breath_are_not_sung():
    take = track([220.0] * 100)
    mel = np.full_like(take.mel, -10.0)
    mel[:, 60:] = -55.0
    found = of_track(replace(take, mel=mel))
    assert found.sung[:60].all()
    assert not found.sung[60:].any()


def test_a_longer_tract_is_read_higher():
    # A peak at row 50 of a singer whose tract is 1.1 times as long lies lower in frequency by 1.1;
    # reading at 1.1 times the frequency is asked of the shorter one.
    rows = np.exp(-0.5 * ((np.arange(96) - 50) / 3) ** 2)
    hz = features._mel_hz(96)
    moved = features._stretched(rows[None].astype(np.float32), 1.1)[0]
    assert hz[np.argmax(moved)] == pytest.approx(hz[50] / 1.1, rel=0.02)
    assert features._stretched(rows[None], 1.0)[0] is not None
    assert np.array_equal(features._stretched(rows[None], 1.0)[0], rows)


def test_the_mel_scale_is_librosas():
    import librosa

    middle = librosa.mel_frequencies(98, fmin=0, fmax=8000)[1:-1]
    assert features._mel_hz(96) == pytest.approx(middle)


def test_finer_frames_lie_on_straight_lines_but_across_no_leap():
    made = of_pitch(pitch([200.0, 220.0, 440.0, 0.0]))
    found = finer(made)
    assert len(found) == 4 * FINE
    one, other = made.cents[0], made.cents[1]
    assert found.cents[:5] == pytest.approx(one + (other - one) * np.arange(5) / 4)
    assert found.cents[5] == pytest.approx(other)  # an octave up: the nearest frame's
    assert found.cents[7] == pytest.approx(made.cents[2])
    assert np.isnan(found.cents[12:]).all()


@given(slope=st.floats(0.5, 2), start=st.floats(-100, 100), count=st.integers(2, 60))
def test_smoothing_leaves_a_straight_line(slope, start, count):
    curve = start + slope * np.arange(count)
    assert smoothed(curve, 6.0) == pytest.approx(curve, abs=1e-6)


def test_likeness_is_what_it_says():
    one = of_pitch(pitch([220.0] * 40))
    same = likeness.everywhere(one, one, key_cents=0.0)
    assert same == pytest.approx(np.full((40, 40), 1.4 + 0.6), abs=1e-4)
    octave = of_pitch(pitch([440.0] * 40))
    assert likeness.everywhere(one, octave, key_cents=0.0) == pytest.approx(same)
    off = likeness.everywhere(one, of_pitch(pitch([220 * 2 ** (3 / 12)] * 40)), key_cents=0.0)
    assert off == pytest.approx(np.full((40, 40), -0.5 + 0.6), abs=0.01)
    rest = of_pitch(pitch([220.0] * 20 + [0.0] * 20))
    found = likeness.everywhere(rest, rest, key_cents=0.0)
    assert found[0, 30] == pytest.approx(-0.8)
    assert found[30, 30] == 0
    assert likeness.attainable(one, rest) == pytest.approx(2.0 * 20)
