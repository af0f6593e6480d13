"""From an analysis to the page and its drawings."""

from __future__ import annotations

from asa_desktop.core.types import Analysis
from asa_desktop.services.report.canvas import Drawing, drawing
from asa_desktop.services.report.histogram import pitch_histogram
from asa_desktop.services.report.histogram_plot import draw_histogram
from asa_desktop.services.report.maps import draw_maps
from asa_desktop.services.report.page import NoticeText, Plots, ReasonText, page
from asa_desktop.services.report.pitch_plot import draw_pitch, pitch_axis
from asa_desktop.services.report.places import draw_places
from asa_desktop.services.report.rows import rows_of
from asa_desktop.services.report.strip import draw_strip, reason_letters


def build(
    analysis: Analysis, *, reason_text: ReasonText, notice_text: NoticeText
) -> tuple[str, tuple[Drawing, ...]]:
    """The text of the page and every drawing that it shows. Nothing is written."""
    take = pitch_histogram(analysis.take_pictures)
    reference = None
    if analysis.reference_pictures is not None:
        reference = pitch_histogram(analysis.reference_pictures)
    rows = rows_of(analysis)
    letters = reason_letters(analysis.clips)
    axis = pitch_axis(analysis)
    numbered = list(enumerate(rows, 1))
    with drawing():
        plots = Plots(
            rows=rows,
            strips=()
            if not analysis.clips
            else tuple(
                draw_strip(row, analysis.clips, letters, name=f"clips-{k}") for k, row in numbered
            ),
            pitches=tuple(
                draw_pitch(analysis, row, axis, name=f"pitch-{k}") for k, row in numbered
            ),
            maps=tuple(draw_maps(analysis, row, name=f"maps-{k}") for k, row in numbered),
            places=draw_places(analysis.attributes, rows),
            histogram=draw_histogram(take, reference, name="pitch-histogram"),
        )
    text = page(
        analysis, plots, (take, reference), reason_text=reason_text, notice_text=notice_text
    )
    return text, plots.all
