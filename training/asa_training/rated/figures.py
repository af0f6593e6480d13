"""The figures: correlations beside the human line, agreement, PCA of clips, severity curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from asa_training.rated.agreement import MEASURES
from asa_training.rated.compare import SCORE, VALUE, Line, Table
from asa_training.rated.picture import Picture, picture_of
from asa_training.rated.severity import Curve
from asa_training.rated.sheet import (
    BAND,
    COLOURS,
    LINE,
    MANY,
    MUTED,
    TEXT,
    Drawing,
    drawing,
    figure,
    legend_of_songs,
    looks,
    plain,
    to_svg,
    worded,
)
from asa_training.rated.table import cell, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH = 960
_ACROSS = 4


def draw(table: Table, curves: Mapping[str, Curve]) -> list[Drawing]:
    """Every figure that there is something for."""
    with drawing():
        found = [forest(table), agreement_plots(table)]
        picture = picture_of(table.rated)
        if picture is not None:
            found.append(clips(picture, table.songs))
        if curves:
            found.append(severities(curves))
    return found


def forest(table: Table) -> Drawing:
    """Every system's correlation over the mix with its interval, the judges as a band."""
    lines = list(table.lines)
    sheet = figure(_WIDTH, 90 + 22 * len(lines))
    plots = sheet.subplots(1, 2, sharey=True)
    for axes, measure in zip(plots, MEASURES, strict=True):
        people = table.human[measure, None]
        if people.value is not None and people.lowest is not None and people.highest is not None:
            axes.axvspan(people.lowest, people.highest, color=BAND, zorder=0)
            axes.axvline(people.value, color=MUTED, linewidth=1.5, zorder=1)
        for place, line in enumerate(lines):
            found = line.cells[measure, None]
            if found.value is None:
                continue
            if found.low is not None and found.high is not None:
                axes.plot([found.low, found.high], [place, place], color=COLOURS[0], linewidth=2)
            axes.plot(found.value, place, "o", color=COLOURS[0], markersize=6)
        axes.axvline(0, color=LINE, linewidth=1.5, zorder=0.5)
        axes.set_xlim(-1, 1)
        axes.set_title(f"{measure.capitalize()}, mix")
        plain(axes)
    plots[0].set_yticks(range(len(lines)), [worded(line.system) for line in lines])
    plots[0].set_ylim(len(lines) - 0.4, -0.6)
    plots[0].tick_params(labelcolor=TEXT)
    words = (
        "Dots: correlation over all performances, bars: 95 % over singers. Grey line: one judge"
        " against the mean of the others, grey band: from the lowest to the highest judge."
    )
    return to_svg(sheet, "forest", title="Agreement with people over the mix", words=words)


def agreement_plots(table: Table) -> Drawing:
    """What each system says against what people say, one plot a system."""
    lines = [line for line in table.lines if np.isfinite(line.oriented).any()]
    down = max(1, -(-len(lines) // _ACROSS))
    songs = looks(table.songs)
    rows = 1 + (len(songs) - 1) // 5
    sheet = figure(_WIDTH, 215 * down + 20 * rows)
    plots = sheet.subplots(down, _ACROSS, squeeze=False).ravel()
    as_picture = len(lines) * len(table.rated) > MANY
    human = np.array([each.human for each in table.rated])
    for axes, line in zip(plots, lines, strict=False):
        for song, look in songs.items():
            inside = np.array([each.song == song for each in table.rated])
            axes.scatter(
                line.oriented[inside],
                human[inside],
                s=22,
                c=look.colour,
                marker=look.shape,
                alpha=0.75,
                linewidths=0,
                rasterized=as_picture,
            )
        found = cell(line.cells["pearson", None])
        axes.set_title(worded(f"{line.system}\n{found}"), loc="left")
        axes.set_xlabel(worded(_axis_words(line)))
        plain(axes)
    for axes in plots[::_ACROSS]:
        axes.set_ylabel("people")
    for axes in plots[len(lines) :]:
        axes.set_visible(False)
    legend_of_songs(sheet, songs)
    words = (
        f"Across: the system, more being better; upwards: the people's mean ({table.target})."
        " Above each: Pearson over the mix, 95 % interval, number of performances."
    )
    return to_svg(sheet, "agreement", title="Each system against people", words=words)


def _axis_words(line: Line) -> str:
    if line.by == SCORE:
        return "score, 0 to 100"
    return line.unit if line.by == VALUE else f"{line.by} ({line.unit})"


def clips(picture: Picture, songs: Sequence[str]) -> Drawing:
    """The first two principal components of the clips' embeddings."""
    sheet = figure(_WIDTH * 0.75, 520)
    axes = sheet.subplots()
    known = looks(songs)
    for song, look in known.items():
        inside = np.array([each == song for each in picture.songs])
        axes.scatter(
            picture.places[inside, 0],
            picture.places[inside, 1],
            s=30,
            c=look.colour,
            marker=look.shape,
            alpha=picture.opacity[inside],
            linewidths=0,
            rasterized=len(picture.songs) > MANY,
        )
    first, second = picture.explained
    axes.set_xlabel(f"first component, {first:.0%} of the variance")
    axes.set_ylabel(f"second component, {second:.0%}")
    plain(axes)
    legend_of_songs(sheet, known)
    words = (
        f"{len(picture.songs)} clips. Colour and shape: the song; the fainter a clip, the lower"
        f" people rated its performance (from {number(picture.lowest)} to"
        f" {number(picture.highest)})."
    )
    return to_svg(sheet, "clips", title="Clips as the model sees them (PCA)", words=words)


def severities(curves: Mapping[str, Curve]) -> Drawing:
    """The median score of clips against the realised severity of their one defect."""
    sheet = figure(_WIDTH, 260)
    plots = sheet.subplots(1, len(curves), sharey=True, squeeze=False).ravel()
    for axes, (name, curve) in zip(plots, curves.items(), strict=True):
        _curve(axes, curve)
        axes.set_title(name.replace("_", " "), loc="left")
        axes.set_xlabel("severity")
        plain(axes)
    plots[0].set_ylim(0, 100)
    plots[0].set_ylabel("score")
    words = (
        "Line: median score of rendered clips with this one defect. Where the clips were at hand:"
        " band, the middle half; small numbers, how many."
    )
    return to_svg(sheet, "severity", title="Score against severity, per defect", words=words)


def _curve(axes: Axes, curve: Curve) -> None:
    known = [point for point in curve if np.isfinite(point.median)]
    at = [point.severity for point in known]
    axes.fill_between(
        at,
        [point.low for point in known],
        [point.high for point in known],
        color=COLOURS[0],
        alpha=0.18,
        linewidth=0,
    )
    axes.plot(at, [point.median for point in known], "o-", color=COLOURS[0], markersize=5)
    for point in (point for point in curve if point.clips is not None):
        axes.annotate(
            f"{point.clips}",
            (point.severity, 0.02),
            xycoords=("data", "axes fraction"),
            ha="center",
            color=MUTED,
            fontsize=9,
        )
    axes.set_xlim(-0.08, 1.0)
