"""Notes in F0 tracks drawn by hand, and in the bundled singer's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from material import sing

from asa_desktop.core.notes.segment import segment_notes
from asa_desktop.core.notes.syllables import dips, risen, syllable_level
from asa_desktop.core.notes.tracker import fine_pitch
from asa_desktop.core.types import PitchTrack, SungNote

HOPS = (0.0029, 0.01, 0.032)
RATE = 16_000


def track_of(midi: np.ndarray, hop_s: float) -> PitchTrack:
    """A track through these MIDI numbers, one every millisecond (NaN: no voice)."""
    at = np.arange(0, len(midi) / 1000, hop_s)
    values = midi[np.minimum((at * 1000).astype(int), len(midi) - 1)]
    hz = np.where(np.isfinite(values), 440 * 2 ** ((np.nan_to_num(values) - 69) / 12), 0.0)
    return PitchTrack(
        hop_s=hop_s,
        hz=hz.astype(np.float32),
        confidence=np.where(hz > 0, 0.9, 0.1).astype(np.float32),
    )


def held(*notes: tuple[float, float]) -> np.ndarray:
    """(seconds, MIDI) one after the other, sampled each millisecond."""
    return np.concatenate([np.full(round(1000 * seconds), midi) for seconds, midi in notes])


def spans(notes: tuple[SungNote, ...]) -> list[tuple[float, float, float]]:
    return [(round(each.start, 2), round(each.end, 2), round(each.midi, 1)) for each in notes]


@pytest.mark.parametrize("hop_s", HOPS)
def test_steps_are_cut_where_they_are(hop_s):
    tune = held((0.3, np.nan), (0.5, 60), (0.4, 62), (0.25, 61), (0.6, 67), (0.2, np.nan))
    found = segment_notes(track_of(tune, hop_s))
    assert [round(each.midi, 3) for each in found] == [60, 62, 61, 67]
    starts, ends = (0.3, 0.8, 1.2, 1.45), (0.8, 1.2, 1.45, 2.05)
    assert [each.start for each in found] == pytest.approx(starts, abs=hop_s)
    assert [each.end for each in found] == pytest.approx(ends, abs=hop_s)
    assert all(each.confidence == pytest.approx(0.9) for each in found)


@pytest.mark.parametrize("hop_s", HOPS)
@pytest.mark.parametrize(("rate_hz", "cents"), [(4.5, 100), (5.5, 140), (8.0, 110)])
def test_vibrato_is_one_note(hop_s, rate_hz, cents):
    t = np.arange(2000) / 1000
    found = segment_notes(track_of(64 + cents / 100 * np.sin(2 * np.pi * rate_hz * t), hop_s))
    assert len(found) == 1
    # The median of a sine that is cut anywhere: up to a quarter of its width off.
    assert abs(found[0].midi - 64) < 0.0025 * cents


@pytest.mark.parametrize("hop_s", HOPS)
def test_a_semitone_between_two_vibratos_is_a_step(hop_s):
    t = np.arange(1600) / 1000
    tune = np.where(t < 0.8, 64.0, 65.0) + 0.5 * np.sin(2 * np.pi * 5.5 * t)
    found = segment_notes(track_of(tune, hop_s))
    assert len(found) == 2
    assert found[1].start == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize("hop_s", HOPS)
def test_a_glide_is_cut_in_its_middle_and_leaves_no_note(hop_s):
    tune = np.concatenate([held((0.5, 60)), np.linspace(60, 67, 120), held((0.5, 67))])
    found = segment_notes(track_of(tune, hop_s))
    assert [round(each.midi) for each in found] == [60, 67]
    assert found[1].start == pytest.approx(0.56, abs=max(0.03, hop_s))


def test_drift_and_scoops_stay_in_their_note():
    drift = np.concatenate([np.linspace(60, 60.55, 3000)])
    assert len(segment_notes(track_of(drift, 0.01))) == 1
    scoop = held((0.2, np.nan), (0.12, 58.5), (0.6, 60))
    found = segment_notes(track_of(scoop, 0.01))
    assert len(found) == 1
    assert found[0].midi == pytest.approx(60)
    assert found[0].start == pytest.approx(0.2, abs=0.01)


def test_a_break_parts_a_repeated_note_but_a_dropout_does_not():
    twice = held((0.4, 60), (0.06, np.nan), (0.4, 60))
    assert len(segment_notes(track_of(twice, 0.01))) == 2
    once = held((0.4, 60), (0.02, np.nan), (0.4, 60))
    assert len(segment_notes(track_of(once, 0.01))) == 1


@pytest.mark.parametrize("hop_s", [0.01, 0.032])
def test_a_dip_in_level_parts_a_repeated_note(hop_s):
    pitch = track_of(held((1.2, 60)), hop_s)
    t = np.arange(len(pitch.hz)) * hop_s

    def level(depth_db: float) -> np.ndarray:
        return (-20 - depth_db * np.exp(-(((t - 0.6) / 0.03) ** 2))).astype(np.float32)

    found = segment_notes(pitch, level_db=level(15))
    assert len(found) == 2
    assert 0.58 <= found[0].end <= 0.62
    assert 0.6 <= found[1].start <= 0.6 + 0.03 + hop_s  # where the vowel is back, not its murmur
    assert len(segment_notes(pitch, level_db=level(4))) == 1


def test_specks_are_not_notes():
    assert not segment_notes(track_of(held((0.3, np.nan), (0.06, 70), (0.3, np.nan)), 0.01))
    empty = np.zeros(0, dtype=np.float32)
    nothing = PitchTrack(hop_s=0.01, hz=empty, confidence=empty)
    assert segment_notes(nothing) == segment_notes(nothing, level_db=empty) == ()


@settings(max_examples=60, deadline=None)
@given(
    midi=arrays.arrays(
        np.float64,
        st.integers(0, 120),
        elements=st.one_of(st.just(np.nan), st.floats(40, 80)),
    ),
    hop_s=st.sampled_from(HOPS),
    seed=st.one_of(st.none(), st.integers(0, 5)),
)
def test_notes_are_in_order_apart_and_where_there_is_voice(midi, hop_s, seed):
    hz = np.where(np.isfinite(midi), 440 * 2 ** ((np.nan_to_num(midi) - 69) / 12), 0.0)
    track = PitchTrack(hop_s, hz.astype(np.float32), np.ones(len(hz), dtype=np.float32))
    level = None
    if seed is not None:
        level = np.random.default_rng(seed).uniform(-90, -10, len(hz)).astype(np.float32)
    found = segment_notes(track, level_db=level)
    edges = [time for each in found for time in (each.start, each.end)]
    assert edges == sorted(edges)
    for each in found:
        assert 0 <= each.start < each.end <= (len(hz) + 1) * hop_s
        assert 39.9 <= each.midi <= 80.1
        inside = hz[int(each.start / hop_s) : int(each.end / hop_s) + 1]
        assert (inside > 0).any()


def test_dips_are_as_deep_as_the_lower_side():
    level = np.array([-50, -20, -20, -35, -20, -26, -26], dtype=np.float32)
    assert dips(level, 0.032).tolist() == [0, 0, 0, 15, 0, 0, 0]
    assert risen(level, 3, 0.032) == 4


def test_a_murmur_shows_in_the_syllable_level_though_it_is_loud():
    """An m: the fundamental goes on, what lies above 500 Hz is gone."""
    t = np.arange(RATE) / RATE
    hum = 0.2 * np.sin(2 * np.pi * 220 * t)
    vowel = hum + 0.1 * np.sin(2 * np.pi * 880 * t) + 0.1 * np.sin(2 * np.pi * 1100 * t)
    sound = np.where((t > 0.45) & (t < 0.55), hum, vowel).astype(np.float32)
    level = syllable_level(sound, rate=RATE)
    assert len(level) == 101
    assert dips(level, 0.01)[46:55].max() > 15


def test_a_sung_tune_comes_back_note_by_note():
    sound = sing(8.0, note_s=0.8)
    true = np.tile((60, 62, 64, 65, 67, 65, 64, 62), 2)[:10]
    coarse = 440 * 2 ** ((true[(np.arange(251) * 0.032 / 0.8).astype(int) % 10] - 69) / 12)
    guide = PitchTrack(0.032, coarse.astype(np.float32), np.full(251, 0.9, dtype=np.float32))
    pitch = fine_pitch(sound, rate=RATE, guide=guide, voiced=np.ones(251, dtype=bool))
    found = segment_notes(pitch, level_db=syllable_level(sound, rate=RATE))
    assert [round(each.midi) for each in found] == true.tolist()
    late = [each.start - 0.8 * number for number, each in enumerate(found)]
    assert np.abs(late).max() < 0.05


def test_the_bundled_singer_sings_the_notes_of_his_song(crepe):
    """16 s of the bundled vocal against the notes that it was sung from: of the notes found and
    the notes written, how many begin within 0.1 s of each other."""
    from asa_desktop.core.audio import mono_16k
    from asa_desktop.core.features.spec import FeatureSpec
    from asa_desktop.core.features.track import track_features
    from asa_desktop.core.songs import load_song
    from asa_desktop.services.paths import resources

    song = load_song(resources() / "demo" / "pjs-medley")
    assert song.vocal is not None
    assert song.melody is not None
    sound = mono_16k(song.vocal)[: 16 * RATE]
    take = track_features(sound, FeatureSpec(), crepe.activation)
    pitch = fine_pitch(sound, rate=RATE, guide=take.pitch, voiced=take.voicing.frames)
    found = segment_notes(pitch, level_db=syllable_level(sound, rate=RATE))
    starts = np.array([each.start for each in found])
    written = np.array([n.start + song.offset_s for n in song.melody.notes])
    written = written[written < 15.8]
    near = np.abs(starts[:, None] - written)
    precision, recall = (near.min(axis=axis) <= 0.1 for axis in (1, 0))
    assert np.mean(precision) > 0.8
    assert np.mean(recall) > 0.8
    assert 0.8 < len(starts) / len(written) < 1.25
