"""How fast a training goes, and what it waits for: `python -m benchmarks.training_speed`.

The bundled model's network and batches, on whatever there is: each precision with one process, and
with one on each GPU where there are several. A line is the mean of the checks after the first one,
within which kernels are chosen and loaders begin. On a GPU waiting is to stay below 5 %. Clips are
those that went through the network, references included.

    python -m benchmarks.training_speed
    python -m benchmarks.training_speed --device cpu --steps 20 --width 8
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from asa_training.config import read_config
from asa_training.hardware import Hardware

from asa_desktop.core.networks.runner import pick_device
from benchmarks.training_material import prepared, trained

_CHECKS = 4


def main() -> int:
    """Render, train for a while in every way, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, help="a folder to keep everything in")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--config", type=Path, default=Path("rori-3"))
    parser.add_argument("--steps", type=int, default=400, help="of every line")
    parser.add_argument("--width", type=int, help="of the network; else as configured")
    parser.add_argument("--clips", type=int, help="of a batch; else as configured")
    parser.add_argument("--loaders", type=int, help="as of asa-train train")
    options = parser.parse_args()
    device = pick_device(options.device)
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        prepared(work, each=14, checked=14)
        lines = [
            line(work, options, device, precision, devices)
            for devices in counts(device)
            for precision in precisions(device)
        ]
    print("\n| on | processes | precision | batches drawn by | clips/s | waiting | memory, MiB |")
    print("|---|---|---|---|---|---|---|")
    print("\n".join(lines))
    return 0


def precisions(device: torch.device) -> Sequence[str]:
    """Those that a device can."""
    return ("32", "bf16-mixed", "16-mixed") if device.type == "cuda" else ("32", "bf16-mixed")


def counts(device: torch.device) -> Sequence[int]:
    """With how many processes: one, and all GPUs where there are several."""
    there = torch.cuda.device_count() if device.type == "cuda" else 1
    return (1, there) if there > 1 else (1,)


def line(
    work: Path, options: argparse.Namespace, device: torch.device, precision: str, devices: int
) -> str:
    """Train in one way; its line of the table."""
    hardware = Hardware(devices=devices, loaders=options.loaders)
    drawing = hardware.drawing(device)
    run = work / f"{device.type}-{precision}-{devices}-{drawing}"
    words = ["--device", device.type, "--devices", devices, "--loaders", drawing]
    found = trained(run, work, settings(options, precision), *words)[1:]
    clips, waiting, memory = (
        sum(each[name] or 0.0 for each in found) / len(found)
        for name in ("clips_per_second", "waiting", "memory_mib")
    )
    drawn = f"{drawing} processes" if drawing else "a thread"
    return (
        f"| {found[-1]['on']} | {devices} | {precision} | {drawn} | {clips:.0f} "
        f"| {waiting:.1%} | {memory:.0f} |"
    )


def settings(options: argparse.Namespace, precision: str) -> dict[str, Any]:
    """The configuration's, shortened."""
    config = read_config(options.config)
    network = asdict(config.network)
    if options.width:
        network["width"] = options.width
    return {
        **{name: value for name, value in config.to_dict().items() if name != "tower_from"},
        "steps": options.steps,
        "check_every": max(1, options.steps // _CHECKS),
        "clips": options.clips or config.clips,
        "precision": precision,
        "network": network,
    }


if __name__ == "__main__":
    raise SystemExit(main())
