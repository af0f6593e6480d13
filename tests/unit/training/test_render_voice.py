"""Tone and loudness, whoever sang; and which attribute a defect belongs to."""

from __future__ import annotations

import numpy as np
import pytest
from asa_training.render.attributes_of_defects import (
    ATTRIBUTES,
    DEFECTS_OF,
    attribute_severity,
    total_severity,
)
from asa_training.render.plan import DEFECTS
from asa_training.render.voice import with_loudness, with_tone
from singing_voice import FRAME_S, RATE, Array, melody_f0, sing

F0 = melody_f0([(220.0, 0.8), (277.0, 0.8)], vibrato_cents=20)
# The made voice falls so fast that there is nothing under which to breathe: bring up the highs.
VOICE = np.diff(sing(F0), prepend=0.0)


def toned(strength: float) -> Array:
    return with_tone(VOICE, tone=np.full(F0.size, strength), f0=F0, seed=1)


def fall_db(sound: Array) -> float:
    power = np.abs(np.fft.rfft(sound)) ** 2
    hz = np.fft.rfftfreq(sound.size, 1 / RATE)
    low, high = ((hz > 150) & (hz < 900)), ((hz > 1500) & (hz < 5000))
    return float(10 * np.log10(power[low].sum() / power[high].sum()))


def noise_share(sound: Array) -> float:
    """How much of the sound from 2.5 to 6 kHz lies outside the harmonics, by a steady stretch."""
    f0 = melody_f0([(220.0, 1.6)])
    steady = with_tone(np.diff(sing(f0), prepend=0.0), tone=np.full(f0.size, sound), f0=f0, seed=1)[
        4000:-4000
    ]
    power = np.abs(np.fft.rfft(steady * np.hanning(steady.size))) ** 2
    hz = np.fft.rfftfreq(steady.size, 1 / RATE)
    reach = (hz > 2500) & (hz < 6000)
    away = np.abs(hz / 220.0 - np.round(hz / 220.0)) > 0.2
    return float(power[reach & away].sum() / power[reach].sum())


def test_breathy_falls_more_and_pressed_less() -> None:
    falls = [fall_db(toned(strength)) for strength in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    assert np.all(np.diff(falls) > 0.3)


def test_breath_is_noise_and_grows() -> None:
    shares = [noise_share(strength) for strength in (0.0, 0.3, 0.6, 1.0)]
    assert np.all(np.diff(shares) > 0)
    assert shares[-1] > 0.25


def test_tone_leaves_loudness_and_length() -> None:
    for strength in (-0.9, 0.9):
        out = toned(strength)
        assert out.shape == VOICE.shape
        assert abs(20 * np.log10(np.std(out) / np.std(VOICE))) < 1.0


def test_no_tone_is_the_same_sound_and_a_seed_the_same_breath() -> None:
    assert np.array_equal(toned(0.0), VOICE)
    assert np.array_equal(toned(0.7), toned(0.7))


def test_digital_silence_can_be_breathed_on() -> None:
    sound = np.concatenate([VOICE, np.zeros(8000)])
    f0 = np.concatenate([F0, np.full(100, 220.0)])
    assert np.all(np.isfinite(with_tone(sound, tone=np.ones(f0.size), f0=f0, seed=0)))


def test_gain_and_silence_are_applied_where_they_are() -> None:
    frames = 200
    gain = np.where(np.arange(frames) < 100, 6.0, 0.0)
    gone = np.where(np.arange(frames) >= 150, 1.0, 0.0)
    out = with_loudness(np.ones(round(frames * FRAME_S * RATE)), gain_db=gain, silence=gone)
    assert out[1000] == pytest.approx(10 ** (6 / 20))
    assert out[round(0.6 * RATE)] == pytest.approx(1.0)
    assert out[-1000] == 0.0


def test_every_defect_belongs_to_one_attribute() -> None:
    listed = [name for names in DEFECTS_OF.values() for name in names]
    assert sorted(listed) == sorted(DEFECTS)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_spoils_its_own_attribute(name: str) -> None:
    found = dict.fromkeys(DEFECTS, 0.0) | {name: 0.6}
    parts = attribute_severity(found)
    assert [each for each in ATTRIBUTES if parts[each] > 0] == [
        each for each, names in DEFECTS_OF.items() if name in names
    ]
    assert max(parts.values()) == pytest.approx(0.6)
    assert total_severity(found) == pytest.approx(0.6 / np.sqrt(6))


def test_defects_of_one_attribute_add_up() -> None:
    found = dict.fromkeys(DEFECTS, 0.0) | {"unsteady": 0.3, "scoops": 0.4}
    assert attribute_severity(found)["steadiness"] == pytest.approx(0.5)
    assert total_severity(dict.fromkeys(DEFECTS, 0.0)) == 0.0
