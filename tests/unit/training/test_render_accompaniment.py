"""An accompaniment made from sung notes has their beat, key and tuning."""

from __future__ import annotations

import numpy as np
import pytest
from asa_training.render.accompaniment import accompany, read_setting
from asa_training.segment import SungNote

RATE = 16_000
SCALE = (0, 2, 4, 5, 7, 9, 11)


def tune(*, tonic: int = 2, tuning: float = 0.0, beat_s: float = 0.6) -> tuple[SungNote, ...]:
    """A melody in a major key over two octaves of A: one note a beat, ending on the tonic."""
    degrees = (0, 2, 4, 2, 3, 1, 4, 4, 5, 4, 3, 2, 1, 4, 6, 0)
    notes = []
    for n, degree in enumerate(degrees):
        midi = 60 + tonic + SCALE[degree]
        start = 0.25 + n * beat_s
        notes.append(SungNote(start, start + 0.8 * beat_s, (midi - 33) * 100.0 + tuning))
    return tuple(notes)


@pytest.mark.parametrize("tonic", range(0, 12, 3))
@pytest.mark.parametrize("tuning", [-35.0, 0.0, 28.0])
def test_key_tuning_and_beat_are_read_off_the_notes(tonic: int, tuning: float) -> None:
    found = read_setting(tune(tonic=tonic, tuning=tuning))
    assert found.tonic == tonic
    assert found.tuning_cents == pytest.approx(tuning, abs=0.5)
    # the onsets fall on half beats
    places = np.array([one.start for one in tune()]) - found.first_s
    off = places / (found.beat_s / 2)
    assert np.max(np.abs(off - np.round(off))) < 0.15


def test_it_sounds_in_the_singer_s_tuning() -> None:
    sound = accompany(tune(tuning=30.0), 11.0)
    assert sound.shape == (11 * RATE,)
    assert np.sqrt(np.mean(np.square(sound))) == pytest.approx(0.1)
    power = np.abs(np.fft.rfft(sound * np.hanning(sound.size))) ** 2
    hz = np.fft.rfftfreq(sound.size, 1 / RATE)
    strong = (hz > 120) & (hz < 600)
    cents = 1200 * np.log2(hz[strong] / 440.0)
    turn = np.sum(power[strong] * np.exp(2j * np.pi * cents / 100))
    assert np.angle(turn) * 100 / (2 * np.pi) == pytest.approx(30, abs=6)


def test_the_chords_hold_the_melody() -> None:
    from asa_training.demo.harmony import harmonise
    from asa_training.demo.score import ScoreNote

    notes = tune()
    setting = read_setting(notes)
    scored = tuple(
        ScoreNote(
            (one.start - setting.first_s) / setting.beat_s,
            (one.end - one.start) / setting.beat_s,
            round(33 + one.cents / 100),
            "",
        )
        for one in notes
    )
    chords = harmonise(scored, tonic=setting.tonic, first_beat=0.0, bars=4)
    held = [
        round(33 + one.cents / 100) % 12 in chords[min(int(score.beat // 2), 7)].classes
        for one, score in zip(notes, scored, strict=True)
    ]
    assert np.mean(held) > 0.6


def test_the_same_notes_get_the_same_sound_and_none_get_silence() -> None:
    assert np.array_equal(accompany(tune(), 3.0), accompany(tune(), 3.0))
    assert not accompany((), 1.0).any()
    assert accompany((), 1.0).size == RATE
