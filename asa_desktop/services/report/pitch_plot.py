"""F0 of the take over the original's and the song's notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from asa_desktop.core.types import Analysis, Melody, NoteKind
from asa_desktop.services.report.canvas import (
    GUTTER,
    RIGHT,
    TICKS_HEIGHT,
    Canvas,
    Drawing,
    level_labels,
    lines,
    time_labels,
)
from asa_desktop.services.report.pitches import Floats, curve, note_name, sung_midi
from asa_desktop.services.report.rows import Row, clock
from asa_desktop.services.report.tokens import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CAPTION = 24
_LEAST_SPAN, _MOST_SPAN = 10.0, 40.0
_LABELS = ((0, 2, 4, 5, 7, 9, 11), (0, 4, 7, 9), (0, 7), (0,))
_LABEL_APART = 11.5


@dataclass(frozen=True, slots=True)
class PitchAxis:
    """Lowest and highest MIDI number, the same in every row of a report, and the plot's height."""

    low: float
    high: float

    @property
    def height(self) -> float:
        """Pixels: about 12 a semitone, within what a page bears."""
        return float(np.clip(12 * (self.high - self.low), 200, 340))

    def labels(self) -> list[tuple[float, str]]:
        """Note names as dense as they can be read, always from C."""
        a_semitone = self.height / (self.high - self.low)
        notes = range(int(np.ceil(self.low + 0.3)), int(np.floor(self.high - 0.3)) + 1)
        for classes in _LABELS:
            chosen = [note for note in notes if note % 12 in classes]
            closest = min(np.diff(chosen), default=12)
            if closest * a_semitone >= _LABEL_APART or classes == _LABELS[-1]:
                break
        return [(float(note), note_name(note)) for note in chosen]


def moved(analysis: Analysis) -> int:
    """Whole semitones by which original and notes are moved to lie in the singer's key."""
    key = analysis.alignment.key
    return 0 if key is None or not np.isfinite(key) else round(key)


def pitch_axis(analysis: Analysis) -> PitchAxis:
    """The range of all that is drawn, but for the rarest frames (octave errors of a tracker)."""
    values = [_bulk(sung_midi(analysis.take_pictures))]
    shift = moved(analysis)
    if analysis.reference_pictures is not None:
        values.append(_bulk(sung_midi(analysis.reference_pictures)) + shift)
    if analysis.melody is not None:
        notes = [note.midi for note in analysis.melody.notes if _has_pitch(note.kind)]
        values.append(np.array(notes, dtype=np.float64) + shift)
    known = np.concatenate(values)
    if not len(known):
        return PitchAxis(55.0, 67.0)
    low, high = float(known.min()) - 1.5, float(known.max()) + 1.5
    middle = (low + high) / 2
    span = float(np.clip(high - low, _LEAST_SPAN, _MOST_SPAN))
    return PitchAxis(middle - span / 2, middle + span / 2)


def draw_pitch(analysis: Analysis, row: Row, axis: PitchAxis, *, name: str) -> Drawing:
    """One row of the pitch plot."""
    top = float(_CAPTION)
    canvas = Canvas(top + axis.height + TICKS_HEIGHT)
    canvas.caption(10, *_legend(analysis))
    axes = canvas.axes(top=top, height=axis.height, x=row.limits, y=(axis.low, axis.high))
    labels = axis.labels()
    semitones = range(int(np.ceil(axis.low)), int(np.floor(axis.high)) + 1)
    lines(axes, across=semitones, alpha=0.45)
    lines(axes, across=[level for level, _ in labels])
    lines(axes, up=row.ticks(apart=13), alpha=0.45)
    level_labels(canvas, axes, labels)
    shift = moved(analysis)
    if analysis.melody is not None:
        offset_s = analysis.alignment.notes_s
        _notes(axes, row, analysis.melody, axis, shift=shift, offset_s=offset_s)
    if analysis.reference_pictures is not None:
        times, midi = curve(analysis.reference_pictures, start=row.start, end=row.end)
        axes.plot(times, midi + shift, color=LIGHT["reference"], linewidth=1.3, zorder=3)
    times, midi = curve(analysis.take_pictures, start=row.start, end=row.end)
    axes.plot(times, midi, color=LIGHT["take"], linewidth=1.9, solid_capstyle="round", zorder=4)
    time_labels(canvas, row, y=top + axis.height + TICKS_HEIGHT / 2 + 1)
    title = f"Pitch, {clock(row.start)} to {clock(row.end)}"
    return canvas.svg(name, title=title, words=f"{title}: {_in_words(analysis, row, midi)}.")


def _legend(analysis: Analysis) -> list[tuple[str, str | None]]:
    shift = moved(analysis)
    plural = "" if abs(shift) == 1 else "s"
    key = f", moved {'up' if shift > 0 else 'down'} {abs(shift)} semitone{plural} to the take's key"
    parts: list[tuple[str, str | None]] = [("Pitch", None), ("take", "-take")]
    if analysis.reference_pictures is not None:
        parts.append(("original" + (key if shift else ""), "-reference"))
    if analysis.melody is not None:
        alone = analysis.reference_pictures is None
        parts.append(("notes" + (key if shift and alone else ""), "note"))
    return parts


def _notes(
    axes: Axes, row: Row, melody: Melody, axis: PitchAxis, *, shift: int, offset_s: float
) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import FancyBboxPatch

    a_pixel = row.scale_s / (axes.figure.bbox.width - GUTTER - RIGHT)
    a_level = (axis.high - axis.low) / axis.height
    first, last = row.limits
    boxes = []
    for note in melody.notes:
        start, end = note.start + offset_s, note.end + offset_s
        if not _has_pitch(note.kind) or end <= first or start >= last:
            continue
        width = max(end - start, 2 * a_pixel)
        radius = min(3 * a_pixel, width / 2)
        boxes.append(
            FancyBboxPatch(
                (start, note.midi + shift - 0.45),
                width,
                0.9,
                boxstyle=f"round,pad=0,rounding_size={radius}",
                mutation_aspect=a_level / a_pixel,
            )
        )
    look: dict[str, Any] = {"facecolor": LIGHT["note"], "edgecolor": "none", "zorder": 2}
    axes.add_collection(PatchCollection(boxes, **look), autolim=False)


def _in_words(analysis: Analysis, row: Row, midi: Floats) -> str:
    known = midi[np.isfinite(midi)]
    if not len(known):
        return "nothing sung"
    words = [f"the take lies between {note_name(known.min())} and {note_name(known.max())}"]
    away = _away(analysis, row)
    if away is not None:
        words.append(
            f"its median is {abs(away)} cents {'above' if away > 0 else 'below'} the original"
            if away
            else "its median is the original's"
        )
    return ", ".join(words)


def _away(analysis: Analysis, row: Row) -> int | None:
    """Median distance in cents where both sing, after `moved`; None where they never do."""
    if analysis.reference_pictures is None:
        return None
    hop = analysis.take_pictures.pitch.hop_s
    if abs(analysis.reference_pictures.pitch.hop_s - hop) > 1e-9:
        return None
    take, reference = sung_midi(analysis.take_pictures), sung_midi(analysis.reference_pictures)
    window = slice(int(row.start / hop), min(int(row.end / hop), len(take), len(reference)))
    difference = take[window] - reference[window] - moved(analysis)
    difference = difference[np.isfinite(difference)]
    return round(float(np.median(difference)) * 100) if len(difference) else None


def _bulk(midi: Floats) -> Floats:
    known = midi[np.isfinite(midi)]
    return np.percentile(known, [0.5, 99.5]) if len(known) else known


def _has_pitch(kind: NoteKind) -> bool:
    return kind not in (NoteKind.RAP, NoteKind.GOLDEN_RAP, NoteKind.FREESTYLE)
