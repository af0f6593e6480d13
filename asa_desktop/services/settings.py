"""What the user chose, kept in one small JSON file.

A newer program's keys are carried along untouched, so going back a version loses nothing.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from asa_desktop.core.errors import place_error
from asa_desktop.services.catalogues import LANGUAGES
from asa_desktop.services.files import write_bytes
from asa_desktop.services.findings import Finding
from asa_desktop.services.paths import private_folder

DEVICES = ("auto", "cpu", "cuda", "mps")
THEMES = ("system", "light", "dark")
MOTIONS = ("system", "on")
SPOKEN = ("system", *LANGUAGES)
BLOCKS = (64, 4096)
"""The least and the most frames of a block that can be asked for."""

_LONGEST_TEXT = 4096
_LARGEST_VIEWS = 1 << 20
_CHANNELS = 512
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices that outlive a run.

    `model` is a model's id, empty for the bundled default; `device` is one of `DEVICES`.

    `theme` is one of `THEMES`, `reduced_motion` of `MOTIONS`, `language` of `SPOKEN`. `window` is
    the window's place in Qt's own packing, as base64. `views` holds what each page remembers, by
    the page's name. `introduced`: the introduction of the first start was shown. `updates`: the
    window looks for newer versions by itself.

    Devices go by name, empty for the system's own; `input_channel` and `output_channel` count
    from 0; `block` is in frames, 0 for the engine's own choice. Volumes are gains of 0 to 1.

    `others` are keys that this version does not know.
    """

    model: str = ""
    device: str = "auto"
    theme: str = "system"
    reduced_motion: str = "system"
    language: str = "system"
    window: str = ""
    rail_collapsed: bool = False
    introduced: bool = False
    updates: bool = False
    last_page: str = ""
    singer: str = ""
    input: str = ""
    output: str = ""
    host_api: str = ""
    input_channel: int = 0
    output_channel: int = 0
    block: int = 0
    accompaniment_volume: float = 1.0
    voice_volume: float = 0.3
    octave_folding: bool = True
    views: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _NOTHING)
    others: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


KNOWN = tuple(one.name for one in fields(Settings) if one.name != "others")


def _text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_TEXT


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _one_of(*allowed: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and value in allowed


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _block(value: object) -> bool:
    return type(value) is int and (value == 0 or BLOCKS[0] <= value <= BLOCKS[1])


def _gain(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value <= 1
        and math.isfinite(value)
    )


def _packed(value: object) -> bool:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        return False
    try:
        base64.b64decode(value.encode("ascii"), validate=True)
    except ValueError:
        return False
    return True


def _views(value: object) -> bool:
    if not isinstance(value, dict) or not all(isinstance(one, dict) for one in value.values()):
        return False
    try:
        return len(json.dumps(value)) <= _LARGEST_VIEWS
    except RecursionError:  # reading goes a little deeper than writing
        return False


_FITS: Mapping[str, Callable[[object], bool]] = {
    "device": _one_of(*DEVICES),
    "theme": _one_of(*THEMES),
    "reduced_motion": _one_of(*MOTIONS),
    "language": _one_of(*SPOKEN),
    "window": _packed,
    "rail_collapsed": _flag,
    "introduced": _flag,
    "updates": _flag,
    "octave_folding": _flag,
    "input_channel": _whole(0, _CHANNELS - 1),
    "output_channel": _whole(0, _CHANNELS - 1),
    "block": _block,
    "accompaniment_volume": _gain,
    "voice_volume": _gain,
    "views": _views,
}
"""What each setting may be; those that are not here are texts."""


def load_settings(path: Path) -> tuple[Settings, tuple[Finding, ...]]:
    """Read the settings; what cannot be used falls back to its default and is said.

    A file that is no JSON object is moved aside. Raises `PlaceError` when it cannot be read.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return Settings(), ()
    except OSError as error:
        raise place_error(error, path) from error
    try:
        kept = json.loads(text.decode("utf-8-sig"), parse_constant=_refuse)
        if not isinstance(kept, dict):
            raise ValueError("not an object")
    except (ValueError, RecursionError):
        return Settings(), (_moved_aside(path),)
    return _from_mapping(kept, path)


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings, whole or not at all. Raises `PlaceError`."""
    private_folder(path.parent)
    content = {**settings.others, **{name: getattr(settings, name) for name in KNOWN}}
    content["views"] = {name: dict(view) for name, view in settings.views.items()}
    text = json.dumps(content, indent=2, sort_keys=True, allow_nan=False)
    write_bytes(path, text.encode() + b"\n")


def _from_mapping(kept: dict[str, Any], path: Path) -> tuple[Settings, tuple[Finding, ...]]:
    good: dict[str, Any] = {}
    findings = []
    for name in KNOWN:
        if name not in kept:
            continue
        if _fits(name, kept[name]):
            good[name] = kept[name]
        else:
            findings.append(Finding("setting_ignored", {"path": path, "name": name}))
    others = {name: value for name, value in kept.items() if name not in KNOWN}
    return Settings(**good, others=MappingProxyType(others)), tuple(findings)


def _fits(name: str, value: object) -> bool:
    return _FITS.get(name, _text)(value)


def _moved_aside(path: Path) -> Finding:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    aside = path.with_name(f"{path.stem}.broken-{stamp}{path.suffix}")
    try:
        path.rename(aside)
    except OSError as error:
        raise place_error(error, path) from error
    return Finding("settings_broken", {"path": path, "aside": aside}, repaired=True)


def _refuse(constant: str) -> float:
    raise ValueError(constant)  # NaN and Infinity are no JSON
