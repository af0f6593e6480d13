"""An analysis as JSON: the form that the command line prints and every report carries.

The published description is `resources/schema/analysis-1.schema.json`; `docs/json.md` explains it.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from asa_desktop.core.errors import PlaceError, place_error
from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Attribute,
    AttributePlace,
    ClipScore,
    SystemScore,
    TakeTiming,
)
from asa_desktop.services.files import replacing
from asa_desktop.services.shortfalls import in_order

SCHEMA = "urn:asa-desktop:analysis:1"
"""Name of the form, in every result under `schema`; the `$id` of the published description."""

SCHEMA_FILE = "schema/analysis-1.schema.json"
"""Where the published description lies under the resources."""


def to_json(analysis: Analysis, *, timings: bool = False) -> dict[str, object]:
    """The analysis as plain values, in the order in which they are written.

    Scores are 0 to 100 with one decimal or None, times in seconds with three decimals, the key
    in semitones. The same analysis gives the same values; how long the steps took differs from
    run to run and is left out unless `timings` asks for it.

    Raises
    ------
    ValueError
        If the analysis contradicts itself: a score outside 0 to 100, a status without what it
        promises. That is a fault of the program, never of a recording.
    """
    overall = analysis.overall
    result: dict[str, object] = {
        "schema": SCHEMA,
        "take": clean_text(analysis.take),
        "song": clean_text(analysis.song),
        "status": analysis.status,
        "reason": analysis.reason,
        "overall": {
            "score": _score(overall.score),
            "low": _score(overall.low),
            "high": _score(overall.high),
        },
        "attributes": {
            clean_text(name): _attribute(each) for name, each in in_order(analysis.attributes)
        },
        "systems": {clean_text(name): _system(each) for name, each in analysis.systems.items()},
        "clips": [_clip(each) for each in analysis.clips],
        "case": analysis.case,
        "alignment": _alignment(analysis.alignment),
        "timing": _timing(analysis.timing),
        "model": analysis.model,
        "features": analysis.features,
        "timings": _plain(analysis.timings) if timings else {},
    }
    _refuse_contradiction(analysis, scored=_score(overall.score) is not None)
    return result


def dumps(result: Mapping[str, object] | Sequence[Mapping[str, object]]) -> str:
    """One result, or a list of them, as text: keys as given, two spaces, one newline at the end."""
    return json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(
    path: Path, result: Mapping[str, object] | Sequence[Mapping[str, object]], /
) -> None:
    """Write `result` to `path`: whole or not at all.

    An earlier result is replaced; any other file is left alone, so that a slip such as
    ``--json take.wav`` costs nobody a recording. A pipe or device is written to as it is.

    Raises
    ------
    PlaceError
        ``json_not_ours`` for a file that holds something else, ``is_folder``,
        ``missing_folder``, and what `place_error` knows: ``no_rights``, ``disk_full``, ...
    """
    text = dumps(result)
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise PlaceError("is_folder", path=path)
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8")
            return
        if target.exists() and not is_result(target):
            raise PlaceError("json_not_ours", path=path)
        if not target.parent.is_dir():
            raise PlaceError("missing_folder", path=path.absolute().parent)
        with replacing(target) as stream:
            stream.write(text.encode())
    except OSError as error:
        raise place_error(error, path) from error
    except ValueError as error:  # a NUL in the name
        raise PlaceError("missing_file", path=path) from error


def is_result(path: Path) -> bool:
    """Whether the file is empty or holds what `write_json` writes. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(512).lstrip(b"[ \r\n")
    return not head or (head.startswith(b"{") and f'"schema": "{SCHEMA}"'.encode() in head)


def clean_text(text: str) -> str:
    """`text` without what UTF-8 cannot carry (a file name may hold undecodable bytes)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _refuse_contradiction(analysis: Analysis, *, scored: bool) -> None:
    if analysis.status == "scored" and (not scored or analysis.reason is not None):
        raise ValueError("a scored analysis without a score, or with a reason against it")
    if analysis.status == "not_scored" and (scored or not analysis.reason):
        raise ValueError("an analysis that is not scored, but has a score or gives no reason")
    for each in analysis.clips:
        if _score(each.score) is None and not each.reason:
            raise ValueError(f"clip {each.clip.index} has neither a score nor a reason")


def _clip(each: ClipScore) -> dict[str, object]:
    return {
        "start": _number(each.clip.start),
        "end": _number(each.clip.end),
        "score": _score(each.score),
        "reason": each.reason,
        "parts": {clean_text(name): _score(score) for name, score in each.parts.items()},
        "channels": _plain(each.channels),
    }


def _attribute(each: Attribute) -> dict[str, object]:
    return {
        "score": _score(each.score),
        "value": _number(each.value),
        "unit": clean_text(each.unit),
        "confidence": _number(each.confidence),
        "places": [_place(place) for place in each.places],
        "detail": _plain(each.detail),
        "reason": each.reason,
    }


def _place(place: AttributePlace) -> dict[str, object]:
    return {
        "start": _number(place.start),
        "end": _number(place.end),
        "code": place.code,
        "value": _number(place.value),
        "midi": _number(place.midi),
    }


def _alignment(alignment: Alignment) -> dict[str, object]:
    spans = {"missing": alignment.missing, "added": alignment.added}
    return {
        "offset_s": _number(alignment.offset_s),
        "tempo": _number(alignment.tempo),
        "key": _number(alignment.key),
        "confidence": _number(alignment.confidence),
        **{
            name: [[_number(start), _number(end)] for start, end in found]
            for name, found in spans.items()
        },
    }


def _timing(timing: TakeTiming) -> dict[str, object]:
    return {
        "latency_s": round(timing.latency_s, 6) + 0.0,
        "clock_ratio": round(timing.clock_ratio, 9),
        "start_s": _number(timing.start_s),
        "gaps": [[_number(start), _number(end)] for start, end in timing.gaps],
        "delay_from": clean_text(timing.delay_from),
    }


def _system(each: SystemScore) -> dict[str, object]:
    return {
        "score": _score(each.score),
        "value": _number(each.value),
        "unit": clean_text(each.unit),
        "detail": _plain(each.detail),
        "reason": each.reason,
    }


def _score(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    rounded = round(float(value), 1) + 0.0  # + 0.0 turns -0.0 into 0.0
    if not 0 <= rounded <= 100:
        raise ValueError(f"score {value} outside 0 to 100")
    return rounded


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), 3) + 0.0


def _plain(value: Any) -> Any:
    """Mappings, sequences, numbers and text of later systems as JSON knows them."""
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, Mapping):
        return {clean_text(str(name)): _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence | np.ndarray):
        return [_plain(each) for each in value]
    raise TypeError(f"no JSON for {type(value).__name__}")
