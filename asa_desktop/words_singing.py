"""What the program says of singing: the attributes of a take, their places, why, and what for.

Measuring gives codes and numbers; here they get their words, for the command line, the window and
the report alike, as `asa_desktop.words` gives them to faults. Templates follow its rules.
"""

from __future__ import annotations

import math

from asa_desktop import words
from asa_desktop.core.types import Attribute, AttributePlace
from asa_desktop.words import filled, translated

NAMES: dict[str, str] = {
    "intonation": "Intonation",
    "rhythm": "Rhythm",
    "vibrato": "Vibrato",
    "dynamics": "Dynamics",
    "steadiness": "Steadiness",
    "tone": "Tone",
    "likeness": "Likeness",
}

MEANINGS: dict[str, str] = {
    "intonation": "How far the notes lie from the pitch that is meant.",
    "rhythm": "How far the notes begin and end from where they should, and whether all were sung.",
    "vibrato": "How much of the movement of long notes is an even vibrato.",
    "dynamics": "How far the rise and fall of the loudness lies from what is meant.",
    "steadiness": "How much the pitch wavers or slides within a note, beside vibrato.",
    "tone": "How clear the voice is against the original's: above 0 clearer, below 0 airier.",
    "likeness": "How near the network finds the clip to the original.",
}

PLACES: dict[str, str] = {
    "high": "{size} cents high",
    "low": "{size} cents low",
    "wrong_note": "another note[, {other}], {size} cents {side}",
    "missed_note": "[only {percent} % of it sung|not sung]",
    "late": "{size} ms late",
    "early": "{size} ms early",
    "long": "held {size} ms too long",
    "short": "let go {size} ms too early",
    "no_vibrato": "[hardly any vibrato ({percent} %)|held without vibrato]",
    "slow_vibrato": "slow vibrato, {hertz} Hz",
    "fast_vibrato": "fast vibrato, {hertz} Hz",
    "uneven_vibrato": "uneven vibrato, {percent} % of the movement",
    "jumping_level": "{decibels} dB {level}",
    "unsteady": "wavers by {size} cents",
    "scoop": "slides in from {size} cents away",
}

REASONS: dict[str, str] = {
    "too_little": "too little of the take could be compared",
    "no_long_notes": "no note is held long enough for vibrato",
    "no_comparison": "there is nothing to compare with",
    "reference_without": "the original does not do it either",
    "recording": "microphone and room change it as much as the voice does",
}

SHORT_REASONS: dict[str, str] = {
    "too_little": "too little sung",
    "no_long_notes": "no long notes",
    "no_comparison": "not comparable",
    "reference_without": "as the original",
    "recording": "not scored",
}

CHANNELS: dict[str, str] = {
    "spec": "loudness and timbre",
    "chroma": "harmony",
    "tchroma": "harmony over time",
    "f0": "pitch",
    "tempo": "rhythm",
}

SENTENCES: dict[str, str] = {
    "overall": "The score weighs intonation (half), vibrato, rhythm and the likeness to the"
    " original; it lies at most 30 points above the intonation.",
    "at_note": "{note} at {at}: {what}",
    "at": "At {at}: {what}",
    "cents": "{number} cents",
    "ms": "{number} ms",
    "share_vibrato": "{number} % vibrato",
    "share": "{number} %",
    "dB": "{number} dB",
    "Hz": "{number} Hz",
    "above": "too high",
    "below": "too low",
    "louder": "too loud",
    "softer": "too soft",
    "unsure": "little to go by",
    "in_place": "Every note was in place.",
    "assess_again": "This result is from before attributes were measured; assess the take again to"
    " see them.",
}
"""`overall` is what the score means; the others are parts of what is said beside a number."""

_PITCHES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


def name_text(name: str) -> str:
    """What people call an attribute or another part of a score."""
    return translated(NAMES.get(name, name))


def meaning_text(name: str) -> str:
    """One sentence on what it measures; "" for what is not known."""
    meaning = MEANINGS.get(name)
    return translated(meaning) if meaning else ""


def overall_text() -> str:
    """What the score of a take means."""
    return said("overall")


def said(code: str) -> str:
    """One of `SENTENCES` that needs no facts."""
    return translated(SENTENCES[code])


def measure_text(name: str, attribute: Attribute) -> str:
    """The value with its unit: 23 cents, 31 % vibrato; "" where there is none."""
    if attribute.value is None:
        return ""
    if attribute.unit == "share":
        code = "share_vibrato" if name == "vibrato" else "share"
        return filled(SENTENCES[code], {"number": _whole(100 * attribute.value)})
    number = _tenths(attribute.value) if attribute.unit in ("dB", "Hz") else _whole(attribute.value)
    if attribute.unit not in SENTENCES:
        return f"{number} {attribute.unit}".strip()
    return filled(SENTENCES[attribute.unit], {"number": number})


def reason_text(code: str) -> str:
    """Why an attribute has no score: a clause."""
    reason = REASONS.get(code)
    return translated(reason) if reason else words.reason_text(code)


def short_reason_text(code: str) -> str:
    """The same in two or three words, where a clause finds no room."""
    reason = SHORT_REASONS.get(code)
    return translated(reason) if reason else words.reason_text(code)


def channel_text(code: str) -> str:
    """What a channel of the network's picture holds, in plain words."""
    return translated(CHANNELS.get(code, code))


def place_text(place: AttributePlace) -> str:
    """The whole sentence without its stop: A4 at 0:12: 85 cents low."""
    facts = {"at": clock(place.start), "what": what_text(place)}
    if place.midi is None:
        return filled(SENTENCES["at"], facts)
    return filled(SENTENCES["at_note"], {"note": pitch_name(place.midi), **facts})


def what_text(place: AttributePlace) -> str:
    """What is wrong at a place: 85 cents low."""
    template = PLACES.get(place.code)
    if template is None:
        return filled(words.SENTENCES["unworded"], {"code": place.code})
    percent = _whole(100 * place.value)
    facts = {
        "size": _whole(abs(place.value)),
        "percent": percent if percent != "0" else "",
        "hertz": _tenths(place.value),
        "decibels": _tenths(abs(place.value)),
        "side": said("above" if place.value > 0 else "below"),
        "level": said("louder" if place.value > 0 else "softer"),
        "other": "" if place.midi is None else pitch_name(place.midi + place.value / 100),
    }
    return filled(template, facts)


def pitch_name(midi: float) -> str:
    """Name and octave of the nearest note: 60 is C4."""
    if not math.isfinite(midi):
        return "?"
    nearest = round(midi)
    return f"{_PITCHES[nearest % 12]}{nearest // 12 - 1}"


def clock(seconds: float) -> str:
    """Minutes and seconds, from an hour on hours too: 1:05, 1:02:30."""
    minutes, second = divmod(round(max(seconds, 0.0)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def _whole(number: float) -> str:
    if not math.isfinite(number):
        return "?"
    return f"{round(number):d}".replace("-", "−")


def _tenths(number: float) -> str:
    return f"{number + 0.0:.1f}".replace("-", "−")
