"""Features of renditions, kept and read back; asa_training.features."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from asa_training import features
from asa_training.grades import COLUMNS
from asa_training.prepared import task
from asa_training.render.plan import Harmless, Plan, Severities
from asa_training.render.truth import STEP_S, Truth, realised
from carried import SINGING
from tracks import SPEC

from asa_desktop.core.errors import AudioError, PlaceError
from asa_desktop.core.features import track
from asa_desktop.core.features.track import track_features

SECONDS = 8.5


def truth(off_after_s: float) -> Truth:
    """150 cents off pitch from a moment on; on pitch before."""
    clock = np.arange(0, SECONDS, STEP_S)
    zeros = (0.0,) * len(clock)
    return Truth(
        seconds=SECONDS,
        transpose_cents=0.0,
        notes=(),
        voiced=(True,) * len(clock),
        off_pitch=tuple(np.where(clock >= off_after_s, 150.0, 0.0).tolist()),
        drift=zeros,
        wrong_notes=zeros,
        shift_s=zeros,
    )


def put(folder, name: str, plan: Plan, what: Truth) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(SINGING / "pjs001.flac", folder / f"{name}.flac")
    source = {"id": folder.name, "singer": "pjs_male", "song": "pjs001"}
    facts = {"source": source, "plan": plan.to_json(), "truth": what.to_json()}
    (folder / f"{name}.json").write_text(json.dumps(facts))


@pytest.fixture
def renders(tmp_path):
    folder = tmp_path / "renders"
    put(folder / "s0", "anchor-00", Plan(role="anchor", engine="world", seed=1), truth(99))
    plan = Plan(
        role="negative", engine="world", seed=2, severities=Severities(off_pitch=0.7, timing=0.2)
    )
    put(folder / "s0", "negative-01", plan, truth(4.0))
    return folder


def test_renditions_come_back_with_features_and_severities(tmp_path, renders, sound, crepe):
    made = list(features.prepare(renders, tmp_path / "cache", SPEC))
    # One sound, two truths.
    assert made[0] == made[1]
    assert made[0].is_relative_to(tmp_path / "cache" / SPEC.track_key)
    anchor, poor = features.load(renders, tmp_path / "cache", SPEC)
    assert (anchor.role, anchor.asked) == ("anchor", {})
    assert (poor.role, poor.singer, poor.song) == ("negative", "pjs_male", "pjs001")
    assert poor.asked == {"off_pitch": 0.7, "timing": 0.2}
    assert not anchor.severity.any()
    own = track_features(sound("pjs001"), SPEC, crepe.activation)
    np.testing.assert_allclose(poor.features.image(94), own.image(94), atol=0.02)
    np.testing.assert_array_equal(poor.features.pitch.hz, own.pitch.hz)


def test_a_window_has_the_severity_of_its_own_seconds(tmp_path, renders):
    list(features.prepare(renders, tmp_path / "cache", SPEC))
    _, poor = features.load(renders, tmp_path / "cache", SPEC)
    assert poor.severity.shape == ((poor.features.frames - 94) // features.GRID + 1, len(COLUMNS))
    for number, row in enumerate(poor.severity):
        start = number * features.GRID * SPEC.hop_s
        wanted = realised(truth(4.0), start, start + SPEC.clip_s)
        assert row == pytest.approx([wanted[name] for name in COLUMNS])
        # On pitch for the most part of the window, or off by 150 cents.
        assert row[0] == pytest.approx(1.0 if start + SPEC.clip_s / 2 > 4.03 else 0.0)


def test_what_is_kept_is_not_computed_again(tmp_path, renders, monkeypatch):
    list(features.prepare(renders, tmp_path / "cache", SPEC))
    known = [each.severity for each in features.load(renders, tmp_path / "cache", SPEC)]
    monkeypatch.setattr(track, "track_features", lambda *_: pytest.fail("computed again"))
    monkeypatch.setattr(task, "severities", lambda *_: pytest.fail("counted again"))
    renders.rename(tmp_path / "moved")
    assert len(list(features.prepare(tmp_path / "moved", tmp_path / "cache", SPEC))) == 2
    again = [each.severity for each in features.load(tmp_path / "moved", tmp_path / "cache", SPEC)]
    np.testing.assert_equal(again, known)


def test_the_severities_are_those_of_the_truth_as_it_is_now(tmp_path, renders):
    cache = tmp_path / "cache"
    list(features.prepare(renders, cache, SPEC))
    place = renders / "s0" / "negative-01.json"
    facts = json.loads(place.read_text())
    place.write_text(json.dumps(facts | {"truth": truth(0.0).to_json()}))
    # The sound is known, the truth is not: what was kept is of another one.
    assert [each.role for each in features.load(renders, cache, SPEC)] == ["anchor"]
    list(features.prepare(renders, cache, SPEC))
    _, poor = features.load(renders, cache, SPEC)
    assert (poor.severity[:, 0] > 0.99).all()


def test_a_rendition_that_cannot_be_read_is_told(tmp_path, renders):
    (renders / "s0" / "negative-01.flac").write_bytes(b"no sound")
    with pytest.raises(AudioError, match="not_audio"):
        list(features.prepare(renders, tmp_path / "cache", SPEC))


def test_a_damaged_file_of_the_cache_is_told(tmp_path, renders):
    entry, _ = features.prepare(renders, tmp_path / "cache", SPEC)
    entry.write_bytes(entry.read_bytes()[:-5000])
    with pytest.raises(PlaceError, match="entry_damaged"):
        features.load(renders, tmp_path / "cache", SPEC)


def test_renditions_that_are_not_prepared_are_left_out(tmp_path, renders):
    assert features.load(renders, tmp_path / "cache", SPEC) == []


def test_an_accompaniment_beside_the_renditions_is_one_of_them(tmp_path, renders):
    shutil.copy(SINGING / "nit_029.flac", renders / "s0" / "accompaniment.flac")
    list(features.prepare(renders, tmp_path / "cache", SPEC))
    music, anchor, _ = features.load(renders, tmp_path / "cache", SPEC)
    assert (music.role, music.source, music.singer) == ("accompaniment", "s0", "")
    assert music.source == anchor.source
    assert not music.severity.any()
    assert len(music.severity) == (music.features.frames - 94) // features.GRID + 1


def test_how_far_the_renderer_transposed_is_known(tmp_path):
    plan = Plan(role="positive", engine="world", seed=1, harmless=Harmless(transpose_cents=-312.5))
    put(tmp_path / "renders" / "s0", "positive-00", plan, truth(99))
    list(features.prepare(tmp_path / "renders", tmp_path / "cache", SPEC))
    (take,) = features.load(tmp_path / "renders", tmp_path / "cache", SPEC)
    assert take.transpose_cents == -312.5
