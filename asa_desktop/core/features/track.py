"""The features of one whole recording, and the five-channel image of any clip of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.features import channels
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.notes.fine import FineTrack
from asa_desktop.core.types import FloatArray, PitchTrack
from asa_desktop.core.vad import Voicing

_PIECE_S = 30

Progress = Callable[[float], None]
Activation = Callable[[FloatArray, int, NDArray[np.bool_]], FloatArray]
"""A pitch network: (samples, hop, wanted frames) -> (360, T). It is given stretches of the sound,
with enough around the wanted frames."""


@dataclass(frozen=True, slots=True)
class TrackFeatures:
    """All that is computed of one recording, on frames of `spec.hop`.

    Shapes: `mel`, `chroma`, `tempo` (96, T), `activation` (360, T) float16, `voicing.frames` (T,).
    `fine` is what notes are read from, always on the recording's own clock; None where nobody asked
    for it. Whoever needs it takes `fine_track`, which does not pass over that.
    """

    spec: FeatureSpec
    mel: FloatArray
    chroma: FloatArray
    tempo: FloatArray
    activation: NDArray[np.float16]
    pitch: PitchTrack
    voicing: Voicing
    fine: FineTrack | None = None

    @property
    def frames(self) -> int:
        """Number of frames, T."""
        return int(self.mel.shape[1])

    @property
    def fine_track(self) -> FineTrack:
        """What notes are read from. Raises ValueError where it was not asked for."""
        if self.fine is None:
            raise ValueError("features without a fine track: compute them with fine=True")
        return self.fine

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
            "level": np.array([self.voicing.gain, self.voicing.level_db, self.voicing.clipped]),
            **(self.fine.to_arrays() if self.fine is not None else {}),
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[np.generic]], spec: FeatureSpec
    ) -> TrackFeatures:
        """Read what `to_arrays` gave. Raises KeyError or ValueError where it does not fit."""
        mel, chroma, tempo = (_rows(arrays[name]) for name in ("mel", "chroma", "tempo"))
        level = np.asarray(arrays["level"], dtype=np.float64)
        gain, level_db, clipped = (float(each) for each in level)
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
                frames=np.asarray(arrays["voiced"], dtype=np.bool_),
                gain=gain,
                level_db=level_db,
                clipped=clipped,
            ),
            fine=FineTrack.from_arrays(arrays) if "fine_hz" in arrays else None,
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
    fine: bool = False,
    progress: Progress = lambda done: None,
) -> TrackFeatures:
    """Compute everything that clips are cut from, once over the recording.

    Parameters
    ----------
    samples
        Mono at `spec.rate`. Shape: (n,).
    activation
        The pitch network; it is asked for voiced frames only, the others stay 0.
    fine
        Whether the notes are wanted, too.
    progress
        Told the share done, 0 to 1; what it raises stops the work.
    """
    from asa_desktop.core.features.growing import GrowingTrack

    growing = GrowingTrack(spec, activation)
    pieces = max(10, len(samples) // (_PIECE_S * spec.rate))
    for number, piece in enumerate(np.array_split(samples, pieces), 1):
        growing.feed(piece)
        progress(0.25 * number / pieces)
    return growing.features(fine=fine, progress=lambda done: progress(0.25 + 0.75 * done))
