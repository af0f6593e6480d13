"""The memory of a training on a table, by its size: `python -m benchmarks.marked_memory`.

Stand-ins for marked recordings: one file of features (noise, of `--seconds`) under as many names as
there are recordings, so that all of them are read one by one, but out of the system's memory rather
than from a disk. Each is trained on by `asa-train train` in a process of its own, the system delta,
each take beside one of ten originals. A line tells what the trainer itself printed last: the most
memory, the share of its time that it stood still for want of a batch, and clips a second.

    python -m benchmarks.marked_memory --recordings 100 --times 1 8
    python -m benchmarks.marked_memory --recordings 12 --seconds 20 --steps 20
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from asa_training.manifest import Row, write_manifest
from asa_training.marked.laying import Laid, Lay
from asa_training.prepared.store import Store

from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import PitchTrack
from asa_desktop.core.vad import Voicing

_SPEC = FeatureSpec()
_ORIGINALS = 10
_CONFIG = """system = "delta"
steps = {steps}
check_every = {steps}
[network]
width = 16
feed_forward = 64
layers = 1
heads = 4
embedding = 32
"""


def main() -> int:
    """A line for each size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recordings", type=int, default=100)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 8], help="tables so often")
    parser.add_argument("--seconds", type=float, default=240.0, help="of each recording")
    parser.add_argument("--steps", type=int, default=400)
    options = parser.parse_args()
    print("| recordings | hours | clips | most memory, MiB | waiting | clips a second |")
    print("|---|---|---|---|---|---|")
    for times in options.times:
        with tempfile.TemporaryDirectory() as folder:
            print(line(Path(folder), options.recordings * times, options), flush=True)
    return 0


def line(work: Path, count: int, options: argparse.Namespace) -> str:
    """Make a table of so many recordings, train on it; its line."""
    track = made(options.seconds)
    manifest = table(work, track, count)
    (work / "c.toml").write_text(_CONFIG.format(steps=options.steps), "utf-8")
    words = ["train", "--config", work / "c.toml", "--manifest", manifest, "--device", "cpu",
             "--cache", work / "cache", "--run", work / "run"]  # fmt: skip
    subprocess.run(
        [sys.executable, "-m", "asa_training", *map(str, words)],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    found = json.loads((work / "run" / "log.jsonl").read_text("utf-8").splitlines()[-1])
    clips = count * (track.frames // _SPEC.clip_frames)
    hours = count * options.seconds / 3600
    return (
        f"| {count} | {hours:.1f} | {clips} | {found['memory_mib']:.0f} | {found['waiting']:.1%} "
        f"| {found['clips_per_second']:.0f} |"
    )


def made(seconds: float) -> TrackFeatures:
    """Features of nothing: noise, sung from beginning to end."""
    frames = round(seconds / _SPEC.hop_s)
    dice = np.random.default_rng(1)
    rows = [dice.random((count, frames), np.float32) for count in (96, 96, 96, 360)]
    return TrackFeatures(
        spec=_SPEC,
        mel=rows[0],
        chroma=rows[1],
        tempo=rows[2],
        activation=rows[3].astype(np.float16),
        pitch=PitchTrack(
            _SPEC.hop_s, np.full(frames, 220, np.float32), np.ones(frames, np.float32)
        ),
        voicing=Voicing(np.ones(frames, np.bool_), gain=1.0, level_db=-20.0),
    )


def table(work: Path, track: TrackFeatures, count: int) -> Path:
    """Takes and originals in the cache, how the takes lie beside them, and the manifest."""
    store = Store(work / "cache", _SPEC)
    first = work / "features.npz"
    store.write_arrays(first, track.to_arrays())

    def sound(name: str) -> str:
        (work / name).write_text(name)
        digest = hashlib.sha256(name.encode()).hexdigest()
        place = store.features(digest)
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(first, place)
        return digest

    originals = [sound(f"original{number}.flac") for number in range(_ORIGINALS)]
    starts = np.arange(track.frames // _SPEC.clip_frames, dtype=np.int32) * _SPEC.clip_frames
    rows = []
    for number in range(count + 2):
        take, original = sound(f"take{number}.flac"), originals[number % _ORIGINALS]
        lay = Lay(take=take, needs="vocal", vocal=original, compared=original)
        store.write_arrays(store.laid(lay.name), Laid(starts).to_arrays())
        rows.append(
            Row(
                path=f"take{number}.flac",
                singer=f"singer{number}",
                song=f"song{number % _ORIGINALS}",
                sha256=take,
                reference=(f"original{number % _ORIGINALS}.flac",),
                scores={"overall": float(number % 5)},
                scales={"overall": (0.0, 4.0)},
                split="train" if number < count else "validation",
            )
        )
    write_manifest(work / "m.csv", rows)
    return work / "m.csv"


if __name__ == "__main__":
    raise SystemExit(main())
