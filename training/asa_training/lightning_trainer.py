"""Lightning's Trainer as a run needs it: device, precision, processes; all else is ours."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import torch
import torch.utils.deterministic
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.plugins.environments import SLURMEnvironment
from lightning.pytorch.strategies import DDPStrategy
from lightning.pytorch.utilities.exceptions import SIGTERMException

from asa_training.config import FitConfig
from asa_training.hardware import Hardware
from asa_training.loader import Loader

BOARD = "tensorboard"
"""The folder within a run's that TensorBoard reads."""

_PATIENCE = timedelta(hours=6)
"""How long processes wait for the one that checks the network."""

_ACCELERATORS = {"cpu": "cpu", "cuda": "gpu", "mps": "mps"}


def trainer_of(
    config: FitConfig,
    device: torch.device,
    hardware: Hardware,
    *,
    board: TensorBoardLogger | None = None,
) -> Trainer:
    """A Trainer that goes through a loader once, and says and writes nothing by itself.

    Half precision is `systems.base.through`'s, since checks need it as well; of Lightning comes the
    scaling of the loss that 16 bits need.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    logging.getLogger("lightning.fabric").setLevel(logging.ERROR)
    alone = hardware.processes == 1
    return Trainer(
        accelerator=_ACCELERATORS[device.type],
        devices=[device.index] if alone and device.index is not None else hardware.devices,
        num_nodes=hardware.nodes,
        strategy="auto" if alone else _together(device),
        precision="16-mixed" if config.precision == "16-mixed" else "32-true",
        sync_batchnorm=config.norms == "sync" and not alone,
        gradient_clip_val=config.clip_norm or None,
        max_epochs=1,
        logger=board or False,
        plugins=_environment(),
        use_distributed_sampler=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _environment() -> list[SLURMEnvironment]:
    """Slurm, without checkpoints of Lightning's before its end, from which no run would go on."""
    return [SLURMEnvironment(auto_requeue=False)] if SLURMEnvironment.detect() else []


def _together(device: torch.device) -> DDPStrategy:
    backend = "nccl" if device.type == "cuda" else "gloo"
    return DDPStrategy(process_group_backend=backend, timeout=_PATIENCE)


def board_of(run: Path, *, step: int) -> TensorBoardLogger:
    """What writes for TensorBoard; of a run that goes on, what came after its step is void."""
    return TensorBoardLogger(run, name=BOARD, version="", purge_step=step + 1)


def fit(trainer: Trainer, learner: LightningModule, loader: Loader, progress: Callback) -> None:
    """Train, followed by `progress`.

    Raises KeyboardInterrupt on Ctrl-C, where Lightning would leave the program, and SystemExit with
    the status of a killed program on SIGTERM, where it would leave with that of success.
    """
    before = signal.getsignal(signal.SIGINT)
    trainer.callbacks.append(progress)
    try:
        with _same_again(device_of(trainer)), _without_advice():
            trainer.fit(learner, train_dataloaders=loader)
    except SIGTERMException:
        raise SystemExit(128 + signal.SIGTERM) from None
    except SystemExit as left:
        if isinstance(left.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise
    except Exception:
        # Else the others would wait for this one.
        launcher = trainer.strategy.launcher
        if hasattr(launcher, "kill"):
            launcher.kill(getattr(signal, "SIGKILL", signal.SIGTERM))
        raise
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def device_of(trainer: Trainer) -> torch.device:
    """The device of this process."""
    return trainer.strategy.root_device


@contextlib.contextmanager
def _without_advice() -> Iterator[None]:
    """Lightning's advice is about its own way of loading and logging."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")
        yield


@contextlib.contextmanager
def _same_again(device: torch.device) -> Iterator[None]:
    """On a CPU, algorithms alone that give the same numbers every time; there they cost nothing.

    On a GPU some of them do not exist.
    """
    before = torch.are_deterministic_algorithms_enabled()
    filling = torch.utils.deterministic.fill_uninitialized_memory
    if device.type == "cpu":
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
        torch.utils.deterministic.fill_uninitialized_memory = filling
