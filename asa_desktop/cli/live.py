"""What a singer sees in the terminal while recording: one line, written over and over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from asa_desktop import words
from asa_desktop.core.types import LyricLine

if TYPE_CHECKING:
    from asa_desktop.engine.snapshot import Snapshot

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_BAR, _QUIETEST_DB = 12, -60.0


def live_line(
    now: Snapshot, *, end_s: float | None, lyrics: Sequence[LyricLine] = (), offset_s: float = 0.0
) -> str:
    """Where the song is, how loud it is sung, which note, and the words to sing.

    `offset_s` is where the song's clock, on which the lyrics are, starts in its recording.
    """
    place = clock(now.song_s) + (f" of {clock(end_s)}" if end_s is not None else "")
    sung = note_of(now.hz) if now.hz > 0 else ""
    words_now = words.on_one_line(line_at(lyrics, now.song_s - offset_s))
    return f"{place}  [{_bar(now)}] {sung:<8} {words_now}".rstrip()


def clock(seconds: float) -> str:
    """Minutes and whole seconds."""
    whole = max(0, int(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def note_of(hz: float) -> str:
    """The nearest note of equal temperament at A4 = 440 Hz, and how far off it is in cents."""
    midi = 69 + 12 * math.log2(hz / 440)
    nearest = round(midi)
    cents = round(100 * (midi - nearest))
    return f"{_NAMES[nearest % 12]}{nearest // 12 - 1} {cents:+d}"


def line_at(lyrics: Sequence[LyricLine], at_s: float) -> str:
    """The line that is sung at a time of the song's clock; "" before the first."""
    sung = [line.text for line in lyrics if line.start <= at_s]
    return sung[-1] if sung else ""


def _bar(now: Snapshot) -> str:
    if now.clipping:
        return "TOO LOUD".ljust(_BAR)
    filled = round(_BAR * (1 - max(_QUIETEST_DB, min(0.0, now.peak_db)) / _QUIETEST_DB))
    return "#" * filled + "-" * (_BAR - filled)
