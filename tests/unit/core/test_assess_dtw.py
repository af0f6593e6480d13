"""Distances after dynamic time warping, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from missung import mistuned, sung
from tracks import pitch_of

from asa_desktop.core.assess import dtw
from asa_desktop.core.assess.drawn import drawn_onsets, drawn_pitch
from asa_desktop.core.types import Melody, Note, NoteKind, PitchTrack

HOP_S = 0.032
TUNE = (60, 62, 64, 65, 67, 64, 60, 59)


def warped(reference, take) -> float:
    found = dtw.warped(np.asarray(reference, float), np.asarray(take, float)[None, :], np.abs)
    return float(found[0])


def test_three_by_three_by_hand():
    # d(t, l) with t down the reference:   0 1 4 | 2 1 2 | 4 3 0.
    # D(1,1) = 0 + 1, D(2,2) = D(1,1) + 0 = 1, over three points of the reference.
    assert warped([0, 2, 4], [0, 1, 4]) == pytest.approx(1 / 3)
    # A wrong middle: D(1,1) = 5, D(2,2) = 5.
    assert warped([0, 2, 4], [0, 7, 4]) == pytest.approx(5 / 3)


def test_either_side_may_go_on_by_two():
    # t goes on by two at twice the cost of where it arrives.
    assert warped([0, 9, 3], [0, 3]) == 0
    assert warped([0, 3, 3], [0, 1]) == pytest.approx(2 * 2 / 3)
    # l goes on by two at its plain cost; what lies between is not looked at.
    assert warped([0, 3], [0, 9, 3]) == 0
    assert warped([0, 3], [0, 9, 1]) == pytest.approx(2 / 2)


def test_the_cheapest_path_is_taken():
    # Straight through it costs 0 + 5 + 5 + 0 = 10. With the reference's 2 passed over:
    # D(1,2) = |7 - 6| = 1, D(3,3) = D(1,2) + 2 * 0 = 1. With its 6 passed over: D(2,1) = 2, then 2.
    assert warped([0, 6, 2, 9], [0, 1, 7, 9]) == pytest.approx(1 / 4)


def test_nothing_is_stretched_more_than_twice():
    # Ten points against three: no path; the ten are thinned to five, which three can reach.
    ramp = np.arange(10.0)
    assert warped(ramp, [0, 4, 9]) == pytest.approx(warped([0, 2, 4, 7, 9], [0, 4, 9]))
    assert warped([0, 4, 9], ramp) == pytest.approx(warped([0, 4, 9], [0, 2, 4, 7, 9]))
    assert warped([5], np.full(7, 6.0)) == 1
    assert warped([], [1]) == warped([1], []) == np.inf


def by_the_book(reference, take) -> float:
    """The recursion cell by cell."""
    rows, columns = len(reference), len(take)
    total = np.full((rows, columns), np.inf)
    for t in range(rows):
        for place in range(columns):
            d = abs(take[place] - reference[t])
            if t == place == 0:
                total[t, place] = d
            for back, aside, weight in ((2, 1, 2), (1, 1, 1), (1, 2, 1)):
                if t >= back and place >= aside:
                    before = total[t - back, place - aside]
                    total[t, place] = min(total[t, place], before + weight * d)
    return total[-1, -1] / rows


@given(
    st.lists(st.integers(-9, 9), min_size=1, max_size=14),
    st.lists(st.integers(-9, 9), min_size=1, max_size=14),
)
def test_row_by_row_is_the_recursion(reference, take):
    if len(reference) <= 2 * len(take) - 1 and len(take) <= 2 * len(reference) - 1:
        assert warped(reference, take) == pytest.approx(by_the_book(reference, take))
    else:
        assert np.isfinite(warped(reference, take))


# Pitch


def tune(*, frames: int = 12, shift: float = 0.0, numbers=TUNE) -> PitchTrack:
    curve = np.repeat(440 * 2 ** ((np.asarray(numbers, float) - 69 + shift) / 12), frames)
    return pitch_of(curve)


def distance(take: PitchTrack, reference: PitchTrack) -> float:
    found = dtw.pitch_distance(take, [reference])
    assert found is not None
    return found


def test_the_same_tune_is_at_no_distance_however_fast():
    assert distance(tune(), tune()) == pytest.approx(0, abs=1e-4)
    assert distance(tune(frames=18), tune()) == pytest.approx(0, abs=1e-4)
    assert distance(tune(frames=7), tune()) == pytest.approx(0, abs=1e-4)


def test_silence_between_the_notes_does_not_matter():
    gaps = tune().hz.reshape(8, 12).copy()
    gaps = np.pad(gaps, ((0, 0), (0, 9)))
    assert distance(pitch_of(gaps.ravel()), tune()) == pytest.approx(0, abs=1e-4)


def test_one_note_of_eight_off_by_half_a_semitone():
    wrong = list(map(float, TUNE))
    wrong[4] += 0.5  # the highest: going round it by two saves nothing, its neighbours are farther
    # Of 96 points of the reference 12 lie half a semitone off.
    found = distance(tune(numbers=wrong), tune())
    assert found == pytest.approx(0.5 * 12 / 96, rel=0.1)


def test_a_wrong_note_counts_two_semitones_at_most():
    wrong, worse = list(map(float, TUNE)), list(map(float, TUNE))
    wrong[4] += 3
    worse[4] += 5
    assert distance(tune(numbers=wrong), tune()) == pytest.approx(
        distance(tune(numbers=worse), tune()), rel=0.15
    )
    assert distance(tune(numbers=wrong), tune()) <= 2 * 12 / 96 + 1e-6


@given(st.floats(-14, 14))
def test_the_key_is_found_and_does_not_matter(shift):
    found = dtw.pitch_match(tune(shift=shift), tune())
    assert found is not None
    # The search goes in steps of a fifth of a semitone at its finest.
    assert found.distance <= 0.1 + 1e-3
    away = np.mod(found.key - shift + 6, 12) - 6
    assert abs(away) <= 0.1 + 1e-3


@given(st.integers(-24, 24), st.integers(0, 5))
def test_the_key_does_not_matter_to_a_take_with_mistakes(halves, seed):
    rng = np.random.default_rng(seed)
    wrong = np.array(TUNE) + rng.normal(0, 0.7, 8)
    plain = distance(tune(numbers=wrong), tune())
    assert distance(tune(numbers=wrong, shift=halves / 2), tune()) == pytest.approx(plain, abs=1e-3)


def test_octaves_are_free_note_by_note():
    leaping = np.array(TUNE, float) + 12 * np.array([0, 1, 0, -1, 0, 0, 2, 0])
    assert distance(tune(numbers=leaping), tune()) == pytest.approx(0, abs=1e-4)


def test_the_nearest_of_several_references_counts():
    other = tune(numbers=(60, 60, 67, 60, 65, 65, 60, 67))
    near = tune(frames=15)
    assert dtw.pitch_distance(tune(), [other, near]) == distance(tune(), near)
    assert distance(tune(), other) > 0.3


def test_too_little_pitch_has_no_distance():
    short = pitch_of(np.full(10, 220.0))
    assert dtw.pitch_distance(short, [tune()]) is None
    assert dtw.pitch_distance(tune(), [short]) is None
    assert dtw.pitch_distance(tune(), []) is None
    assert dtw.pitch_distance(tune(), [short, tune()]) == pytest.approx(0, abs=1e-4)


def test_fine_frames_are_read_as_steps():
    # 2.9 ms a frame and lone frames astray: the median of seven does not hear them.
    fine = replace(tune(frames=130), hop_s=0.0029)
    hz = fine.hz.copy()
    hz[::9] *= 1.5
    assert distance(replace(fine, hz=hz), tune()) == pytest.approx(0, abs=1e-3)


def test_a_long_take_is_read_on_coarser_steps():
    long = tune(frames=400)  # 3200 frames, 102 s of pitch
    assert len(dtw._pitched(long, long)[0]) <= 3000
    assert distance(long, long) == pytest.approx(0, abs=1e-4)


def test_real_singing_stands_above_the_same_with_notes_off():
    take = sung()
    found = [
        np.mean([distance(mistuned(take, cents=cents, seed=seed), take) for seed in range(4)])
        for cents in (0, 25, 50, 100)
    ]
    assert found[0] == pytest.approx(0, abs=1e-4)
    assert np.all(np.diff(found) > 0.05), found


# Volume and rhythm


def level(*parts: tuple[int, float]) -> np.ndarray:
    return np.concatenate([np.full(frames, db) for frames, db in parts]).astype(np.float32)


def volume(take, reference) -> float | None:
    return dtw.volume_distance(take, reference, hop_s=HOP_S)


def test_volume_knows_neither_gain_nor_noise_floor():
    song = level((20, -70), (30, -20), (10, -65), (30, -30), (20, -70))
    louder = level((20, -90), (30, -8), (10, -90), (30, -18), (3, -90))
    assert volume(louder, song) == pytest.approx(0, abs=1e-4)


def test_volume_by_hand():
    # The song is even; the second half of the take is 6 dB too soft. Its loud half is stretched
    # over 45 of the song's 60 points, no farther: 15 are left to lie 6 dB away.
    song = level((60, -20))
    assert volume(level((30, -20), (30, -26)), song) == pytest.approx(1.5, abs=0.11)


def test_silence_has_no_volume():
    assert volume(level((5, -20)), level((60, -20))) is None
    assert volume(np.zeros(0, np.float32), level((60, -20))) is None


def onsets(*at: int, frames: int = 120, height: float = 1.0) -> np.ndarray:
    curve = np.full(frames, 0.2 * height, np.float32)
    for place in at:
        curve[place - 1 : place + 2] += np.array([0.5, 1, 0.5], np.float32) * height
    return curve


def rhythm(take, reference) -> float | None:
    return dtw.rhythm_distance(take, reference, hop_s=HOP_S)


BEATS = tuple(range(10, 110, 10))


def test_rhythm_knows_neither_strength_nor_tempo():
    assert rhythm(onsets(*BEATS, height=7.0), onsets(*BEATS)) == pytest.approx(0, abs=1e-6)
    slow = onsets(*(round(1.5 * at) for at in BEATS), frames=180)
    assert rhythm(slow, onsets(*BEATS)) == pytest.approx(0, abs=0.02)


def test_missing_beginnings_are_heard():
    # From the first beginning's left half to the last one's right: 93 points. Two beginnings are
    # missing. Over each the path comes cheapest by its half on the left (0.5) and, one passed
    # over, its half on the right (2 * 0.5).
    found = rhythm(onsets(*BEATS[:4], *BEATS[6:]), onsets(*BEATS))
    assert found == pytest.approx(2 * 1.5 / 93, abs=1e-5)


def test_no_beginnings_have_no_rhythm():
    assert rhythm(np.full(100, 3.0, np.float32), onsets(*BEATS)) is None
    assert rhythm(onsets(50), onsets(*BEATS)) is None
    assert rhythm(np.zeros(0, np.float32), onsets(*BEATS)) is None


# Drawn melodies


def test_a_melody_is_drawn_as_a_curve():
    song = Melody(
        notes=(
            Note(0.032, 0.096, 69),
            Note(0.128, 0.160, 81, kind=NoteKind.GOLDEN),
            Note(0.160, 0.256, 60, kind=NoteKind.RAP),
            Note(0.256, 0.320, 60, kind=NoteKind.FREESTYLE),
        ),
        beat_s=0.032,
    )
    drawn = drawn_pitch(song, hop_s=HOP_S)
    np.testing.assert_allclose(drawn.hz, [0, 440, 440, 0, 880, 0])
    late = drawn_pitch(song, hop_s=HOP_S, offset_s=0.032, frames=4)
    np.testing.assert_allclose(late.hz, [0, 0, 440, 440])
    np.testing.assert_allclose(drawn_onsets(song, hop_s=HOP_S), [0.5, 1, 0.5, 0.5, 1, 1, 0.5, 0, 0])
    np.testing.assert_allclose(
        drawn_onsets(song, hop_s=HOP_S, offset_s=-0.064, frames=3), [0.5, 0.5, 1]
    )
    nothing = Melody(notes=(), beat_s=0.1)
    assert len(drawn_pitch(nothing, hop_s=HOP_S).hz) == len(drawn_onsets(nothing, hop_s=HOP_S)) == 1


def test_a_take_is_compared_with_a_drawn_melody():
    notes = tuple(Note(0.4 * at, 0.4 * at + 0.35, number) for at, number in enumerate(TUNE))
    song = drawn_pitch(Melody(notes=notes, beat_s=0.1), hop_s=HOP_S)
    assert distance(tune(shift=-7), song) == pytest.approx(0, abs=0.02)
