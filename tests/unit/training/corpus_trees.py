"""Tiny corpora in the layouts of the importers; no sound, since importers decode none."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from asa_training.import_command import below_root, with_sha256
from asa_training.importers import Imported, layout
from asa_training.manifest import Manifest, inspect_manifest, write_manifest


def make(root: Path, names: Iterable[str]) -> Path:
    """Files that hold their own name, so that no two are the same."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return root


def bring_in(name: str, source: Path) -> tuple[Imported, Manifest]:
    """Import, write, and read again without a fault, every file verified."""
    found = layout(name).read(source)
    path = source / "manifest.csv"
    write_manifest(path, with_sha256(below_root(found.rows, source, source), source))
    checked = inspect_manifest(path, verify=True)
    assert [fault.sentence for fault in checked.faults] == []
    path.unlink()
    return found, checked.manifest
