"""Our CREPE against torchcrepe's own, number by number."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest
import torch

from asa_desktop.core.errors import ModelError
from asa_desktop.core.networks import crepe as ours


@pytest.fixture
def torchcrepe(monkeypatch):
    """torchcrepe asks for torchaudio only to read files."""
    if "torchaudio" not in sys.modules:
        monkeypatch.setitem(sys.modules, "torchaudio", types.ModuleType("torchaudio"))
    import torchcrepe

    return torchcrepe


def original(torchcrepe, samples: np.ndarray, capacity: str) -> np.ndarray:
    sound = torch.from_numpy(samples)[None]
    with torch.inference_mode():
        (frames,) = torchcrepe.preprocess(sound, 16_000, 512, pad=True)
        return torchcrepe.infer(frames, capacity).numpy().T


@pytest.mark.parametrize(
    ("capacity", "seconds"), [("tiny", 3.0), pytest.param("full", 1.0, marks=pytest.mark.slow)]
)
def test_equals_torchcrepe_on_singing(torchcrepe, sound, capacity, seconds):
    samples = sound("vocadito_1")[16_000:][: round(seconds * 16_000)]
    network = ours.load_crepe(capacity, torch.device("cpu"))
    everything = np.ones(1 + len(samples) // 512, dtype=bool)
    found = network.activation(samples, 512, everything)
    wanted = original(torchcrepe, samples, capacity)
    assert wanted.max() > 0.5
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_only_wanted_frames_are_computed(crepe, sound, monkeypatch):
    samples = sound("nit_029")[:48_000]
    wanted = np.zeros(94, dtype=bool)
    wanted[[0, 7, *range(30, 70), 93]] = True
    everything = crepe.activation(samples, 512, np.ones(94, dtype=bool))
    batches: list[int] = []
    forward = crepe._forward
    monkeypatch.setattr(
        crepe, "_forward", lambda frames: batches.append(len(frames)) or forward(frames)
    )
    found = crepe.activation(samples, 512, wanted)
    assert batches == [32, 32], "43 frames, in whole batches"
    assert not found[:, ~wanted].any()
    # Not by a bit: what was computed while singing is what would be computed afterwards.
    np.testing.assert_array_equal(found[:, wanted], everything[:, wanted])


def test_silence_is_finite(crepe):
    found = crepe.activation(np.zeros(4_000, np.float32), 512, np.ones(8, dtype=bool))
    assert np.isfinite(found).all()


def test_missing_weights_are_said():
    with pytest.raises(ModelError) as caught:
        ours.load_crepe("huge", torch.device("cpu"))  # type: ignore[arg-type]
    assert caught.value.code == "crepe_missing"
    assert caught.value.facts == {"capacity": "huge"}
