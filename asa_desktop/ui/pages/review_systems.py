"""What the transparent systems say of a take, beside the learned score."""

from __future__ import annotations

from asa_desktop import words
from asa_desktop.core.types import SystemScore
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.tr import marked, tr

_NAMES = {
    "kurtosis": marked("Histogram, kurtosis"),
    "skewness": marked("Histogram, skewness"),
    "peakBW": marked("Histogram, width of peaks"),
    "peakConc50": marked("Histogram, within 50 ¢"),
    "peakConc110": marked("Histogram, within 110 ¢"),
    "kMeans": marked("Histogram, k-means"),
    "binning": marked("Histogram, semitone bins"),
    "autocorr": marked("Histogram, autocorrelation"),
    "dtw_pitch": marked("Pitch, warped"),
    "dtw_volume": marked("Loudness, warped"),
    "dtw_rhythm": marked("Rhythm, warped"),
    "cents": marked("Off the notes"),
    "usdx": marked("UltraStar Deluxe points"),
    "vocaluxe": marked("Vocaluxe points"),
    "usplay": marked("UltraStar Play points"),
    "performous": marked("Performous points"),
}


def system_lines(sheet: Sheet) -> tuple[tuple[str, str, str], ...]:
    """Name, what it says and what that means, of each system that says anything."""
    return tuple(
        (tr(_NAMES.get(name, name)), _said(each), _meaning(each))
        for name, each in sheet.systems.items()
        if each.reason is None
    )


def _said(each: SystemScore) -> str:
    raw = "" if each.value is None else words.value_text(each.value, each.unit)
    if each.score is None:
        return raw
    return tr("{score} ({raw})", score=round(each.score), raw=raw) if raw else f"{each.score:.0f}"


def _meaning(each: SystemScore) -> str:
    return tr("A transparent measure: 0 to 100, and what it was made of. Compatible with the games"
              " and papers that it is named after, not equal to them.")  # fmt: skip
