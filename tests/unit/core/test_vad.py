"""Level and voice activity: what gain, silence and gaps do to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from material import sing
from tracks import SPEC

from asa_desktop.core import vad

RATE = SPEC.rate


@settings(max_examples=15)
@given(db=st.floats(-30, 10))
def test_gain_changes_nothing_but_the_level(sound, db):
    samples = sound("nit_029")
    as_is = vad.find_voice(samples, SPEC)
    factor = 10 ** (db / 20)
    changed = vad.find_voice((samples * factor).astype(np.float32), SPEC)
    assert changed.level_db == pytest.approx(as_is.level_db + db, abs=0.01)
    # A detector fed with 16-bit numbers may flip where rounding flips one of them.
    assert np.mean(changed.frames != as_is.frames) < 0.02
    assert changed.gain * factor == pytest.approx(as_is.gain, rel=0.02)


def test_the_voiced_part_is_brought_to_one_loudness(sound):
    samples = sound("vocadito_1")
    found = vad.find_voice(samples, SPEC)
    length = RATE * SPEC.vad_frame_ms // 1000
    centres = np.arange(len(samples) // length * length) // SPEC.hop
    voiced = samples[: len(centres)][found.frames[centres]] * found.gain
    rms_db = 20 * np.log10(np.sqrt(np.mean(voiced.astype(np.float64) ** 2)))
    # By frames of 32 ms here, by blocks of 30 ms there.
    assert rms_db == pytest.approx(SPEC.loudness_db, abs=0.5)


@pytest.mark.parametrize("stem", ["nit_029", "pjs001", "vocadito_1"])
def test_singing_is_voiced(features_of, stem):
    made = features_of(stem)
    assert not made.voicing.silent
    assert made.voicing.frames[made.pitch.hz > 0].all()
    assert np.mean(made.voicing.frames) > 0.7


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(5 * RATE),
        np.zeros(0),
        np.zeros(100),
        1e-4 * np.random.default_rng(0).standard_normal(RATE),
    ],
    ids=["digital", "none at all", "three blocks short", "hiss at -80 dBFS"],
)
def test_silence_is_silent(samples):
    found = vad.find_voice(samples.astype(np.float32), SPEC)
    assert found.silent
    assert not found.frames.any()
    assert found.frames.shape == (1 + len(samples) // SPEC.hop,)
    assert found.gain == 1.0


@pytest.mark.parametrize(("gap_s", "bridged"), [(0.25, True), (0.9, False)])
def test_only_short_gaps_are_bridged(gap_s, bridged):
    samples = sing(4.0, tune=[60], note_s=4.0)
    hole = slice(2 * RATE, round((2 + gap_s) * RATE))
    samples[hole] = 0
    frames = vad.find_voice(samples, SPEC).frames
    inside = frames[hole.start // SPEC.hop + 1 : hole.stop // SPEC.hop]
    assert inside.all() == bridged


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 12))
def test_a_gap_is_closed_where_it_is_shorter_than_the_limit(blocks, gap):
    text = "".join("x" if block else "." for block in blocks)
    inner = text.strip(".")
    lead = len(text) - len(text.lstrip("."))
    closed = "".join(
        "x" * len(run) if run[0] == "." and len(run) < gap else run for run in _runs(inner)
    )
    wanted = "." * lead + closed + "." * (len(text) - lead - len(inner) if inner else 0)
    if not inner:
        wanted = text
    found = vad._bridge(np.array(blocks, dtype=bool), gap)
    assert "".join("x" if block else "." for block in found) == wanted


def _runs(text: str) -> list[str]:
    runs: list[str] = []
    for sign in text:
        if runs and runs[-1][0] == sign:
            runs[-1] += sign
        else:
            runs.append(sign)
    return runs
