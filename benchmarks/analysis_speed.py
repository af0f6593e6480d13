"""How long a 240 s take needs, and how much memory, beside the plain pipeline on the same take.

    python -m benchmarks.analysis_speed

Plain is what the libraries give when used as their manuals show: every clip cut out and its
features computed by librosa alone, F0 by torchcrepe as shipped (its `tiny` network and default
decoder), the same tower. Each way runs in a process of its own; it is warmed up on a short take,
so imports, compilation and model loading are not counted.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np

from asa_desktop.core.types import FloatArray

SECONDS = 240
WAYS = ("kept reference", "unseen reference", "plain", "plain, kept reference")
_RATE = 16_000


def main() -> int:
    """Run the ways one after the other and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure(options.way, options.repeat)))
        return 0
    found = {way: _apart(way, options.repeat) for way in WAYS}
    print(f"{SECONDS} s take, {_threads()} threads, median of {options.repeat}")
    print(f"{'way':24} {'seconds':>8} {'peak memory':>12} {'plain / ours':>13}")
    for way, result in found.items():
        against = {"kept reference": "plain, kept reference", "unseen reference": "plain"}.get(way)
        ratio = f"{found[against]['seconds'] / result['seconds']:.1f}" if against else ""
        print(f"{way:24} {result['seconds']:8.2f} {result['mib']:8.0f} MiB {ratio:>13}")
    return 0


def _apart(way: str, repeat: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.analysis_speed", "--way", way]
    done = subprocess.run(
        [*command, "--repeat", str(repeat)], check=True, capture_output=True, text=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _threads() -> int:
    import torch

    return torch.get_num_threads()


def measure(way: str, repeat: int) -> dict[str, float]:
    """Median seconds of one way, and the peak memory of this process in MiB."""
    with tempfile.TemporaryDirectory() as name:
        take, vocal = _material(Path(name), SECONDS)
        short_take, short_vocal = _material(Path(name), 12)
        work = _ours(way) if "plain" not in way else _plain(kept="kept" in way)
        work(short_take, short_vocal)
        if "kept" in way:
            work(take, vocal)
        spent = []
        for _ in range(repeat):
            begin = time.perf_counter()
            work(take, vocal)
            spent.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": float(np.median(spent)), "mib": peak}


def _material(folder: Path, seconds: int) -> tuple[Path, Path]:
    """The bundled take and vocal, repeated to the length."""
    import soundfile

    from asa_desktop.core.audio import mono_16k
    from asa_desktop.services.paths import resources

    demo = resources() / "demo"
    paths = []
    for name, source in (
        ("take", demo / "takes" / "pjs-medley.flac"),
        ("vocal", demo / "pjs-medley" / "vocal.flac"),
    ):
        sound = mono_16k(source)
        whole = np.tile(sound, -(-seconds * _RATE // len(sound)))[: seconds * _RATE]
        paths.append(folder / f"{name}-{seconds}.wav")
        soundfile.write(paths[-1], whole, _RATE)
    return paths[0], paths[1]


class _Kept(dict[str, dict[str, np.ndarray]]):
    """A feature cache in memory."""

    def put(self, key: str, arrays: dict[str, np.ndarray]) -> None:
        self[key] = arrays


def _ours(way: str) -> Callable[[Path, Path], None]:
    from asa_desktop.core import analyse, load_model
    from asa_desktop.core.types import Song
    from asa_desktop.services.paths import bundled_models

    model = load_model(bundled_models()[0], device="cpu")
    cache = _Kept() if way == "kept reference" else None

    def work(take: Path, vocal: Path) -> None:
        analyse(take, Song(title="song", vocal=vocal), model=model, cache=cache)

    return work


def _plain(*, kept: bool) -> Callable[[Path, Path], None]:
    import librosa

    from asa_desktop.core import load_model
    from asa_desktop.services.paths import bundled_models

    # torchcrepe imports torchaudio for loading files only, which is not done here.
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))
    model = load_model(bundled_models()[0], device="cpu")
    references: dict[Path, FloatArray] = {}

    def embeddings(path: Path) -> FloatArray:
        sound, _rate = librosa.load(path, sr=_RATE)
        size = 94 * 512
        starts = range(0, len(sound) - size + 1, size)
        images = [_plain_image(sound[at : at + size - 1]) for at in starts]
        return np.stack([model.embed(image[None])[0] for image in images])

    def work(take: Path, vocal: Path) -> None:
        if not kept or vocal not in references:
            references[vocal] = embeddings(vocal)
        near = references[vocal]
        _ = np.sum(embeddings(take) * near, axis=1)

    return work


def _plain_image(clip: FloatArray) -> FloatArray:
    """The five channels of one clip, each by one or two library calls. Shape: (5, 96, 94)."""
    import librosa
    import torch
    import torchcrepe

    from asa_desktop.core.features import channels
    from asa_desktop.core.features.spec import FeatureSpec

    mel = librosa.power_to_db(
        librosa.feature.melspectrogram(y=clip, sr=_RATE, n_fft=2048, hop_length=512, n_mels=96)
    )
    chroma = librosa.feature.chroma_stft(
        y=clip, sr=_RATE, n_fft=4096, hop_length=512, n_chroma=96, tuning=0.0
    )
    onsets = librosa.onset.onset_strength(y=clip, sr=_RATE, hop_length=128)
    tempogram = librosa.feature.tempogram(
        onset_envelope=onsets, sr=_RATE, hop_length=128, win_length=384
    )
    audio = torch.from_numpy(clip[None].astype(np.float32))
    frames = next(torchcrepe.preprocess(audio, _RATE, 512, pad=True))
    with torch.no_grad():
        activation = torchcrepe.infer(frames, "tiny").numpy().T
    # The pitch curve, as torchcrepe.predict would decode it from the same activation.
    torchcrepe.postprocess(torch.from_numpy(activation[None].copy()))
    f0 = channels.f0_rows(activation, FeatureSpec(), cents=0.0)
    folded = tempogram[:, ::4][:96]
    count = 94
    rows = [mel, chroma, channels.by_fifths(chroma), f0, folded]
    return np.stack([row[:, :count] for row in rows]).astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
