"""Whether a take is nothing but the accompaniment, which the microphone heard from loudspeakers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.features import channels
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.types import FloatArray

ALIKE = 0.62
"""Likeness from which a take is the accompaniment. Measured on half A of
`benchmarks/not_scored.py`: bleed alone at least 0.80, a voice 20 dB over it 0.44 at most, a voice
alone 0.13 at most."""
LATEST_S = 0.5
"""How much later the loudspeakers' sound may come than the take's clock says."""

_RANGE_DB = 60.0
_SLOW_S = 2.0


def levels(samples: FloatArray, spec: FeatureSpec) -> FloatArray:
    """A recording's mel bands in dB on frames of `spec.hop`. Shapes: (n,) to (rows, T)."""
    gain = 10 ** (spec.loudness_db / 20) / max(float(np.sqrt(np.mean(np.square(samples)))), 1e-9)
    power = channels.mel_power(
        samples, spec, hop=spec.hop, frames=range(1 + len(samples) // spec.hop)
    )
    return channels.decibels(power.T, spec, gain=gain)


def likeness(take: FloatArray, accompaniment: FloatArray, *, hop_s: float) -> float:
    """How far the take's mel bands swell with the accompaniment's: a correlation, -1 to 1.

    At the delay where it is greatest, up to `LATEST_S`. What is slower than two seconds, such as
    what loudspeaker and room do to each band, is taken off first. Both are in dB, (rows, T).
    """
    ours, theirs = _swelling(take, hop_s), _swelling(accompaniment, hop_s)
    found = -1.0
    for late in range(round(LATEST_S / hop_s) + 1):
        count = min(ours.shape[1] - late, theirs.shape[1])
        if count * hop_s < 2 * _SLOW_S:
            break
        one, other = ours[:, late : late + count], theirs[:, :count]
        size = np.sqrt(np.vdot(one, one) * np.vdot(other, other))
        found = max(found, float(np.vdot(one, other) / max(size, 1e-9)))
    return found


def _swelling(mel: FloatArray, hop_s: float) -> NDArray[np.float32]:
    from scipy.ndimage import uniform_filter1d

    level = np.maximum(mel, mel.max() - _RANGE_DB)
    slow = uniform_filter1d(level, 2 * round(_SLOW_S / hop_s / 2) + 1, axis=1, mode="nearest")
    return np.asarray(level - slow, dtype=np.float32)
