"""The numbers that the carried recordings must keep giving, on both sides of training.

Written by `python -m tests.golden --write`; read by test_golden.py. A change that moves them makes
models and kept features of before worthless: raise the version of the feature specification.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from asa_desktop.core.features.track import TrackFeatures
    from asa_desktop.core.networks.runner import Model

HERE = Path(__file__).resolve().parent
FILE = HERE / "data" / "golden.json"
SINGING = HERE / "data" / "singing"
MODELS = HERE.parent / "models"
_CLIP_STEP = 47


def of_features(features: TrackFeatures) -> dict[str, Any]:
    """What a recording gives: pitch, voicing, and statistics of each channel of its clips."""
    from asa_desktop.core.clips import cut_clips
    from asa_desktop.core.features.spec import CHANNELS

    hz = features.pitch.hz
    sung = hz > 0
    cents = 1200 * np.log2(hz[sung] / 440)
    images = np.stack([features.image(start, cents=50.0) for start in _starts(features)])
    return {
        "frames": features.frames,
        "gain_db": _plain(20 * np.log10(features.voicing.gain), 2),
        "level_db": _plain(features.voicing.level_db, 2),
        "pitched_frames": int(sung.sum()),
        "cents": [_plain(value, 1) for value in np.quantile(cents, [0.1, 0.5, 0.9])],
        "pitch": [_plain(value, 1) for value in 1200 * np.log2(np.maximum(hz[::13], 1) / 440)],
        "clips": [
            {"voiced": _plain(clip.voiced, 3), "pitched": _plain(clip.pitched, 3)}
            for clip in cut_clips(features)
        ],
        "channels": {
            name: {
                "mean": _plain(images[:, number].mean(), 4),
                "spread": _plain(images[:, number].std(), 4),
                "rows": [_plain(value, 4) for value in images[:, number].mean(axis=(0, 2))[::12]],
                "columns": [
                    _plain(value, 4) for value in images[:, number].mean(axis=(0, 1))[::13]
                ],
            }
            for number, name in enumerate(CHANNELS)
        },
    }


def of_model(model: Model, tracks: dict[str, TrackFeatures]) -> dict[str, Any]:
    """What a model makes of the clips: a few numbers of each embedding, and all cosines."""
    images = [track.image(start) for track in tracks.values() for start in _starts(track)]
    embeddings = model.embed(np.stack(images))
    first = embeddings[:3, :6]
    cosines = embeddings @ embeddings.T
    return {
        "first": [[_plain(value, 4) for value in row] for row in first],
        "cosines": [[_plain(value, 4) for value in row] for row in cosines],
    }


def _starts(features: TrackFeatures) -> range:
    return range(0, features.frames - features.spec.clip_frames + 1, _CLIP_STEP)


def _plain(value: Any, digits: int) -> float:
    return round(float(value), digits)


def tracks() -> dict[str, TrackFeatures]:
    """The features of all carried recordings, by their stem."""
    import torch

    from asa_desktop.core.audio import mono_16k
    from asa_desktop.core.features.spec import FeatureSpec
    from asa_desktop.core.features.track import track_features
    from asa_desktop.core.networks.crepe import load_crepe

    network = load_crepe("tiny", torch.device("cpu"))
    return {
        path.stem: track_features(mono_16k(path), FeatureSpec(), network.activation)
        for path in sorted(SINGING.glob("*.flac"))
    }


def computed() -> dict[str, Any]:
    """Everything, as it is now."""
    from asa_desktop.core.features.spec import FeatureSpec
    from asa_desktop.core.models import load_model

    known = tracks()
    return {
        "features": FeatureSpec().key,
        "recordings": {stem: of_features(each) for stem, each in known.items()},
        "models": {
            card.parent.name: of_model(load_model(card.parent, device="cpu"), known)
            for card in sorted(MODELS.glob("*/card.json"))
        },
    }


def main() -> int:
    """Print the numbers, or write them."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"replace {FILE.name}")
    args = parser.parse_args()
    text = json.dumps(computed(), indent=1) + "\n"
    if args.write:
        part = FILE.with_suffix(".part")
        part.write_text(text, "utf-8")
        part.replace(FILE)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
