"""How much memory and time it takes to separate a mix, by its length.

    python -m benchmarks.separation_memory              a network that only hands its segment back
    python -m benchmarks.separation_memory --network    HTDemucs of the usual size, random weights

Each length is measured in a process of its own: the most memory it ever had, and how long it took.
Mixes are noise and a tone in 44.1 kHz stereo, written in pieces; nothing is fetched.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

RATE = 44_100
SEGMENT = Fraction(39, 5)
SEED = 0
USUAL: dict[str, Any] = {
    "sources": ["drums", "bass", "other", "vocals"], "channels": 48, "bottom_channels": 512,
    "t_layers": 5, "dconv_mode": 3, "samplerate": RATE, "segment": SEGMENT,
}  # fmt: skip
"""As htdemucs is built: 42 million numbers, segments of 7.8 s."""


def write_mix(path: Path, seconds: int) -> None:
    """A mix of this length, a second at a time."""
    rng = np.random.default_rng(SEED)
    at = np.arange(RATE) / RATE
    with soundfile.SoundFile(path, "w", RATE, 2, subtype="PCM_16", format="FLAC") as file:
        for _ in range(seconds):
            tone = 0.3 * np.sin(2 * np.pi * 220 * at)
            file.write(tone[:, None] + 0.05 * rng.standard_normal((RATE, 2)))


def measured(connection: Connection, mix: Path, folder: Path, network: bool) -> None:
    """Separate, and say the peak in MB and the seconds it took."""
    from asa_desktop.core.separation.mix import survey
    from asa_desktop.core.separation.overlap import on_device
    from asa_desktop.core.separation.parts import written
    from asa_desktop.core.separation.weights import Network

    module: Any = None
    if network:
        import torch
        from demucs.htdemucs import HTDemucs

        torch.manual_seed(SEED)
        module = HTDemucs(**USUAL).eval().requires_grad_(False)
    made = Network(module, tuple(USUAL["sources"]), RATE, 2, int(SEGMENT * RATE), "")
    separate = on_device(made, "cpu") if network else lambda segment: segment * np.float32(0.5)
    began = time.monotonic()
    written(mix, folder, survey(mix), made, separate, mix_sha256="")
    took = time.monotonic() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    connection.send((most / (1 << 20 if sys.platform == "darwin" else 1 << 10), took))


def main() -> int:
    """Measure each length and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--network", action="store_true", help="HTDemucs in place of a stand-in")
    parser.add_argument("--minutes", type=float, nargs="+", help="lengths, instead of the usual")
    options = parser.parse_args()
    minutes = options.minutes or ([0.25, 0.5] if options.network else [1, 10, 60])
    context = multiprocessing.get_context("spawn")
    print("| minutes | peak MB | s per s of sound |\n| --- | --- | --- |")
    for length in minutes:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            write_mix(folder / "mix.flac", round(60 * length))
            ours, theirs = context.Pipe()
            arguments = (theirs, folder / "mix.flac", folder, options.network)
            process = context.Process(target=measured, args=arguments)
            process.start()
            theirs.close()
            most, took = ours.recv()
            process.join()
        print(f"| {length:g} | {most:.0f} | {took / (60 * length):.3f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
