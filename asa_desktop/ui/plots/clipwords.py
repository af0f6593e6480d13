"""A clip in one line, for a tool tip and for whoever listens to a screen."""

from __future__ import annotations

from asa_desktop.core.types import ClipScore
from asa_desktop.ui.plots.timeaxis import clock
from asa_desktop.ui.tr import tr
from asa_desktop.words import reason_text


def clip_name(number: int) -> str:
    """Clip 8."""
    return tr("Clip {number}", number=number)


def clip_time(each: ClipScore) -> str:
    """0:21 to 0:24."""
    return span_words(each.clip.start, each.clip.end)


def span_words(start: float, end: float) -> str:
    """0:21 to 0:24."""
    return tr("{start} to {end}", start=clock(start), end=clock(end))


def clip_says(each: ClipScore, *, provisional: bool = False) -> str:
    """42 of 100; or "not scored:" and the reason."""
    if each.score is not None:
        said = tr("{score} of 100", score=round(each.score))
        return tr("{said}, for now", said=said) if provisional else said
    if each.reason is None:
        return tr("not scored")
    return tr("not scored: {reason}", reason=reason_text(each.reason))


def clip_words(number: int, each: ClipScore, *, provisional: bool = False) -> str:
    """Clip 8, 0:21 to 0:24, 42 of 100."""
    said = clip_says(each, provisional=provisional)
    return f"{clip_name(number)}, {clip_time(each)}, {said}"
