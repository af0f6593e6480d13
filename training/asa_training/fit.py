"""Train any of the systems, with checkpoints from which a run goes on."""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.utils.deterministic
from torch import nn

from asa_desktop.core.errors import UsageError
from asa_desktop.core.examples import examples
from asa_desktop.core.networks.heads import Network
from asa_training.batches import Batches, Data, batches_of, role_of, without_accompaniment
from asa_training.checkpoints import LOG, State, keep, resume, save, write_record
from asa_training.config import FitConfig, read_config
from asa_training.features import ACCOMPANIMENT, Rendition, load
from asa_training.systems import System, system_of
from asa_training.systems.towers import BEST, Trained, read_tower, standing_on
from asa_training.validation import Checked, Validation
from asa_training.windows import Batch


def train(
    config: FitConfig,
    *,
    training: Data,
    validation: Data,
    run: Path,
    device: torch.device,
    minutes: float | None = None,
    start: Path | None = None,
    named: str = "",
) -> Path:
    """Fit until the steps or `minutes` are over, or patience is; the best state is kept.

    An interrupted run goes on from its last checkpoint when called again with the same folder, and
    ends as if it had not been; on a CPU the same seed and number of threads give the same bytes.
    A new one begins with the weights of `start` (another run's best state), where given. `named` is
    what the configuration's file is called, for the record.

    Raises
    ------
    UsageError
        ``nothing_to_train_on`` when no source has what the system needs; ``nothing_to_validate``
        when the validation data cannot tell states apart (no clip near severity 0.5 or none at 0;
        for a choice by loss, no batch); ``reference_missing``; ``run_of_another``;
        ``tower_unnamed``, ``tower_missing`` or ``tower_of_another`` for EmbDirect.
    """
    trained = _tower_for(config)
    config = config if trained is None else standing_on(config, trained)
    batches = batches_of(training, config, seed=config.seed)
    if not batches.windows:
        raise UsageError("nothing_to_train_on", system=config.system)
    config = in_steps(config, batches.windows)
    write_record(run, config, start=start, trained=trained, named=named)
    system = system_of(config, trained=trained)
    judge = Validation(system, config, validation, device)
    torch.manual_seed(config.seed)
    network = system.network().to(device)
    if start is not None:
        network.load_state_dict(torch.load(start, map_location=device, weights_only=True))
    optimiser = _optimiser(network, config)
    state = resume(run, network, optimiser, device)
    deadline = time.monotonic() + 60 * minutes if minutes else math.inf
    began, losses = time.monotonic(), []
    with _same_again(device):
        for step, batch in _batches(batches, state.step, _last(config, state)):
            _set_rate(optimiser, config, step)
            losses.append(_step(system, network, optimiser, batch, config, device))
            done, over = step + 1, time.monotonic() > deadline
            due = done % config.check_every == 0 or done == config.steps
            if not (due or over):
                continue
            pace = (time.monotonic() - began) / len(losses)
            checked = judge.check(network)
            best = _worth(checked, config, step=done)
            # A check out of turn must not choose: without the interruption there was none.
            kept = best >= state.best if due else not (run / BEST).exists()
            state = state.after(done, checked, best=best, counted=due)
            state = replace(state, seconds=state.seconds + time.monotonic() - began)
            _say(run, state, config.steps, float(np.mean(losses)), checked, kept, pace, device)
            if kept:
                keep(run, network)
            save(run, network, optimiser, state, device)
            losses, began = [], time.monotonic()
            if over or _patience_is_over(config, state):
                break
    return run / BEST


@contextmanager
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


def in_steps(config: FitConfig, windows: int) -> FitConfig:
    """The configuration with its epochs, if it has any, counted in batches of `clips` windows."""
    if not config.epochs:
        return config
    each = -(-windows // config.clips)
    return replace(config, steps=config.epochs * each, check_every=each)


def _tower_for(config: FitConfig) -> Trained | None:
    if config.system != "embdirect":
        return None
    if not config.tower_from:
        raise UsageError("tower_unnamed")
    return read_tower(Path(config.tower_from))


def _optimiser(network: nn.Module, config: FitConfig) -> torch.optim.Optimizer:
    kinds = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}
    learning = [each for each in network.parameters() if each.requires_grad]
    return kinds[config.optimiser](
        learning, lr=config.learning_rate, weight_decay=config.weight_decay
    )


def _last(config: FitConfig, state: State) -> int:
    """Up to which step there is work: none for a run that patience has ended."""
    return state.step if _patience_is_over(config, state) else config.steps


def _patience_is_over(config: FitConfig, state: State) -> bool:
    return bool(config.patience) and state.stale >= config.patience


def _worth(checked: Checked, config: FitConfig, *, step: int) -> float:
    """By what a state is chosen, more being better; ``nothing_to_validate`` where it is unknown."""
    worth = {"rank": checked.rank, "auc": checked.auc, "loss": -checked.loss}[config.choose]
    if math.isnan(worth) or (config.patience and math.isnan(checked.loss)):
        raise UsageError("nothing_to_validate", step=step)
    return worth


def _batches(batches: Batches, first: int, last: int) -> Iterator[tuple[int, Batch]]:
    """The next batch is drawn while the network works on this one."""
    if first >= last:
        return
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(batches.batch, first)
        for step in range(first, last):
            batch = coming.result()
            coming = pool.submit(batches.batch, step + 1)
            yield step, batch


def _step(
    system: System,
    network: Network,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    config: FitConfig,
    device: torch.device,
) -> float:
    network.train()
    loss = system.loss(network, batch, device)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    if config.clip_norm:
        nn.utils.clip_grad_norm_(network.parameters(), config.clip_norm)
    optimiser.step()
    return loss.item()


def _set_rate(optimiser: torch.optim.Optimizer, config: FitConfig, step: int) -> None:
    if step < config.warmup:
        rate = config.learning_rate * (step + 1) / config.warmup
    elif config.schedule == "constant":
        rate = config.learning_rate
    else:
        turn = (step - config.warmup) / max(config.steps - config.warmup, 1)
        fall = 0.5 * (1 + math.cos(math.pi * min(turn, 1.0)))
        rate = config.last_rate + (config.learning_rate - config.last_rate) * fall
    for group in optimiser.param_groups:
        group["lr"] = rate


def _say(
    run: Path,
    state: State,
    steps: int,
    loss: float,
    checked: Checked,
    kept: bool,
    pace: float,
    device: torch.device,
) -> None:
    line = {
        "step": state.step,
        "loss": round(loss, 6),
        "validation_loss": _number(checked.loss, 6),
        "validation_auc": _number(checked.auc, 4),
        "validation_rank": _number(checked.rank, 4),
        "kept": kept,
        "seconds": round(state.seconds, 1),
        "on": machine(device),
        "threads": torch.get_num_threads(),
    }
    with (run / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    left = (steps - state.step) * pace / 60
    print(
        f"step {state.step}/{steps}  loss {loss:.4f}  validation loss {checked.loss:.4f}  "
        f"rank {checked.rank:.3f}  AUC {checked.auc:.4f}  "
        f"{pace:.2f} s a step, about {left:.0f} min left",
        flush=True,
    )


def machine(device: torch.device) -> str:
    """What the training runs on, for the log and the card."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} {device.type}"


def _number(value: float, digits: int) -> float | None:
    """JSON knows no NaN."""
    return round(value, digits) if math.isfinite(value) else None


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "train",
        help="train a model on prepared renditions; goes on where it stopped",
        epilog=examples(
            "asa-train train --config rori-2 --renders R/train --validation R/validation \\",
            "    --cache R/cache --run R/rori-2",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--config", type=Path, required=True,
        help="a TOML file, or the name of one of configs/: rori, paper-rori, direct, ...",
    )  # fmt: skip
    parser.add_argument("--renders", type=Path, required=True, help="training renditions")
    parser.add_argument("--validation", type=Path, required=True, help="validation renditions")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--run", dest="folder", type=Path, required=True)
    parser.add_argument("--minutes", type=float, help="stop after that long, at a checkpoint")
    parser.add_argument("--start", type=Path, help="begin with another run's best.pt")
    parser.add_argument(
        "--tower", type=Path, help="for embdirect: the run or model folder of a trained rori"
    )
    parser.add_argument("--device", default="auto")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Load, fit, say where the best state is."""
    from asa_desktop.core.networks.runner import pick_device

    config = read_config(args.config)
    if args.tower is not None:
        config = replace(config, tower_from=str(args.tower))
    training = load(args.renders, args.cache, config.features)
    validation = load(args.validation, args.cache, config.features)
    if not training or not validation:
        print("nothing is prepared; run asa-train prepare first", file=sys.stderr)
        return 2
    _tell_of_accompaniments(config, training, validation)
    print(f"{len(training)} renditions to train on, {len(validation)} to validate", flush=True)
    best = train(
        config,
        training=training,
        validation=validation,
        run=args.folder,
        device=pick_device(args.device),
        minutes=args.minutes,
        start=args.start,
        named=args.config.name,
    )
    print(f"best state: {best}")
    return 0


def _tell_of_accompaniments(config: FitConfig, *folders: list[Rendition]) -> None:
    """Say which sources cannot be learnt from, since nothing accompanies them."""
    if role_of(config.system) != ACCOMPANIMENT:
        return
    for renditions in folders:
        lacking = without_accompaniment(renditions)
        if lacking:
            count = len({each.source for each in renditions})
            print(
                f"{len(lacking)} of {count} sources have no accompaniment.flac and are left out: "
                f"{', '.join(lacking[:5])}{', ...' if len(lacking) > 5 else ''}",
                flush=True,
            )
