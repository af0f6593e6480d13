"""Reads the truth about a rendition off the curves that it was rendered from."""

from __future__ import annotations

import numpy as np

from asa_training.render.curves import Curves
from asa_training.render.shapes import frames_of, smooth
from asa_training.render.truth import HELD_OVER, SILENCED, STEP_S, TrueNote, Truth
from asa_training.segment import FRAME_S, Array, SungNote

_HARDLY = 0.5


def truth_of(
    curves: Curves, *, f0: Array, notes: tuple[SungNote, ...], transpose_cents: float
) -> Truth:
    """Read the truth off the curves that were rendered; `f0` (T,) is the source's, in Hz."""
    frames = f0.size
    seconds = frames * FRAME_S
    moments = np.arange(0, seconds, STEP_S)
    source = np.interp(moments, np.arange(frames) * FRAME_S, curves.source_time)
    at = np.clip(np.round(source / FRAME_S).astype(int), 0, frames - 1)

    def track(curve: Array, digits: int) -> tuple[float, ...]:
        return tuple(np.round(curve[at], digits).tolist())

    held = np.where((f0 > 0) & (curves.dropped > _HARDLY), SILENCED, 0.0)[at]
    for start, end in curves.over:
        held[(moments >= start) & (moments < end) & (f0[at] > 0)] = HELD_OVER
    return Truth(
        seconds=round(seconds, 3),
        transpose_cents=transpose_cents,
        notes=_notes(curves, notes, frames),
        voiced=tuple(((f0 > 0) & (curves.silence <= _HARDLY))[at].tolist()),
        off_pitch=track(curves.off_pitch, 1),
        drift=track(curves.drift, 1),
        wrong_notes=track(curves.wrong_notes, 1),
        shift_s=track(curves.defect_shift, 4),
        scoops=track(curves.scoops, 1),
        unsteady=track(np.sqrt(smooth(np.square(curves.unsteady), 0.6)), 1),
        vibrato_cents=track(_on_notes(curves.vibrato.extent, notes, frames), 1),
        vibrato_lost=track(_on_notes(curves.vibrato.lost, notes, frames), 3),
        gain_db=track(curves.gain_db, 2),
        tone=track(curves.tone, 3),
        held=tuple(held.tolist()),
        kinds=curves.kinds,
    )


def _on_notes(values: Array, notes: tuple[SungNote, ...], frames: int) -> Array:
    curve = np.zeros(frames)
    for one, value in zip(notes, values, strict=True):
        curve[frames_of(one, frames)] = value
    return curve


def _notes(curves: Curves, notes: tuple[SungNote, ...], frames: int) -> tuple[TrueNote, ...]:
    clock = np.arange(frames) * FRAME_S

    def sounds(moment: float) -> float:
        return round(float(np.interp(moment, clock, curves.out_time)), 4)

    true = []
    for n, one in enumerate(notes):
        where = frames_of(one, frames)
        true.append(
            TrueNote(
                start=sounds(one.start),
                end=sounds(one.end),
                cents=round(one.cents, 1),
                off_cents=round(float(curves.note_off[n]), 1),
                wrong_cents=round(float(curves.note_wrong[n]), 1),
                drift_cents=round(
                    float(np.interp((one.start + one.end) / 2, clock, curves.drift)), 1
                ),
                shift_s=round(float(curves.note_shift[n]), 4),
                scoop_cents=round(float(curves.note_scoop[n]), 1),
                unsteady_cents=round(float(np.std(curves.unsteady[where])), 1),
                vibrato_cents=round(float(curves.vibrato.extent[n]), 1),
                vibrato_lost=round(float(curves.vibrato.lost[n]), 3),
                vibrato_kind=curves.vibrato.kinds[n],
                vibrato_lent=curves.vibrato.lent[n],
                gain_db=round(float(np.mean(curves.gain_db[where])), 2),
                tone=round(float(np.mean(curves.tone[where])), 3),
                held=curves.held.kinds[n],
                lost_s=round(float(curves.held.lost_s[n]), 4),
                over_s=round(float(curves.held.over_s[n]), 4),
            )
        )
    return tuple(true)
