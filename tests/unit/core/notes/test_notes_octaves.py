"""Octave errors of a tracker told from singing in another octave, planted in real singing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from carried import SUNG
from figures import note
from hypothesis import given, settings
from hypothesis import strategies as st

from asa_desktop.core.notes.octaves import OctaveFinding, mend_octaves
from asa_desktop.core.notes.segment import segment_notes
from asa_desktop.core.notes.tracker import fine_pitch
from asa_desktop.core.types import Note, PitchTrack, SungNote

HOP_S = 0.01


def track_of(*notes: tuple[float, float, float], seconds: float = 6.0) -> PitchTrack:
    """(start, end, MIDI) on frames of 10 ms."""
    hz = np.zeros(round(seconds / HOP_S))
    for start, end, midi in notes:
        hz[round(start / HOP_S) : round(end / HOP_S)] = 440 * 2 ** ((midi - 69) / 12)
    return PitchTrack(
        hop_s=HOP_S,
        hz=hz.astype(np.float32),
        confidence=np.where(hz > 0, 0.9, 0.1).astype(np.float32),
    )


def octave_up(pitch: PitchTrack, start: float, end: float, octaves: int = 1) -> PitchTrack:
    hz = pitch.hz.copy()
    hz[round(start / HOP_S) : round(end / HOP_S)] *= 2.0**octaves
    return replace(pitch, hz=hz)


PHRASES = track_of((0.5, 1.5, 60), (1.5, 2.5, 62), (3.0, 4.0, 64), (4.0, 5.0, 60))


@pytest.mark.parametrize("octaves", [-1, 1, 2])
@pytest.mark.parametrize(("start", "end"), [(1.2, 1.21), (1.2, 1.6), (0.5, 0.7), (4.8, 5.0)])
def test_a_short_jump_within_a_breath_is_the_trackers(start, end, octaves):
    mended, found = mend_octaves(octave_up(PHRASES, start, end, octaves), PHRASES)
    assert mended.hz == pytest.approx(PHRASES.hz)
    (finding,) = found
    assert (finding.kind, finding.octaves) == ("tracker", octaves)
    assert (finding.start, finding.end) == pytest.approx((start, end), abs=HOP_S)


def test_the_target_decides_which_side_of_a_jump_is_wrong():
    """0.3 s of a note of 0.5 s are read an octave up: the longer part is the wrong one."""
    take = track_of((0.5, 2.5, 60), (3.0, 3.5, 60), (4.0, 5.5, 60))
    mended, found = mend_octaves(octave_up(take, 3.0, 3.3), take)
    assert mended.hz == pytest.approx(take.hz)
    assert [(each.kind, each.octaves) for each in found] == [("tracker", 1)]


def test_a_short_syllable_alone_in_another_octave_is_the_trackers():
    take = track_of((0.5, 1.5, 60), (1.6, 1.8, 60), (1.9, 3.0, 60))
    mended, found = mend_octaves(octave_up(take, 1.6, 1.8, -1), take)
    assert mended.hz == pytest.approx(take.hz)
    assert [(each.kind, each.octaves) for each in found] == [("tracker", -1)]


def test_a_phrase_an_octave_down_is_said_and_left_as_it_is():
    low = octave_up(PHRASES, 3.0, 5.0, -1)
    mended, found = mend_octaves(low, PHRASES)
    assert (mended.hz == low.hz).all()
    (finding,) = found
    assert (finding.kind, finding.octaves) == ("sung", -1)
    assert (finding.start, finding.end) == pytest.approx((3.0, 5.0), abs=HOP_S)


def test_a_tracker_errs_within_a_sung_octave_too():
    low = octave_up(PHRASES, 3.0, 5.0, -1)
    mended, found = mend_octaves(octave_up(low, 3.5, 3.6), PHRASES)
    assert mended.hz == pytest.approx(low.hz)
    assert [(each.kind, each.octaves) for each in found] == [("sung", -1), ("tracker", 1)]


@pytest.mark.parametrize(("key_cents", "off"), [(0.0, 0.0), (-1200.0, 0.0), (-1300.0, -1.0)])
def test_a_whole_take_an_octave_down_is_one_finding_however_the_key_was_taken(key_cents, off):
    take = replace(PHRASES, hz=PHRASES.hz * np.float32(2 ** (-1 + off / 12)))
    mended, found = mend_octaves(take, PHRASES, key_cents=key_cents)
    assert (mended.hz == take.hz).all()
    assert found == (OctaveFinding(pytest.approx(0.495), pytest.approx(4.995), -1, "sung"),)


def test_a_leap_of_an_octave_in_the_tune_is_neither():
    tune = (Note(0.5, 1.5, 60), Note(1.5, 1.8, 72), Note(1.8, 3.0, 60))
    take = track_of(*((each.start, each.end, each.midi) for each in tune))
    mended, found = mend_octaves(take, tune)
    assert (mended.hz == take.hz).all()
    assert found == ()


def test_a_long_jump_is_sung_even_without_a_break():
    low = octave_up(PHRASES, 1.5, 2.5, -1)
    mended, found = mend_octaves(low, PHRASES)
    assert (mended.hz == low.hz).all()
    assert [(each.kind, each.octaves) for each in found] == [("sung", -1)]


def test_an_unsure_tracker_may_err_for_longer():
    wrong = octave_up(PHRASES, 3.2, 3.9)
    assert mend_octaves(wrong, PHRASES)[1][0].kind == "sung"
    confidence = np.where(wrong.hz > 1.5 * PHRASES.hz, 0.4, wrong.confidence)
    mended, found = mend_octaves(replace(wrong, confidence=confidence), PHRASES)
    assert [each.kind for each in found] == ["tracker"]
    assert mended.hz == pytest.approx(PHRASES.hz)


def test_without_a_target_the_longer_side_is_right():
    mended, found = mend_octaves(octave_up(PHRASES, 1.2, 1.5), ())
    assert mended.hz == pytest.approx(PHRASES.hz)
    assert [each.kind for each in found] == ["tracker"]


def test_a_wrong_note_is_not_an_octave():
    take = track_of((0.5, 1.5, 60), (1.5, 2.5, 69), (3.0, 5.0, 57))
    mended, found = mend_octaves(take, PHRASES)
    assert (mended.hz == take.hz).all()
    assert found == ()


def test_a_target_on_longer_frames_will_do():
    coarse = PitchTrack(
        0.032,
        PHRASES.hz[np.minimum(np.round(np.arange(188) * 3.2).astype(int), 599)],
        np.full(188, 0.9, dtype=np.float32),
    )
    mended, found = mend_octaves(octave_up(PHRASES, 1.2, 1.3), coarse)
    assert mended.hz == pytest.approx(PHRASES.hz)
    assert len(found) == 1


@settings(max_examples=60, deadline=None)
@given(
    midi=st.lists(st.one_of(st.just(0.0), st.floats(40, 90)), max_size=80),
    hop_s=st.sampled_from([0.0029, 0.01, 0.032]),
    key=st.floats(-2500, 2500),
)
def test_whole_octaves_are_all_that_is_ever_changed(midi, hop_s, key):
    values = np.array(midi)
    hz = np.where(values > 0, 440 * 2 ** ((values - 69) / 12), 0.0).astype(np.float32)
    pitch = PitchTrack(hop_s, hz, np.full(len(hz), 0.9, dtype=np.float32))
    mended, found = mend_octaves(pitch, (Note(0.0, 1.0, 60),), key_cents=key)
    assert ((mended.hz > 0) == (hz > 0)).all()
    moved = np.log2(np.where(hz > 0, mended.hz, 1) / np.where(hz > 0, hz, 1))
    assert moved == pytest.approx(np.round(moved), abs=1e-4)
    assert bool(np.any(np.round(moved))) == any(each.kind == "tracker" for each in found)
    assert all(each.start < each.end and each.octaves for each in found)
    assert all(each.end - each.start >= 0.5 for each in found if each.kind == "sung")


# Real singing: what is planted is known, so every answer can be counted.


@pytest.fixture(scope="module")
def singing(sound, features_of) -> list[tuple[PitchTrack, tuple[SungNote, ...]]]:
    """Fine pitch of the carried recordings, and as target their notes sung a little otherwise."""
    rng = np.random.default_rng(6)
    takes = []
    for stem in SUNG:
        channel = features_of(stem)
        pitch = fine_pitch(
            sound(stem), rate=16_000, guide=channel.pitch, voiced=channel.voicing.frames
        )
        target = tuple(
            SungNote(max(0.0, each.start + late), each.end + late, each.midi + off)
            for each in segment_notes(pitch)
            for late, off in [rng.normal(0, (0.04, 0.5))]
        )
        takes.append((pitch, target))
    return takes


def test_real_singing_as_it_is_needs_nothing(singing):
    for pitch, target in singing:
        mended, found = mend_octaves(pitch, target)
        assert (mended.hz == pitch.hz).all()
        assert found == ()


@pytest.mark.parametrize(("seconds", "least"), [(0.01, 0.95), (0.05, 0.95), (0.2, 0.9)])
def test_planted_errors_are_mended(singing, seconds, least):
    planted, mended, elsewhere = _count(singing, seconds, np.random.default_rng(1))
    note(f"octave errors of {seconds} s: {mended} of {planted} mended, {elsewhere} frames broken")
    assert planted > 60
    assert mended >= least * planted
    assert elsewhere <= 0.002 * sum(len(pitch.hz) for pitch, _ in singing) * 30


def _count(
    singing: list[tuple[PitchTrack, tuple[SungNote, ...]]], seconds: float, rng: np.random.Generator
) -> tuple[int, int, int]:
    """Planted errors, those mended, and frames changed where nothing was planted: one error at a
    time, inside a stretch of voice."""
    length = max(1, round(seconds / HOP_S))
    planted = mended = elsewhere = 0
    for pitch, target in singing:
        voiced = np.convolve(pitch.hz > 0, np.ones(length + 6), "valid") == length + 6
        for first in rng.choice(np.flatnonzero(voiced), 30) + 3:
            hz = pitch.hz.copy()
            hz[first : first + length] *= rng.choice([0.5, 2.0])
            found, _ = mend_octaves(replace(pitch, hz=hz), target)
            right = np.isclose(found.hz, pitch.hz)
            planted += 1
            mended += bool(right[first : first + length].all())
            elsewhere += int(np.sum(~right) - np.sum(~right[first : first + length]))
    return planted, mended, elsewhere


@pytest.mark.parametrize("octaves", [-1, 1])
def test_a_phrase_transposed_by_an_octave_is_said_and_kept(singing, octaves):
    for pitch, target in singing:
        start, end = _longest_phrase(pitch)
        moved = octave_up(pitch, start, end, octaves)
        mended, found = mend_octaves(moved, target)
        assert (mended.hz == moved.hz).all()
        (finding,) = found
        assert (finding.kind, finding.octaves) == ("sung", octaves)
        assert finding.start == pytest.approx(start, abs=0.15)
        assert finding.end == pytest.approx(end, abs=0.15)


def _longest_phrase(pitch: PitchTrack) -> tuple[float, float]:
    """Between two rests of 0.15 s; not the whole of it."""
    voiced = np.flatnonzero(pitch.hz > 0)
    phrases = np.split(voiced, np.flatnonzero(np.diff(voiced) * HOP_S > 0.15) + 1)
    inner = max((each for each in phrases if len(each) < 0.6 * len(voiced)), key=len)
    return float(inner[0]) * HOP_S, float(inner[-1] + 1) * HOP_S


def test_a_take_sung_an_octave_down_is_said_once_and_kept(singing):
    for pitch, target in singing:
        low = replace(pitch, hz=pitch.hz / 2)
        mended, found = mend_octaves(low, target)
        assert (mended.hz == low.hz).all()
        (finding,) = found
        assert (finding.kind, finding.octaves) == ("sung", -1)
        voiced = np.flatnonzero(pitch.hz > 0)
        assert finding.end - finding.start > 0.95 * (voiced[-1] - voiced[0]) * HOP_S
