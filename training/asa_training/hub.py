"""A model's folder as model hubs take it: README.md with its head, config.json, LICENSE.

The layout is that of the Hugging Face hub. `asa models add` installs such a folder, or a zip of it
(`asa_desktop.core.model_published`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import PlaceError, UsageError, place_error
from asa_desktop.core.model_pack import is_model_id
from asa_desktop.core.model_published import INDEX, LAYOUT, README, RECIPE, RECORDINGS
from asa_desktop.core.models import CARD, WEIGHTS, validate_model
from asa_training.card import model_card
from asa_training.writing import write_text, write_whole

ATTRIBUTES = "*.safetensors filter=lfs diff=lfs merge=lfs -text\n"
LICENCE_TEXTS: Mapping[str, str] = {
    "CC BY-SA 4.0": "CC-BY-SA-4.0.txt",
    "CC BY 4.0": "CC-BY-4.0.txt",
}
"""The weights' licences and the files with their text, as Creative Commons publishes it."""

_LICENCE = """The weights of {id} and the files beside them are licensed under {licence}, whose text
stands below. Whoever passes them on, changed or not, names what they were made from:

{credits}

and the method: Zhang, Jiang, Jiang and Hu, "Learn by Referencing: Towards Deep Metric Learning for
Singing Assessment", ISMIR 2021. The program that opens them, ASA Desktop, is licensed by itself.

"""


def write_hub(folder: Path, out: Path) -> str:
    """Write the hub's folder of a model; its id. Files that are there already are written anew.

    Raises
    ------
    UsageError
        ``pack_id`` where the id cannot be a folder's name, ``licence_unknown`` where the licence is
        none whose text is here, ``card_bare`` where the card lacks what a README is made of.
    ModelError, PlaceError
        What `validate_model` finds wrong; when something cannot be read or written.
    """
    read = validate_model(folder)
    card = dict(read.values)
    if not is_model_id(read.id):
        raise UsageError("pack_id", name=read.id)
    if read.licence not in LICENCE_TEXTS:
        raise UsageError("licence_unknown", licence=read.licence)
    try:
        readme = model_card(card, hub=True)
        licence = _licence(card)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        raise UsageError("card_bare", path=folder / CARD, why=str(error)) from error
    files = {name: _content(folder / name) for name in (CARD, WEIGHTS)}
    for name in (RECIPE, RECORDINGS):
        if (folder / name).is_file():
            files[name] = _content(folder / name)
    _make(out)
    for name, content in files.items():
        write_whole(out / name, lambda stream, content=content: stream.write(content))
    write_text(out / README, readme)
    write_text(out / "LICENSE", licence)
    write_text(out / ".gitattributes", ATTRIBUTES)
    index = _index(card, {name: hashlib.sha256(each).hexdigest() for name, each in files.items()})
    write_text(out / INDEX, json.dumps(index, indent=2, ensure_ascii=False) + "\n")
    return read.id


def _index(card: dict[str, Any], digests: Mapping[str, str]) -> dict[str, Any]:
    """What hubs and their tools look at, and the hashes of the files that the program opens."""
    return {
        "model_type": "asa-desktop",
        "architectures": [card["system"]],
        "asa_layout": LAYOUT,
        "id": card["id"],
        "sampling_rate": card["features"]["rate"],
        "towers": card.get("towers", "shared"),
        "network": card["network"],
        "features": card["features"],
        "files": dict(digests),
    }


def _licence(card: dict[str, Any]) -> str:
    text = Path(__file__).with_name("licences") / LICENCE_TEXTS[card["licence"]]
    head = _LICENCE.format(
        id=card["id"],
        licence=card["licence"],
        credits="\n".join(f"- {line}" for line in card["attribution"]),
    )
    return head + text.read_text("utf-8")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise place_error(error, path) from error


def _make(out: Path) -> None:
    """The folder; one that leads elsewhere is not written to."""
    if os.path.lexists(out) and not out.is_dir():
        raise PlaceError("in_the_way", path=out)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise place_error(error, out) from error
