"""Takes that are not in step find their place: curves made by hand, and real singing warped.

Real singing is played at a changing speed, as a tape is: tempo, key, formants and vibrato move
together, so that it is another voice in another key, and the time map is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from carried import SINGING, SUNG
from figures import note
from hypothesis import given, settings
from hypothesis import strategies as st

from asa_desktop.core.alignment.find import align, align_pitch, align_to_notes, backwards
from asa_desktop.core.alignment.warp import SURE, Warp
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures, track_features
from asa_desktop.core.types import Melody, Note, PitchTrack

RATE = 16_000
HOP = 0.032
Features = Callable[[str], TrackFeatures]


def tune(seed: int, *, count: int = 40) -> tuple[Note, ...]:
    """Notes of 0.25 to 0.8 s over an octave, with a rest after every eighth."""
    rng = np.random.default_rng(seed)
    notes, at, midi = [], 0.5, 60
    for number in range(count):
        midi = int(np.clip(midi + rng.integers(-4, 5), 55, 67))
        length = float(rng.uniform(0.25, 0.8))
        notes.append(Note(at, at + length, midi))
        at += length + (0.6 if number % 8 == 7 else 0.03)
    return tuple(notes)


def sung(notes, *, take_at=lambda t: t, cents: float = 0.0, seed: int = 0) -> PitchTrack:
    """The notes as somebody sings them: glides, vibrato of his own, not quite in tune."""
    rng = np.random.default_rng(seed)
    last = float(take_at(notes[-1].end)) + 0.5
    clock = np.arange(0, last, 0.01)
    midi = np.full(len(clock), np.nan)
    for one in notes:
        first, end = (round(float(take_at(t)) / 0.01) for t in (one.start, one.end))
        midi[first:end] = one.midi + cents / 100 + rng.normal(0, 0.12)
    midi += 0.3 * np.sin(2 * np.pi * 5.5 * clock + rng.uniform(0, 6))
    hz = np.where(np.isfinite(midi), 440 * 2 ** ((np.nan_to_num(midi) - 69) / 12), 0)
    return PitchTrack(hop_s=0.01, hz=hz.astype(np.float32), confidence=np.ones(len(hz), np.float32))


def wavering(seed: int, tempo: float, *, seconds: float = 60.0) -> Callable[[float], float]:
    """A time map at this tempo, 10 % faster and slower every few seconds."""
    rng = np.random.default_rng(seed)
    knots = np.arange(0, seconds, 2.0)
    steps = 2.0 / tempo * np.exp(0.1 * rng.normal(0, 1, len(knots)).clip(-1.5, 1.5))
    times = np.concatenate([[0], np.cumsum(steps)[:-1]])
    return lambda t: float(np.interp(t, knots, times))


def errors(found: Warp, take_at, notes) -> np.ndarray:
    """How far from the truth the onsets are put, in seconds."""
    starts = np.array([one.start for one in notes])
    return np.abs(found.take_at(starts) - np.array([take_at(t) for t in starts]))


@settings(max_examples=8)
@given(seed=st.integers(0, 999), tempo=st.floats(0.75, 1.3), key=st.floats(-1500, 1500))
def test_an_f0_curve_is_aligned_in_any_key_and_tempo(seed, tempo, key):
    notes, take_at = tune(seed), wavering(seed, tempo)
    found = align_pitch(sung(notes, take_at=take_at, cents=key, seed=1), sung(notes))
    gaps = errors(found, take_at, notes)
    # Notes repeated without a rest have no onset in an F0 curve.
    assert np.median(gaps) < 0.06
    assert np.quantile(gaps, 0.8) < 0.15
    assert found.key_cents == pytest.approx(key, abs=30)
    assert found.confidence > 2 * SURE


def test_a_missing_and_an_added_phrase_are_found():
    notes = tune(5)
    first, gone, rest = notes[:16], notes[16:24], notes[24:]
    moved = gone[0].start - rest[0].start
    kept = (*first, *(Note(n.start + moved, n.end + moved, n.midi) for n in rest))
    found = align_pitch(sung(kept, cents=300, seed=1), sung(notes))
    assert len(found.missing) == 1
    assert found.missing[0] == pytest.approx((gone[0].start, gone[-1].end), abs=0.2)
    assert found.added == ()
    gaps = errors(found, lambda t: t if t < gone[0].start else t + moved, (*first, *rest))
    assert np.quantile(gaps, 0.9) < 0.12
    # The other way round the phrase is added, on the take's clock.
    found = align_pitch(sung(notes, seed=1), sung(kept, cents=300))
    assert found.missing == ()
    assert len(found.added) == 1
    assert found.added[0] == pytest.approx((gone[0].start, gone[-1].end), abs=0.2)


def test_a_phrase_not_sung_in_step_is_missing_and_the_take_still_in_step():
    notes = tune(6)
    silent = (*notes[:16], *notes[24:])
    found = align_pitch(sung(silent, seed=1), sung(notes))
    assert found.in_step
    assert len(found.missing) == 1
    assert found.missing[0] == pytest.approx((notes[16].start, notes[23].end), abs=0.2)


def test_a_phrase_of_wrong_notes_is_not_forgiven():
    notes = tune(7)
    rng = np.random.default_rng(0)
    wrong = tuple(
        Note(n.start, n.end, n.midi + int(rng.choice([-6, -5, 5, 6]))) if 16 <= i < 24 else n
        for i, n in enumerate(notes)
    )
    found = align_pitch(sung(wrong, seed=1), sung(notes))
    assert found.missing == ()
    assert found.added == ()
    # It is compared about where it was sung, though nothing in it tells where.
    assert errors(found, lambda t: t, notes[16:24]).max() < 1.0
    assert errors(found, lambda t: t, (*notes[:15], *notes[25:])).max() < 0.25


def test_a_part_of_a_song_finds_its_place():
    notes = tune(8, count=64)
    start = notes[32].start - 0.2
    part = tuple(Note(n.start - start, n.end - start, n.midi) for n in notes[32:48])
    found = align_pitch(sung(part, cents=-200, seed=1), sung(notes))
    assert found.take_at(notes[40].start) == pytest.approx(part[8].start, abs=0.06)
    assert found.offset_s == pytest.approx(-start, abs=0.2)
    spans = [(notes[0].start, notes[31].end), (notes[48].start, notes[-1].end)]
    assert np.array(found.missing) == pytest.approx(np.array(spans), abs=0.2)


def test_what_has_no_melody_is_not_believed():
    pitches = np.random.default_rng(0).uniform(110, 220, 300).astype(np.float32)
    babble = PitchTrack(0.01, np.repeat(pitches, 6), np.ones(1800, np.float32))
    for seed in range(4):
        assert align_pitch(babble, sung(tune(seed))).confidence < SURE


def test_nothing_sung_has_no_alignment():
    notes = tune(9)
    silence = PitchTrack(0.01, np.zeros(500, np.float32), np.zeros(500, np.float32))
    for take, reference in ((silence, sung(notes)), (sung(notes), silence), (silence, silence)):
        found = align_pitch(take, reference)
        assert found.confidence == 0
        assert found.key_cents is None
        assert found.take_at(3.0) == pytest.approx(3.0)


@given(
    take=st.lists(st.sampled_from([0.0, 110.0, 220.0, 233.1, 330.0]), max_size=60),
    reference=st.lists(st.sampled_from([0.0, 110.0, 220.0, 233.1, 330.0]), max_size=60),
    stretch=st.integers(1, 12),
)
def test_whatever_comes_in_both_clocks_rise(take, reference, stretch):
    curves = [
        PitchTrack(HOP, np.repeat(hz, stretch).astype(np.float32), np.ones(len(hz) * stretch))
        for hz in (take, reference)
    ]
    found = align_pitch(*curves)
    assert len(found.reference_s) == len(found.take_s) >= 2
    assert (np.diff(found.reference_s) > 0).all()
    assert (np.diff(found.take_s) > 0).all()
    assert 0 <= found.confidence <= 1
    assert np.isfinite([found.tempo, found.offset_s]).all()


# Real singing.


@dataclass(frozen=True)
class Played:
    """A recording played at a changing speed, and where its moments are then."""

    features: TrackFeatures
    take_at: Callable[[np.ndarray], np.ndarray]


@pytest.fixture(scope="session")
def played(crepe, sound) -> Callable[..., Played]:
    def play(stem: str, *, speed: float, lead: np.ndarray | None = None) -> Played:
        voice = sound(stem)
        seconds = np.arange(len(voice)) / RATE
        # Within 4 % of the speed, which are 70 cents, in waves of 3 s.
        slow = (1 + 0.04 * np.sin(2 * np.pi * seconds / 3.0)) / speed
        out = np.concatenate([[0], np.cumsum(slow)[:-1]]) / RATE
        count = int(out[-1] * RATE)
        sung_ = np.interp(np.arange(count) / RATE, out, voice).astype(np.float32)
        before = np.zeros(0, np.float32) if lead is None else lead
        whole = np.concatenate([before, sung_])
        features = track_features(whole, FeatureSpec(), crepe.activation)
        return Played(features, lambda t: np.interp(t, seconds, out) + len(before) / RATE)

    return play


def gaps_of(found: Warp, truth: Played, reference: TrackFeatures) -> np.ndarray:
    """How far from the truth the reference's pitched frames are put, in seconds."""
    clock = np.flatnonzero(reference.pitch.hz > 0) * HOP
    return np.abs(found.take_at(clock) - truth.take_at(clock))


@pytest.mark.parametrize(("stem", "speed"), list(zip(SUNG, (0.82, 1.2, 0.9), strict=True)))
def test_real_singing_at_another_speed(stem: str, speed: float, played, features_of: Features):
    reference, take = features_of(stem), played(stem, speed=speed)
    found = align(take.features, reference)
    gaps = gaps_of(found, take, reference)
    note(
        f"alignment of {stem} at {speed}: median {1000 * np.median(gaps):.0f} ms, "
        f"95 % {1000 * np.quantile(gaps, 0.95):.0f} ms, confidence {found.confidence:.2f}"
    )
    assert np.median(gaps) < 0.03
    assert np.quantile(gaps, 0.95) < 0.08
    assert found.key_cents == pytest.approx(1200 * np.log2(speed), abs=70)
    assert found.confidence > 2 * SURE
    assert not found.in_step


def test_after_talk_it_is_found_where_it_begins(played, sound, features_of: Features):
    talk = sound("francium_speech")
    reference, take = features_of("vocadito_1"), played("vocadito_1", speed=1.1, lead=talk)
    found = align(take.features, reference)
    assert np.quantile(gaps_of(found, take, reference), 0.95) < 0.08
    assert found.missing == ()
    assert found.added
    assert found.added[-1][1] == pytest.approx(8.5, abs=0.7)


def test_in_step_with_itself_later(played, sound, crepe, features_of: Features):
    voice = np.concatenate([np.zeros(2 * RATE, np.float32), sound("pjs001")])
    found = align(track_features(voice, FeatureSpec(), crepe.activation), features_of("pjs001"))
    assert found.in_step
    assert found.offset_s == pytest.approx(2.0, abs=0.01)
    assert found.key_cents == pytest.approx(0, abs=5)


def test_another_song_is_not_believed(features_of: Features):
    stems = (*SUNG, "francium_speech")
    for one in stems:
        for other in stems:
            confidence = align(features_of(one), features_of(other)).confidence
            assert (confidence > 2 * SURE) if one == other else (confidence < SURE), (one, other)


@pytest.mark.parametrize("stem", SUNG)
def test_what_is_turned_round_is_found_backwards(
    stem: str, played, sound, crepe, features_of: Features
):
    reference, sung_ = features_of(stem), played(stem, speed=1.1).features
    turned = track_features(sound(stem)[::-1].copy(), FeatureSpec(), crepe.activation)
    assert backwards(sung_, reference) < SURE < align(sung_, reference).confidence
    assert align(turned, reference).confidence < SURE < backwards(turned, reference)


def test_to_notes(played, features_of: Features):
    # The notes as the annotated F0 has them, on the recording's clock less 3 s.
    rows = np.loadtxt(SINGING / "vocadito_1_f0.csv", delimiter=",")
    melody = Melody(tuple(notes_of(rows[:, 0], rows[:, 1], earlier=3.0)), beat_s=0.1)
    take = played("vocadito_1", speed=0.9)
    found = align_to_notes(take.features, melody, offset_s=3.0)
    gaps = gaps_of(found, take, features_of("vocadito_1"))
    assert np.median(gaps) < 0.08
    assert found.key_cents == pytest.approx(1200 * np.log2(0.9), abs=70)
    assert found.confidence > SURE


def notes_of(times: np.ndarray, hz: np.ndarray, *, earlier: float) -> list[Note]:
    """Notes on whole semitones where the curve stays on one for 0.1 s."""
    midi = np.where(hz > 0, np.round(69 + 12 * np.log2(np.maximum(hz, 1) / 440)), 0)
    edges = np.flatnonzero(np.diff(midi)) + 1
    notes = []
    for run in np.split(np.arange(len(midi)), edges):
        first, last = times[run[0]], times[run[-1]]
        if midi[run[0]] and last - first >= 0.1:
            notes.append(Note(float(first - earlier), float(last - earlier), float(midi[run[0]])))
    return notes


def test_progress_rises_to_the_end_and_may_stop(features_of: Features):
    told: list[float] = []
    align(features_of("pjs001"), features_of("pjs001"), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)

    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        align(features_of("pjs001"), features_of("pjs001"), progress=stop)
