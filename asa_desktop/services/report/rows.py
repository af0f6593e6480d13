"""The time axis: how a take is cut into rows that all share one scale."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from asa_desktop.core.types import Analysis, Pictures

LONGEST_ROW_S = 66.0
SHORTEST_SCALE_S = 9.0
_STEPS = (1, 2, 5, 10, 15, 30, 60)


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of the take. `scale_s` is what the full width stands for, in every row alike."""

    start: float
    end: float
    scale_s: float

    @property
    def limits(self) -> tuple[float, float]:
        """First and last second of the axis; the last row may end before its axis does."""
        return self.start, self.start + self.scale_s

    def ticks(self, *, apart: int) -> tuple[int, ...]:
        """Whole seconds to be labelled, so that about `apart` labels find room."""
        step = next((each for each in _STEPS if self.scale_s / each <= apart), 120)
        first = math.ceil(round(self.start / step, 6)) * step
        return tuple(range(first, math.floor(self.end) + 1, step))


def rows_of(analysis: Analysis) -> tuple[Row, ...]:
    """Rows of equal length, at most about a minute, cut between clips where there are any."""
    ends = [each.clip.end for each in analysis.clips]
    total = max([duration(analysis.take_pictures), *ends, 1.0])
    count = math.ceil(total / LONGEST_ROW_S)
    starts = [each.clip.start for each in analysis.clips]
    cuts = [0.0, *(_near(starts, total * k / count) for k in range(1, count)), total]
    scale = max(SHORTEST_SCALE_S, *(end - start for start, end in itertools.pairwise(cuts)))
    return tuple(
        Row(start, end, scale) for start, end in itertools.pairwise(cuts) if end - start > 1e-6
    )


def duration(pictures: Pictures) -> float:
    """Seconds that the pictures cover."""
    mapped = int(pictures.mel.shape[1]) * pictures.hop_s
    return max(mapped, len(pictures.pitch.hz) * pictures.pitch.hop_s)


def clock(seconds: float) -> str:
    """Minutes and seconds, as on every page: 1:05."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _near(starts: Sequence[float], wanted: float) -> float:
    """The start of a clip that is nearest to `wanted`, if one is near."""
    best = min(starts, key=lambda start: abs(start - wanted), default=wanted)
    return best if abs(best - wanted) <= 6 else wanted
