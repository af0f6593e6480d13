"""One source and one plan: the sound and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from asa_training.render.channel import record
from asa_training.render.curves import Curves, draw_curves
from asa_training.render.engines import RATE, Engine
from asa_training.render.loudness import frame_level_db
from asa_training.render.plan import Harmless, Plan, Severities
from asa_training.render.source import Source
from asa_training.render.truth import Truth
from asa_training.render.truth_of_curves import truth_of
from asa_training.render.voice import with_loudness, with_tone
from asa_training.segment import FRAME_S, Array, cents_of

_RESTORED_FROM = Severities(
    off_pitch=0.6, drift=0.3, wrong_notes=0.3, scoops=0.4, unsteady=0.3, vibrato=0.3
)


@dataclass
class Singer:
    """A source in an engine's hands: what is analysed once serves all its renditions."""

    source: Source
    engine: Engine
    _prepared: dict[bool, Any] = field(default_factory=dict)

    def render(self, plan: Plan) -> tuple[Array, Truth]:
        """Sing the plan: samples (N,) at 16 kHz, as many as the source has, and the truth."""
        dry, truth = self.dry(plan)
        return record(dry, plan.channel, plan.seed), truth

    def dry(self, plan: Plan) -> tuple[Array, Truth]:
        """As `render`, before the channel."""
        curves = self.curves(plan)
        sung = self._sung(plan, curves)
        truth = truth_of(
            curves,
            f0=self.source.f0,
            notes=self.source.notes,
            transpose_cents=plan.harmless.transpose_cents,
        )
        return sung, truth

    def curves(self, plan: Plan) -> Curves:
        """What the plan does to this source."""
        return draw_curves(
            plan, cents=self._cents, notes=self.source.notes, level_db=self._level_db
        )

    def asked_f0(self, curves: Curves) -> Array:
        """The F0 (T,) in Hz on output frames that the engine is asked for, 0 unvoiced."""
        return asked_f0(self._cents + curves.cents, curves.source_time)

    def _sung(self, plan: Plan, curves: Curves) -> Array:
        f0 = self.asked_f0(curves)
        sound = self.engine.render(
            self._material(restored=plan.harmless.restored),
            f0=f0,
            source_time=curves.source_time,
            formant=plan.harmless.formant,
        )

        def heard(curve: Array) -> Array:
            clock = np.arange(curve.size) * FRAME_S
            return np.interp(curves.source_time, clock, curve)

        tone = np.clip(heard(curves.tone) + curves.own_tone, -1.0, 1.0)
        sound = with_tone(sound, tone=tone, f0=f0, seed=plan.seed)
        return with_loudness(
            sound,
            gain_db=heard(curves.gain_db + curves.swell_db),
            silence=heard(curves.silence),
        )

    @cached_property
    def _cents(self) -> Array:
        return cents_of(self.source.f0)

    @cached_property
    def _level_db(self) -> Array:
        return frame_level_db(self.source.audio, RATE, self.source.f0.size)

    def _material(self, *, restored: bool) -> Any:
        """The analysed source, or a copy of it that this engine has already sung off pitch.

        A rendition from the copy that ends in tune has undergone pitch edits as large as those of a
        poor one, so that the traces of editing do not tell good from poor.
        """
        if restored not in self._prepared:
            sound, f0 = self.source.audio, self.source.f0
            if restored:
                plan = Plan(
                    role="negative",
                    engine=self.engine.name,
                    seed=int(self.source.sha256[:8] or "0", 16),
                    severities=_RESTORED_FROM,
                    harmless=Harmless(),
                )
                curves = self.curves(plan)
                f0 = self.asked_f0(curves)
                sound = self.engine.render(
                    self._material(restored=False),
                    f0=f0,
                    source_time=curves.source_time,
                    formant=1.0,
                )
            self._prepared[restored] = self.engine.prepare(sound, f0)
        return self._prepared[restored]


def asked_f0(cents: Array, source_time: Array) -> Array:
    """The F0 (T,) in Hz, 0 unvoiced, that sings `cents` (T,; NaN unvoiced) at `source_time`."""
    place = np.clip(source_time / FRAME_S, 0, cents.size - 1)
    voiced = np.isfinite(cents)
    if not voiced.any():
        return np.zeros(cents.size)
    at = np.arange(cents.size)
    read = np.interp(place, at[voiced], cents[voiced])
    sung = voiced[np.round(place).astype(int)]
    return np.where(sung, 55.0 * 2 ** (read / 1200), 0.0)
