"""Notes of a take against those of its reference, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core.notes.against import note_deviations
from asa_desktop.core.notes.octaves import OctaveFinding
from asa_desktop.core.notes.segment import segment_notes
from asa_desktop.core.notes.syllables import syllable_level
from asa_desktop.core.notes.tracker import fine_pitch
from asa_desktop.core.types import Note, PitchTrack, SungNote

HOP_S = 0.01
NOTES = (Note(0.2, 0.7, 60), Note(0.7, 1.2, 64), Note(1.5, 2.0, 62), Note(2.0, 2.4, 62))


def track_of(*notes: tuple[float, float, float], seconds: float = 3.0) -> PitchTrack:
    """(start, end, MIDI) on frames of 10 ms."""
    hz = np.zeros(round(seconds / HOP_S))
    for start, end, midi in notes:
        hz[round(start / HOP_S) : round(end / HOP_S)] = 440 * 2 ** ((midi - 69) / 12)
    return PitchTrack(hop_s=HOP_S, hz=hz.astype(np.float32), confidence=np.where(hz > 0, 0.9, 0.1))


def test_each_note_has_its_own_deviation():
    take = track_of((0.2, 0.7, 60.3), (0.7, 1.2, 63.6), (1.5, 2.0, 64.5), (2.05, 2.4, 62))
    found = note_deviations(take, NOTES, key_cents=0.0)
    assert [each.note for each in found] == list(NOTES)
    assert [each.cents for each in found] == pytest.approx([30, -40, 250, 0], abs=0.1)
    assert [each.voiced for each in found] == [1, 1, 1, 1]


def test_the_key_is_taken_off():
    take = track_of((0.2, 0.7, 55.3))
    (first, *_) = note_deviations(take, NOTES, key_cents=-500.0)
    assert first.cents == pytest.approx(30, abs=0.1)


def test_only_the_middle_of_a_note_counts():
    """A scoop of 80 ms and a fall of 80 ms lie outside the middle 65 % of half a second."""
    take = track_of((0.2, 0.28, 58), (0.28, 0.62, 60.1), (0.62, 0.7, 57))
    assert note_deviations(take, NOTES, key_cents=0.0)[0].cents == pytest.approx(10, abs=0.1)


def test_what_was_not_sung_has_no_deviation():
    take = track_of((0.2, 0.7, 60), (0.7, 0.83, 64))
    found = note_deviations(take, NOTES, key_cents=0.0)
    assert found[1].cents is None
    assert 0 < found[1].voiced < 0.25
    assert found[2] == note_deviations(take, NOTES[2:], key_cents=0.0)[0]
    assert (found[2].cents, found[2].voiced) == (None, 0.0)
    assert (found[2].onset_ms, found[2].offset_ms) == (None, None)


def test_onsets_and_offsets_tell_how_late_in_milliseconds():
    take = track_of((0.24, 0.66, 60), (0.75, 1.25, 64), (1.42, 1.9, 62))
    found = note_deviations(take, NOTES, key_cents=0.0)
    assert [each.onset_ms for each in found] == pytest.approx([35, 45, -85, None], abs=0.1)
    assert [each.offset_ms for each in found] == pytest.approx([-45, 45, -105, None], abs=0.1)


def test_a_note_of_the_take_belongs_to_one_of_the_reference():
    """The repeated note at the end is sung as one: its second half has no onset of its own."""
    take = track_of((1.5, 2.4, 62))
    found = note_deviations(take, NOTES, key_cents=0.0)
    assert found[2].onset_ms == pytest.approx(-5, abs=0.1)
    assert found[2].offset_ms is None  # 0.4 s longer: that end is the next note's
    assert found[3].onset_ms is None
    assert found[3].cents == pytest.approx(0, abs=0.1)


def test_given_notes_of_the_take_are_used():
    take = track_of((1.5, 2.4, 62))
    sung = (SungNote(1.5, 2.0, 62), SungNote(2.03, 2.4, 62))
    found = note_deviations(take, NOTES, key_cents=0.0, sung=sung)
    assert found[3].onset_ms == pytest.approx(30)


def test_a_sung_octave_is_forgiven_and_a_wrong_note_in_it_is_not():
    take = track_of((0.2, 0.7, 48.2), (0.7, 1.2, 55), (1.5, 2.0, 50))
    said = (OctaveFinding(0.2, 1.2, -1, "sung"),)
    plain = note_deviations(take, NOTES, key_cents=0.0)
    found = note_deviations(take, NOTES, key_cents=0.0, forgiven=said)
    assert plain[0].cents == pytest.approx(-1180, abs=0.1)
    assert [each.cents for each in found[:3]] == pytest.approx([20, 300, -1200], abs=0.1)
    mended = (replace(said[0], kind="tracker"),)
    assert note_deviations(take, NOTES, key_cents=0.0, forgiven=mended)[0].cents == plain[0].cents


def test_a_note_shorter_than_a_frame_is_read_in_its_middle():
    take = track_of((0.2, 0.7, 60))
    (found,) = note_deviations(take, (Note(0.401, 0.404, 60),), key_cents=0.0)
    assert (found.cents, found.voiced) == (pytest.approx(0, abs=0.1), 1.0)


def test_nothing_against_nothing():
    silent = track_of()
    assert note_deviations(silent, (), key_cents=0.0) == ()
    assert all(each.cents is None for each in note_deviations(silent, NOTES, key_cents=0.0))


@given(cents=st.lists(st.floats(-400, 400), min_size=1, max_size=8), key=st.floats(-1300, 1300))
def test_what_is_put_in_comes_out(cents, key):
    notes = [Note(0.3 * n, 0.3 * n + 0.3, 60 + n % 3) for n in range(len(cents))]
    take = track_of(
        *((n.start, n.end, n.midi + (c + key) / 100) for n, c in zip(notes, cents, strict=True))
    )
    found = note_deviations(take, notes, key_cents=key, sung=())
    assert [each.cents for each in found] == pytest.approx(cents, abs=0.1)


def test_real_singing_lies_on_its_own_notes(sound, features_of):
    """A take against the notes read from itself: no delay, and 50 cents up is 50 cents."""
    channel = features_of("nit_029")
    samples = sound("nit_029")
    pitch = fine_pitch(samples, rate=16_000, guide=channel.pitch, voiced=channel.voicing.frames)
    notes = segment_notes(pitch, level_db=syllable_level(samples, rate=16_000))
    assert len(notes) > 10
    found = note_deviations(pitch, notes, key_cents=0.0, sung=notes)
    assert max(abs(each.onset_ms) + abs(each.offset_ms) for each in found) < 1e-6
    assert np.percentile([abs(each.cents) for each in found], 90) < 5
    higher = replace(pitch, hz=pitch.hz * np.float32(2 ** (50 / 1200)))
    raised = note_deviations(higher, notes, key_cents=0.0, sung=notes)
    shifts = [now.cents - before.cents for now, before in zip(raised, found, strict=True)]
    assert shifts == pytest.approx([50] * len(shifts), abs=0.1)
