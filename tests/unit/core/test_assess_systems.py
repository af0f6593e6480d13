"""All transparent systems behind one interface."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from missung import mistuned, sung
from tracks import pitch_of, track

from asa_desktop.core.assess import dtw, from_warping, histogram
from asa_desktop.core.assess.evidence import Evidence, evidence_of
from asa_desktop.core.assess.measured import Better, Measured
from asa_desktop.core.assess.systems import SYSTEMS, run_systems
from asa_desktop.core.errors import UsageError
from asa_desktop.core.types import Melody, Note, NoteKind

HISTOGRAM = (
    "kurtosis", "skewness", "peakBW", "peakConc50", "peakConc110", "kMeans", "binning", "autocorr",
)  # fmt: skip
WARPING = ("dtw_pitch", "dtw_volume", "dtw_rhythm")
GAMES = ("usdx", "vocaluxe", "usplay", "performous")
TUNE = (60, 62, 64, 65, 67, 64, 60, 59)
NOTE_S = 12 * 0.032


def curve(*, shift: float = 0.0, numbers=TUNE) -> np.ndarray:
    return np.repeat(440 * 2 ** ((np.asarray(numbers, float) - 69 + shift) / 12), 12)


def song(kind: NoteKind = NoteKind.NORMAL, *, starts: float = 0.0) -> Melody:
    notes = tuple(
        Note(starts + at * NOTE_S, starts + (at + 1) * NOTE_S, number, kind=kind, line=at // 4)
        for at, number in enumerate(TUNE)
    )
    return Melody(notes=notes, beat_s=NOTE_S / 4)


def loud(frames: int = 96) -> np.ndarray:
    return np.tile([-20.0, -20, -26, -60], frames // 4).astype(np.float32)


def beats(frames: int = 96) -> np.ndarray:
    strength = np.full(frames, 0.1, np.float32)
    strength[::12] = 3.0
    return strength


def everything(**changed) -> Evidence:
    whole = Evidence(
        pitch=pitch_of(curve()),
        level_db=loud(),
        onsets=beats(),
        reference_pitch=pitch_of(curve()),
        reference_level_db=loud(),
        reference_onsets=beats(),
        melody=song(),
        aligned=True,
    )
    return replace(whole, **changed)


def test_they_stand_in_the_papers_order():
    assert tuple(SYSTEMS) == HISTOGRAM + WARPING + GAMES
    for name, system in SYSTEMS.items():
        assert system.name == name
        assert system.better in get_args(Better)
        assert system.needs <= set(Evidence.__slots__)
    with pytest.raises(TypeError):
        SYSTEMS["mine"] = SYSTEMS["usdx"]  # type: ignore[index]


def test_a_perfect_take_has_the_best_there_is():
    found = run_systems(everything())
    assert list(found) == list(SYSTEMS)
    for name in ("peakConc50", "peakConc110", "kMeans", "binning", *GAMES):
        assert found[name].score == pytest.approx(100, abs=4), name
    assert found["dtw_pitch"].value == pytest.approx(0, abs=1e-4)
    assert found["dtw_volume"].value == 0
    for name in WARPING[:2]:
        assert found[name].score == pytest.approx(100, abs=0.1)
    assert all(each.reason is None and each.unit == SYSTEMS[n].unit for n, each in found.items())


def test_values_are_those_of_the_measures():
    take = pitch_of(curve(numbers=np.array(TUNE) + np.linspace(0, 0.5, 8)))
    found = run_systems(everything(pitch=take))
    cents = histogram.folded_cents(take)
    assert found["binning"].value == histogram.binning(cents)
    assert found["peakBW"].value == histogram.peak_bandwidth(histogram.histogram(cents))
    assert found["binning"].score == pytest.approx(
        100 * (1 - histogram.binning(cents) / (100**2 / 12))
    )
    assert found["dtw_pitch"].value == dtw.pitch_distance(take, [pitch_of(curve())])
    assert set(found["usdx"].detail) == {"easy", "medium", "hard"}
    assert found["usdx"].value == found["usdx"].detail["medium"]
    assert set(found["performous"].detail) == {"normal", "hard", "perfect"}
    assert found["performous"].score == pytest.approx(found["performous"].detail["normal"] / 100)


def test_distances_decay_from_good_to_poor():
    # k2 = ln(.5) / (.5 - .3): the score is halved with every 0.2.
    decay = from_warping.Decay(good=0.3, poor=0.5)
    assert [decay(each) for each in (0.3, 0.5, 0.7)] == pytest.approx([80, 40, 20])
    assert decay(0.1) == pytest.approx(160)
    near = everything(pitch=pitch_of(curve(numbers=np.array(TUNE) + 0.8 * np.sin(range(8)))))
    found = run_systems(near, ["dtw_pitch"])["dtw_pitch"]
    assert 0 < found.score < 100
    assert found.score == pytest.approx(from_warping.PITCH_DECAY(found.value))


def reasons(evidence: Evidence) -> dict[str, str | None]:
    found = run_systems(evidence)
    for each in found.values():
        assert (each.reason is None) == (each.value is not None) == (each.score is not None)
    return {name: each.reason for name, each in found.items()}


def test_f0_alone_is_enough_for_the_histogram():
    found = reasons(Evidence(pitch=pitch_of(curve())))
    assert {found[name] for name in HISTOGRAM} == {None}
    assert found["dtw_pitch"] == "needs_reference"
    assert found["dtw_volume"] == found["dtw_rhythm"] == "needs_sound"
    assert {found[name] for name in GAMES} == {"needs_notes"}


def test_what_each_of_them_lacks():
    without = reasons(everything(melody=None))
    assert {without[name] for name in GAMES} == {"needs_notes"}
    assert without["dtw_pitch"] is without["dtw_rhythm"] is None
    freestyle = reasons(everything(melody=song(NoteKind.FREESTYLE)))
    assert {freestyle[name] for name in GAMES} == {"needs_notes"}
    assert freestyle["dtw_pitch"] is None  # the reference's own pitch is there
    rap = everything(melody=song(NoteKind.RAP))
    assert run_systems(rap, ["dtw_pitch"])["dtw_pitch"].value == pytest.approx(0, abs=1e-3)
    apart = reasons(everything(aligned=False))
    assert {apart[name] for name in GAMES} == {"needs_alignment"}
    assert {apart[name] for name in WARPING} == {None}
    alone = everything(
        melody=None, reference_pitch=None, reference_level_db=None, reference_onsets=None
    )
    assert {reasons(alone)[name] for name in WARPING} == {"needs_reference"}


def test_too_little_to_say_anything():
    silent = reasons(everything(pitch=pitch_of(np.zeros(96)), level_db=loud()[:4]))
    assert {silent[name] for name in (*HISTOGRAM, "dtw_pitch")} == {"too_little_pitch"}
    assert silent["dtw_volume"] == "silence"
    still = everything(onsets=np.ones(96, np.float32))
    assert reasons(still)["dtw_rhythm"] == "too_few_onsets"
    unsung = everything(melody=None, reference_pitch=pitch_of(np.zeros(96)))
    assert reasons(unsung)["dtw_pitch"] == "reference_silent"
    # A second of pitch is what it takes: 32 frames are 1.024 s.
    for frames, reason in ((31, "too_little_pitch"), (32, None)):
        few = np.where(np.arange(96) < frames, 220.0, 0.0)
        assert reasons(everything(pitch=pitch_of(few)))["peakBW"] == reason


def test_notes_are_a_reference_aligned_or_not():
    notes = everything(reference_pitch=None, reference_onsets=None)
    assert run_systems(notes, ["dtw_pitch"])["dtw_pitch"].value == pytest.approx(0, abs=1e-3)
    later = Evidence(
        pitch=pitch_of(np.concatenate((np.zeros(50), curve(shift=4)))),
        melody=song(starts=3.0),
        offset_s=50 * 0.032 - 3.0,
        aligned=True,
    )
    for evidence in (later, replace(later, aligned=False, offset_s=0.0)):
        found = run_systems(evidence, ["dtw_pitch"])["dtw_pitch"]
        assert found.value == pytest.approx(0, abs=0.03)
        assert found.detail["key"] == pytest.approx(4, abs=0.1)


def test_an_aligned_take_is_compared_with_the_part_it_sang():
    half = everything(pitch=pitch_of(curve()[:48]), melody=None)
    assert run_systems(half, ["dtw_pitch"])["dtw_pitch"].value == pytest.approx(0, abs=1e-3)
    apart = run_systems(replace(half, aligned=False), ["dtw_pitch"])["dtw_pitch"]
    assert apart.value > 0.2


def test_evidence_of_features_suits_all():
    take, reference = track(curve(), seed=1), track(curve(), seed=2)
    evidence = evidence_of(take, reference, melody=song(), offset_s=0.0, aligned=True)
    assert all(each.reason is None for each in run_systems(evidence).values())


def test_only_those_asked_for_and_nobody_else():
    found = run_systems(everything(), ["usdx", "binning"])
    assert list(found) == ["usdx", "binning"]
    with pytest.raises(UsageError) as caught:
        run_systems(everything(), ["usdx", "usdy"])
    assert caught.value.code == "unknown_system"
    assert caught.value.facts == {"name": "usdy", "known": tuple(SYSTEMS)}


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_a_better_value_never_scores_less(name):
    system = SYSTEMS[name]
    assert isinstance(system, Measured)
    values = np.concatenate((np.linspace(1e-6, 3, 50), np.geomspace(3, 2500, 50)))
    scores = np.array([min(100, max(0, system.to_score(value))) for value in values])
    steps = np.diff(scores) if system.better == "high" else -np.diff(scores)
    assert np.all(steps >= 0)
    assert scores.max() - scores.min() > 20


@given(
    st.lists(st.tuples(st.floats(50, 75), st.integers(0, 20)), max_size=8),
    st.integers(0, 100),
    st.booleans(),
)
def test_scores_stay_within_0_and_100(parts, seed, aligned):
    rng = np.random.default_rng(seed)
    hz = np.concatenate(
        [np.zeros(3)] + [np.full(n, 440 * 2 ** ((number - 69) / 12)) for number, n in parts]
    )
    evidence = everything(
        pitch=pitch_of(hz),
        level_db=rng.normal(-30, 20, len(hz)).astype(np.float32),
        onsets=rng.random(len(hz)).astype(np.float32),
        aligned=aligned,
    )
    for each in run_systems(evidence).values():
        if each.reason is None:
            assert 0 <= each.score <= 100
            assert np.isfinite(each.value)
        else:
            assert each.score is each.value is None


def test_real_singing_scores_above_the_same_with_notes_off():
    take = sung()
    poor = [
        run_systems(Evidence(pitch=wrong, reference_pitch=take, aligned=True))
        for wrong in (mistuned(take, cents=100, seed=seed) for seed in range(8))
    ]
    good = run_systems(Evidence(pitch=take, reference_pitch=take, aligned=True))
    for name in ("peakBW", "kMeans", "autocorr", "dtw_pitch"):
        mean = np.mean([each[name].score for each in poor])
        assert good[name].score > mean + 2, name
    assert good["dtw_pitch"].score == pytest.approx(100, abs=0.1)
    assert np.mean([each["dtw_pitch"].score for each in poor]) < 80
