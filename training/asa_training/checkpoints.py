"""A run's folder: its settings, its logs, its best state and the checkpoint it goes on from.

`config.json` holds the settings, `parts.jsonl` a line for each time that the run was begun or went
on (`provenance.part_of`), `steps.csv` the loss of every step (`logs`), `log.jsonl` a line a check,
`best.pt` the best state, `checkpoint.pt` where the run goes on.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from asa_desktop.core.errors import UsageError, place_error
from asa_training.config import FitConfig
from asa_training.learnt import Origin, learnt_of, record_of_marked, with_earlier
from asa_training.systems.towers import BEST, CONFIG, Trained
from asa_training.validation import Checked

CHECKPOINT = "checkpoint.pt"
LOG = "log.jsonl"
_MAY_CHANGE = (
    "id", "steps", "epochs", "check_every", "checkpoint_every", "patience", "best", "started_from",
    "config_file", "learnt",
)  # fmt: skip
"""Name, length and checks may change while a run stands still; all else is how it learns."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a run stands.

    `best` is the best check so far by what the run chooses by (more is better), `lowest` the lowest
    validation loss, `stale` the checks since then. `seconds` is how long it took so far; what was
    done between the last checkpoint and a killed run's end is not in it.
    """

    step: int = 0
    best: float = -math.inf
    lowest: float = math.inf
    stale: int = 0
    seconds: float = 0.0

    def after(self, step: int, checked: Checked, *, best: float, counted: bool) -> State:
        """The state after a check; one that came out of turn counts for nothing."""
        if not counted:
            return replace(self, step=step)
        state = replace(self, step=step, best=max(best, self.best))
        if checked.loss < self.lowest:
            return replace(state, lowest=checked.loss, stale=0)
        return replace(state, stale=self.stale + 1)


def patience_is_over(config: FitConfig, state: State) -> bool:
    """Whether the validation loss has not fallen for as many checks as it may."""
    return bool(config.patience) and state.stale >= config.patience


def write_record(
    run: Path,
    config: FitConfig,
    *,
    start: Path | None,
    trained: Trained | None,
    named: str = "",
    origins: tuple[Origin, Origin] | None = None,
    over: bool = False,
) -> None:
    """Write what the run is made with, for the model's card; `named` is the settings' file.

    Of marked recordings, of which the `origins` of training and validation are known, the marks and
    who sings are part of it. Where the run is `over` nothing more is learnt of them.

    Raises UsageError ``run_of_another`` where the folder holds a checkpoint of a run with other
    settings.
    """
    run.mkdir(parents=True, exist_ok=True)
    record: dict[str, Any] = config.to_dict()
    if trained is not None:
        # The folder's name, not where it lay on somebody's machine.
        record["tower_from"] = Path(config.tower_from).name
        record["tower"] = {**trained.to_dict(), **_marks_of(Path(config.tower_from))}
    if named:
        record["config_file"] = named
    if origins is not None:
        record |= record_of_marked(*origins)
    if start is not None:
        record["started_from"] = _record_of(start)
    text = json.dumps(record, indent=2)
    if (run / CHECKPOINT).exists():
        before = _refuse_other(run, json.loads(text))
        if "started_from" in before:  # not asked for again where a run goes on
            record["started_from"] = before["started_from"]
        if "learnt" in before:
            earlier = before["learnt"]
            record["learnt"] = earlier if over else with_earlier(record["learnt"], earlier)
        text = json.dumps(record, indent=2)
    new = run / f"{CONFIG}.new"
    new.write_text(text, "utf-8")
    new.replace(run / CONFIG)


def read_record(run: Path) -> dict[str, Any]:
    """What `write_record` wrote. Raises PlaceError where the folder holds no run."""
    try:
        record: dict[str, Any] = json.loads((run / CONFIG).read_text("utf-8"))
    except OSError as error:
        raise place_error(error, run / CONFIG) from error
    return record


def _refuse_other(run: Path, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was recorded before; with ``run_of_another`` where it says something else."""
    before = read_record(run)
    names = sorted({*before, *record} - {*_MAY_CHANGE})
    # What a record of an older version does not say was as the default is.
    meant = {**json.loads(json.dumps(FitConfig().to_dict())), **before}
    other = [name for name in names if meant.get(name) != record.get(name)]
    if other:
        raise UsageError("run_of_another", path=run, what=", ".join(other))
    return before


def _marks_of(tower: Path) -> dict[str, Any]:
    """What the run of a tower says of marked recordings; nothing where they went into none."""
    record = read_record(tower) if (tower / CONFIG).exists() else {}
    names = ("marks", "learnt", "started_from")
    return {name: record[name] for name in names if name in record} if learnt_of(record) else {}


def _record_of(start: Path) -> dict[str, Any]:
    """What the card says of an earlier run: its settings and the step that was the best."""
    return {**read_record(start.parent), "best": best_of(start.parent)}


def best_of(run: Path) -> dict[str, Any]:
    """The line of a run's log whose state was kept."""
    lines = [json.loads(line) for line in (run / LOG).read_text("utf-8").splitlines()]
    return dict([line for line in lines if line["kept"]][-1])


def took(run: Path) -> dict[str, Any]:
    """How long a run took in all, and on what: each machine once, in the order of the log.

    How many processes trained together is told where it was ever more than one.
    """
    lines = [json.loads(line) for line in (run / LOG).read_text("utf-8").splitlines()]
    known = [line for line in lines if "seconds" in line]
    if not known:
        return {}
    processes = list(dict.fromkeys(line.get("processes", 1) for line in known))
    return {
        "seconds": known[-1]["seconds"],
        "on": list(dict.fromkeys(line["on"] for line in known)),
        "threads": list(dict.fromkeys(line["threads"] for line in known)),
        **({} if processes == [1] else {"processes": processes}),
    }


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint: where a run stands, its weights, and all that the next step hangs on.

    `moments` is the optimiser's state, `random` torch's random state of each process by rank,
    `scaler` that of 16 bits' losses. A run that begins has none of them.
    """

    state: State = field(default_factory=State)
    weights: Mapping[str, Any] | None = None
    moments: dict[str, Any] | None = None
    random: Sequence[Mapping[str, Any]] = ()
    scaler: Mapping[str, Any] = field(default_factory=dict)


def read_checkpoint(run: Path) -> Saved:
    """The last checkpoint, on the CPU."""
    path = run / CHECKPOINT
    if not path.exists():
        return Saved()
    found = torch.load(path, map_location="cpu", weights_only=True)
    first = {"rng": found["rng"], "cuda_rng": found["cuda_rng"]}
    return Saved(
        state=State(**found["state"]),
        weights=found["network"],
        moments=found["optimiser"],
        random=(first, *found.get("others", ())),
        scaler=found.get("scaler", {}),
    )


def save(
    run: Path,
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    state: State,
    *,
    random: Sequence[Mapping[str, Any]],
    scaler: Mapping[str, Any],
) -> None:
    """Write a checkpoint, whole or not at all."""
    first, *others = random
    parts = {
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "state": asdict(state),
        **first,
        "others": others,
        "scaler": dict(scaler),
    }
    _write(parts, run / CHECKPOINT)


def keep(run: Path, network: nn.Module) -> None:
    """Write the best state, whole or not at all."""
    _write(network.state_dict(), run / BEST)


def _write(parts: Mapping[str, Any], path: Path) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as stream:
        torch.save(parts, stream)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
