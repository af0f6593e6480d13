"""What the report says in words: the head's sentences, case, alignment."""

from __future__ import annotations

import math

from asa_desktop.core.types import Alignment, Analysis, Case
from asa_desktop.services.report.rows import clock

DEFECTS = "This is a scale of rendered defects, not of listeners."

_CASES: dict[Case | None, str] = {
    "in_step": "against the original voice, sung in time with the song",
    "free": "against the original voice, after the take was aligned to it",
    "notes": "against the notes of the song",
    None: "against nothing",
}


def case_words(case: Case | None) -> str:
    """What the take was measured against."""
    return _CASES[case]


def head_words(analysis: Analysis) -> list[str]:
    """Sentences beside a score: how many clips, which are lowest, on which scale."""
    scored = [each for each in analysis.clips if each.score is not None]
    one = len(analysis.clips) == 1
    words = [f"{len(scored)} of {len(analysis.clips)} {'clip' if one else 'clips'} scored."]
    if len(scored) > 3:
        lowest = sorted(scored, key=lambda each: (each.score or 0.0, each.clip.start))[:3]
        places = [f"{clock(each.clip.start)} ({round(each.score or 0.0)})" for each in lowest]
        words.append(f"Lowest at {places[0]}, {places[1]} and {places[2]}.")
    if scored_by_model(analysis):
        words.append(DEFECTS)
    return words


def scored_by_model(analysis: Analysis) -> bool:
    """Whether the score comes from a learned model and not from counting notes."""
    return analysis.status == "scored" and analysis.model is not None and analysis.case != "notes"


def alignment_words(alignment: Alignment) -> str:
    """Offset, tempo and key, each in words, as one sentence part after another."""
    return ", ".join((_offset(-alignment.begins_s), _tempo(alignment.tempo), _key(alignment.key)))


def _offset(seconds: float) -> str:
    if abs(seconds) < 0.0005:
        return "starts with the song"
    if seconds > 0:
        return f"starts {seconds:.3f} s before the song does"
    return f"starts {-seconds:.3f} s into the song"


def _tempo(tempo: float) -> str:
    if abs(tempo - 1) < 0.0005:
        return "at its tempo"
    return f"at {tempo * 100:.1f} % of its tempo"


def _key(key: float | None) -> str:
    if key is None or not math.isfinite(key):
        return "key not measured"
    if abs(key) < 0.05:
        return "in its key"
    size = f"{abs(key):.1f}".removesuffix(".0")
    plural = "" if size == "1" else "s"
    octaves = abs(key) / 12
    whole = round(octaves)
    octave = ""
    if whole and abs(octaves - whole) < 0.05 / 12:
        octave = " (an octave)" if whole == 1 else f" ({whole} octaves)"
    return f"{size} semitone{plural}{octave} {'above' if key > 0 else 'below'} its key"
