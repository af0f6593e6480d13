"""Chroma of take and original and the log-mel spectrogram, over one time axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.types import Analysis, FloatArray, Pictures
from asa_desktop.services.report.canvas import (
    TICKS_HEIGHT,
    Canvas,
    Drawing,
    level_labels,
    time_labels,
)
from asa_desktop.services.report.rows import Row, clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHROMA_RANGE = (0.0, 1.0)
MEL_RANGE = (-45.0, 30.0)
"""dB after levelling: from below a room's noise to above a voice's strongest partials."""

_CAPTION = 28
_HEIGHT = 92
_CHROMA_LABELS = ((0.0, "C"), (4.0, "E"), (7.0, "G"), (10.0, "B♭"))
_HERTZ = ((500, "500 Hz"), (1000, "1 kHz"), (2000, "2 kHz"), (4000, "4 kHz"))


def draw_maps(analysis: Analysis, row: Row, *, name: str) -> Drawing:
    """One row of heat maps; take and original share one range of colours."""
    take, reference = analysis.take_pictures, analysis.reference_pictures
    sheets = [("Chroma of the take, where it sings", sung_chroma(take), take.hop_s)]
    if reference is not None:
        sheets.append(
            ("Chroma of the original, where it sings", sung_chroma(reference), reference.hop_s)
        )
    sheets.append(("Spectrogram of the take (log-mel, dB)", take.mel, take.hop_s))
    canvas = Canvas(len(sheets) * (_CAPTION + _HEIGHT) + TICKS_HEIGHT)
    for index, (words, rows, hop_s) in enumerate(sheets):
        top = index * (_CAPTION + _HEIGHT) + _CAPTION
        canvas.caption(top - 11, (words, None))
        if rows is take.mel:
            _mel(canvas, row, rows, hop_s, top=top)
        else:
            _chroma(canvas, row, rows, hop_s, top=top)
    time_labels(canvas, row, y=canvas.height - TICKS_HEIGHT / 2 + 1)
    title = f"Chroma and spectrogram, {clock(row.start)} to {clock(row.end)}"
    parts = "; ".join(words for words, _, _ in sheets)
    return canvas.svg(name, title=title, words=f"{title}: {parts}.")


def sung_chroma(pictures: Pictures) -> FloatArray:
    """Chroma of the sung frames, the others 0. Shape: (96, T).

    Each frame is scaled to its own maximum, so that a silent room would be the brightest of all.
    """
    sung = np.zeros(pictures.chroma.shape[1], dtype=np.bool_)
    count = min(len(sung), len(pictures.voiced))
    sung[:count] = pictures.voiced[:count]
    return np.where(sung, pictures.chroma, np.float32(0))


def _chroma(canvas: Canvas, row: Row, rows: FloatArray, hop_s: float, *, top: float) -> None:
    each = max(len(rows) // 12, 1)
    low = -0.5 / each  # row 0 is centred on C
    axes = canvas.axes(top=top, height=_HEIGHT, x=row.limits, y=(low, low + 12))
    _picture(axes, row, rows, hop_s, levels=(low, low + 12), limits=CHROMA_RANGE)
    level_labels(canvas, axes, _CHROMA_LABELS)


def _mel(canvas: Canvas, row: Row, rows: FloatArray, hop_s: float, *, top: float) -> None:
    count = max(len(rows), 1)
    axes = canvas.axes(top=top, height=_HEIGHT, x=row.limits, y=(-0.5, count - 0.5))
    _picture(axes, row, rows, hop_s, levels=(-0.5, count - 0.5), limits=MEL_RANGE)
    labels = [(mel_row(hertz, rows=count), words) for hertz, words in _HERTZ]
    level_labels(canvas, axes, labels)


def mel_row(hertz: float, *, rows: int) -> float:
    """Row of the mel spectrogram whose centre is at `hertz`: 0 is the lowest.

    Bands lie evenly on Slaney's scale (Auditory Toolbox, 1998: linear to 1 kHz, logarithmic
    above) from 0 to half the rate, `rows` + 2 edges.
    """
    highest = FeatureSpec().rate / 2
    return _slaney(hertz) / _slaney(highest) * (rows + 1) - 1


def _slaney(hertz: float) -> float:
    if hertz < 1000:
        return hertz * 3 / 200
    return float(15 + 27 * np.log(hertz / 1000) / np.log(6.4))


def _picture(
    axes: Axes,
    row: Row,
    rows: FloatArray,
    hop_s: float,
    *,
    levels: tuple[float, float],
    limits: tuple[float, float],
) -> None:
    """The frames of the row, each centred on its time."""
    first = max(int(row.start / hop_s), 0)
    last = min(int(np.ceil(row.end / hop_s)) + 1, rows.shape[1])
    if last <= first:
        return
    low, high = limits
    values = np.nan_to_num(rows[:, first:last], nan=low, posinf=high, neginf=low)
    box = ((first - 0.5) * hop_s, (last - 0.5) * hop_s, *levels)
    axes.imshow(
        values,
        aspect="auto",
        origin="lower",
        extent=box,
        cmap="cividis",
        interpolation="none",  # frames as they are; the browser scales them
        vmin=low,
        vmax=high,
    )
    axes.set_xlim(*row.limits)
    axes.set_ylim(*levels)
