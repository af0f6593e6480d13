"""Sound and a model made up for tests: small, the same on every machine, nobody's property."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
RATE = 16_000
TUNE = (60, 62, 64, 65, 67, 65, 64, 62)


def sing(
    seconds: float = 10.0,
    *,
    tune: Sequence[float] = TUNE,
    note_s: float = 0.8,
    rate: int = RATE,
    off_cents: float = 0.0,
    seed: int = 0,
) -> Sound:
    """A voice-like tone that sings `tune` over and over, with vibrato and breaths. Shape (n,).

    `off_cents` is the standard deviation of each note's mistuning.
    """
    n = round(seconds * rate)
    t = np.arange(n) / rate
    number = (t / note_s).astype(int)
    wrong = np.random.default_rng(seed).standard_normal(number[-1] + 1) * off_cents / 100
    midi = np.asarray(tune, float)[number % len(tune)] + wrong[number]
    midi = _smooth(midi, round(0.04 * rate)) + 0.3 * np.sin(2 * np.pi * 5.5 * t)
    within = t - number * note_s
    loud = np.minimum(1, within / 0.05) * np.minimum(1, (note_s - within) / 0.08)
    return _voiced(440 * 2 ** ((midi - 69) / 12), np.maximum(loud, 0.02), rate)


def talk(seconds: float = 10.0, *, rate: int = RATE) -> Sound:
    """Speech-like sound: short syllables whose pitch never rests. Shape (n,)."""
    n = round(seconds * rate)
    t = np.arange(n) / rate
    rng = np.random.default_rng(3)
    points = np.arange(0, seconds + 0.3, 0.11)
    midi = np.interp(
        t,
        points,
        50 + np.cumsum(rng.normal(0, 1, points.size) * 0) + rng.uniform(-7, 7, points.size),
    )
    syllable = np.abs(np.sin(2 * np.pi * 2.3 * t)) ** 0.7
    return _voiced(440 * 2 ** ((midi - 69) / 12), syllable, rate)


def hiss(seconds: float = 10.0, *, rate: int = RATE) -> Sound:
    """White noise. Shape (n,)."""
    rng = np.random.default_rng(5)
    return (0.1 * rng.standard_normal(round(seconds * rate))).astype(np.float32)


def _smooth(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    return np.convolve(padded, np.ones(width) / width, "valid")


def _voiced(hz: NDArray[np.float64], loud: NDArray[np.float64], rate: int) -> Sound:
    """Harmonics under three formants of an open vowel."""
    phase = 2 * np.pi * np.cumsum(hz) / rate
    sound = np.zeros_like(hz)
    for k in range(1, 25):
        at = k * hz
        formants = sum(
            gain / (1 + ((at - centre) / width) ** 2)
            for centre, width, gain in ((700, 130, 1.0), (1220, 150, 0.5), (2600, 200, 0.25))
        )
        sound += np.where(at < rate * 0.45, formants + 0.05 / k, 0) * np.sin(k * phase)
    sound *= loud
    sound += 1e-4 * np.random.default_rng(1).standard_normal(sound.size)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def untrained_model(folder: Path, *, name: str = "untrained") -> Path:
    """A model folder with a whole card and weights drawn at random: loads, but knows nothing."""
    import torch
    from safetensors.torch import save

    from asa_desktop.core.features.spec import FeatureSpec
    from asa_desktop.core.networks.cnnsa import Tower, TowerConfig

    torch.manual_seed(0)
    config = TowerConfig(width=8, feed_forward=16, layers=1, heads=2, embedding=16)
    weights = save(Tower(config).state_dict())
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(weights)
    card = {
        "schema": 1,
        "id": name,
        "system": "rori",
        "licence": "none, for tests",
        "scale": "made up for tests",
        "features": FeatureSpec().to_dict(),
        "network": config.to_dict(),
        "score_map": {"knots": [[-1.0, 0.0], [0.5, 20.0], [0.99, 60.0], [1.0, 100.0]]},
        "weights": {"sha256": hashlib.sha256(weights).hexdigest()},
    }
    write_card(folder, card)
    return folder


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Put `card` into a model folder."""
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a model folder as plain values."""
    values: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return values


def film(
    path: Path, samples: NDArray[Any], *, codec: str, rate: int = 44_100, video: bool = False
) -> Path:
    """Encode (n, 2) samples by PyAV, or only a picture track if `samples` is empty."""
    import av

    with av.open(str(path), "w") as box:
        sound = box.add_stream(codec, rate=rate) if len(samples) else None
        shape = {"width": 32, "height": 32, "pix_fmt": "yuv420p"}
        pictures = box.add_stream("mpeg4", rate=10, **shape) if video else None
        if sound is not None:
            sound.layout = "stereo"
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples.T), format="fltp", layout="stereo"
            )
            frame.sample_rate, frame.pts = rate, 0
            cut = av.AudioResampler("fltp", "stereo", rate, frame_size=1024)
            for piece in [*cut.resample(frame), *cut.resample(None), None]:
                box.mux(sound.encode(piece))
        if pictures is not None:
            for k in range(10):
                picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), "u1"), format="rgb24")
                picture.pts = k
                box.mux(pictures.encode(picture))
            box.mux(pictures.encode(None))
    return path
