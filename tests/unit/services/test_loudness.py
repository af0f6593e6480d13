"""Two voices of unlike level, made equally loud."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.services.loudness import TARGET_DB, gain_for, playing_gain
from asa_desktop.services.paths import resources

RATE = 16_000
VOICE = resources() / "demo" / "pjs-medley" / "vocal.flac"


def level_db(sound: np.ndarray) -> float:
    """Of the loud half of the 0.4 s blocks."""
    blocks = sound[: len(sound) // 6400 * 6400].reshape(-1, 6400)
    power = np.sort(np.mean(blocks**2, axis=1))
    return float(10 * np.log10(np.mean(power[len(power) // 2 :])))


def test_real_singing_at_three_levels_is_played_equally_loud(tmp_path: Path) -> None:
    voice, rate = soundfile.read(VOICE, dtype="float32", frames=20 * 44_100)
    quiet_pause = np.concatenate((voice, np.zeros(10 * rate, np.float32), voice))
    found = []
    for number, sound in enumerate((0.1 * voice, 0.5 * voice, 0.3 * quiet_pause)):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, sound, rate, subtype="FLOAT")
        played = playing_gain(path) * sound[: len(voice)]
        assert np.abs(played).max() < 1
        found.append(level_db(played))
    assert max(found) - min(found) < 0.5
    assert found[0] == pytest.approx(TARGET_DB, abs=3)


def test_silence_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "silent.wav"
    soundfile.write(path, np.zeros(RATE), RATE)
    assert playing_gain(path) == 1.0
    soundfile.write(path, np.zeros(0), RATE)
    assert playing_gain(path) == 1.0


@given(
    st.lists(st.floats(0, 1, width=32), max_size=20),
    st.floats(0, 1),
)
def test_never_above_full_scale(powers: list[float], peak: float) -> None:
    gain = gain_for(np.array(powers, np.float32), peak)
    assert gain > 0
    assert gain * peak < 1 or gain == 1.0


def test_what_is_no_number_makes_no_noise(tmp_path: Path) -> None:
    sound = 0.1 * np.sin(np.arange(2 * RATE) * 0.1).astype(np.float32)
    clean, broken = tmp_path / "clean.wav", tmp_path / "broken.wav"
    soundfile.write(clean, sound, RATE, subtype="FLOAT")
    sound[100] = np.nan
    soundfile.write(broken, sound, RATE, subtype="FLOAT")
    assert playing_gain(broken) == pytest.approx(playing_gain(clean), rel=1e-3)
