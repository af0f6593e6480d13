"""What each part of a run was trained from and with: a line of `parts.jsonl` whenever it begins.

Data are known by the hash of the list that ``sha256sum`` writes of all files, of the renditions or
of the marked recordings and their references, sorted by their paths; code by that of the source
files of this package and of the program's core. Of marked recordings the list itself is kept
(`RECORDINGS`), so that whoever asks for removal finds the runs, and the models, that learnt from
them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import asa_desktop.core
import asa_training
from asa_desktop.core.model_published import RECORDINGS
from asa_training.batches import Data
from asa_training.labelled import Labelled
from asa_training.provenance import versions
from asa_training.writing import write_text, write_whole

PARTS = "parts.jsonl"
_SAME = ("training", "validation", "code_sha256", "versions")


def part_of(
    *, step: int, training: Data, validation: Data, about: Mapping[str, Any]
) -> dict[str, Any]:
    """A line: from which step on, by which data, code and packages, and what else is known."""
    return {
        "from_step": step,
        "training": data_of(training),
        "validation": data_of(validation),
        "code_sha256": code_sha256(),
        "versions": versions(),
        **about,
    }


def add_part(run: Path, part: Mapping[str, Any]) -> list[str]:
    """Add a line to the run's folder; what of it is not as in the part before.

    What was begun at the same step before has done nothing that is left, and gives way.
    """
    before = read_parts(run)
    kept = [each for each in before if each["from_step"] < part["from_step"]]
    write_text(run / PARTS, "".join(json.dumps(each) + "\n" for each in (*kept, part)))
    if not kept:
        return []
    return [name for name in _SAME if kept[-1].get(name) != part[name]]


def read_parts(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's folder; none of a run from before there were any."""
    path = run / PARTS
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def data_of(data: Data) -> dict[str, Any]:
    """How much there is, and its hash; None where files of it are not known."""
    if isinstance(data, Labelled):
        origin = data.origin
        if origin is None:
            return {"clips": len(data.scores), "sha256": None}
        return {
            "clips": len(data.scores),
            "recordings": len(origin.files),
            "sha256": list_sha256(origin.files),
        }
    files = [file for each in data for file in each.files]
    known = bool(data) and all(each.files for each in data)
    return {"renditions": len(data), "sha256": list_sha256(files) if known else None}


def code_sha256() -> str:
    """The hash of the source files that a training hangs on."""
    files = []
    for package in (asa_training, asa_desktop.core):
        root = Path(package.__path__[0])
        for path in root.rglob("*.py"):
            name = f"{package.__name__}/{path.relative_to(root).as_posix()}"
            files.append((name, hashlib.sha256(path.read_bytes()).hexdigest()))
    return list_sha256(files)


def list_sha256(files: Iterable[tuple[str, str]]) -> str:
    """The hash of a list of (path, sha256) as `sha256sum` writes it, sorted by the paths."""
    lines = (f"{digest}  {name}\n" for name, digest in sorted(files))
    return hashlib.sha256(_bytes("".join(lines))).hexdigest()


def keep_recordings(run: Path, data: Iterable[Data], *, before: Iterable[Path]) -> None:
    """Write down which marked recordings a run learnt from or was chosen by, where there are any.

    `before` are folders of runs and models that it stands on, and its own where it goes on: what
    they learnt from is in it, too.
    """
    lines = {line for folder in before for line in read_recordings(folder)}
    for each in data:
        if isinstance(each, Labelled) and each.origin is not None:
            lines |= {f"{digest}  {name}" for name, digest in each.origin.files}
    if lines:
        text = "".join(f"{line}\n" for line in sorted(lines))
        write_whole(run / RECORDINGS, lambda stream: stream.write(_bytes(text)))


def read_recordings(folder: Path) -> list[str]:
    """The lines of a folder's list, as ``sha256sum`` writes them; none where there is no list."""
    path = folder / RECORDINGS
    if not path.is_file():
        return []
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    # A name may hold what `splitlines` takes for the end of a line.
    return [line for line in text.split("\n") if line]


def _bytes(text: str) -> bytes:
    # Names that are no UTF-8 come with halves of surrogates.
    return text.encode("utf-8", "surrogateescape")


def hashes_of(run: Path) -> dict[str, list[str]]:
    """The hashes of all parts of a run, each once, for the model's card; where there are any."""
    parts = read_parts(run)
    found = {
        "training_sha256": [each["training"]["sha256"] for each in parts],
        "validation_sha256": [each["validation"]["sha256"] for each in parts],
        "code_sha256": [each["code_sha256"] for each in parts],
    }
    known = {name: list(dict.fromkeys(filter(None, each))) for name, each in found.items()}
    return {name: each for name, each in known.items() if each}
