"""What a system of assessment may look at, all on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from asa_desktop.core.take_timing import heard_part
from asa_desktop.core.types import FloatArray, Melody, PitchTrack

if TYPE_CHECKING:
    from asa_desktop.core.features.track import TrackFeatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One take and what it is compared with.

    All curves lie on frames of ``pitch.hop_s``. `level_db` is the energy of a frame in dB, `onsets`
    the strength of a beginning there (0 and more). Everything but the take's pitch may be missing:
    a corpus of F0 curves has nothing else. `aligned` says that frame t of the take belongs to
    frame t of the reference; otherwise a system that compares in time has to align them itself.
    `melody` is on the reference's clock, its notes begin `offset_s` seconds into it.
    """

    pitch: PitchTrack
    level_db: FloatArray | None = None
    onsets: FloatArray | None = None
    reference_pitch: PitchTrack | None = None
    reference_level_db: FloatArray | None = None
    reference_onsets: FloatArray | None = None
    melody: Melody | None = None
    offset_s: float = 0.0
    aligned: bool = False


def evidence_of(
    take: TrackFeatures,
    reference: TrackFeatures | None,
    *,
    melody: Melody | None,
    offset_s: float,
    aligned: bool,
) -> Evidence:
    """The evidence in the features of two recordings (or of one and a melody)."""
    return Evidence(
        pitch=take.pitch,
        level_db=level_of(take),
        onsets=onsets_of(take),
        reference_pitch=None if reference is None else reference.pitch,
        reference_level_db=None if reference is None else level_of(reference),
        reference_onsets=None if reference is None else onsets_of(reference),
        melody=melody,
        offset_s=offset_s,
        aligned=aligned,
    )


def within(evidence: Evidence, *, start_s: float, end_s: float) -> Evidence:
    """The same, of a part of the song alone: on a clock that begins with it.

    Notes whose middle lies elsewhere are left out. A take that is not aligned stays whole.
    """
    import numpy as np

    hop_s = evidence.pitch.hop_s
    first, last = max(0, int(start_s // hop_s)), max(1, int(np.ceil(end_s / hop_s)))
    offset_s = evidence.offset_s - first * hop_s

    def cut(values: FloatArray | None) -> FloatArray | None:
        return None if values is None else values[first:last]

    def track(pitch: PitchTrack) -> PitchTrack:
        return PitchTrack(hop_s, pitch.hz[first:last], pitch.confidence[first:last])

    reference, melody = evidence.reference_pitch, evidence.melody
    if melody is not None:
        over_s = (last - first) * hop_s
        notes = (
            note for note in melody.notes if 0 <= (note.start + note.end) / 2 + offset_s <= over_s
        )
        melody = replace(melody, notes=tuple(notes))
    whole = evidence
    if evidence.aligned:
        pitch, level_db, onsets = track(whole.pitch), cut(whole.level_db), cut(whole.onsets)
        whole = replace(whole, pitch=pitch, level_db=level_db, onsets=onsets)
    return replace(
        whole,
        reference_pitch=None if reference is None else track(reference),
        reference_level_db=cut(evidence.reference_level_db),
        reference_onsets=cut(evidence.reference_onsets),
        melody=melody,
        offset_s=offset_s,
    )


def without(evidence: Evidence, spans: Sequence[tuple[float, float]]) -> Evidence:
    """The same, with nothing in these seconds on either side. For evidence that is aligned."""
    import numpy as np

    if not spans:
        return evidence
    hop_s = evidence.pitch.hop_s

    def blank(values: FloatArray, *, to: float) -> FloatArray:
        kept = values.copy()
        for first, last in spans:
            kept[max(0, int(first // hop_s)) : max(0, int(np.ceil(last / hop_s)))] = to
        return kept

    def track(pitch: PitchTrack) -> PitchTrack:
        return PitchTrack(hop_s, blank(pitch.hz, to=0.0), blank(pitch.confidence, to=0.0))

    def silent(level_db: FloatArray | None) -> FloatArray | None:
        return None if level_db is None else blank(level_db, to=float(level_db.min(initial=0.0)))

    def still(onsets: FloatArray | None) -> FloatArray | None:
        return None if onsets is None else blank(onsets, to=0.0)

    reference, melody = evidence.reference_pitch, evidence.melody
    if melody is not None:
        melody = heard_part(melody, tuple(spans), offset_s=evidence.offset_s, start_s=0.0)
    return replace(
        evidence,
        pitch=track(evidence.pitch),
        level_db=silent(evidence.level_db),
        onsets=still(evidence.onsets),
        reference_pitch=None if reference is None else track(reference),
        reference_level_db=silent(evidence.reference_level_db),
        reference_onsets=still(evidence.reference_onsets),
        melody=melody,
    )


def level_of(track: TrackFeatures) -> FloatArray:
    """Energy of each frame in dB, summed over the mel bands. Shape: (T,)."""
    import numpy as np

    power = np.sum(10 ** (track.mel.astype(np.float64) / 10), axis=0)
    return np.asarray(10 * np.log10(np.maximum(power, 1e-10)), np.float32)


def onsets_of(track: TrackFeatures) -> FloatArray:
    """Spectral flux of the mel bands in dB: the mean rise since the frame before. Shape: (T,)."""
    import numpy as np

    rise = np.maximum(np.diff(track.mel, axis=1, prepend=track.mel[:, :1]), 0.0)
    return np.asarray(rise.mean(axis=0), np.float32)
