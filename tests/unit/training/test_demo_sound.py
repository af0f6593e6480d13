"""Instruments, arrangement and master: pitch, grid, level."""

from __future__ import annotations

from pathlib import Path

import demo_corpus
import numpy as np
import pytest
from asa_training.demo import drums, synth
from asa_training.demo.arrange import DRUMS, HUMAN_S, Strike, arrange
from asa_training.demo.mixing import DESK, mastered, render
from asa_training.demo.score import read_piece
from asa_training.demo.synth import RATE
from asa_training.demo.timeline import Timeline, lay_out
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    corpus = demo_corpus.write_corpus(Path(tmp_path_factory.mktemp("demo")) / "corpus")
    plan = demo_corpus.PLAN
    return lay_out(plan, {s.song: read_piece(corpus / s.song) for s in plan.sections})


@pytest.mark.parametrize("part", ["piano", "bass", "pad", "pluck"])
@pytest.mark.parametrize("midi", [40, 57, 74])
def test_an_instrument_sounds_the_note_it_is_given(part: str, midi: int) -> None:
    sound = getattr(synth, part)(midi, 1.0, 0.7)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() < 2.0
    assert abs(sound[-1]) < 0.01, "ends in a click"
    # All its partials are multiples of f, so the sound repeats after 1/f.
    f = synth.frequency(midi)
    steady = sound[int(0.3 * RATE) : int(0.9 * RATE)]
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady)), 1 << 18))
    hz = np.fft.rfftfreq(1 << 18, 1 / RATE)
    near = (hz > f * 0.94) & (hz < f * 1.06)
    peak = hz[near][spectrum[near].argmax()]
    assert 1200 * abs(np.log2(peak / f)) < 8
    harmonic = np.abs(hz / f - np.round(hz / f)) < 0.06
    assert (spectrum[harmonic] ** 2).sum() > 0.97 * (spectrum**2).sum()


@pytest.mark.parametrize("part", DRUMS)
def test_a_drum_strikes_at_once_and_dies_away(part: str) -> None:
    hit = getattr(drums, part)(1, 0.8)
    assert np.abs(hit).max() == pytest.approx(0.8)
    assert np.flatnonzero(np.abs(hit) > 0.2)[0] < 0.005 * RATE
    assert np.abs(hit[-20:]).max() < 0.05
    assert np.array_equal(hit, getattr(drums, part).__wrapped__(1, 0.8))


def test_drums_stay_on_the_grid_and_the_rest_near_it(timeline: Timeline) -> None:
    strikes = arrange(timeline, seed=1)
    assert {strike.part for strike in strikes} <= set(DESK)
    for strike in strikes:
        if strike.part in DRUMS:
            assert strike.nudge_s == 0.0
            assert (strike.beat * 12) == pytest.approx(round(strike.beat * 12), abs=1e-6)
        else:
            assert abs(strike.nudge_s) <= HUMAN_S
        assert 0 <= strike.beat < timeline.beats
    assert strikes == arrange(timeline, seed=1)
    assert strikes != arrange(timeline, seed=2)


def test_four_clicks_count_the_singer_in(timeline: Timeline) -> None:
    clicks = [s.beat for s in arrange(timeline, seed=1) if s.part == "stick"]
    assert clicks == [4.0, 5.0, 6.0, 7.0]
    assert timeline.sections[0].beat == 8.0


def test_pitched_parts_play_the_chord_of_the_moment(timeline: Timeline) -> None:
    for strike in arrange(timeline, seed=1):
        if strike.part not in DRUMS:
            chord = timeline.chord_at(strike.beat + 1e-6)
            assert strike.midi % 12 in chord.classes, strike


def test_nobody_doubles_the_melody(timeline: Timeline) -> None:
    """No part but the held chords strikes the melody's notes in its octave, note by note."""
    strikes = arrange(timeline, seed=1)
    for part in ("piano", "pluck", "bass"):
        struck = {(round(s.beat * 12), s.midi) for s in strikes if s.part == part}
        doubled = [
            (round(n.start / timeline.beat_s * 12), round(n.midi)) in struck
            for n in timeline.melody
        ]
        assert np.mean(doubled) < 0.5


def test_a_hit_is_rendered_where_it_stands() -> None:
    strikes = [Strike("kick", 2.0, 0.25, 0, 1.0), Strike("stick", 5.0, 0.25, 0, 1.0)]
    stereo = render(strikes, bpm=120.0, beats=8.0, seed=1)
    loud = np.flatnonzero(np.abs(stereo).max(axis=0) > 0.01)
    assert abs(loud[0] / RATE - 1.0) < 0.003
    between = loud[loud > 2.2 * RATE]
    assert abs(between[0] / RATE - 2.5) < 0.003
    assert np.abs(stereo[:, -1]).max() < 1e-6


@given(st.integers(0, 1000), st.floats(-30, -12), st.floats(-9, -1))
@settings(max_examples=30, deadline=None)
def test_the_master_never_passes_its_ceiling(seed: int, rms_db: float, peak_db: float) -> None:
    noise = np.random.default_rng(seed).standard_normal((2, 4_000)) ** 3
    out = mastered(noise, rms_db=rms_db, peak_db=peak_db)
    assert np.abs(out).max() <= 10 ** (peak_db / 20)
    assert np.sqrt(np.mean(out**2)) <= 10 ** (rms_db / 20) * 1.001
    assert (np.sign(out) == np.sign(noise)).all()


def test_the_master_leaves_quiet_sound_alone() -> None:
    tone = np.sin(np.arange(4_410) * 0.1)[None, :].repeat(2, axis=0)
    out = mastered(tone, rms_db=-30.0, peak_db=-6.0)
    assert np.sqrt(np.mean(out**2)) == pytest.approx(10 ** (-30 / 20))
    assert np.corrcoef(out[0], tone[0])[0, 1] == pytest.approx(1.0)
