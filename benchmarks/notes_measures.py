"""What `benchmarks.notes` counts: pitch tracks against a known F0, notes against known notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import Note, PitchTrack, SungNote

Floats = NDArray[np.float64]
AnyNote = Note | SungNote


@dataclass(frozen=True, slots=True)
class PitchCounts:
    """Cents off where both are voiced (shape: (n,)), and how many frames were voiced where."""

    off: Floats
    true: int
    unvoiced: int
    false_alarms: int

    def __add__(self, other: PitchCounts) -> PitchCounts:
        return PitchCounts(
            np.concatenate((self.off, other.off)),
            self.true + other.true,
            self.unvoiced + other.unvoiced,
            self.false_alarms + other.false_alarms,
        )

    def row(self) -> str:
        """Raw pitch accuracy at 50 cents, frames an octave off and otherwise more than 50 cents
        off (in 1000), voicing recall and false alarm, median distance from the median in cents."""
        folded = np.abs(np.mod(self.off + 600, 1200) - 600)
        octaves = (np.abs(self.off) > 600) & (folded <= 50)
        right = np.abs(self.off) <= 50
        count = max(len(self.off), 1)
        spread = np.median(np.abs(self.off - np.median(self.off)))
        return (
            f"{100 * right.sum() / self.true:9.1f} {1000 * octaves.sum() / count:8.2f}"
            f" {1000 * (~right & ~octaves).sum() / count:7.1f} {100 * count / self.true:7.1f}"
            f" {100 * self.false_alarms / max(self.unvoiced, 1):7.1f} {spread:7.2f}"
        )


PITCH_HEAD = f"{'':24} {'accuracy':>9} {'octaves':>8} {'gross':>7} {'recall':>7} {'false':>7}"
PITCH_HEAD += f" {'spread':>7}"


def pitch_counts(found: PitchTrack, times: Floats, hz: Floats) -> PitchCounts:
    """`found` at the times where F0 is known (0: unvoiced)."""
    at = np.round(times / found.hop_s).astype(int)
    own = np.where(at < len(found.hz), found.hz[np.minimum(at, len(found.hz) - 1)], 0.0)
    both = (own > 0) & (hz > 0)
    return PitchCounts(
        off=1200 * np.log2(own[both] / hz[both]),
        true=int((hz > 0).sum()),
        unvoiced=int((hz == 0).sum()),
        false_alarms=int(((own > 0) & (hz == 0)).sum()),
    )


def matched(
    true: Sequence[AnyNote],
    found: Sequence[AnyNote],
    *,
    onset_s: float,
    pitch: bool = False,
    offset: bool = False,
) -> int:
    """How many notes can be paired, as `mir_eval.transcription.match_notes` defines it: onsets
    within `onset_s`; with `pitch` within 50 cents; with `offset` ends within the larger of 50 ms
    and 20 % of the true note's length; one to one, as many as possible."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_bipartite_matching

    if not len(true) or not len(found):
        return 0
    known, own = (
        np.array([(each.start, each.end, each.midi) for each in notes]) for notes in (true, found)
    )
    apart = np.abs(known[:, None] - own)
    hit = np.round(apart[..., 0], 4) <= onset_s
    if pitch:
        hit &= apart[..., 2] <= 0.5
    if offset:
        slack = np.maximum(0.05, 0.2 * (known[:, 1] - known[:, 0]))
        hit &= np.round(apart[..., 1], 4) <= slack[:, None]
    return int((maximum_bipartite_matching(csr_matrix(hit), perm_type="column") >= 0).sum())


Pairs = Sequence[tuple[Sequence[AnyNote], Sequence[AnyNote]]]

NOTES_HEAD = f"{'':24} {'50 ms:':>7} COn COnP COnPOff  {'100 ms:':>7} COn COnP COnPOff {'found':>8}"


def notes_row(pairs: Pairs) -> str:
    """The F-measures over all notes of some songs, each a pair of true and found notes."""
    total = sum(len(true) + len(found) for true, found in pairs)
    shown = []
    for onset_s in (0.05, 0.1):
        for pitch, offset in ((False, False), (True, False), (True, True)):
            hits = sum(
                matched(true, found, onset_s=onset_s, pitch=pitch, offset=offset)
                for true, found in pairs
            )
            shown.append(2 * hits / max(total, 1))
    known, own = (sum(len(pair[side]) for pair in pairs) for side in (0, 1))
    first, last = ("".join(f"{value:6.3f}" for value in part) for part in (shown[:3], shown[3:]))
    return f"{first:>26} {last:>26} {own:5d}/{known}"


def lateness(pairs: Pairs) -> float:
    """The median of how much later the nearest found note begins, within 150 ms, in seconds."""
    late = [
        found[int(np.argmin([abs(own.start - each.start) for own in found]))].start - each.start
        for true, found in pairs
        if len(found)
        for each in true
    ]
    near = np.array([each for each in late if abs(each) < 0.15])
    return float(np.median(near)) if len(near) else 0.0
