"""Tracks made by hand: features of recordings that nobody sang, for tests of what reads them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import PitchTrack
from asa_desktop.core.vad import Voicing

SPEC = FeatureSpec()


def pitch_of(hz: ArrayLike) -> PitchTrack:
    """A pitch track on the usual frames, sure of every frame that has a pitch."""
    curve = np.asarray(hz, dtype=np.float32)
    return PitchTrack(
        hop_s=SPEC.hop_s, hz=curve, confidence=np.where(curve > 0, 0.9, 0.1).astype(np.float32)
    )


def track(
    hz: ArrayLike,
    *,
    voiced: ArrayLike | None = None,
    level_db: float = -20.0,
    seed: int = 0,
    spec: FeatureSpec = SPEC,
) -> TrackFeatures:
    """Features with this pitch, random channels and, unless given, voice where there is pitch."""
    pitch = pitch_of(hz)
    rng = np.random.default_rng(seed)
    count = len(pitch.hz)

    def rows(number: int) -> np.ndarray:
        return rng.random((number, count)).astype(np.float32)

    return TrackFeatures(
        spec=spec,
        mel=100 * rows(96) - 60,
        chroma=rows(96),
        tempo=rows(96),
        activation=rows(360).astype(np.float16),
        pitch=pitch,
        voicing=Voicing(
            frames=pitch.hz > 0 if voiced is None else np.asarray(voiced, dtype=bool),
            gain=1.0,
            level_db=level_db,
        ),
    )
