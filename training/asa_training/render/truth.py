"""What a rendition really contains, note by note and every 50 ms, on its own clock."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asa_training.render.centre import mode_of
from asa_training.render.intonation import OFF_PITCH_CENTS, WRONG_SHARE
from asa_training.render.loudness import DYNAMICS_DB
from asa_training.render.ornament import LEAST_EXTENT_CENTS, SCOOP_CENTS, UNSTEADY_CENTS
from asa_training.render.plan import DEFECTS
from asa_training.render.rhythm import HELD_SHARE, TIMING_S
from asa_training.segment import Array

STEP_S = 0.05
SILENCED, HELD_OVER = -1.0, 1.0
_WRONG_FROM_CENTS = 50.0


@dataclass(frozen=True, slots=True)
class TrueNote:
    """One note of the rendition: seconds, its pitch in the source and what was done to it.

    `scoop_cents` is where it began from its own pitch. `vibrato_cents` is the extent of the natural
    vibrato it had to lose, 0 for none, `vibrato_lost` the share taken away, `vibrato_kind` what
    came instead, `vibrato_lent` whether the renderer had given it. `gain_db` and `tone` are means.
    `held` is "dropped", "cut", "over" or "", with the seconds that were silenced or held over.
    """

    start: float
    end: float
    cents: float
    off_cents: float
    wrong_cents: float
    drift_cents: float
    shift_s: float
    scoop_cents: float = 0.0
    unsteady_cents: float = 0.0
    vibrato_cents: float = 0.0
    vibrato_lost: float = 0.0
    vibrato_kind: str = ""
    vibrato_lent: bool = False
    gain_db: float = 0.0
    tone: float = 0.0
    held: str = ""
    lost_s: float = 0.0
    over_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Truth:
    """Frame tracks of 50 ms, (n,). Frame k stands for the moment k x 0.05 s of the rendition.

    Cents: `off_pitch`, `drift`, `wrong_notes`, `scoops`, `unsteady` (RMS over 0.3 s), and
    `vibrato_cents`, the extent of the natural vibrato that the note there had to lose;
    `vibrato_lost` is the share taken away. `shift_s` of the timing defect, `gain_db` of the
    dynamics defect, `tone` from -1 (pressed) to 1 (breathy), `held` -1 where a syllable is
    silenced and 1 where one is held over. `voiced` is what is heard as voiced. A track that is
    empty is 0 throughout. `transpose_cents` is the whole take's harmless offset, of which the
    cents here are free; `kinds` the form a defect took.
    """

    seconds: float
    transpose_cents: float
    notes: tuple[TrueNote, ...]
    voiced: tuple[bool, ...]
    off_pitch: tuple[float, ...] = ()
    drift: tuple[float, ...] = ()
    wrong_notes: tuple[float, ...] = ()
    shift_s: tuple[float, ...] = ()
    scoops: tuple[float, ...] = ()
    unsteady: tuple[float, ...] = ()
    vibrato_cents: tuple[float, ...] = ()
    vibrato_lost: tuple[float, ...] = ()
    gain_db: tuple[float, ...] = ()
    tone: tuple[float, ...] = ()
    held: tuple[float, ...] = ()
    kinds: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The truth as plain values."""
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> Truth:
        """The inverse of `to_json`."""
        parts = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        parts["notes"] = tuple(TrueNote(**one) for one in values["notes"])
        return Truth(**parts)

    def track(self, name: str) -> Array:
        """A frame track as an array (n,)."""
        values = getattr(self, name)
        return np.array(values, dtype=np.float64) if values else np.zeros(len(self.voiced))


def realised(truth: Truth, start_s: float, end_s: float) -> dict[str, float]:
    """How strong each defect came out between two times of the rendition, 0 and up (about 1).

    `off_pitch`: median distance of the voiced frames from their own place / 150 cents.
    `drift`: upper quartile of the distance from the level that it keeps longest in the take / 150;
    over 3 s that is next to the median, over a take it says how far it went in its worse part.
    `wrong_notes`: share of voiced frames on another semitone / 0.6.
    `timing`: median distance from the take's median shift / 0.125 s.
    `scoops`: mean distance of the voiced frames from the pitch they are to reach / 45 cents.
    `vibrato`: share of the natural vibrato taken away, mean over the frames of notes of 0.4 s and
    more that had one (15 cents or more); 0 where there are none, see `vibrato_notes`.
    `dynamics`: RMS distance of the gain from the take's median gain / 6 dB.
    `tone`: mean strength, breathy or pressed.
    `held`: share of the frames that should be or are voiced and are silenced or held over / 0.35.
    `unsteady`: RMS of wobble and jitter / 40 cents.

    `pitch` pools the first three of intonation: median distance of the whole deviation from its
    mode over the take / 150; in a take with wrong notes alone it is 0 until half the window is
    wrong. `voiced` is the share of voiced frames, `vibrato_notes` that of the frames, among them,
    that had a vibrato to lose. Without anything voiced all but `held` are 0.
    """
    voiced = np.array(truth.voiced, dtype=bool)
    clock = np.arange(voiced.size) * STEP_S
    window = (clock >= start_s - 1e-9) & (clock < end_s - 1e-9)
    inside = voiced & window
    found = dict.fromkeys((*DEFECTS, "pitch", "voiced", "vibrato_notes"), 0.0)
    found["held"] = _held(truth, voiced, window)
    if not inside.any():
        return found
    found |= _intonation(truth, voiced, inside) | _vibrato(truth, inside)
    shift, gain = truth.track("shift_s"), truth.track("gain_db")
    late = np.abs(shift - np.median(shift[voiced]))[inside]
    louder = (gain - np.median(gain[voiced]))[inside]
    return found | {
        "timing": float(np.median(late)) / TIMING_S,
        "scoops": float(np.mean(np.abs(truth.track("scoops")[inside]))) / SCOOP_CENTS,
        "unsteady": _rms(truth.track("unsteady")[inside]) / UNSTEADY_CENTS,
        "dynamics": _rms(louder) / DYNAMICS_DB,
        "tone": float(np.mean(np.abs(truth.track("tone")[inside]))),
        "voiced": float(inside.sum() / window.sum()),
    }


def _intonation(
    truth: Truth, voiced: NDArray[np.bool_], inside: NDArray[np.bool_]
) -> dict[str, float]:
    off, drift, wrong = (truth.track(name) for name in ("off_pitch", "drift", "wrong_notes"))
    total = off + drift + wrong
    drift_gap = np.abs(drift - mode_of(drift[voiced]))
    pitch_gap = np.abs(total - mode_of(total[voiced]))
    return {
        "off_pitch": float(np.median(np.abs(off[inside]))) / OFF_PITCH_CENTS,
        "drift": float(np.percentile(drift_gap[inside], 75)) / OFF_PITCH_CENTS,
        "wrong_notes": float(np.mean(np.abs(wrong[inside]) > _WRONG_FROM_CENTS)) / WRONG_SHARE,
        "pitch": float(np.median(pitch_gap[inside])) / OFF_PITCH_CENTS,
    }


def _vibrato(truth: Truth, inside: NDArray[np.bool_]) -> dict[str, float]:
    had = inside & (truth.track("vibrato_cents") >= LEAST_EXTENT_CENTS)
    if not had.any():
        return {"vibrato": 0.0, "vibrato_notes": 0.0}
    return {
        "vibrato": float(np.mean(truth.track("vibrato_lost")[had])),
        "vibrato_notes": float(had.sum() / inside.sum()),
    }


def _held(truth: Truth, voiced: NDArray[np.bool_], window: NDArray[np.bool_]) -> float:
    held = truth.track("held")
    there = window & (voiced | (held == SILENCED))
    if not there.any():
        return 0.0
    return float(np.mean(held[there] != 0)) / HELD_SHARE


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
