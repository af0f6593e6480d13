"""report.html: what the plots show, in order, with the numbers beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asa_desktop.core.types import Analysis, ClipScore, Notice
from asa_desktop.services.report.attributes import attributes_card, parts_table
from asa_desktop.services.report.canvas import Drawing
from asa_desktop.services.report.histogram import PitchHistogram
from asa_desktop.services.report.markup import card, folded, picture, table, text_of
from asa_desktop.services.report.pitches import note_name
from asa_desktop.services.report.rows import Row, clock
from asa_desktop.services.report.sentences import alignment_words, case_words, head_words
from asa_desktop.services.report.strip import reason_letters
from asa_desktop.services.report.style import style_sheet

GENERATOR = '<meta name="generator" content="ASA Desktop report">'
"""The mark by which a later report knows that it may take this one's place."""

ReasonText = Callable[[str], str]
NoticeText = Callable[[Notice], str]


@dataclass(frozen=True, slots=True)
class Plots:
    """All drawings of a report; `strips`, `pitches` and `maps` hold one for each row."""

    rows: tuple[Row, ...]
    strips: tuple[Drawing, ...]
    pitches: tuple[Drawing, ...]
    maps: tuple[Drawing, ...]
    histogram: Drawing
    places: tuple[Drawing, ...] = ()

    @property
    def all(self) -> tuple[Drawing, ...]:
        """Every drawing, in the order of the page."""
        return (*self.places, *self.strips, *self.pitches, *self.maps, self.histogram)


def page(
    analysis: Analysis,
    plots: Plots,
    histograms: tuple[PitchHistogram, PitchHistogram | None],
    *,
    reason_text: ReasonText,
    notice_text: NoticeText,
) -> str:
    """The whole document. Everything that came from outside is escaped."""
    title = text_of(analysis.song or analysis.take)
    body = "\n".join(
        (
            _head(analysis, reason_text),
            *attributes_card(analysis.attributes, plots.places),
            _clips(analysis, plots, reason_text),
            _timeline(plots),
            f'<div class="pair">\n{_histogram(plots, *histograms)}\n'
            f"{_facts(analysis, notice_text)}\n</div>",
        )
    )
    return (
        "<!DOCTYPE html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{GENERATOR}\n<title>{title}</title>\n<style>\n{style_sheet()}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _head(analysis: Analysis, reason_text: ReasonText) -> str:
    overall = analysis.overall
    if analysis.status == "scored" and overall.score is not None:
        spread = ""
        if overall.low is not None and overall.high is not None:
            spread = f", range {round(overall.low)} to {round(overall.high)}"
        score = f"<b>{round(overall.score)}</b><span>of 100{spread}</span>"
        sentences = [text_of(words) for words in head_words(analysis)]
    else:
        score = "<b>–</b><span>not scored</span>"
        sentences = [f"Not scored: {text_of(reason_text(analysis.reason or ''))}"]
    named = f'<p class="take" dir="auto">{text_of(analysis.take)}</p>' if analysis.song else ""
    return (
        f'<header class="head">\n<div class="score">{score}</div>\n'
        f'<div><h1 dir="auto">{text_of(analysis.song or analysis.take)}</h1>{named}'
        f"<p>{' '.join(sentences)}</p></div>\n</header>"
    )


def _clips(analysis: Analysis, plots: Plots, reason_text: ReasonText) -> str:
    if not analysis.clips:
        return card("Clip by clip", '<p class="muted">No clip was scored.</p>')
    letters = reason_letters(analysis.clips)
    keys = "".join(
        f"<li><b>{letter}</b>not scored: {text_of(reason_text(reason))}</li>"
        for reason, letter in letters.items()
    )
    key = f'\n<ul class="key">{keys}</ul>' if keys else ""
    numbers = table(
        ("Clip", "From", "To", "Score", "Sung", "Why it has no score"),
        (_clip_cells(number, each, reason_text) for number, each in enumerate(analysis.clips, 1)),
        words_in=(5,),
    )
    made = parts_table(analysis.clips)
    more = folded("The clips in numbers", numbers)
    pictures = "\n".join(picture(each) for each in plots.strips)
    return card("Clip by clip", f"{pictures}{key}{made}{more}")


def _clip_cells(number: int, each: ClipScore, reason_text: ReasonText) -> Sequence[str]:
    return (
        str(number),
        _seconds(each.clip.start),
        _seconds(each.clip.end),
        "–" if each.score is None else f"{each.score:.1f}",
        f"{each.clip.voiced * 100:.0f} %",
        reason_text(each.reason or "") if each.score is None else "",
    )


def _timeline(plots: Plots) -> str:
    parts = []
    for row, pitch, maps in zip(plots.rows, plots.pitches, plots.maps, strict=True):
        if len(plots.rows) > 1:
            parts.append(f"<h3>{clock(row.start)} to {clock(row.end)}</h3>")
        parts += [picture(pitch), picture(maps)]
    return card("Along the take", "\n".join(parts))


def _histogram(plots: Plots, take: PitchHistogram, reference: PitchHistogram | None) -> str:
    rows = [("take", take)] + ([] if reference is None else [("original", reference)])
    numbers = table(
        ("", "Median", "Peak at", "Width", "From", "To"),
        (
            (
                whose,
                "–" if each.median is None else note_name(each.median),
                *(f"{_signed(value)} ¢" for value in (peak.cents,)),
                f"{peak.width:.0f} ¢",
                *(f"{_signed(value)} ¢" for value in (peak.left, peak.right)),
            )
            for whose, each in rows
            for peak in each.peaks
        ),
        words_in=(0,),
    )
    more = folded("The peaks in numbers", numbers) if take.peaks else ""
    about = (
        '<p class="muted">How often each pitch was sung, folded to one octave about the median. '
        "Brackets are the peaks' widths at half height: narrow peaks are steady notes.</p>"
    )
    return card("Pitch histogram", f"{picture(plots.histogram)}\n{about}{more}")


def _facts(analysis: Analysis, notice_text: NoticeText) -> str:
    facts = [
        ("Measured", case_words(analysis.case)),
        ("Alignment", f"The take {alignment_words(analysis.alignment)}." if analysis.case else "–"),
        ("Model", analysis.model or "none"),
        ("Features", analysis.features),
    ]
    cells = "".join(f"<dt>{name}</dt><dd>{text_of(value)}</dd>" for name, value in facts)
    if analysis.notices:
        notices = "".join(f"<p>{text_of(notice_text(each))}</p>" for each in analysis.notices)
        cells += f"<dt>Notices</dt><dd>{notices}</dd>"
    return card("How it was measured", f"<dl>{cells}</dl>")


def _seconds(value: float) -> str:
    """Minutes and seconds to the tenth, for tables: 1:05.3."""
    tenths = round(value * 10)
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"


def _signed(value: float) -> str:
    return f"{value:+.0f}".replace("-", "−")
