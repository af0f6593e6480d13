"""What training costs, a step and a clip: `python -m benchmarks.training_step`.

A step of `asa-train train` on images drawn at random: the loss of the configuration's own system,
back, and the optimiser. Floating-point operations are counted by torch, forward and back; they do
not hang on the machine. The time is this machine's. With `--tflops`, the peak of a machine of yours
(its data sheet, at the precision you train in), and `--share`, the part of it that a network of
this kind reaches there, the hours are told that passes over so many hours of audio take:

    hours = clips x passes x operations a clip / (peak x share) / 3600

    python -m benchmarks.training_step --steps 3 --configs rori-3
    python -m benchmarks.training_step --audio-hours 100000 --passes 3 --tflops 60 --share 0.2
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
from asa_training.config import FitConfig, read_config
from asa_training.systems import system_of
from asa_training.windows import Batch
from torch.utils.flop_counter import FlopCounterMode

CLIP_S = 3.008


def main() -> int:
    """A line a configuration."""
    options = _options()
    torch.set_num_threads(options.threads)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{options.threads} threads{load}; a step is of clips x (performances and the reference)")
    for name in options.configs:
        config = read_config(Path(name))
        operations, wall, core = _measured(config, steps=options.steps)
        images = config.clips * (config.performances + 1)
        print(
            f"{name}: {images} images a step, {operations / images / 1e9:.2f} GFLOP an image,"
            f" forward and back; {wall:.2f} s a step here, {core:.2f} core seconds,"
            f" {1000 * core / images:.1f} ms an image",
            flush=True,
        )
        if options.audio_hours:
            _plan(name, config, operations / images, core / images, options)
    return 0


def _plan(
    name: str, config: FitConfig, operations: float, core_s: float, options: argparse.Namespace
) -> None:
    """What passes over so many hours cost, here and on a machine of yours."""
    clips = options.audio_hours * 3600 * options.voiced / CLIP_S
    # The reference of a clip is an image, too, once for its performances.
    images = clips * options.passes * (1 + 1 / config.performances)
    said = (
        f"  {options.audio_hours:,.0f} hours, {100 * options.voiced:g} % of them sung:"
        f" {clips / 1e6:.1f} million clips; {options.passes:g} passes: {images / 1e6:.1f} million"
        f" images, {images * operations / 1e18:.2f} EFLOP, {images * core_s / 3600:,.0f} core hours"
        " of this machine"
    )
    if options.tflops:
        hours = images * operations / (1e12 * options.tflops * options.share) / 3600
        said += (
            f", {hours:,.1f} hours where {100 * options.share:g} % of {options.tflops:g} TFLOP/s"
            " are reached"
        )
    print(said, flush=True)


def _measured(config: FitConfig, *, steps: int) -> tuple[float, float, float]:
    """(operations of a step, seconds and core seconds of one, medians)."""
    system = system_of(config, trained=None)
    torch.manual_seed(config.seed)
    network = system.network().train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.learning_rate)
    dice = np.random.default_rng(config.seed)
    batch = Batch(
        images=dice.random((config.clips, 1 + config.performances, 5, 96, 94), np.float32),
        severity=dice.random((config.clips, config.performances), np.float32),
    )

    def step() -> None:
        optimiser.zero_grad(set_to_none=True)
        system.loss(network, batch, torch.device("cpu")).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()

    counter = FlopCounterMode(display=False)
    with counter:
        step()
    walls, cores = [], []
    for _ in range(steps):
        wall, core = time.monotonic(), time.process_time()
        step()
        walls.append(time.monotonic() - wall)
        cores.append(time.process_time() - core)
    return float(counter.get_total_flops()), float(np.median(walls)), float(np.median(cores))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--configs", nargs="+", default=["rori-3", "rori", "delta"])
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    plan = parser.add_argument_group("a plan")
    plan.add_argument("--audio-hours", type=float, default=0.0)
    plan.add_argument("--voiced", type=float, default=0.5, help="share of the audio that is sung")
    plan.add_argument("--passes", type=float, default=1.0)
    plan.add_argument("--tflops", type=float, default=0.0, help="peak of a machine of yours")
    plan.add_argument("--share", type=float, default=0.2, help="part of the peak that is reached")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
