"""Points of four karaoke games and cents against notes, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import pitch_of, track

from asa_desktop.core.assess import karaoke, on_notes
from asa_desktop.core.clips import cut_clips
from asa_desktop.core.types import Melody, Note, NoteKind

HOP_S = 0.032
BEAT_S = 0.128  # four frames
A4 = 69.0


def hz(midi: float) -> float:
    return 440 * 2 ** ((midi - 69) / 12)


def sung(*parts: tuple[int, float | None]):
    """(beats, MIDI number or None for silence) one after the other."""
    curve = [np.full(4 * beats, 0.0 if midi is None else hz(midi)) for beats, midi in parts]
    return pitch_of(np.concatenate(curve))


def note(
    first: int, beats: int, midi: float = A4, kind: NoteKind = NoteKind.NORMAL, line: int = 0
) -> Note:
    return Note(first * BEAT_S, (first + beats) * BEAT_S, midi, kind=kind, line=line)


def melody(*notes: Note) -> Melody:
    return Melody(notes=notes, beat_s=BEAT_S)


def test_all_hit_is_ten_thousand_and_silence_nothing():
    song = melody(note(0, 4), note(4, 6, line=1))
    assert karaoke.usdx(sung((10, A4)), song).points == pytest.approx(10_000)
    assert karaoke.usdx(sung((10, None)), song).points == 0
    assert karaoke.usdx(pitch_of([]), song).points == 0


def test_half_of_one_line_by_hand():
    # 5 of 10 beats: 4500 points; the line's share 4500 / 8998.
    found = karaoke.usdx(sung((5, A4), (5, None)), melody(note(0, 10)))
    assert found.points == pytest.approx(4500 + 1000 * 4500 / 8998)
    assert [beat.hit for beat in found.beats] == [True] * 5 + [False] * 5
    np.testing.assert_allclose([beat.time for beat in found.beats], (np.arange(10) + 0.5) * BEAT_S)


def test_golden_beats_count_twice():
    # Weights 2 x 2 + 4 x 1 = 8. Only the golden note hit: 4 / 8 of 9000.
    # Lines: 4500 / 4498 is clamped to 1, and 0; their mean is a half.
    song = melody(note(0, 2, kind=NoteKind.GOLDEN), note(2, 4, line=1))
    assert karaoke.usdx(sung((2, A4), (4, None)), song).points == pytest.approx(4500 + 500)
    # Only the plain note hit: the other half.
    assert karaoke.usdx(sung((2, None), (4, A4)), song).points == pytest.approx(4500 + 500)


def test_freestyle_is_not_judged():
    song = melody(note(0, 4, kind=NoteKind.FREESTYLE), note(4, 4, line=1))
    assert len(karaoke.usdx(sung((8, A4)), song).beats) == 4
    assert karaoke.usdx(sung((4, None), (4, A4)), song).points == pytest.approx(10_000)
    only = melody(note(0, 4, kind=NoteKind.FREESTYLE))
    assert karaoke.usdx(sung((4, A4)), only) == karaoke.KaraokeScore(points=0.0, beats=())


@pytest.mark.parametrize(("kind", "weight"), [(NoteKind.RAP, 1.0), (NoteKind.GOLDEN_RAP, 2.0)])
def test_rap_takes_any_tone_but_wants_one(kind, weight):
    song = melody(note(0, 4, kind=kind))
    found = karaoke.usdx(sung((3, A4 + 6), (1, None)), song)
    assert [beat.hit for beat in found.beats] == [True, True, True, False]
    assert {beat.weight for beat in found.beats} == {weight}
    assert found.points == pytest.approx(6750 + 1000 * 6750 / 8998)


@pytest.mark.parametrize(("level", "allowed"), [("easy", 2), ("medium", 1), ("hard", 0)])
@pytest.mark.parametrize("octaves", [-2, -1, 0, 1])
@pytest.mark.parametrize("off", [-3, -2, -1, 0, 1, 2, 3, 6])
def test_tolerance_and_octaves(level, allowed, octaves, off):
    found = karaoke.usdx(sung((4, A4 + off + 12 * octaves)), melody(note(0, 4)), level=level)
    assert {beat.hit for beat in found.beats} == {abs(off) <= allowed}


def test_a_tone_is_the_nearest_semitone():
    song = melody(note(0, 4))
    for cents, hit in ((45, True), (-45, True), (55, False), (-55, False)):
        found = karaoke.usdx(sung((4, A4 + cents / 100)), song, level="hard")
        assert {beat.hit for beat in found.beats} == {hit}


def test_the_line_bonus_is_shared_by_the_lines_that_hold_notes():
    # Lines 0, 3 and 7 of 2, 4 and 4 beats; the last is sung, half of the second.
    song = melody(note(0, 2), note(2, 4, line=3), note(6, 4, line=7))
    found = karaoke.usdx(sung((2, None), (2, A4), (2, None), (4, A4)), song)
    second = 1800 / (3600 - 2)
    assert found.points == pytest.approx(9000 * 6 / 10 + 1000 * (0 + second + 1) / 3)


def test_the_clock_of_the_notes_may_start_later():
    song = melody(note(0, 4))
    late = sung((3, None), (4, A4), (3, None))
    assert karaoke.usdx(late, song, offset_s=3 * BEAT_S).points == pytest.approx(10_000)
    assert karaoke.usdx(late, song).points < 3_000
    early = karaoke.usdx(sung((4, A4)), song, offset_s=-2 * BEAT_S)
    assert [beat.hit for beat in early.beats] == [False, False, True, True]


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(-14, 14)), min_size=1, max_size=8),
    st.sampled_from(["easy", "medium", "hard"]),
)
def test_points_stay_within_the_game_and_easier_is_never_less(parts, level):
    notes, at = [], 0
    for index, (beats, _off) in enumerate(parts):
        notes.append(note(at, beats, line=index // 2))
        at += beats
    pitch = sung(*((beats, A4 + off) for beats, off in parts))
    points = karaoke.usdx(pitch, melody(*notes), level=level).points
    assert 0 <= points <= 10_000 + 1e-6
    assert karaoke.usdx(pitch, melody(*notes), level="easy").points >= points - 1e-9


# The other games, on one song of three notes

THREE = melody(
    note(0, 4),
    note(4, 2, A4 + 3, kind=NoteKind.GOLDEN),
    note(6, 4, A4 - 5, line=1),
)
SUNG_THREE = ((2, A4 + 1.4), (2, A4), (2, A4 + 3 - 12), (4, A4 - 5 + 0.4))
"""Weights 4, 2 x 2 and 4 of 12: half of the first note is 1.4 semitones off, the last 0.4."""


def points(profile: str, level: str) -> float:
    # A frame stands for half a frame before and after it; the notes begin between two.
    play = karaoke.PROFILES[profile]
    return play(sung(*SUNG_THREE), THREE, offset_s=-HOP_S / 2, level=level).points


@pytest.mark.parametrize(
    ("profile", "level", "expected"),
    [
        # Rounded to whole tones the first note is 1 off, the last 0.
        ("usdx", "medium", 10_000),
        ("usdx", "hard", 9000 * 10 / 12 + 1000 * (4500 / 5998 + 1) / 2),
        ("vocaluxe", "medium", 10_000),
        # The first line has 6 of 8 points: ((.75 - .4) * 2)^2 = .49.
        ("vocaluxe", "hard", 9000 * 10 / 12 + 1000 * (0.49 + 1) / 2),
        ("usplay", "medium", 10_000),
        # Exactly 1.4 and 0.4 off; the first line has 4 of 6 beats, the second all.
        ("usplay", "hard", 9000 * 10 / 12 + 1000 / 2),
        # 1.4 off earns .1, 0.4 off all: 2 * .1 + 2 + 4 + 4 of 12.
        ("performous", "normal", 10_000 * 10.2 / 12),
        ("performous", "hard", 10_000 * 10 / 12),
        # 0.4 off earns .1 / (.5 - .2151).
        ("performous", "perfect", 10_000 * (6 + 4 * 0.1 / 0.2849) / 12),
    ],
)
def test_three_notes_by_hand(profile, level, expected):
    assert points(profile, level) == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize(("hit", "bonus"), [(4, 0), (5, 0.04), (8, 0.64), (9, 1), (10, 1)])
def test_vocaluxe_gives_the_bonus_from_four_tenths_to_nine(hit, bonus):
    take = sung((hit, A4), (10 - hit, None))
    found = karaoke.vocaluxe(take, melody(note(0, 10)))
    assert found.points == pytest.approx(900 * hit + 1000 * bonus)


@pytest.mark.parametrize(("hit", "bonus"), [(18, 0), (19, 1000), (20, 1000)])
def test_usplay_gives_the_bonus_for_perfect_lines(hit, bonus):
    take = sung((hit, A4), (20 - hit, None))
    found = karaoke.usplay(take, melody(note(0, 20)))
    assert found.points == pytest.approx(450 * hit + bonus)


def test_usplay_asks_for_twenty_perfect_lines_at_most():
    song = melody(*(note(index, 1, line=index) for index in range(40)))
    found = karaoke.usplay(sung((10, A4), (30, None)), song)
    assert found.points == pytest.approx(2250 + 500)
    found = karaoke.usplay(sung((30, A4), (10, None)), song)
    assert found.points == pytest.approx(6750 + 1000)


@pytest.mark.parametrize(("cents", "hit"), [(45, True), (-50, True), (55, False), (1245, True)])
def test_usplay_hard_measures_the_exact_pitch(cents, hit):
    # The target lies between two semitones' middles: no tone is rounded.
    found = karaoke.usplay(sung((4, A4 + cents / 100)), melody(note(0, 4)), level="hard")
    assert {beat.hit for beat in found.beats} == {hit}


def test_performous_counts_time_not_beats():
    # Three of four beats and one frame of the last: 13 of 16 frames.
    curve = np.concatenate((np.full(13, hz(A4)), np.zeros(3)))
    found = karaoke.performous(pitch_of(curve), melody(note(0, 4)), offset_s=-HOP_S / 2)
    assert found.points == pytest.approx(10_000 * 13 / 16)
    assert found.beats == ()


@pytest.mark.parametrize("profile", list(karaoke.PROFILES))
def test_all_games_treat_rap_freestyle_silence_and_clocks_alike(profile):
    play = karaoke.PROFILES[profile]
    rap = melody(note(0, 4, kind=NoteKind.GOLDEN_RAP))
    assert play(sung((4, A4 + 6)), rap).points == pytest.approx(10_000, rel=0.04)
    free = melody(note(0, 4, kind=NoteKind.FREESTYLE))
    assert play(sung((4, A4)), free).points == 0
    song = melody(note(0, 4), note(4, 4, A4 + 5, line=1))
    assert play(sung((8, None)), song).points == 0
    assert play(pitch_of([]), song).points == 0
    late = sung((3, None), (4, A4), (4, A4 + 5), (2, None))
    assert play(late, song, offset_s=3 * BEAT_S).points == pytest.approx(10_000, rel=0.04)
    assert play(late, song).points < 4_000


@given(st.lists(st.tuples(st.integers(1, 6), st.floats(-14, 14)), min_size=1, max_size=8))
def test_harder_levels_never_give_more(parts):
    notes, at = [], 0
    for index, (beats, _off) in enumerate(parts):
        notes.append(note(at, beats, line=index // 2))
        at += beats
    pitch = sung(*((beats, A4 + off) for beats, off in parts))
    for profile, levels in karaoke.LEVELS.items():
        found = [karaoke.PROFILES[profile](pitch, melody(*notes), level=each) for each in levels]
        scores = [each.points for each in found]
        assert all(0 <= each <= 10_000 + 1e-6 for each in scores)
        assert all(b <= a + 1e-6 for a, b in pairwise(scores)), (profile, scores)


# Cents


def test_cents_are_the_median_note_capped_and_folded():
    song = melody(note(0, 6), note(6, 6), note(12, 6), note(18, 6))
    off = (10, -40, 1220, 400)  # the third an octave and 20 cents up; the last capped at 300
    pitch = sung(*((6, A4 + cents / 100) for cents in off))
    assert karaoke.cents_off(pitch, song) == pytest.approx((20 + 40) / 2, abs=0.01)
    last = karaoke.cents_off(pitch, melody(song.notes[3]))
    assert last == 300


def test_only_the_middle_of_a_note_counts():
    # 40 frames: the outer 17.5 % are 7 frames a side, sung two semitones off.
    curve = np.full(40, hz(A4 + 0.25))
    curve[:6] = curve[-6:] = hz(A4 + 2)
    assert karaoke.cents_off(pitch_of(curve), melody(note(0, 10))) == pytest.approx(25, abs=0.01)


def test_notes_that_were_not_sung_or_have_no_pitch_are_left_out():
    song = melody(note(0, 4), note(4, 4), note(8, 4, kind=NoteKind.RAP))
    pitch = sung((4, A4 + 0.5), (4, None), (4, A4 + 6))
    assert karaoke.cents_off(pitch, song) == pytest.approx(50, abs=0.01)
    assert karaoke.cents_off(sung((12, None)), song) is None
    assert karaoke.cents_off(pitch, song, offset_s=100.0) is None


# The take against notes


def tune() -> tuple[Melody, np.ndarray]:
    """Forty-seven beats, two clips long, and the curve that sings them."""
    pitches = [60 + (index * 5) % 12 for index in range(12)]
    notes = tuple(note(4 * index, 4, 57.0 + pitch - 60) for index, pitch in enumerate(pitches))
    curve = np.concatenate([np.full(16, hz(each.midi)) for each in notes])
    return melody(*notes), curve


def test_a_clip_scores_its_share_of_beats():
    song, curve = tune()
    curve = curve.copy()
    curve[94 : 94 + 47] *= 2 ** (5 / 12)  # the first half of the second clip is a fourth off
    take = track(curve)
    found = on_notes.score(take, cut_clips(take), song, offset_s=0.0)
    assert found.clips[0].score == 100
    assert found.clips[1].score == pytest.approx(50, abs=4)
    assert found.overall is not None
    assert found.overall.score == pytest.approx(found.systems["usdx"].value / 100)
    assert found.systems["cents"].value == pytest.approx(0, abs=0.1)
    assert found.systems["cents"].score is None


@pytest.mark.parametrize(("semitones", "key"), [(0, 0), (-12, -12), (3, 3)])
def test_the_key_against_the_notes(semitones, key):
    song, curve = tune()
    take = track(curve * 2 ** (semitones / 12))
    found = on_notes.score(take, cut_clips(take), song, offset_s=0.0)
    assert found.key == pytest.approx(key, abs=0.1)


def test_clips_without_notes_have_a_reason():
    song, curve = tune()
    take = track(np.concatenate([np.full(94, 220.0), curve]))
    found = on_notes.score(take, cut_clips(take), song, offset_s=94 * HOP_S)
    assert [clip.reason for clip in found.clips] == [on_notes.NO_NOTES, None, None]
    far = on_notes.score(take, cut_clips(take), song, offset_s=1e3)
    assert far.overall is None
    assert not far.systems
    freestyle = melody(*(replace(each, kind=NoteKind.FREESTYLE) for each in song.notes))
    assert on_notes.score(take, cut_clips(take), freestyle, offset_s=0.0).overall is None
