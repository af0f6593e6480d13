"""Train a shared tower on graded triplets, with checkpoints from which a run goes on."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from asa_desktop.core.errors import UsageError
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.networks.cnnsa import Tower
from asa_training.config import FitConfig, read_config
from asa_training.evaluate import auc_at, clip_table
from asa_training.features import Rendition, load
from asa_training.losses import graded_triplets, stranger_triplets
from asa_training.windows import Batch, Sampler, by_source

CHECKPOINT = "checkpoint.pt"
BEST = "best.pt"


def train(
    config: FitConfig,
    *,
    training: list[Rendition],
    validation: list[Rendition],
    run: Path,
    device: torch.device,
    minutes: float | None = None,
    start: Path | None = None,
) -> Path:
    """Fit until `config.steps` or `minutes` are over; the best state by validation AUC is kept.

    An interrupted run goes on from its last checkpoint when called again with the same folder.
    A new one begins with the weights of `start` (another run's best state), where given.
    Raises UsageError ``nothing_to_validate`` when the validation renditions hold no clip near
    severity 0.5 or none at 0: no state could be chosen.
    """
    run.mkdir(parents=True, exist_ok=True)
    record = {**config.to_dict(), **({"started_from": _record_of(start)} if start else {})}
    (run / "config.json").write_text(json.dumps(record, indent=2), "utf-8")
    torch.manual_seed(config.seed)
    tower = Tower(config.network).to(device)
    if start is not None:
        tower.load_state_dict(torch.load(start, map_location=device, weights_only=True))
    optimiser = torch.optim.AdamW(
        tower.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    state = _resume(run / CHECKPOINT, tower, optimiser)
    sampler = Sampler(
        by_source(training),
        seed=config.seed,
        clips=config.clips,
        performances=config.performances,
    )
    deadline = time.monotonic() + 60 * minutes if minutes else math.inf
    began, losses = time.monotonic(), []
    for step, batch in _batches(sampler, state["step"], config.steps):
        _set_rate(optimiser, config, step)
        losses.append(_step(tower, optimiser, batch, config, device))
        done = step + 1
        over = time.monotonic() > deadline
        if done % config.check_every == 0 or done == config.steps or over:
            auc = validate(tower, validation, device)
            if math.isnan(auc):
                raise UsageError("nothing_to_validate", step=done)
            state = {"step": done, "best": max(auc, state["best"])}
            _say(run, done, config.steps, float(np.mean(losses)), auc, began, len(losses))
            if auc >= state["best"]:
                _write(tower.state_dict(), run / BEST)
            _save(run / CHECKPOINT, tower, optimiser, state)
            losses, began = [], time.monotonic()
        if over:
            break
    return run / BEST


def _record_of(start: Path) -> dict[str, Any]:
    """What the card says of an earlier run: its settings and the step that was the best."""
    config = json.loads((start.parent / "config.json").read_text("utf-8"))
    return {**config, "best": best_of(start.parent)}


def best_of(run: Path) -> dict[str, Any]:
    """The line of a run's log whose state was kept."""
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text("utf-8").splitlines()]
    return dict(max(lines, key=lambda line: line["validation_auc"]))


def validate(tower: nn.Module, renditions: list[Rendition], device: torch.device) -> float:
    """AUC at realised severity 0.5 over all pitch defects, by which a state is chosen."""
    table = clip_table(tower, renditions, device=device)
    return auc_at(table, ("off_pitch", "drift", "wrong_notes"), severity=0.5)


def _batches(sampler: Sampler, first: int, last: int) -> Iterator[tuple[int, Batch]]:
    """The next batch is drawn while the network works on this one."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(sampler.batch, first)
        for step in range(first, last):
            batch = coming.result()
            coming = pool.submit(sampler.batch, step + 1)
            yield step, batch


def _step(
    tower: nn.Module,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    config: FitConfig,
    device: torch.device,
) -> float:
    tower.train()
    images = torch.from_numpy(batch.images).to(device)
    severity = torch.from_numpy(batch.severity).to(device)
    flat = images.flatten(0, 1).contiguous(memory_format=torch.channels_last)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        embeddings = tower(flat)
    embeddings = embeddings.float().unflatten(0, images.shape[:2])
    margins = {"slope": config.margin_slope, "most": config.margin_most}
    loss = graded_triplets(embeddings, severity, **margins)
    if config.strangers:
        loss = loss + config.strangers * stranger_triplets(embeddings, severity, **margins)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
    optimiser.step()
    return loss.item()


def _set_rate(optimiser: torch.optim.Optimizer, config: FitConfig, step: int) -> None:
    if step < config.warmup:
        rate = config.learning_rate * (step + 1) / config.warmup
    else:
        turn = (step - config.warmup) / max(config.steps - config.warmup, 1)
        fall = 0.5 * (1 + math.cos(math.pi * min(turn, 1.0)))
        rate = config.last_rate + (config.learning_rate - config.last_rate) * fall
    for group in optimiser.param_groups:
        group["lr"] = rate


def _resume(path: Path, tower: nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Any]:
    if not path.exists():
        return {"step": 0, "best": 0.0}
    saved = torch.load(path, map_location="cpu", weights_only=True)
    tower.load_state_dict(saved["tower"])
    optimiser.load_state_dict(saved["optimiser"])
    torch.set_rng_state(saved["rng"])
    return {"step": saved["step"], "best": saved["best"]}


def _save(
    path: Path, tower: nn.Module, optimiser: torch.optim.Optimizer, state: dict[str, Any]
) -> None:
    parts = {"tower": tower.state_dict(), "optimiser": optimiser.state_dict()}
    _write({**parts, **state, "rng": torch.get_rng_state()}, path)


def _write(state: dict[str, Any], path: Path) -> None:
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def _say(
    run: Path, step: int, steps: int, loss: float, auc: float, began: float, count: int
) -> None:
    pace = (time.monotonic() - began) / max(count, 1)
    line = {"step": step, "loss": round(loss, 4), "validation_auc": round(auc, 4)}
    with (run / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    left = (steps - step) * pace / 60
    print(
        f"step {step}/{steps}  loss {loss:.4f}  validation AUC {auc:.4f}  "
        f"{pace:.2f} s a step, about {left:.0f} min left",
        flush=True,
    )


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "train", help="train a model on prepared renditions; goes on where it stopped"
    )
    parser.add_argument("--config", type=Path, required=True, help="a TOML file of configs/")
    parser.add_argument("--renders", type=Path, required=True, help="training renditions")
    parser.add_argument("--validation", type=Path, required=True, help="validation renditions")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--run", dest="folder", type=Path, required=True)
    parser.add_argument("--minutes", type=float, help="stop after that long, at a checkpoint")
    parser.add_argument("--start", type=Path, help="begin with another run's best.pt")
    parser.add_argument("--device", default="auto")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Load, fit, say where the best state is."""
    from asa_desktop.core.networks.runner import pick_device

    spec = FeatureSpec()
    training = load(args.renders, args.cache, spec)
    validation = load(args.validation, args.cache, spec)
    if not training or not validation:
        print("nothing is prepared; run asa-train prepare first", file=sys.stderr)
        return 2
    print(f"{len(training)} renditions to train on, {len(validation)} to validate", flush=True)
    best = train(
        read_config(args.config),
        training=training,
        validation=validation,
        run=args.folder,
        device=pick_device(args.device),
        minutes=args.minutes,
        start=args.start,
    )
    print(f"best state: {best}")
    return 0
