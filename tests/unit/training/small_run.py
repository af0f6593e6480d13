"""A training of seconds as a program of its own: ``python small_run.py '{"run": "folder", ...}'``.

Lightning begins further processes by calling the program anew, so several of them need one; and a
program can be killed. What it is told:

run            the run's folder
config         entries of the configuration, beside those of `CONFIG`
devices        processes; 1
kill_at        the step before whose end the program kills itself by SIGKILL; 0 never
kill_saving    the checkpoint (1, 2, ...) in whose middle it does
gradients      a file for the gradients of every step, by name, as the optimiser gets them
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from asa_training import checkpoints, fit
from asa_training.config import FitConfig
from asa_training.hardware import Hardware
from made_renditions import scene, small_scene

from asa_desktop.core.networks.cnnsa import TowerConfig

SMALL = TowerConfig(width=4, feed_forward=8, layers=1, heads=2, embedding=8)
CONFIG = FitConfig(
    steps=20,
    clips=4,
    performances=2,
    warmup=2,
    check_every=10,
    learning_rate=2e-3,
    network=SMALL,
    grade="worst",
)


def run(told: dict[str, Any], **more: Any) -> Path:
    """Train as told; `more` goes to `fit.train`."""
    config = replace(CONFIG, **told.get("config", {}))
    if "dropout" in told:
        config = replace(config, network=replace(SMALL, dropout=told["dropout"]))
    renditions = small_scene("a")
    return fit.train(
        config,
        training=[*renditions, *scene("b")],
        validation=renditions,
        run=Path(told["run"]),
        device=torch.device("cpu"),
        hardware=Hardware(devices=told.get("devices", 1)),
        **more,
    )


def record_gradients(into: Path) -> None:
    """Let the first process write down the gradients of every step."""
    from asa_training.learner import Learner

    steps: list[dict[str, torch.Tensor]] = []

    def noted(learner: Learner, optimiser: torch.optim.Optimizer) -> None:
        named = learner.network.named_parameters()
        steps.append({name: each.grad.clone() for name, each in named if each.grad is not None})
        if learner.global_rank == 0:
            torch.save(steps, into)

    Learner.on_before_optimizer_step = noted


def kill_in_step(number: int) -> None:
    """Let the program die in a step, after its loss is known."""
    from asa_training.learner import Learner

    step = Learner.training_step

    def dying(learner: Learner, batch: Any, index: int) -> torch.Tensor:
        loss = step(learner, batch, index)
        if learner.step + 1 == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return loss

    Learner.training_step = dying


def kill_in_saving(number: int) -> None:
    """Let the program die when half of a checkpoint is written."""
    write, written = torch.save, []

    def dying(parts: dict[str, Any], stream: Any) -> None:
        written.append("optimiser" in parts)
        if sum(written) == number and written[-1]:
            stream.write(b"half a checkpoint")
            stream.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        write(parts, stream)

    checkpoints.torch.save = dying


def main() -> int:
    """Train as told on the command line."""
    told = json.loads(sys.argv[1])
    if told.get("gradients"):
        record_gradients(Path(told["gradients"]))
    if told.get("kill_at"):
        kill_in_step(told["kill_at"])
    if told.get("kill_saving"):
        kill_in_saving(told["kill_saving"])
    run(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
