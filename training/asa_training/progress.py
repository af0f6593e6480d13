"""What goes on around the steps of a run: logs, checks, checkpoints, and when it is over."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, TextIO

import numpy as np
import torch
from lightning.pytorch import Callback, Trainer

from asa_desktop.core.errors import UsageError
from asa_desktop.core.networks.heads import Network
from asa_training import processes
from asa_training.checkpoints import LOG, Saved, keep, patience_is_over, save
from asa_training.config import FitConfig
from asa_training.learner import Learner
from asa_training.loader import Loader
from asa_training.logs import last_check, losses_since, open_steps
from asa_training.pace import Pace, Stopwatch, machine
from asa_training.systems.towers import BEST
from asa_training.validation import Checked
from asa_training.windows import Batch

_MEASURED = (
    "loss", "validation_loss", "validation_auc", "validation_rank", "waiting", "clips_per_second",
    "memory_mib",
)  # fmt: skip


class Judge(Protocol):
    """What says how good a network is."""

    def check(self, network: Network) -> Checked:
        """Measure the network as it is."""


class Progress(Callback):
    """Follows a run. The process of rank 0 alone checks and writes; what it finds, all go by."""

    def __init__(
        self,
        run: Path,
        config: FitConfig,
        judge: Judge,
        saved: Saved,
        loader: Loader,
        *,
        minutes: float | None = None,
    ) -> None:
        self._run, self._config, self._judge = run, config, judge
        self._saved, self._state = saved, saved.state
        self._watch = Stopwatch(loader)
        self._ends = monotonic() + 60 * minutes if minutes else math.inf
        self._losses: list[float] = []
        self._steps: TextIO | None = None

    def on_train_start(self, trainer: Trainer, learner: Learner) -> None:
        """Take up the random state, last of all, so that nothing has drawn from it since."""
        _take_up(self._saved.random, self._config.seed + self._state.step, learner.device)
        if self._saved.scaler:
            trainer.precision_plugin.load_state_dict(dict(self._saved.scaler))
        if trainer.is_global_zero:
            self._losses = losses_since(self._run, last_check(self._run))
            self._steps = open_steps(self._run)
        self._watch.begin()
        self._timed = monotonic()

    def on_train_batch_end(
        self, trainer: Trainer, learner: Learner, outputs: Any, batch: Batch, number: int
    ) -> None:
        """After a step: note its loss; check, save and end where it is time to."""
        learner.step += 1
        done, config = learner.step, self._config
        self._watch.add(batch)
        self._note(trainer, learner)
        due = done % config.check_every == 0 or done == config.steps
        over = self._is_over(learner.device)
        if due or over:
            self._check(trainer, learner, due=due)
        elif config.checkpoint_every and done % config.checkpoint_every == 0:
            self._state = replace(self._state, step=done)
            self._save(trainer, learner)
        if over or patience_is_over(config, self._state):
            trainer.should_stop = True

    def teardown(self, trainer: Trainer, learner: Learner, stage: str) -> None:
        """Close the list of losses."""
        if self._steps is not None:
            self._steps.close()

    def _note(self, trainer: Trainer, learner: Learner) -> None:
        loss = learner.loss.item()
        if self._steps is not None:
            self._losses.append(loss)
            self._steps.write(f"{learner.step},{loss!r}\n")
        rate = learner.optimiser.param_groups[0]["lr"]
        _show(trainer, learner.step, {"step_loss": loss, "rate": rate})

    def _is_over(self, device: torch.device) -> bool:
        """Whether the time is; as soon as any process finds so."""
        if self._ends == math.inf:
            return False
        return bool(processes.largest([monotonic() > self._ends], device)[0])

    def _check(self, trainer: Trainer, learner: Learner, *, due: bool) -> None:
        pace = self._watch.pace(learner.device)
        checked = self._checked(learner)
        best = _worth(checked, self._config, step=learner.step)
        # A check out of turn must not choose: without the interruption there was none.
        kept = best >= self._state.best if due else not (self._run / BEST).exists()
        self._state = self._state.after(learner.step, checked, best=best, counted=due)
        self._count_seconds()
        if trainer.is_global_zero:
            line = self._line(checked, kept, pace, learner.device)
            with (self._run / LOG).open("a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            self._say(line["loss"], checked, pace)
            _show(trainer, learner.step, {name: line[name] for name in _MEASURED})
            if kept:
                keep(self._run, learner.network)
        self._save(trainer, learner)
        self._losses = []
        self._watch.begin()

    def _checked(self, learner: Learner) -> Checked:
        found = Checked(math.nan, math.nan)
        if processes.rank() == 0:
            found = self._judge.check(learner.network)
        values = (found.auc, found.loss, found.rank)
        return Checked(*processes.first_ones(values, learner.device))

    def _count_seconds(self) -> None:
        now = monotonic()
        self._state = replace(self._state, seconds=self._state.seconds + now - self._timed)
        self._timed = now

    def _save(self, trainer: Trainer, learner: Learner) -> None:
        self._count_seconds()
        random = processes.random_states(learner.device)
        if trainer.is_global_zero:
            scaler = trainer.precision_plugin.state_dict()
            save(
                self._run,
                learner.network,
                learner.optimiser,
                self._state,
                random=random,
                scaler=scaler,
            )

    def _line(
        self, checked: Checked, kept: bool, pace: Pace, device: torch.device
    ) -> dict[str, Any]:
        return {
            "step": self._state.step,
            "loss": _number(float(np.mean(self._losses)), 6),
            "validation_loss": _number(checked.loss, 6),
            "validation_auc": _number(checked.auc, 4),
            "validation_rank": _number(checked.rank, 4),
            "kept": kept,
            "seconds": round(self._state.seconds, 1),
            "on": machine(device),
            "threads": torch.get_num_threads(),
            "processes": processes.count(),
            "waiting": _number(pace.waiting, 4),
            "clips_per_second": _number(pace.clips, 1),
            "memory_mib": _number(pace.memory, 0),
        }

    def _say(self, loss: float, checked: Checked, pace: Pace) -> None:
        step, steps = self._state.step, self._config.steps
        left = (steps - step) * pace.step_s / 60
        print(
            f"step {step}/{steps}  loss {loss:.4f}  validation loss {checked.loss:.4f}  "
            f"rank {checked.rank:.3f}  AUC {checked.auc:.4f}  "
            f"{pace.step_s:.2f} s a step, about {left:.0f} min left\n"
            f"  waited for batches {pace.waiting:.1%} of the time, {pace.clips:.0f} clips a "
            f"second, {pace.memory:.0f} MiB",
            flush=True,
        )


def _take_up(random: Sequence[Mapping[str, Any]], seed: int, device: torch.device) -> None:
    """This process's random state of the checkpoint; one of its own where there is none."""
    rank = processes.rank()
    if rank >= len(random):
        # By rank 0's dropout alone, all would leave out the same of different clips.
        torch.manual_seed(seed + 1_000_003 * rank)
        return
    torch.set_rng_state(random[rank]["rng"])
    if device.type == "cuda" and random[rank]["cuda_rng"] is not None:
        torch.cuda.set_rng_state(random[rank]["cuda_rng"], device)


def _worth(checked: Checked, config: FitConfig, *, step: int) -> float:
    """By what a state is chosen, more being better; ``nothing_to_validate`` where it is unknown."""
    worth = {"rank": checked.rank, "auc": checked.auc, "loss": -checked.loss}[config.choose]
    if math.isnan(worth) or (config.patience and math.isnan(checked.loss)):
        raise UsageError("nothing_to_validate", step=step)
    return worth


def _show(trainer: Trainer, step: int, values: Mapping[str, float | None]) -> None:
    """Hand numbers to TensorBoard, where it is wanted."""
    if trainer.logger is not None:
        known = {name: value for name, value in values.items() if value is not None}
        trainer.logger.log_metrics(known, step)


def _number(value: float, digits: int) -> float | None:
    """JSON knows no NaN."""
    return round(value, digits) if math.isfinite(value) else None
