"""How long `asa-train prepare` needs for many recordings: `python -m benchmarks.feature_job`.

Recordings of half a minute, of which no two are alike, are made of the singing that the tests
carry. They are prepared with one worker a core, start of the workers included, as the command does
it. Plain is what the libraries give when used as their manuals show, clip by clip with librosa and
torchcrepe (`benchmarks.analysis_speed`), with one process a core as well; its processes are warm.

    python -m benchmarks.feature_job --minutes 60 --plain-minutes 2
    python -m benchmarks.feature_job --hour
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import types
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import soundfile
from asa_training.__main__ import main as asa_train
from asa_training.prepared.job import cores

from asa_desktop.core.types import FloatArray
from benchmarks.analysis_speed import _plain_image

SINGING = Path(__file__).resolve().parents[1] / "tests" / "data" / "singing"
SUNG = ("nit_029", "pjs001", "vocadito_1")
_RATE = 16_000
_CLIP = 93 * 512
_EACH_S = 30


def main() -> int:
    """Make the recordings, prepare them, and do a part of it the plain way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--plain-minutes", type=float, default=2.0, help="0 leaves it out")
    parser.add_argument("--workers", type=int, default=cores())
    parser.add_argument("--hour", action="store_true", help="one recording of an hour instead")
    parser.add_argument("--dask", default="", help="as of asa-train prepare")
    options = parser.parse_args()
    load = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
    print(f"{cores()} cores, {options.workers} workers{load}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        takes = Path(folder, "takes")
        takes.mkdir()
        if options.hour:
            write_recording(takes / "hour.flac", seconds=3600 - 1, seed=0)
        else:
            for number in range(round(options.minutes * 60 / _EACH_S)):
                write_recording(takes / f"{number:05}.flac", seconds=_EACH_S, seed=number)
        words = ["prepare", "--recordings", str(takes), "--cache", str(Path(folder, "cache"))]
        words += ["--workers", str(options.workers)]
        status = asa_train([*words, *(["--dask", options.dask] if options.dask else [])])
        if options.plain_minutes and not options.hour:
            count = max(1, round(options.plain_minutes * 60 / _EACH_S))
            plain(sorted(takes.iterdir())[:count], workers=options.workers)
    return status


def write_recording(path: Path, *, seconds: float, seed: int) -> None:
    """Stretches of the carried singing, at levels of their own, as mono FLAC at 16 kHz."""
    dice = np.random.default_rng(seed)
    sounds = [soundfile.read(SINGING / f"{name}.flac", dtype="float32")[0] for name in SUNG]
    parts: list[FloatArray] = []
    wanted, have = int(seconds * _RATE), 0
    while have < wanted:
        sound = sounds[dice.integers(len(sounds))]
        part = sound[dice.integers(len(sound) // 2) :] * np.float32(dice.uniform(0.5, 1.0))
        parts.append(part)
        have += len(part)
    soundfile.write(path, np.concatenate(parts)[:wanted], _RATE)


def plain(paths: list[Path], *, workers: int) -> None:
    """The five channels of every clip, of three seconds, side by side, and what it cost."""
    with get_context("spawn").Pool(workers, initializer=_warm_up) as pool:
        pool.map(_idle, range(4 * workers), chunksize=1)
        began = time.monotonic()
        found = pool.map(_plain, map(str, paths), chunksize=1)
        spent = time.monotonic() - began
    seconds, core_s = (sum(each) for each in zip(*found, strict=True))
    hours = seconds / 3600
    print(
        f"plain: {hours:.2f} hours of audio in {spent:.0f} s, {seconds / spent:.1f} times real"
        f" time; an hour of audio took {core_s / hours:.0f} core seconds"
    )


def _warm_up() -> None:
    import torch

    torch.set_num_threads(1)
    # torchcrepe imports torchaudio for loading files only, which is not done here.
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))
    _plain_image(np.random.default_rng(0).normal(0, 0.1, _CLIP).astype(np.float32))


def _idle(_number: int) -> None:
    time.sleep(0.2)


def _plain(path: str) -> tuple[float, float]:
    """(seconds of sound, core seconds) of one recording."""
    began = time.process_time()
    sound, _rate = soundfile.read(path, dtype="float32")
    # Clips side by side: the program's own are cut from features of the whole recording.
    for start in range(0, max(len(sound) - _CLIP, 0) + 1, _CLIP):
        _plain_image(sound[start : start + _CLIP])
    return len(sound) / _RATE, time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
