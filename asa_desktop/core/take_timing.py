"""How a take lies to its song's clock: read from its own comment, and put right before analysis.

The recording's bytes never change; what is judged is a copy on the song's clock.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from asa_desktop.core.types import FloatArray, Melody, Notice, TakeTiming

LEAST_EFFECT_S = 0.002
"""A clock that moves a take by less than this, over its whole length, is left alone."""

SOURCES = ("stamps", "chirps", "taps", "given")
_LATENCIES_S = (-1.0, 5.0)
_RATIOS = (0.99, 1.01)
_LONGEST_S = 3 * 3600.0
_MOST_GAPS = 10_000
_MOST_LETTERS = 1 << 20


def read_timing(path: Path) -> tuple[TakeTiming, tuple[Notice, ...]]:
    """The timing that the program wrote into a recording's comment when it was made.

    Returns
    -------
    The timing, or none at all (`TakeTiming()`) where the file carries no such comment. A comment
    of ours that cannot be, or was tampered with, is passed over whole, with a notice
    ``timing_unusable``. A file that cannot be read has no timing: whoever decodes it says why.
    """
    import soundfile

    try:
        with path.open("rb") as file, soundfile.SoundFile(file) as sound:
            comment = str(sound.comment)
    except (OSError, ValueError, RuntimeError):  # soundfile's own fault is a RuntimeError
        return TakeTiming(), ()
    try:
        written = json.loads(comment) if len(comment) <= _MOST_LETTERS else None
    except (ValueError, RecursionError):
        return TakeTiming(), ()  # somebody else's comment
    ours = written.get("asa") if isinstance(written, dict) else None
    if ours is None:
        return TakeTiming(), ()
    try:
        return _checked(ours), ()
    except (AttributeError, TypeError, ValueError, OverflowError):
        return TakeTiming(), (Notice("timing_unusable", {"file": path.name}),)


def _checked(written: Mapping[str, Any]) -> TakeTiming:
    gaps = written.get("gaps", [])
    if not isinstance(gaps, list) or len(gaps) > _MOST_GAPS:
        raise ValueError("gaps")
    source = written.get("delay_from", "")
    return TakeTiming(
        latency_s=_number(written.get("latency_s", 0.0), *_LATENCIES_S),
        clock_ratio=_number(written.get("clock_ratio", 1.0), *_RATIOS),
        start_s=_number(written.get("start_s", 0.0), 0.0, _LONGEST_S),
        gaps=tuple(_gap(each) for each in gaps),
        delay_from=source if source in SOURCES else "",
    )


def _gap(pair: Any) -> tuple[float, float]:
    start, end = (_number(each, 0.0, _LONGEST_S) for each in pair)
    if end < start:
        raise ValueError("a gap that ends before it begins")
    return start, end


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    if not math.isfinite(value) or not low <= value <= high:
        raise ValueError("out of bounds")
    return float(value)


def with_delay(timing: TakeTiming, latency_s: float) -> TakeTiming:
    """The same take with a delay that somebody gives by hand."""
    return replace(timing, latency_s=latency_s, delay_from="given")


def on_song_clock(samples: FloatArray, timing: TakeTiming, *, rate: int) -> FloatArray:
    """A take so that its sample n is what was sung to second n / rate of the song's files.

    Cut or padded to the nearest sample, which at 16 kHz is 0.03 ms; resampled (soxr HQ) where the
    clocks differ by more than `LEAST_EFFECT_S` over the take. Without timing, the samples as they
    are. Shape: (n,) to (m,).
    """
    ratio = 1.0
    if not in_step(timing, seconds=len(samples) / rate):
        import soxr

        ratio = timing.clock_ratio
        samples = np.asarray(soxr.resample(samples, rate * ratio, rate, quality="HQ"), np.float32)
    shift = lead(timing, ratio=ratio, rate=rate)
    if shift > 0:
        return np.concatenate([np.zeros(shift, np.float32), samples])
    if -shift >= len(samples):
        return np.zeros(rate // 10, np.float32)  # nothing is left of it: silence
    return samples[-shift:]


def along(path: Sequence[tuple[float, float]], *, start_s: float, end_s: float) -> TakeTiming:
    """How a take that was moved lies to the song between two of its seconds: a straight line.

    `path` is `Alignment.path`: moments of the song and where they lie in the take. Beyond its ends
    the take goes on as fast as on the whole. Where something was added in between, the line is no
    steeper than twice the song.
    """
    song, take = (np.array(each) for each in zip(*path, strict=True))
    tempo = (take[-1] - take[0]) / max(song[-1] - song[0], 1e-3) if len(path) > 1 else 1.0
    asked = np.array([start_s, end_s])
    first, last = (
        np.interp(asked, song, take)
        + tempo * (np.minimum(asked - song[0], 0) + np.maximum(asked - song[-1], 0))
    ).tolist()
    ratio = (last - first) / max(end_s - start_s, 1e-3)
    return TakeTiming(latency_s=first, start_s=start_s, clock_ratio=min(max(ratio, 0.5), 2.0))


def in_step(timing: TakeTiming, *, seconds: float) -> bool:
    """Whether the clocks are so alike that a take of this length is not resampled."""
    return abs(timing.clock_ratio - 1) * seconds <= LEAST_EFFECT_S


def lead(timing: TakeTiming, *, ratio: float = 1.0, rate: int) -> int:
    """The place of a take's first sample on the song's clock; it is cut off where negative."""
    return round((timing.start_s - timing.latency_s / ratio) * rate)


def unheard(timing: TakeTiming) -> tuple[tuple[float, float], ...]:
    """Where on the song's clock nothing was recorded though it may have been sung: the gaps."""
    return tuple((_song_time(start, timing), _song_time(end, timing)) for start, end in timing.gaps)


def _song_time(second: float, timing: TakeTiming) -> float:
    return timing.start_s + (second - timing.latency_s) / timing.clock_ratio


def overlaps(start: float, end: float, spans: tuple[tuple[float, float], ...]) -> bool:
    """Whether a stretch shares any time with one of the spans."""
    return any(start < until and since < end for since, until in spans)


def heard_part(
    melody: Melody, spans: tuple[tuple[float, float], ...], *, offset_s: float, start_s: float
) -> Melody:
    """The notes that could be heard: not before the take began, and in none of the spans.

    `offset_s` is where the notes' clock starts in the song's files.
    """
    spans = ((-math.inf, start_s), *spans) if start_s > 0 else spans
    if not spans:
        return melody
    notes = tuple(
        note
        for note in melody.notes
        if not overlaps(note.start + offset_s, note.end + offset_s, spans)
    )
    return replace(melody, notes=notes)
