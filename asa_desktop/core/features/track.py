"""The features of one whole recording, and the five-channel image of any clip of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.features import channels
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.pitch import track_pitch
from asa_desktop.core.types import FloatArray, PitchTrack
from asa_desktop.core.vad import Voicing, find_voice

Progress = Callable[[float], None]
Activation = Callable[[FloatArray, int, NDArray[np.bool_]], FloatArray]
"""A pitch network: (samples, hop, wanted frames) -> (360, T)."""


@dataclass(frozen=True, slots=True)
class TrackFeatures:
    """All that is computed of one recording, on frames of `spec.hop`.

    Shapes: `mel`, `chroma`, `tempo` (96, T), `activation` (360, T) float16, `voicing.frames` (T,).
    """

    spec: FeatureSpec
    mel: FloatArray
    chroma: FloatArray
    tempo: FloatArray
    activation: NDArray[np.float16]
    pitch: PitchTrack
    voicing: Voicing

    @property
    def frames(self) -> int:
        """Number of frames, T."""
        return int(self.mel.shape[1])

    def image(self, start: int, *, cents: float = 0.0) -> FloatArray:
        """The five channels of one clip, moved down by `cents` (the key that is removed).

        Returns
        -------
        Shape: (5, 96, 94), in the order of `spec.CHANNELS`.
        """
        window = slice(start, start + self.spec.clip_frames)
        chroma = channels.shift_chroma(self.chroma[:, window], cents=cents)
        f0 = channels.f0_rows(self.activation[:, window], self.spec, cents=cents)
        return np.stack(
            [self.mel[:, window], chroma, channels.by_fifths(chroma), f0, self.tempo[:, window]]
        )

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Plain arrays, for a cache; `from_arrays` reads them back."""
        return {
            "mel": self.mel.astype(np.float16),
            "chroma": self.chroma.astype(np.float16),
            "tempo": self.tempo.astype(np.float16),
            "activation": self.activation,
            "hz": self.pitch.hz,
            "confidence": self.pitch.confidence,
            "voiced": self.voicing.frames,
            "level": np.array([self.voicing.gain, self.voicing.level_db]),
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[np.generic]], spec: FeatureSpec
    ) -> TrackFeatures:
        """Read what `to_arrays` gave. Raises KeyError or ValueError where it does not fit."""
        mel, chroma, tempo = (_rows(arrays[name]) for name in ("mel", "chroma", "tempo"))
        gain, level_db = (float(value) for value in np.asarray(arrays["level"], dtype=np.float64))
        features = cls(
            spec=spec,
            mel=mel,
            chroma=chroma,
            tempo=tempo,
            activation=np.asarray(arrays["activation"], dtype=np.float16),
            pitch=PitchTrack(
                hop_s=spec.hop_s,
                hz=np.asarray(arrays["hz"], dtype=np.float32),
                confidence=np.asarray(arrays["confidence"], dtype=np.float32),
            ),
            voicing=Voicing(
                frames=np.asarray(arrays["voiced"], dtype=np.bool_), gain=gain, level_db=level_db
            ),
        )
        count = features.frames
        shapes = {each.shape for each in (mel, chroma, tempo)}
        if shapes != {(spec.rows, count)} or features.activation.shape != (360, count):
            raise ValueError("arrays of another specification")
        if len(features.pitch.hz) != count or len(features.voicing.frames) != count:
            raise ValueError("arrays of different length")
        return features


def _rows(array: NDArray[np.generic]) -> FloatArray:
    return np.asarray(array, dtype=np.float32)


def track_features(
    samples: FloatArray,
    spec: FeatureSpec,
    activation: Activation,
    *,
    progress: Progress = lambda done: None,
) -> TrackFeatures:
    """Compute everything that clips are cut from, once over the recording.

    Parameters
    ----------
    samples
        Mono at `spec.rate`. Shape: (n,).
    activation
        The pitch network; it is asked for voiced frames only, the others stay 0.
    progress
        Told the share done, 0 to 1; what it raises stops the work.
    """
    voicing = find_voice(samples, spec)
    progress(0.05)
    levelled = (samples * np.float32(voicing.gain)).astype(np.float32)
    mel = channels.log_mel(levelled, spec)
    chroma = channels.chroma(levelled, spec)
    progress(0.2)
    tempo = channels.cyclic_tempogram(levelled, spec)
    progress(0.3)
    raw = _in_pieces(levelled, spec, voicing.frames, activation, progress)
    return TrackFeatures(
        spec=spec,
        mel=mel,
        chroma=chroma,
        tempo=tempo[:, : mel.shape[1]],
        activation=raw.astype(np.float16),
        pitch=track_pitch(raw, spec.hop_s),
        voicing=voicing,
    )


def _in_pieces(
    samples: FloatArray,
    spec: FeatureSpec,
    voiced: NDArray[np.bool_],
    activation: Activation,
    progress: Progress,
) -> FloatArray:
    """The pitch network over the recording, with a word after every tenth."""
    out = np.zeros((channels.CREPE_BINS, len(voiced)), dtype=np.float32)
    bounds = np.linspace(0, len(voiced), 11).astype(int)
    for first, last in pairwise(bounds):
        wanted = np.zeros_like(voiced)
        wanted[first:last] = voiced[first:last]
        if wanted.any():
            out[:, first:last] = activation(samples, spec.hop, wanted)[:, first:last]
        progress(0.3 + 0.6 * last / max(len(voiced), 1))
    return out
