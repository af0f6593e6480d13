"""What a rendition really contains, note by note and every 50 ms, on its own clock."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from asa_training.render.centre import mode_of
from asa_training.render.curves import OFF_PITCH_CENTS, TIMING_S, WRONG_SHARE, Curves
from asa_training.segment import FRAME_S, Array, SungNote

STEP_S = 0.05
_WRONG_FROM_CENTS = 50.0


@dataclass(frozen=True, slots=True)
class TrueNote:
    """One note of the rendition: seconds, its pitch in the source and what was done to it."""

    start: float
    end: float
    cents: float
    off_cents: float
    wrong_cents: float
    drift_cents: float
    shift_s: float


@dataclass(frozen=True, slots=True)
class Truth:
    """Frame tracks of 50 ms, (n,): cents per pitch defect, `shift_s` of the timing defect, voiced.

    Frame k stands for the moment k x 0.05 s of the rendition. `transpose_cents` is the whole take's
    harmless offset, of which the cents here are free.
    """

    seconds: float
    transpose_cents: float
    notes: tuple[TrueNote, ...]
    voiced: tuple[bool, ...]
    off_pitch: tuple[float, ...]
    drift: tuple[float, ...]
    wrong_notes: tuple[float, ...]
    shift_s: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """The truth as plain values."""
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> Truth:
        """The inverse of `to_json`."""
        parts = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        parts["notes"] = tuple(TrueNote(**one) for one in values["notes"])
        return Truth(**parts)


def truth_of(
    curves: Curves, *, f0: Array, notes: tuple[SungNote, ...], transpose_cents: float
) -> Truth:
    """Read the truth off the curves that were rendered; `f0` (T,) is the source's, in Hz."""
    frames = f0.size
    seconds = frames * FRAME_S
    source = np.interp(
        np.arange(0, seconds, STEP_S), np.arange(frames) * FRAME_S, curves.source_time
    )
    at = np.clip(np.round(source / FRAME_S).astype(int), 0, frames - 1)
    clock = np.arange(frames) * FRAME_S

    def track(curve: Array, digits: int) -> tuple[float, ...]:
        return tuple(np.round(curve[at], digits).tolist())

    return Truth(
        seconds=round(seconds, 3),
        transpose_cents=transpose_cents,
        notes=tuple(
            TrueNote(
                start=round(float(np.interp(one.start, clock, curves.out_time)), 4),
                end=round(float(np.interp(one.end, clock, curves.out_time)), 4),
                cents=round(one.cents, 1),
                off_cents=round(float(curves.note_off[n]), 1),
                wrong_cents=round(float(curves.note_wrong[n]), 1),
                drift_cents=round(
                    float(np.interp((one.start + one.end) / 2, clock, curves.drift)), 1
                ),
                shift_s=round(float(curves.note_shift[n]), 4),
            )
            for n, one in enumerate(notes)
        ),
        voiced=tuple((f0[at] > 0).tolist()),
        off_pitch=track(curves.off_pitch, 1),
        drift=track(curves.drift, 1),
        wrong_notes=track(curves.wrong_notes, 1),
        shift_s=track(curves.defect_shift, 4),
    )


def realised(truth: Truth, start_s: float, end_s: float) -> dict[str, float]:
    """How strong each defect came out between two times of the rendition, 0 and up (about 1).

    `off_pitch`: median distance of the voiced frames from their own place / 150 cents.
    `drift`: upper quartile of the distance from the level that it keeps longest in the take / 150;
    over 3 s that is next to the median, over a take it says how far it went in its worse part.
    `wrong_notes`: share of voiced frames on another semitone / 0.6.
    `timing`: median distance from the take's median shift / 0.125 s.
    `pitch` pools them: median distance of the whole deviation from its mode over the take / 150;
    in a take with wrong notes alone it is 0 until half the window is wrong.
    `voiced` is the share of voiced frames; without any, the severities are 0.
    """
    voiced = np.array(truth.voiced, dtype=bool)
    clock = np.arange(voiced.size) * STEP_S
    inside = voiced & (clock >= start_s - 1e-9) & (clock < end_s - 1e-9)
    window = (clock >= start_s - 1e-9) & (clock < end_s - 1e-9)
    names = ("off_pitch", "drift", "timing", "wrong_notes", "pitch")
    if not inside.any():
        return dict.fromkeys((*names, "voiced"), 0.0)
    off, drift, wrong = (np.array(t) for t in (truth.off_pitch, truth.drift, truth.wrong_notes))
    shift = np.array(truth.shift_s)
    total = off + drift + wrong
    drift_gap = np.abs(drift - mode_of(drift[voiced]))
    pitch_gap = np.abs(total - mode_of(total[voiced]))
    return {
        "off_pitch": float(np.median(np.abs(off[inside]))) / OFF_PITCH_CENTS,
        "drift": float(np.percentile(drift_gap[inside], 75)) / OFF_PITCH_CENTS,
        "timing": float(np.median(np.abs(shift - np.median(shift[voiced]))[inside])) / TIMING_S,
        "wrong_notes": float(np.mean(np.abs(wrong[inside]) > _WRONG_FROM_CENTS)) / WRONG_SHARE,
        "pitch": float(np.median(pitch_gap[inside])) / OFF_PITCH_CENTS,
        "voiced": float(inside.sum() / window.sum()),
    }
