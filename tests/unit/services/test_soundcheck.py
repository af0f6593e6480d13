"""What is told of room, voice and headphones before the first take."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from material import RATE, sing

from asa_desktop.core.errors import AsaError, Cancelled
from asa_desktop.engine.messages import Setup
from asa_desktop.engine.snapshot import Snapshot
from asa_desktop.services.recorder import Recorder
from asa_desktop.services.soundcheck import (
    LEAD_S,
    Bleed,
    Listening,
    bleed,
    check_job,
    measure_bleed,
    piece_of,
)
from tests import fake_engine, stage_engine


def heard(*levels: tuple[float, float, float], clipping: bool = False) -> Listening:
    """After (seconds, rms, peak) one after the other."""
    listening, now = Listening(), 0.0
    for seconds, rms_db, peak_db in levels:
        for _ in range(round(seconds / 0.05)):
            now += 0.05
            listening.add(now, Snapshot(rms_db=rms_db, peak_db=peak_db, clipping=clipping))
    return listening


def test_nothing_is_said_of_the_room_at_once() -> None:
    assert heard((1.0, -60, -50)).noise_db is None
    assert heard((2.0, -60, -50)).noise_db == -60


def test_noise_is_what_is_there_between_words() -> None:
    listening = heard((2.0, -61, -52), (4.0, -20, -9))
    assert listening.noise_db == -61
    assert listening.voice_db == -20


def test_a_pause_of_the_looking_is_no_time() -> None:
    listening = heard((2.0, -61, -52))
    listening.add(100.0, Snapshot(rms_db=-20, peak_db=-9))
    assert listening.noise_db == -61


@pytest.mark.parametrize(
    ("peak_db", "clipping", "state"),
    [(-9, False, "good"), (-33, False, "soft"), (-1, False, "hot"), (-9, True, "hot")],
)
def test_how_loud_a_voice_comes_in(peak_db: float, clipping: bool, state: str) -> None:
    listening = heard((2.0, -70, -62), (1.0, peak_db - 10, peak_db), clipping=clipping)
    assert listening.level == state


def test_a_quiet_room_is_no_voice_and_a_dead_microphone_no_quiet_room() -> None:
    assert heard((2.0, -70, -62)).level == "waiting"
    assert heard((2.0, -120, -120)).level == "dead"
    assert heard((1.0, -120, -120)).level == "waiting"


def test_the_piece_is_the_loudest_of_the_song(tmp_path: Path) -> None:
    song = np.concatenate([0.05 * sing(6), sing(4), 0.05 * sing(6)])
    soundfile.write(tmp_path / "song.wav", song, RATE)
    piece = piece_of(tmp_path / "song.wav", rate=RATE, gain=1.0)
    lead = round(LEAD_S * RATE)
    assert not piece[:lead].any()
    assert np.sqrt(np.mean(piece[lead:] ** 2)) > 0.5 * np.sqrt(np.mean(sing(4) ** 2))


@pytest.mark.parametrize("kind", ["none", "silent", "other rate", "no sound"])
def test_without_a_song_there_is_soft_noise(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "song.wav"
    if kind == "no sound":
        path.write_text("no sound")
    elif kind != "none":
        sound = np.zeros(5 * RATE) if kind == "silent" else sing(5)
        soundfile.write(path, sound, RATE if kind == "silent" else RATE // 2)
    piece = piece_of(None if kind == "none" else path, rate=RATE, gain=1.0)
    middle = piece[RATE : 3 * RATE]
    assert -30 < 20 * math.log10(np.sqrt(np.mean(middle**2))) < -22
    assert np.abs(piece).max() < 0.5


def room(played: np.ndarray, *, gain: float, late_s: float, noise: float, seed: int) -> np.ndarray:
    """What a microphone hears: coloured and late, in a room that hums."""
    rng = np.random.default_rng(seed)
    colour = np.array([1.0, 0.5, -0.3, 0.1])
    late = round(late_s * RATE)
    heard = np.zeros(len(played) + late)
    heard[late:] = gain * np.convolve(played, colour, "same")
    hum = 0.3 * noise * np.sin(2 * np.pi * 100 * np.arange(len(heard)) / RATE)
    return (heard + noise * rng.standard_normal(len(heard)) + hum).astype(np.float32)


@settings(max_examples=12)
@given(
    gain_db=st.floats(-24, 0),
    late_s=st.floats(0.0, 0.4),
    seed=st.integers(0, 99),
    sung=st.booleans(),
)
def test_bleed_is_measured_whatever_colours_it(
    gain_db: float, late_s: float, seed: int, sung: bool
) -> None:
    played = piece_of(None, rate=RATE, gain=1.0)
    if sung:
        played = np.concatenate([np.zeros(round(LEAD_S * RATE)), sing(3), np.zeros(RATE // 2)])
    came = room(played, gain=10 ** (gain_db / 20), late_s=late_s, noise=0.0, seed=seed)
    power = float(np.mean(came[round((LEAD_S + late_s) * RATE) :][: 3 * RATE] ** 2))
    noisy = came + room(0 * played, gain=0, late_s=late_s, noise=1e-3, seed=seed)
    found = bleed(played.astype(np.float32), noisy.astype(np.float32), RATE)
    assert found.level_db == pytest.approx(10 * math.log10(power), abs=3)
    assert found.harms() == (found.level_db > -45)


@settings(max_examples=10)
@given(seed=st.integers(0, 999), noise=st.sampled_from([1e-4, 1e-3, 1e-2]))
def test_headphones_let_nothing_through(seed: int, noise: float) -> None:
    played = piece_of(None, rate=RATE, gain=1.0)
    found = bleed(played, room(played, gain=0.0, late_s=0.1, noise=noise, seed=seed), RATE)
    assert not found.harms()
    assert found.share < 0.1


def test_somebody_who_talks_meanwhile_is_no_bleed() -> None:
    played = piece_of(None, rate=RATE, gain=1.0)
    voice = 0.3 * sing(len(played) / RATE, seed=4)[: len(played)]
    assert bleed(played, voice.astype(np.float32), RATE).level_db < -45


def test_a_recording_that_is_too_short_tells_nothing() -> None:
    played = piece_of(None, rate=RATE, gain=1.0)
    for heard in (np.zeros(0, np.float32), played[: RATE // 2]):
        assert bleed(played, heard, RATE).level_db == -math.inf


def test_bleed_far_below_the_voice_does_no_harm() -> None:
    found = Bleed(level_db=-40, noise_db=-70, share=0.9)
    assert found.harms()
    assert not found.harms(voice_db=-12)
    assert found.harms(voice_db=-20)
    assert not replace(found, noise_db=-39).harms()


@pytest.mark.parametrize(
    ("name", "harms"), [("bleeds", True), pytest.param("quiet", False, marks=pytest.mark.slow)]
)
def test_over_an_engine(tmp_path: Path, name: str, harms: bool) -> None:
    with Recorder.start(main=stage_engine.main) as recorder:
        opened = recorder.open(Setup(input=name))
        job = check_job(piece_of(None, rate=opened.rate, gain=1.0), tmp_path, rate=opened.rate)
        assert measure_bleed(recorder, job).harms() == harms
    left = {path.name for path in tmp_path.iterdir()}
    assert not left


def test_it_can_be_stopped(tmp_path: Path) -> None:
    with Recorder.start(main=stage_engine.main) as recorder:
        opened = recorder.open(Setup())
        job = check_job(piece_of(None, rate=opened.rate, gain=1.0), tmp_path, rate=opened.rate)
        with pytest.raises(Cancelled):
            measure_bleed(recorder, job, cancelled=lambda: True)
        assert recorder.open(Setup()).rate == opened.rate


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with Recorder.start(main=fake_engine.main) as recorder:
        recorder.open(Setup(input="full"))
        job = check_job(np.zeros(9 * RATE, np.float32), tmp_path, rate=RATE)
        with pytest.raises(AsaError, match="disk_full"):
            measure_bleed(recorder, job)
