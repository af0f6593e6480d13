"""Train any of the systems, with checkpoints from which a run goes on.

The step itself stands in `learner`, what goes on around it in `progress`, what a run writes in
`checkpoints`. This module can be imported without Lightning.
"""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import torch

from asa_desktop.core.errors import UsageError
from asa_desktop.core.networks.heads import Network
from asa_training.batches import Data, batches_of
from asa_training.checkpoints import (
    Saved,
    patience_is_over,
    read_checkpoint,
    write_record,
)
from asa_training.config import FitConfig
from asa_training.hardware import ALONE, Hardware, refuse_unfit
from asa_training.labelled import Labelled
from asa_training.learnt import Origin
from asa_training.loader import Loader
from asa_training.logs import take_back
from asa_training.pace import machine
from asa_training.parts import add_part, keep_recordings, part_of
from asa_training.systems import System, system_of
from asa_training.systems.towers import BEST, Trained, read_tower, standing_on
from asa_training.validation import Validation
from asa_training.windows import Share

__all__ = ["BEST", "in_steps", "refuse_without_lightning", "train"]


def train(
    config: FitConfig,
    *,
    training: Data,
    validation: Data,
    run: Path,
    device: torch.device,
    hardware: Hardware = ALONE,
    minutes: float | None = None,
    start: Path | None = None,
    named: str = "",
    tensorboard: bool = False,
) -> Path:
    """Fit until the steps or `minutes` are over, or patience is; the best state is kept.

    An interrupted run goes on from its last checkpoint when called again with the same folder, and
    ends as if it had not been; on a CPU the same seed and number of threads give the same bytes.
    A new one begins with the weights of `start` (another run's best state), where given. `named` is
    what the configuration's file is called, for the record.

    One process trains, or several by `hardware`. Lightning begins the others by calling the program
    anew with its own arguments, which therefore come here themselves, and which it can do once; or
    torchrun or Slurm began them all.

    Raises
    ------
    UsageError
        ``nothing_to_train_on`` when no source has what the system needs, ``nothing_to_pair`` when
        labelled clips make no triplet; ``nothing_to_validate``
        when the validation data cannot tell states apart (no clip near severity 0.5 or none at 0;
        for a choice by loss, no batch); ``reference_missing``; ``run_of_another``;
        ``tower_unnamed``, ``tower_missing`` or ``tower_of_another`` for EmbDirect; and as
        `refuse_without_lightning` and `refuse_unfit`.
    """
    refuse_without_lightning(tensorboard=tensorboard)
    trained = _tower_for(config)
    config = config if trained is None else standing_on(config, trained)
    refuse_unfit(config, device, hardware)
    batches = batches_of(training, config, seed=config.seed)
    if not batches.windows:
        code = "nothing_to_pair" if isinstance(training, Labelled) else "nothing_to_train_on"
        raise UsageError(code, system=config.system)
    config = in_steps(config, batches.windows)
    origins = _origins(training, validation)
    record = {"start": start, "trained": trained, "named": named, "origins": origins}
    saved = read_checkpoint(run)
    if saved.state.step >= config.steps or patience_is_over(config, saved.state):
        write_record(run, config, **record, over=True)
        return run / BEST

    from asa_training.learner import Learner
    from asa_training.lightning_trainer import board_of, device_of, fit, trainer_of
    from asa_training.progress import Progress

    board = board_of(run, step=saved.state.step) if tensorboard else None
    trainer = trainer_of(config, device, hardware, board=board)
    if trainer.is_global_zero:
        write_record(run, config, **record)
        take_back(run, saved.state.step)
        _tell_of_part(run, saved.state.step, training, validation, device, hardware)
        stands_on = [start.parent] if start is not None else []
        stands_on += [Path(config.tower_from)] if trained is not None else []
        stands_on += [run] if saved.state.step else []
        keep_recordings(run, [training, validation], before=stands_on)
    system = system_of(config, trained=trained)
    network, saved = _beginning(system, config, saved, start)
    loader = Loader(
        batches,
        first=saved.state.step,
        last=config.steps,
        share=Share(trainer.global_rank, trainer.world_size),
        workers=hardware.drawing(device),
        pinned=device.type == "cuda",
    )
    judge = Validation(system, config, validation, device_of(trainer))
    learner = Learner(system, network, config, step=saved.state.step, moments=saved.moments)
    fit(trainer, learner, loader, Progress(run, config, judge, saved, loader, minutes=minutes))
    return run / BEST


def refuse_without_lightning(*, tensorboard: bool = False) -> None:
    """Raise UsageError ``needs_lightning`` or ``needs_tensorboard`` where these are missing."""
    if importlib.util.find_spec("lightning") is None:
        raise UsageError("needs_lightning")
    if tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise UsageError("needs_tensorboard")


def in_steps(config: FitConfig, windows: int) -> FitConfig:
    """The configuration with its epochs, if it has any, counted in batches of `clips` windows."""
    if not config.epochs:
        return config
    each = -(-windows // config.clips)
    return replace(config, steps=config.epochs * each, check_every=each)


def _origins(training: Data, validation: Data) -> tuple[Origin, Origin] | None:
    """Where marked recordings are from, if both know it."""
    if not isinstance(training, Labelled) or not isinstance(validation, Labelled):
        return None
    if training.origin is None or validation.origin is None:
        return None
    return training.origin, validation.origin


def _tower_for(config: FitConfig) -> Trained | None:
    if config.system != "embdirect":
        return None
    if not config.tower_from:
        raise UsageError("tower_unnamed")
    return read_tower(Path(config.tower_from))


def _beginning(
    system: System, config: FitConfig, saved: Saved, start: Path | None
) -> tuple[Network, Saved]:
    """The network as it is now, and the checkpoint, with a random state where it had none."""
    torch.manual_seed(config.seed)
    network = system.network()
    if saved.weights is not None:
        network.load_state_dict(saved.weights)
        return network, saved
    if start is not None:
        network.load_state_dict(torch.load(start, map_location="cpu", weights_only=True))
    drawn = {"rng": torch.get_rng_state(), "cuda_rng": None}
    return network, replace(saved, random=(drawn,))


def _tell_of_part(
    run: Path,
    step: int,
    training: Data,
    validation: Data,
    device: torch.device,
    hardware: Hardware,
) -> None:
    """Write down what this part of the run is trained from and with, and say what has changed."""
    about = {"on": machine(device), "devices": hardware.devices, "nodes": hardware.nodes}
    part = part_of(step=step, training=training, validation=validation, about=about)
    if changed := add_part(run, part):
        print(f"not as in the part before step {step}: {', '.join(changed)}", flush=True)
