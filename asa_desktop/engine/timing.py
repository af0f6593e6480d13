"""A take's timing as a comment in its file, so that the file alone can be put to its song."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import soundfile

_TIMING = ("latency_s", "clock_ratio", "start_s", "gaps", "delay_from")
_MOST = 1e9


def timing_comment(note: Mapping[str, Any]) -> str:
    """The comment for a take of which `note` says what is known."""
    known = {name: note[name] for name in _TIMING if _makes_sense(name, note.get(name))}
    timing = {**known, "gaps": pairs(note.get("gaps"))}
    return json.dumps({"asa": timing}, separators=(",", ":"))


def timing_of(path: Path) -> dict[str, Any] | None:
    """What `timing_comment` said in a take, or None where there is nothing of the kind.

    Keys, each only where it makes sense: ``latency_s``, ``clock_ratio``, ``start_s`` (floats),
    ``gaps`` (list of [start, end] in seconds of the recording), ``delay_from``.
    """
    try:
        with soundfile.SoundFile(path) as sound:
            value = json.loads(sound.comment)
    except (OSError, ValueError, RecursionError, soundfile.SoundFileError):
        return None
    timing = value.get("asa") if isinstance(value, dict) else None
    if not isinstance(timing, dict):
        return None
    return {name: timing[name] for name in _TIMING if _makes_sense(name, timing.get(name))}


def pairs(gaps: object) -> list[list[float]]:
    """Gaps as [start, end], from pairs, from `Gap`s, from them as dicts, or from JSON of those."""
    if isinstance(gaps, str):
        try:
            gaps = json.loads(gaps)
        except ValueError:
            return []
    return list(_each_pair(gaps)) if isinstance(gaps, Sequence) else []


def _each_pair(gaps: Sequence[Any]) -> Iterator[list[float]]:
    for gap in gaps:
        if isinstance(gap, Mapping):
            ends: list[Any] = [gap.get("start_s"), gap.get("end_s")]
        elif isinstance(gap, Sequence):
            ends = list(gap[:2])
        else:
            ends = [getattr(gap, "start_s", None), getattr(gap, "end_s", None)]
        if _is_pair(ends):
            yield ends


def _makes_sense(name: str, value: Any) -> bool:
    if name == "gaps":
        return isinstance(value, list) and all(_is_pair(gap) for gap in value)
    if name == "delay_from":
        return isinstance(value, str)
    if name == "clock_ratio":
        return _is_number(value) and 0.5 < value < 2
    return _is_number(value)


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(end) for end in value)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -_MOST < value < _MOST  # false for what is no number too
