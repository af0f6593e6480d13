"""What the user chose, kept in one small JSON file.

A newer program's keys are carried along untouched, so going back a version loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from asa_desktop.core.errors import place_error
from asa_desktop.services.files import write_bytes
from asa_desktop.services.findings import Finding
from asa_desktop.services.paths import private_folder

DEVICES = ("auto", "cpu", "cuda", "mps")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices that outlive a run.

    `model` is a model's id, empty for the bundled default; `device` is one of `DEVICES`;
    `others` are keys that this version does not know.
    """

    model: str = ""
    device: str = "auto"
    others: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


KNOWN = tuple(one.name for one in fields(Settings) if one.name != "others")


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
    if not isinstance(value, str):
        return False
    return name != "device" or value in DEVICES


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
