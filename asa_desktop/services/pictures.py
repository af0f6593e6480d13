"""Analyses kept with their pictures, so that a known take is shown without being analysed.

The library holds what was found out, as its document and rows; F0, chroma and mel of take and
reference are too large for it and can be made again, so they lie in the cache, a byte a pixel,
and may be lost at any time: then the take is analysed anew, and that is all.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Attribute,
    AttributePlace,
    Clip,
    ClipScore,
    FloatArray,
    Melody,
    Note,
    NoteKind,
    Notice,
    Overall,
    Pictures,
    PitchTrack,
    SystemScore,
    TakeTiming,
)
from asa_desktop.services.featurestore import FeatureStore

if TYPE_CHECKING:
    from asa_desktop.services.library import AnalysisRow

log = logging.getLogger(__name__)

LIMIT_BYTES = 1 << 30
MEL_RANGE = (-60.0, 40.0)
CHROMA_RANGE = (0.0, 1.0)
_FORM = 1
_STEPS = 255
_REST = "rest"
_ARRAYS = ("take_pictures", "reference_pictures")

Arrays = dict[str, NDArray[Any]]
T = TypeVar("T")


def picture_store(cache: Path, *, limit_bytes: int = LIMIT_BYTES) -> FeatureStore:
    """Where pictures are kept under the user's cache folder; the longest unused go first."""
    return FeatureStore(cache / "pictures", limit_bytes=limit_bytes)


def key_of(row: AnalysisRow) -> str:
    """The name under which the pictures of an analysis in the library are kept."""
    return f"analysis {row.id} of take {row.take}, {row.made_at}"


def save_pictures(store: FeatureStore, key: str, analysis: Analysis) -> None:
    """Keep an analysis with its pictures if there is room; trouble is logged, never raised."""
    rest = {
        each.name: _plain(getattr(analysis, each.name))
        for each in fields(analysis)
        if each.name not in _ARRAYS
    }
    text = json.dumps({"form": _FORM, **rest}, default=str)
    arrays: Arrays = {_REST: np.frombuffer(text.encode("utf-8", "replace"), np.uint8)}
    arrays |= _packed("take", analysis.take_pictures)
    if analysis.reference_pictures is not None:
        arrays |= _packed("reference", analysis.reference_pictures)
    store.put(key, arrays)


def load_pictures(store: FeatureStore, key: str) -> Analysis | None:
    """What `save_pictures` kept, or None: then the take has to be analysed to be shown.

    Scores, times and F0 are as they were; mel and chroma to the 255th part of their range.
    """
    arrays = store.get(key)
    if arrays is None:
        return None
    try:
        rest = json.loads(bytes(arrays[_REST]))
        if rest.pop("form") != _FORM:
            return None
        return _analysis(rest, arrays)
    except (KeyError, TypeError, ValueError) as error:
        log.warning("kept pictures cannot be used: %r", error)
        return None


def _plain(value: Any) -> Any:
    """Dataclasses and their mappings as JSON knows them."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def _analysis(rest: dict[str, Any], arrays: Arrays) -> Analysis:
    has_reference = "reference_hz" in arrays
    return Analysis(
        **{
            **rest,
            "overall": Overall(**rest["overall"]),
            "clips": tuple(_clip_score(each) for each in rest["clips"]),
            "alignment": _alignment(rest["alignment"]),
            "melody": _maybe(_melody, rest["melody"]),
            # Analyses of before attributes were measured have none, nor have their clips parts.
            "attributes": {
                name: _attribute(each) for name, each in rest.get("attributes", {}).items()
            },
            "systems": {name: SystemScore(**each) for name, each in rest["systems"].items()},
            "notices": tuple(Notice(**each) for each in rest["notices"]),
            "timing": _timing(rest["timing"]),
            "take_pictures": _unpacked("take", arrays),
            "reference_pictures": _unpacked("reference", arrays) if has_reference else None,
        }
    )


def _alignment(values: dict[str, Any]) -> Alignment:
    pairs: dict[str, Any] = {
        name: tuple((float(start), float(end)) for start, end in values[name])
        for name in ("missing", "added", "path")
        if name in values
    }
    return Alignment(**{**values, **pairs})


def _clip_score(values: dict[str, Any]) -> ClipScore:
    return ClipScore(**{**values, "clip": Clip(**values["clip"])})


def _attribute(values: dict[str, Any]) -> Attribute:
    places = tuple(AttributePlace(**each) for each in values["places"])
    return Attribute(**{**values, "places": places})


def _melody(values: dict[str, Any]) -> Melody:
    notes = tuple(Note(**{**each, "kind": NoteKind(each["kind"])}) for each in values["notes"])
    return Melody(**{**values, "notes": notes, "source": _maybe(Path, values["source"])})


def _timing(values: dict[str, Any]) -> TakeTiming:
    timing = TakeTiming(**values)
    return replace(timing, gaps=tuple((start, end) for start, end in timing.gaps))


def _maybe(make: Callable[[Any], T], value: Any) -> T | None:
    return None if value is None else make(value)


def _packed(name: str, pictures: Pictures) -> Arrays:
    return {
        f"{name}_mel": _bytes_of(pictures.mel, MEL_RANGE),
        f"{name}_chroma": _bytes_of(pictures.chroma, CHROMA_RANGE),
        f"{name}_hz": pictures.pitch.hz,
        f"{name}_confidence": pictures.pitch.confidence.astype(np.float16),
        f"{name}_voiced": pictures.voiced,
        f"{name}_hop_s": np.array(pictures.hop_s),
    }


def _unpacked(name: str, arrays: Arrays) -> Pictures:
    hop_s = float(arrays[f"{name}_hop_s"])
    hz = np.asarray(arrays[f"{name}_hz"], np.float32)
    confidence = np.asarray(arrays[f"{name}_confidence"], np.float32)
    mel = _floats_of(arrays[f"{name}_mel"], MEL_RANGE)
    chroma = _floats_of(arrays[f"{name}_chroma"], CHROMA_RANGE)
    voiced = np.asarray(arrays[f"{name}_voiced"], np.bool_)
    if not mel.shape[1] == chroma.shape[1] == len(hz) == len(confidence) == len(voiced):
        raise ValueError("pictures of different length")
    return Pictures(hop_s, PitchTrack(hop_s, hz, confidence), chroma, mel, voiced)


def _bytes_of(values: FloatArray, limits: tuple[float, float]) -> NDArray[np.uint8]:
    low, high = limits
    steps = (np.clip(values, low, high) - low) * (_STEPS / (high - low))
    return np.asarray(np.rint(steps), dtype=np.uint8)


def _floats_of(steps: NDArray[Any], limits: tuple[float, float]) -> FloatArray:
    low, high = limits
    if steps.dtype != np.uint8:
        raise ValueError("not pictures")
    return np.asarray(steps * np.float32((high - low) / _STEPS) + np.float32(low), np.float32)
