"""From a plan and the notes of a source: the curves that engine and voice are to follow.

Source time is when a thing happens in the recording, output time when it happens in the
rendition. Curves live on the source's 5 ms frames, so each note carries its own along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from asa_training.render import intonation, loudness, ornament, rhythm
from asa_training.render.ornament import Vibrato
from asa_training.render.plan import Plan
from asa_training.render.rhythm import Held
from asa_training.render.shapes import over_frames
from asa_training.segment import FRAME_S, Array, SungNote

# Each has a generator of its own, by its place here: add at the end.
_DRAWN = (
    "off_pitch",
    "wrong_notes",
    "wobble",
    "timing",
    "sway",
    "drift",
    "scoops",
    "vibrato",
    "dynamics",
    "tone",
    "held",
    "unsteady",
    "lent_vibrato",
    "swell",
    "trims",
    "small_scoops",
    "little_unsteady",
)


@dataclass(frozen=True, slots=True)
class Curves:
    """What a rendition does to its source of T frames, by cause.

    All on source frames, (T,), unless said otherwise. Cents that are added to the pitch:
    `off_pitch`, `drift`, `wrong_notes`, `scoops`, `unsteady`, `vibrato.defect`, and the harmless
    `in_tune`. Seconds: `out_time`, when each source frame sounds; `defect_shift`, how much of that
    is owed to the timing defect; `source_time`, the inverse of `out_time`, on output frames.
    `gain_db` of the dynamics defect, `swell_db` of harmless phrasing; `silence` 0 to 1 by defect
    and harmless trims, `dropped` by the defect alone; `tone` -1 to 1 (pressed, breathy) of the
    defect, `own_tone` of the voice. `over` are the (start, end) in output seconds that notes are
    held over. Per note (n,): `note_off`, `note_wrong`, `note_scoop` cents, `note_shift` seconds.
    `kinds` says which form a defect took that has several.
    """

    off_pitch: Array
    drift: Array
    wrong_notes: Array
    scoops: Array
    unsteady: Array
    vibrato: Vibrato
    in_tune: Array
    out_time: Array
    defect_shift: Array
    source_time: Array
    gain_db: Array
    swell_db: Array
    silence: Array
    dropped: Array
    tone: Array
    own_tone: float
    held: Held
    over: tuple[tuple[float, float], ...]
    note_off: Array
    note_wrong: Array
    note_scoop: Array
    note_shift: Array
    kinds: dict[str, str]

    @property
    def cents(self) -> Array:
        """All that is added to the source's pitch, (T,)."""
        spoilt = self.off_pitch + self.drift + self.wrong_notes + self.scoops + self.unsteady
        return spoilt + self.vibrato.defect + self.in_tune


def draw_curves(
    plan: Plan, *, cents: Array, notes: tuple[SungNote, ...], level_db: Array | None = None
) -> Curves:
    """Draw the curves of `plan` over a source whose pitch is `cents` (T,), NaN where unvoiced.

    `level_db` (T,) is the source's loudness; without it there is nothing to flatten. Every curve
    has its own generator: changing one severity leaves the others as they were.
    """
    seeds = np.random.SeedSequence(plan.seed).spawn(len(_DRAWN))
    rngs = {name: np.random.default_rng(one) for name, one in zip(_DRAWN, seeds, strict=True)}
    frames, voiced = cents.size, np.isfinite(cents)
    asked, harmless = plan.severities, plan.harmless
    clock, total = np.arange(frames) * FRAME_S, frames * FRAME_S
    note_off = intonation.off_pitch(rngs["off_pitch"], asked.off_pitch, notes)
    note_wrong = intonation.wrong_notes(rngs["wrong_notes"], asked.wrong_notes, len(notes))
    drift, drift_kind = intonation.drift(rngs["drift"], asked.drift, voiced)
    scoops, note_scoop = ornament.scoops(rngs["scoops"], asked.scoops, notes, frames)
    vibrato = ornament.vibrato(
        rngs["lent_vibrato"],
        rngs["vibrato"],
        asked.vibrato,
        scale=harmless.vibrato,
        lent_cents=harmless.lent_vibrato_cents,
        cents=cents,
        notes=notes,
    )
    held = rhythm.held(rngs["held"], asked.held, notes, total)
    knots, shift = rhythm.late_and_early(rngs["timing"], asked.timing, notes, total)
    defect_shift = np.interp(clock, knots, shift)
    late = clock + defect_shift
    longer = np.interp(clock, held.knots, held.shift)
    sway = rngs["sway"].bit_generator.state
    unheld_time = rhythm.swayed(rngs["sway"], late, harmless.sway_s)
    rngs["sway"].bit_generator.state = sway
    out_time = rhythm.swayed(rngs["sway"], late + longer, harmless.sway_s)
    gain_db, gain_kind = loudness.dynamics(
        rngs["dynamics"],
        asked.dynamics,
        level_db=np.zeros(frames) if level_db is None else level_db,
        voiced=voiced,
        notes=notes,
    )
    tone, tone_kind = loudness.tone(rngs["tone"], asked.tone, frames)
    trims = rhythm.trims(rngs["trims"], harmless.trim_s, notes)
    kinds = {"drift": drift_kind, "dynamics": gain_kind, "tone": tone_kind}
    return Curves(
        off_pitch=over_frames(note_off, notes, frames),
        drift=drift,
        wrong_notes=over_frames(note_wrong, notes, frames),
        scoops=scoops,
        unsteady=ornament.unsteady(
            rngs["unsteady"], ornament.UNSTEADY_CENTS * asked.unsteady, notes, frames
        ),
        vibrato=vibrato,
        in_tune=_harmless_cents(plan, rngs, notes, frames) + vibrato.harmless,
        out_time=out_time,
        defect_shift=defect_shift,
        source_time=np.interp(clock, out_time, clock),
        gain_db=gain_db,
        swell_db=loudness.swell(rngs["swell"], harmless.swell_db, frames),
        silence=loudness.silence((*held.silent, *trims), frames),
        dropped=loudness.silence(held.silent, frames),
        tone=tone,
        own_tone=harmless.tone,
        held=held,
        over=tuple(
            (
                float(np.interp(one.end, clock, unheld_time)),
                float(np.interp(one.end, clock, out_time)),
            )
            for one, more in zip(notes, held.over_s, strict=True)
            if more > 0
        ),
        note_off=note_off,
        note_wrong=note_wrong,
        note_scoop=note_scoop,
        note_shift=np.interp([one.start for one in notes], knots, shift),
        kinds={name: kind for name, kind in kinds.items() if kind},
    )


def _harmless_cents(
    plan: Plan, rngs: dict[str, np.random.Generator], notes: tuple[SungNote, ...], frames: int
) -> Array:
    harmless = plan.harmless
    tiny = np.clip(rngs["wobble"].normal(0, 1, len(notes)) * harmless.wobble_cents, -15, 15)
    return (
        over_frames(tiny, notes, frames)
        + ornament.small_scoops(rngs["small_scoops"], harmless.scoop_cents, notes, frames)
        + ornament.unsteady(rngs["little_unsteady"], harmless.unsteady_cents, notes, frames)
        + harmless.transpose_cents
    )
