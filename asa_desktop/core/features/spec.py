"""The feature specification: every number that the five channels depend on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from asa_desktop.core.errors import ModelError

CHANNELS = ("spec", "chroma", "tchroma", "f0", "tempo")
CAPACITIES = ("tiny", "full")


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """Parameters of clips and channels; travels with caches and checkpoints.

    Two recordings may be compared, and a model may be fed, only where this value is the same.
    Rates in Hz, hops and windows in samples, levels in dB, `*_ms` in milliseconds.
    """

    name: str = "asa-five"
    version: int = 1
    rate: int = 16_000
    hop: int = 512
    rows: int = 96
    clip_frames: int = 94
    loudness_db: float = -23.0
    mel_fft: int = 2048
    mel_floor_db: float = -60.0
    mel_ceiling_db: float = 40.0
    chroma_fft: int = 4096
    onset_hop: int = 128
    tempogram_window: int = 384
    tempo_min_bpm: float = 30.0
    tempo_octaves: int = 4
    crepe: Literal["tiny", "full"] = "tiny"
    key_removed: bool = True
    vad_mode: int = 3
    vad_frame_ms: int = 30
    vad_merge_ms: int = 300
    clip_voiced: float = 0.5

    @property
    def hop_s(self) -> float:
        """Seconds from one frame to the next."""
        return self.hop / self.rate

    @property
    def clip_s(self) -> float:
        """Seconds a clip lasts: a whole number of frames."""
        return self.clip_frames * self.hop_s

    @property
    def key(self) -> str:
        """A short name that is equal only for equal specifications."""
        text = json.dumps(asdict(self), sort_keys=True)
        return f"{self.name}-{self.version}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    @property
    def track_key(self) -> str:
        """As `key`, of what the features of one recording depend on (not the key removal)."""
        values = asdict(self)
        values.pop("key_removed")
        text = json.dumps(values, sort_keys=True)
        return f"{self.name}-{self.version}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def to_dict(self) -> dict[str, Any]:
        """The specification as plain values, for cards."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> FeatureSpec:
        """Read a specification from a card.

        Raises
        ------
        ModelError
            ``features_unknown`` when a parameter is missing, unknown, of another type, or other
            than this program computes: only `crepe` and `key_removed` may be chosen.
        """
        known = {each.name: each for each in fields(cls)}
        same_names = isinstance(values, dict) and set(values) == set(known)
        if not same_names:
            raise ModelError("features_unknown", name=str(values)[:80])
        default = cls()
        for name, value in values.items():
            wanted = type(getattr(default, name))
            fits = isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))
            if not fits and not (wanted is float and type(value) is int):
                raise ModelError("features_unknown", name=f"{name}={value!r}"[:80])
        spec = cls(**values)
        # A card may come from anybody: other sizes would reach librosa, webrtcvad or the memory.
        known_spec = replace(default, crepe=spec.crepe, key_removed=spec.key_removed)
        if spec != known_spec or spec.crepe not in CAPACITIES:
            raise ModelError("features_unknown", name=f"{spec.name} {spec.version}")
        return spec
