"""All engines sing the pitch, the time and the voice that they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from asa_training.render.engines import ENGINES, engine
from asa_training.segment import cents_of, track_f0
from singing_voice import FRAME_S, RATE, Array, melody_f0, sing

from asa_desktop.core.errors import UsageError

F0 = melody_f0([(220.0, 0.45), (277.0, 0.4), (0.0, 0.15), (247.0, 0.5)], vibrato_cents=25)
CLOCK = np.arange(F0.size) * FRAME_S


@pytest.fixture(scope="module", params=ENGINES)
def prepared(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    chosen = engine(request.param)
    return chosen, chosen.prepare(sing(F0), F0)


def sung(prepared: tuple[Any, Any], f0: Array, time: Array = CLOCK, formant: float = 1.0) -> Array:
    chosen, source = prepared
    sound = chosen.render(source, f0=f0, source_time=time, formant=formant)
    assert sound.shape == (round(F0.size * FRAME_S * RATE),)
    assert np.all(np.isfinite(sound))
    return sound


def error_cents(sound: Array, wanted: Array) -> tuple[float, float]:
    found = track_f0(sound, RATE)[: wanted.size]
    both = (found > 0) & (wanted > 0)
    assert both.sum() > 0.9 * (wanted > 0).sum()
    gaps = np.abs(cents_of(found[both]) - cents_of(wanted[both]))
    return float(np.median(gaps)), float(np.percentile(gaps, 90))


@pytest.mark.parametrize("shift", [-500.0, 130.0, 900.0])
def test_the_asked_pitch_is_sung(prepared: tuple[Any, Any], shift: float) -> None:
    moving = shift + np.where(CLOCK > 0.7, -90.0, 40.0)
    wanted = F0 * 2 ** (moving / 1200)
    middle, worst = error_cents(sung(prepared, wanted), wanted)
    assert middle < 6
    assert worst < 30


def test_notes_come_when_they_are_asked_to(prepared: tuple[Any, Any]) -> None:
    # the second note 0.12 s late, everything back in place at the end
    source_time = np.interp(CLOCK, [0.0, 0.57, 0.97, 1.5], [0.0, 0.45, 0.85, 1.5])
    wanted = np.interp(source_time, CLOCK, F0) * (np.interp(source_time, CLOCK, F0 > 0) > 0.99)
    sound = sung(prepared, wanted, source_time)
    found = cents_of(track_f0(sound, RATE)[: F0.size])
    step = cents_of(np.array([247.0]))[0]  # halfway between the first two notes
    first = np.flatnonzero((found > step) & (CLOCK > 0.3))[0]
    assert CLOCK[first] == pytest.approx(0.57, abs=0.02)
    rest = sound[round(1.02 * RATE) : round(1.06 * RATE)]
    assert np.std(rest) < 0.05 * np.std(sound)


def test_the_voice_changes_and_the_pitch_does_not(prepared: tuple[Any, Any]) -> None:
    def centroid(sound: Array) -> float:
        spectrum = np.abs(np.fft.rfft(sound)) ** 2
        return float(np.sum(spectrum * np.arange(spectrum.size)) / np.sum(spectrum))

    plain = centroid(sung(prepared, F0))
    small, large = (sung(prepared, F0, formant=ratio) for ratio in (1.25, 0.8))
    assert centroid(small) > 1.12 * plain
    assert centroid(large) < 0.9 * plain
    assert error_cents(small, F0)[0] < 6


def test_loudness_stays(prepared: tuple[Any, Any]) -> None:
    before = np.std(sing(F0))
    for shift in (-700, 0, 700):
        after = np.std(sung(prepared, F0 * 2 ** (shift / 1200)))
        assert abs(20 * np.log10(after / before)) < 4


def test_the_same_request_gives_the_same_samples(prepared: tuple[Any, Any]) -> None:
    assert np.array_equal(sung(prepared, F0 * 1.1), sung(prepared, F0 * 1.1))


def test_silence_stays_silent(prepared: tuple[Any, Any]) -> None:
    chosen = prepared[0]
    none = np.zeros(100)
    source = chosen.prepare(np.zeros(8000), none)
    sound = chosen.render(source, f0=none, source_time=np.arange(100) * FRAME_S, formant=1.1)
    assert np.max(np.abs(sound)) < 1e-3


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown_engine"):
        engine("vocaloid")
