"""F0 tracking and the cutting of notes, on melodies that are known."""

from __future__ import annotations

import numpy as np
import pytest
from asa_training.segment import cents_of, find_notes, track_f0
from hypothesis import given, settings
from hypothesis import strategies as st
from singing_voice import RATE, TUNE, melody_f0, sing

from asa_desktop.core.errors import AudioError


def test_track_finds_the_sung_pitch_and_the_rest() -> None:
    f0 = melody_f0()
    found = track_f0(sing(f0), RATE)[: f0.size]
    both = (f0 > 0) & (found > 0)
    assert both.sum() > 0.95 * (f0 > 0).sum()
    assert np.median(np.abs(cents_of(found[both]) - cents_of(f0[both]))) < 3
    assert not found[195:225].any()  # the middle of the rest, 0.95-1.15 s


def test_hum_far_below_the_voice_is_not_singing() -> None:
    f0 = melody_f0([(0.0, 0.5), (440.0, 1.5)])
    sound = sing(f0)
    sound += 0.02 * np.sin(2 * np.pi * 72 * np.arange(sound.size) / RATE)
    assert not track_f0(sound, RATE)[:90].any()


def test_too_short_a_sound_is_refused() -> None:
    with pytest.raises(AudioError, match="too_short"):
        track_f0(np.zeros(RATE // 20), RATE)


def test_vibrato_stays_one_note() -> None:
    notes = find_notes(melody_f0([(330.0, 1.5)], vibrato_cents=80))
    assert len(notes) == 1
    assert notes[0].cents == pytest.approx(1200 * np.log2(330 / 55), abs=10)


def test_the_tune_is_cut_where_it_changes() -> None:
    notes = find_notes(melody_f0(vibrato_cents=20))
    starts = [0.0, 0.5, 1.15, 1.75, 2.15]
    assert [one.start for one in notes] == pytest.approx(starts, abs=0.03)
    wanted = [1200 * np.log2(hz / 55) for hz, _ in TUNE if hz]
    assert [one.cents for one in notes] == pytest.approx(wanted, abs=12)


def test_a_short_consonant_does_not_end_a_note_and_a_long_one_does() -> None:
    assert len(find_notes(melody_f0([(220.0, 0.4), (0.0, 0.02), (220.0, 0.4)]))) == 1
    assert len(find_notes(melody_f0([(220.0, 0.4), (0.0, 0.06), (220.0, 0.4)]))) == 2


def test_silence_has_no_notes() -> None:
    assert find_notes(np.zeros(400)) == ()


@given(
    steps=st.lists(
        st.tuples(st.sampled_from([-400, -200, -100, 100, 200, 300]), st.floats(0.2, 0.6)),
        min_size=1,
        max_size=8,
    ),
    tuning=st.floats(-50, 50),
)
@settings(max_examples=30, deadline=None)
def test_any_melody_of_clear_steps_is_recovered(
    steps: list[tuple[int, float]], tuning: float
) -> None:
    cents = 2400 + tuning + np.cumsum([step for step, _ in steps])
    tune = [(55 * 2 ** (c / 1200), s) for c, (_, s) in zip(cents, steps, strict=True)]
    notes = find_notes(melody_f0(tune))
    assert [one.cents for one in notes] == pytest.approx(list(cents), abs=1)
    ends = np.cumsum([round(s / 0.005) * 0.005 for _, s in tune])
    assert [one.end for one in notes] == pytest.approx(list(ends), abs=0.011)
