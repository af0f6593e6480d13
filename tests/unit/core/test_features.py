"""The five channels against their definitions."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from material import TUNE, sing
from tracks import SPEC, track

from asa_desktop.core.features import channels
from asa_desktop.core.features.track import TrackFeatures, track_features

C6 = 1046.502
FIFTHS = ["C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#", "F"]
SCALE = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


def sine(hz: float, seconds: float = 1.0) -> np.ndarray:
    t = np.arange(round(seconds * SPEC.rate)) / SPEC.rate
    return (0.3 * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def middle(rows: np.ndarray) -> np.ndarray:
    return rows[:, 8:-8].mean(axis=1)


# Spec


@settings(max_examples=8)
@given(frame=st.integers(0, 70), db=st.floats(-40, 40))
def test_a_clip_reads_the_same_alone_and_within_its_take(sound, frame, db):
    samples = sound("nit_029")[: 2 * 48_000]
    start = frame * SPEC.hop
    clip = samples[start : start + 48_000]
    loud = samples * np.float32(10 ** (db / 20))
    loud[start : start + 48_000] = clip
    within = channels.log_mel(loud, SPEC)[:, start // SPEC.hop :]
    alone = channels.log_mel(clip, SPEC)
    inner = slice(2, len(clip) // SPEC.hop - 2)  # 2048 samples reach two frames over the edge
    np.testing.assert_allclose(within[:, inner], alone[:, inner], atol=1e-3)


def test_mel_stays_in_its_fixed_range():
    assert channels.log_mel(np.zeros(16_000, np.float32), SPEC).max() == SPEC.mel_floor_db
    assert channels.log_mel(sine(440) * 1000, SPEC).max() == SPEC.mel_ceiling_db


def test_mel_is_ten_times_the_logarithm_of_power():
    quiet, loud = (channels.log_mel(sine(440) * gain, SPEC) for gain in (0.1, 1.0))
    row = middle(loud).argmax()
    assert middle(loud)[row] - middle(quiet)[row] == pytest.approx(20, abs=0.01)


# Chroma and TChroma


@pytest.mark.parametrize("semitone", range(12))
def test_chroma_has_eight_rows_a_semitone_from_c(semitone):
    rows = channels.chroma(sine(C6 * 2 ** (semitone / 12)), SPEC)
    assert middle(rows).argmax() == 8 * semitone


@settings(max_examples=15)
@given(cents=st.floats(-600, 600))
def test_chroma_keeps_the_intonation(cents):
    rows = channels.chroma(sine(C6 * 2 ** (cents / 1200)), SPEC)
    away = (middle(rows).argmax() - cents / 12.5 + 48) % 96 - 48
    assert abs(away) <= 1


def test_a_quarter_of_a_semitone_is_two_rows():
    assert middle(channels.chroma(sine(C6 * 2 ** (25 / 1200)), SPEC)).argmax() == 2


def test_the_tuning_of_a_clip_is_not_tuned_away():
    """librosa's default would estimate it and move both tones onto the middle of a row."""

    def centre(cents: float) -> float:
        rows = middle(channels.chroma(sine(2 * C6 * 2 ** (cents / 1200)), SPEC))
        around = np.arange(-6, 7)
        return 12.5 * float((rows[around] * around).sum() / rows[around].sum())

    assert centre(5) - centre(-5) == pytest.approx(10, abs=3)


def test_the_circle_of_fifths_orders_the_pitch_classes():
    for block, name in enumerate(FIFTHS):
        rows = np.zeros((96, 1), np.float32)
        rows[8 * SCALE.index(name)] = 1
        assert channels.by_fifths(rows).argmax() == 8 * block + 4, name


@given(hnp.arrays(np.float32, (96, 3), elements=st.floats(0, 1, width=32)))
def test_tchroma_is_the_definition(rows):
    order = [0, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10, 5]
    wanted = np.roll(rows, 4, axis=0).reshape(12, 8, 3)[order].reshape(96, 3)
    np.testing.assert_array_equal(channels.by_fifths(rows), wanted)


# Tempo


def tempogram_by_the_book(samples: np.ndarray) -> np.ndarray:
    """Grosche, Mueller and Kurth's cyclic tempogram out of librosa's own tempogram."""
    power = librosa.feature.melspectrogram(
        y=samples, sr=SPEC.rate, n_fft=2048, hop_length=128, n_mels=96
    )
    level = np.clip(librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None), -60, 40)
    onsets = librosa.onset.onset_strength(S=level, sr=SPEC.rate, hop_length=128, n_fft=2048)
    lags = librosa.feature.tempogram(
        onset_envelope=onsets, sr=SPEC.rate, hop_length=128, win_length=384
    )[:, ::4]
    rows = np.zeros((96, lags.shape[1]))
    for k in range(384):
        lag = 60 * SPEC.rate / (128 * 30 * 2 ** (k / 96))
        rows[k % 96] += [np.interp(lag, np.arange(384), column) / 4 for column in lags.T]
    return rows


def test_the_tempogram_equals_its_definition(sound):
    samples = sound("vocadito_1")[:64_000]
    found = channels.cyclic_tempogram(samples, SPEC)
    np.testing.assert_allclose(found, tempogram_by_the_book(samples), atol=2e-5)


@pytest.mark.parametrize("bpm", [64, 90, 100, 150])
def test_a_click_track_shows_its_tempo(bpm):
    samples = np.zeros(8 * SPEC.rate, np.float32)
    for beat in np.arange(0.1, 7.9, 60 / bpm):
        samples[round(beat * SPEC.rate) :][:200] = 0.5 * np.hanning(200)
    rows = channels.cyclic_tempogram(samples, SPEC)[:, 60:-60].mean(axis=1)
    away = (rows.argmax() - 96 * np.log2(bpm / 30) + 48) % 96 - 48
    assert abs(away) <= 1.5


def test_the_tempo_of_a_clip_is_that_of_its_surroundings(sound):
    samples = sound("pjs001")
    whole = channels.cyclic_tempogram(samples, SPEC)
    louder = channels.cyclic_tempogram(samples * np.float32(0.25), SPEC)
    np.testing.assert_allclose(whole[:, 100:160], louder[:, 100:160], atol=0.02)


# F0


def test_a_row_averages_three_bins_and_three_quarters():
    bands = channels.pitch_bands(96, 0.0) * 3.75
    np.testing.assert_allclose(bands[0, :5], [1, 1, 1, 0.75, 0], atol=1e-6)
    np.testing.assert_allclose(bands[1, 2:9], [0, 0.25, 1, 1, 1, 0.5, 0], atol=1e-6)
    np.testing.assert_allclose(bands[2, 7:12], [0.5, 1, 1, 1, 0.25], atol=1e-6)
    np.testing.assert_allclose(bands[95, 355:], [0, 0.75, 1, 1, 1][-5:], atol=1e-6)
    np.testing.assert_allclose(bands.sum(axis=1), 3.75, rtol=1e-6)
    np.testing.assert_allclose(bands.sum(axis=0), 1, rtol=1e-6)


@given(bins=st.integers(-120, 120), seed=st.integers(0, 99))
def test_moving_by_whole_bins_is_moving_the_activation(bins, seed):
    activation = np.random.default_rng(seed).random((360, 4)).astype(np.float32)
    moved = np.zeros_like(activation)
    moved[max(-bins, 0) : 360 - max(bins, 0)] = activation[max(bins, 0) : 360 - max(-bins, 0)]
    np.testing.assert_allclose(
        channels.f0_rows(activation, SPEC, cents=20 * bins),
        channels.f0_rows(moved, SPEC, cents=0),
        atol=1e-5,
    )


@given(cents=st.floats(-1200, 1200), bin_=st.integers(90, 270))
def test_a_peak_moves_down_by_the_cents(cents, bin_):
    activation = np.zeros((360, 1), np.float32)
    activation[bin_] = 1
    rows = channels.f0_rows(activation, SPEC, cents=cents)[:, 0]
    centre = (rows * (np.arange(96) + 0.5)).sum() / rows.sum() * 75
    assert centre == pytest.approx((bin_ + 0.5) * 20 - cents, abs=38)
    assert rows.sum() == pytest.approx(1 / 3.75, rel=1e-3)


# The image of a clip


@given(
    cents=st.floats(-1500, 1500),
    start=st.integers(0, 26),
    octaves=st.integers(-1, 1),
)
def test_the_key_is_removed_from_the_pitch_channels_alone(cents, start, octaves):
    made = track(np.full(120, 220.0))
    image = made.image(start, cents=cents)
    plain = made.image(start)
    assert image.shape == (5, 96, 94)
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image[[0, 4]], plain[[0, 4]])
    np.testing.assert_array_equal(image[1], np.roll(plain[1], -round(cents / 12.5), axis=0))
    np.testing.assert_array_equal(image[2], channels.by_fifths(image[1]))
    # An octave is sixteen rows of F0 and nothing at all for the chroma.
    further = made.image(start, cents=cents + 1200 * octaves)
    np.testing.assert_array_equal(further[1], image[1])
    inner, rows = slice(40, 56), 16 * octaves
    np.testing.assert_allclose(
        further[3][inner], image[3][inner.start + rows : inner.stop + rows], atol=6e-3
    )


@pytest.mark.parametrize("semitones", [-5, 3, 12])
def test_a_transposed_voice_looks_the_same_once_its_key_is_removed(crepe, semitones):
    plain, moved = (
        track_features(sing(3.2, tune=[note + shift for note in TUNE]), SPEC, crepe.activation)
        for shift in (0, semitones)
    )
    away = [
        _correlation(moved.image(0, cents=cents)[3], plain.image(0)[3])
        for cents in (100.0 * semitones, 100.0 * semitones + 150, 0.0)
    ]
    assert away[0] > 0.88
    assert away[0] > max(away[1:]) + 0.3


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


# The track


@pytest.mark.filterwarnings("ignore:n_fft=")
@settings(max_examples=20)
@given(count=st.integers(1, 40_000))
def test_all_channels_have_the_same_frames(count):
    samples = np.random.default_rng(0).normal(0, 0.1, count).astype(np.float32)
    asked = []

    def activation(sound: np.ndarray, hop: int, wanted: np.ndarray) -> np.ndarray:
        asked.append(wanted)
        return np.full((360, len(wanted)), 0.25, np.float32) * wanted

    made = track_features(samples, SPEC, activation)
    frames = 1 + count // 512
    shapes = {made.mel.shape, made.chroma.shape, made.tempo.shape}
    assert shapes == {(96, frames)}
    assert made.activation.shape == (360, frames)
    assert made.pitch.hz.shape == made.voicing.frames.shape == (frames,)
    # The pitch network is asked for every voiced frame once, and for no other.
    np.testing.assert_array_equal(np.sum([*asked, np.zeros(frames)], axis=0), made.voicing.frames)


def test_a_clip_is_94_frames_of_32_ms():
    assert SPEC.clip_frames == 94
    assert SPEC.clip_s == pytest.approx(3.008)
    assert 1 + 48_000 // SPEC.hop == 94


def test_kept_features_come_back(features_of):
    made = features_of("pjs001")
    back = TrackFeatures.from_arrays(made.to_arrays(), SPEC)
    np.testing.assert_array_equal(back.activation, made.activation)
    np.testing.assert_array_equal(back.pitch.hz, made.pitch.hz)
    np.testing.assert_array_equal(back.voicing.frames, made.voicing.frames)
    assert (back.voicing.gain, back.voicing.level_db) == (made.voicing.gain, made.voicing.level_db)
    np.testing.assert_allclose(back.mel, made.mel, atol=0.02)
    np.testing.assert_allclose(back.image(94), made.image(94), atol=0.02)


@pytest.mark.parametrize("name", ["mel", "chroma", "tempo", "activation", "hz", "voiced", "level"])
def test_kept_features_of_another_shape_are_refused(name):
    arrays = track(np.full(100, 220.0)).to_arrays()
    arrays[name] = arrays[name][..., :-1]
    with pytest.raises((ValueError, KeyError)):
        TrackFeatures.from_arrays(arrays, SPEC)
    arrays.pop(name)
    with pytest.raises(KeyError):
        TrackFeatures.from_arrays(arrays, SPEC)


def test_progress_rises_and_what_it_raises_stops_the_work():
    told: list[float] = []
    silence = np.zeros(16_000, np.float32)
    never = pytest.fail
    track_features(silence, SPEC, lambda *_: never("asked"), progress=told.append)
    assert told == sorted(told)
    assert 0 <= told[0] < told[-1] <= 1

    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        track_features(silence, SPEC, lambda *_: never("asked"), progress=stop)
