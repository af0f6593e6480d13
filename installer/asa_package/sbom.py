"""The bill of materials: what is inside, as CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/)."""

from __future__ import annotations

import datetime
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from asa_setup import lockfile

from asa_package import place
from asa_package.owners import Part
from asa_package.place import Workshop

_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cyclonedx.org/asa-desktop")


def locks(shop: Workshop) -> dict[str, tuple[str, ...]]:
    """Who wants whom, by the locks: name -> names of its needs."""
    wants: dict[str, set[str]] = {}
    for name in ("universal.txt", "torch.txt"):
        for pin in lockfile.read(shop.locks / name):
            for parent in pin.wanted_by:
                wants.setdefault(parent, set()).add(pin.name)
    return {parent: tuple(sorted(names)) for parent, names in sorted(wants.items())}


def _licence(part: Part) -> list[dict[str, Any]]:
    if part.kind == "pypi" and (" AND " in part.licence or " OR " in part.licence):
        return [{"expression": part.licence}]
    return [{"license": {"name": part.licence}}]


def _component(part: Part) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": "library",
        "bom-ref": part.address,
        "name": part.name,
        "version": part.version,
        "licenses": _licence(part),
        "purl": part.address,
    }
    if part.home.startswith("http"):
        told["externalReferences"] = [{"type": "website", "url": part.home}]
    return told


def bill(
    parts: Iterable[Part], *, version: str, epoch: int, locks: Mapping[str, Iterable[str]]
) -> dict[str, Any]:
    """The document; the same parts give the same one, its number included.

    `locks` tells whose needs are whose; what a system brings is needed by the program itself.
    """
    parts = sorted(parts)
    reference = {part.name: part.address for part in parts}
    ours = f"pkg:generic/{place.NAME}@{version}"
    first = set(locks.get(lockfile.PROGRAM, ())) | {p.name for p in parts if p.kind != "pypi"}
    dependencies = [
        {"ref": ours, "dependsOn": sorted(reference[n] for n in first & set(reference))}
    ]
    dependencies += [
        {
            "ref": part.address,
            "dependsOn": [reference[n] for n in locks.get(part.name, ()) if n in reference],
        }
        for part in parts
    ]
    content = json.dumps([version, *(part.address for part in parts)])
    number = uuid.uuid5(_SPACE, hashlib.sha256(content.encode()).hexdigest())
    when = datetime.datetime.fromtimestamp(epoch, tz=datetime.UTC)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {
            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": place.NAME,
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "purl": ours,
            },
        },
        "components": [_component(part) for part in parts],
        "dependencies": dependencies,
    }


def as_text(bill: Mapping[str, Any]) -> str:
    """The document as it is written down."""
    return json.dumps(bill, indent=1, ensure_ascii=False) + "\n"
