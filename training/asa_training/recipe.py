"""How a model came about, from the corpora's files to its weights: `rebuild.json` beside it.

Written by `asa-train export`, followed by `asa-train rebuild`. It names no place on anybody's
machine: recordings by their paths below the data folder or a manifest's root, all else by arguments
and settings.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import UsageError
from asa_desktop.core.model_published import RECORDINGS
from asa_training.checkpoints import read_record, took
from asa_training.config import FitConfig
from asa_training.learnt import learnt_of
from asa_training.provenance import Corpus, corpora_of, versions
from asa_training.render.calls import Call, read_calls
from asa_training.weights import Precision
from asa_training.writing import write_text

RECIPE = "rebuild.json"
SCHEMA = 1
FOLDERS = ("train", "validation", "test")
MOST_APART = 1.0
"""Points that a golden score may lie off."""


@dataclass(frozen=True, slots=True)
class Golden:
    """Scores of a take of bundled material: `take` and `song` below the resources, POSIX.

    `clips` are the network's own scores by the clip's number, `sha256` is of the take's file.
    """

    take: str
    song: str
    sha256: str
    clips: Mapping[int, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        clips = {str(number): score for number, score in self.clips.items()}
        return {"take": self.take, "song": self.song, "sha256": self.sha256, "clips": clips}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Golden:
        """Read what `to_dict` gave. Raises TypeError, ValueError or KeyError where it is not."""
        clips = {int(number): float(score) for number, score in values["clips"].items()}
        return cls(values["take"], values["song"], values["sha256"], clips)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that `asa-train rebuild` needs.

    `renders` are the calls that filled the three folders; `legs` the settings of the runs, each
    begun with the best state of the one before; `tower` the id and hash of the trained tower that
    EmbDirect stands on; `made` how long the last leg took, and on what.
    """

    id: str
    corpora: tuple[Corpus, ...]
    renders: Mapping[str, tuple[Call, ...]]
    legs: tuple[FitConfig, ...]
    precision: Precision
    versions: Mapping[str, str]
    made: Mapping[str, Any] = field(default_factory=dict)
    tower: Mapping[str, str] = field(default_factory=dict)
    config_file: str = ""
    weights_sha256: str = ""
    golden: tuple[Golden, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "corpora": [each.to_dict() for each in self.corpora],
            "renders": {
                name: [
                    {**call.to_dict(), "recordings": [one.id for one in call.recordings]}
                    for call in calls
                ]
                for name, calls in self.renders.items()
            },
            "legs": [leg.to_dict() for leg in self.legs],
            "tower": dict(self.tower),
            "config_file": self.config_file,
            "precision": self.precision,
            "versions": dict(self.versions),
            "made": dict(self.made),
            "weights_sha256": self.weights_sha256,
            "golden": [each.to_dict() for each in self.golden],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """Read what `to_dict` gave. Raises TypeError, ValueError or KeyError where it is not."""
        corpora = tuple(Corpus.from_dict(each) for each in values["corpora"])
        files = {one.id: one for corpus in corpora for one in corpus.files}

        def call(given: Mapping[str, Any]) -> Call:
            chosen = tuple(files[name] for name in given["recordings"])
            return replace(Call.from_dict({**given, "recordings": ()}), recordings=chosen)

        if not values["legs"]:
            raise ValueError("no training")
        return cls(
            id=str(values["id"]),
            corpora=corpora,
            renders={
                name: tuple(call(each) for each in values["renders"][name]) for name in FOLDERS
            },
            legs=tuple(FitConfig.from_record(each) for each in values["legs"]),
            tower=values["tower"],
            config_file=values["config_file"],
            precision=values["precision"],
            versions=values["versions"],
            made=values["made"],
            weights_sha256=values["weights_sha256"],
            golden=tuple(Golden.from_dict(each) for each in values["golden"]),
        )


def recipe_of(
    run: Path, *, renders: Path | None, validation: Path, test: Path, precision: Precision
) -> Recipe:
    """The recipe of a run and its three folders of renditions, yet without weights and scores.

    Raises
    ------
    UsageError
        ``calls_unknown`` where a folder does not say how it was filled; ``accompaniment_by_hand``
        where the system learns from accompaniments that `render` did not make;
        ``learnt_from_marks`` where the run learnt from marked recordings.
    """
    record = read_record(run)
    if renders is None or learnt_of(record):
        raise UsageError("learnt_from_marks", list=RECORDINGS)
    calls = {}
    for name, folder in zip(FOLDERS, (renders, validation, test), strict=True):
        calls[name] = tuple(read_calls(folder))
        if not calls[name]:
            raise UsageError("calls_unknown", path=folder)
    every = [call for each in calls.values() for call in each]
    if record["system"] == "racc" and not all(call.accompany for call in every):
        raise UsageError("accompaniment_by_hand")
    return Recipe(
        id=record["id"],
        corpora=corpora_of(every),
        renders=calls,
        legs=_legs(record),
        tower={name: record["tower"][name] for name in ("id", "sha256")}
        if "tower" in record
        else {},
        config_file=record.get("config_file", ""),
        precision=precision,
        versions=versions(),
        made=took(run),
    )


def _legs(record: Mapping[str, Any]) -> tuple[FitConfig, ...]:
    before = record.get("started_from")
    return (*(_legs(before) if before else ()), FitConfig.from_record(record))


def commands(recipe: Recipe) -> list[str]:
    """The commands that made the model, DATA standing for the corpora and R for any folder."""
    lines = [
        call.command(data="DATA", out=f"R/{name}")
        for name in FOLDERS
        for call in recipe.renders[name]
    ]
    lines.append("asa-train prepare --renders R/train R/validation R/test --cache R/cache")
    settings = recipe.config_file or "CONFIG"
    for number, leg in enumerate(recipe.legs, 1):
        last = number == len(recipe.legs)
        words = [
            "asa-train", "train", "--config", settings if last else f"CONFIG-{number}",
            "--renders", "R/train", "--validation", "R/validation", "--cache", "R/cache",
            "--run", f"R/{leg.id}-{number}",
        ]  # fmt: skip
        if number > 1:
            words += ["--start", f"R/{recipe.legs[number - 2].id}-{number - 1}/best.pt"]
        if leg.precision != FitConfig().precision:
            words += ["--precision", leg.precision]
        if recipe.tower and last:
            words += ["--tower", recipe.tower["id"]]
        lines.append(shlex.join(words))
    lines.append(
        f"asa-train export --run R/{recipe.id}-{len(recipe.legs)} --renders R/train --validation "
        f"R/validation --test R/test --cache R/cache --out {recipe.id}"
        + ("" if recipe.precision == "float16" else f" --precision {recipe.precision}")
    )
    return lines


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write it whole, as JSON. Raises PlaceError."""
    write_text(path, json.dumps(recipe.to_dict(), indent=1, ensure_ascii=False) + "\n")


def read_recipe(path: Path) -> Recipe:
    """Read it. Raises UsageError ``recipe_broken`` or ``recipe_version``."""
    try:
        values = json.loads(path.read_text("utf-8"))
        schema = values["schema"]
    except (OSError, TypeError, ValueError, KeyError) as fault:
        raise UsageError("recipe_broken", path=path, why=_why(fault)) from None
    if schema != SCHEMA:
        raise UsageError("recipe_version", path=path, found=str(schema)[:20])
    try:
        return Recipe.from_dict(values)
    except (AttributeError, TypeError, ValueError, KeyError) as fault:
        raise UsageError("recipe_broken", path=path, why=_why(fault)) from None


def ids(calls: Sequence[Call]) -> set[str]:
    """The recordings that calls chose, by id."""
    return {one.id for call in calls for one in call.recordings}


def _why(fault: Exception) -> str:
    return f"{fault.args[0]} is missing" if isinstance(fault, KeyError) else str(fault)
