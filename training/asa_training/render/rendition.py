"""One source and one plan: the sound and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from asa_training.render.channel import record
from asa_training.render.curves import draw_curves
from asa_training.render.engines import Engine
from asa_training.render.plan import Harmless, Plan, Severities
from asa_training.render.source import Source
from asa_training.render.truth import Truth, truth_of
from asa_training.segment import FRAME_S, Array, cents_of

_RESTORED_FROM = Severities(off_pitch=0.6, drift=0.3, wrong_notes=0.3)


@dataclass(slots=True)
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
        cents = cents_of(self.source.f0)
        curves = draw_curves(plan, cents=cents, notes=self.source.notes)
        sung = self.engine.render(
            self._material(restored=plan.harmless.restored),
            f0=asked_f0(cents + curves.cents, curves.source_time),
            source_time=curves.source_time,
            formant=plan.harmless.formant,
        )
        truth = truth_of(
            curves,
            f0=self.source.f0,
            notes=self.source.notes,
            transpose_cents=plan.harmless.transpose_cents,
        )
        return sung, truth

    def _material(self, *, restored: bool) -> Any:
        """The analysed source, or a copy of it that this engine has already sung off pitch.

        A rendition from the copy that ends in tune has undergone pitch edits as large as those of a
        poor one, so that the traces of editing do not tell good from poor.
        """
        if restored not in self._prepared:
            sound, f0 = self.source.audio, self.source.f0
            if restored:
                seed = int(self.source.sha256[:8] or "0", 16)
                plan = Plan(
                    role="negative",
                    engine=self.engine.name,
                    seed=seed,
                    severities=_RESTORED_FROM,
                    harmless=Harmless(),
                )
                cents = cents_of(f0)
                curves = draw_curves(plan, cents=cents, notes=self.source.notes)
                moved = asked_f0(cents + curves.cents, curves.source_time)
                sound = self.engine.render(
                    self._material(restored=False),
                    f0=moved,
                    source_time=curves.source_time,
                    formant=1.0,
                )
                f0 = moved
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
