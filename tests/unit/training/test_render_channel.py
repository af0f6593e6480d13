"""The recording chain: level, filters, room and noise do what they are asked for."""

from __future__ import annotations

import numpy as np
import pytest
from asa_training.render.channel import record
from asa_training.render.plan import Channel
from singing_voice import RATE, Array


def tone(hz: float, seconds: float = 2.0) -> Array:
    return 0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)


def rms_db(sound: Array) -> float:
    return float(10 * np.log10(np.mean(np.square(sound))))


def response_db(channel: Channel, hz: float, against: float) -> float:
    sound = record(tone(hz) + tone(against), channel, 0)[RATE // 2 :]
    spectrum = np.abs(np.fft.rfft(sound))
    bins = [round(f * sound.size / RATE) for f in (hz, against)]
    return float(20 * np.log10(spectrum[bins[0]] / spectrum[bins[1]]))


def test_a_plain_channel_sets_the_level_alone() -> None:
    sound = tone(440)
    out = record(sound, Channel(level_db=-20.0), 0)
    assert rms_db(out) == pytest.approx(-20.0, abs=0.1)
    assert np.corrcoef(out, sound)[0, 1] > 0.9999


def test_the_input_is_left_alone_and_a_seed_fixes_the_outcome() -> None:
    sound = tone(440)
    before = sound.copy()
    channel = Channel(reverb_s=0.3, noise_db=-30.0, filters=(("peak", 900.0, 5.0, 1.0),))
    first = record(sound, channel, 5)
    assert np.array_equal(sound, before)
    assert np.array_equal(first, record(sound, channel, 5))
    assert not np.array_equal(first, record(sound, channel, 6))


@pytest.mark.parametrize(
    ("kind", "hz", "against"),
    [("peak", 1000.0, 7000.0), ("low_shelf", 100.0, 7000.0), ("high_shelf", 7000.0, 100.0)],
)
@pytest.mark.parametrize("gain_db", [-9.0, 6.0])
def test_filters_have_their_gain(kind: str, hz: float, against: float, gain_db: float) -> None:
    channel = Channel(filters=((kind, 1000.0, gain_db, 0.9),))
    assert response_db(channel, hz, against) == pytest.approx(gain_db, abs=0.5)


def test_cuts_take_away_what_lies_beyond() -> None:
    assert response_db(Channel(low_cut_hz=130.0), 50.0, 1000.0) < -12
    assert response_db(Channel(high_cut_hz=3800.0), 7000.0, 1000.0) < -12


def test_noise_lies_as_far_under_the_voice_as_asked() -> None:
    clean = record(tone(440), Channel(level_db=-20.0), 1)
    noisy = record(tone(440), Channel(level_db=-20.0, noise_db=-25.0, noise_colour=1.0), 1)
    assert rms_db(noisy - clean) == pytest.approx(-45.0, abs=0.5)


def test_a_room_rings_on_and_dies_in_its_time() -> None:
    sound = np.concatenate([tone(440, 1.0), np.zeros(RATE)])
    out = record(sound, Channel(reverb_s=0.5, reverb_db=-10.0), 2)
    assert rms_db(out[RATE + 800 : RATE + 2400]) > rms_db(out[:RATE]) - 40
    assert rms_db(out[-RATE // 3 :]) < rms_db(out[:RATE]) - 60


def test_nothing_clips() -> None:
    out = record(tone(440), Channel(level_db=3.0), 0)
    assert np.max(np.abs(out)) == pytest.approx(0.944, abs=1e-3)
