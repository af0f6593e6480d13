"""The feature specification as a value that travels."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import pytest

from asa_desktop.core.errors import ModelError
from asa_desktop.core.features.spec import FeatureSpec

FIELDS = [each.name for each in dataclasses.fields(FeatureSpec)]


def changed(name: str) -> FeatureSpec:
    value = getattr(FeatureSpec(), name)
    other = not value if isinstance(value, bool) else value + 1 if value != str(value) else "full"
    return dataclasses.replace(FeatureSpec(), **{name: other})


def test_the_parameters_are_those_of_the_definition():
    spec = FeatureSpec()
    assert (spec.rate, spec.hop, spec.rows, spec.clip_frames) == (16_000, 512, 96, 94)
    assert (spec.mel_fft, spec.chroma_fft, spec.onset_hop) == (2048, 4096, 128)
    assert (spec.tempogram_window, spec.tempo_min_bpm, spec.tempo_octaves) == (384, 30.0, 4)
    assert (spec.vad_mode, spec.vad_frame_ms, spec.vad_merge_ms) == (3, 30, 300)
    assert (spec.hop_s, spec.clip_voiced) == (0.032, 0.5)


@pytest.mark.parametrize("name", FIELDS)
def test_any_other_parameter_is_another_key(name):
    assert changed(name).key != FeatureSpec().key
    assert (changed(name).track_key == FeatureSpec().track_key) == (name == "key_removed")


def test_the_key_is_the_same_in_another_process():
    program = "from asa_desktop.core.features.spec import FeatureSpec as F; print(F().key)"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == FeatureSpec().key
    assert FeatureSpec().key.startswith("asa-five-1-")


@pytest.mark.parametrize("crepe", ["tiny", "full"])
@pytest.mark.parametrize("key_removed", [True, False])
def test_it_comes_back_from_a_card(crepe, key_removed):
    spec = FeatureSpec(crepe=crepe, key_removed=key_removed)
    assert FeatureSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_whole_numbers_may_stand_for_levels():
    card = {**FeatureSpec().to_dict(), "loudness_db": -23}
    assert FeatureSpec.from_dict(card) == FeatureSpec()


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in ("crepe", "key_removed")])
def test_what_this_program_does_not_compute_is_refused(name):
    with pytest.raises(ModelError) as caught:
        FeatureSpec.from_dict(changed(name).to_dict())
    assert caught.value.code == "features_unknown"


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FeatureSpec().hop = 256
