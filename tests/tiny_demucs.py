"""A tiny HTDemucs with random weights, in the forms in which the real one is passed on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

needs_demucs = pytest.mark.skipif(
    find_spec("demucs") is None, reason="demucs is not installed (there is none for this system)"
)

RATE = 44_100
SEGMENT = Fraction(1, 2)
ARGUMENTS: dict[str, Any] = {
    "sources": ["drums", "bass", "other", "vocals"],
    "channels": 4,
    "nfft": 512,
    "depth": 3,
    "t_layers": 1,
    "t_heads": 2,
    "bottom_channels": 8,
    "dconv_comp": 2,
    "samplerate": RATE,
    "segment": SEGMENT,
}


def tiny_network(seed: int = 0, **other: Any) -> Any:
    """The network itself, on the CPU."""
    import torch
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(seed)
    return HTDemucs(**{**ARGUMENTS, **other}).eval().requires_grad_(False)


def encoded(value: Any) -> Any:
    """Arguments as demucs writes them into the metadata."""
    if isinstance(value, Fraction):
        return {"_type": "fraction", "numerator": value.numerator, "denominator": value.denominator}
    return value


def write_safetensors(path: Path, *, seed: int = 0, **changed: Any) -> str:
    """Weights as demucs 4.1 has them on its hub; their sha256. `changed` goes into metadata."""
    from safetensors.torch import save_file

    network = tiny_network(seed)
    kwargs = {name: encoded(value) for name, value in ARGUMENTS.items()}
    said = {
        "klass": "demucs.htdemucs.HTDemucs",
        "args": "[]",
        "kwargs": json.dumps(kwargs),
        **changed,
    }
    state = {name: one.half().contiguous() for name, one in network.state_dict().items()}
    save_file(state, path, metadata=said)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_package(path: Path, *, seed: int = 0, **changed: Any) -> str:
    """Weights as demucs 4.0 had them: a package of `torch.save`; their sha256."""
    import torch
    from demucs.htdemucs import HTDemucs

    state = {name: one.half() for name, one in tiny_network(seed).state_dict().items()}
    package = {"klass": HTDemucs, "args": (), "kwargs": dict(ARGUMENTS), "state": state,
               "training_args": {"seed": 42, "dset": {"name": "x"}}, **changed}  # fmt: skip
    torch.save(package, path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_mix(
    path: Path,
    *,
    seconds: float = 2.0,
    rate: int = RATE,
    channels: int = 2,
    level: float = 0.3,
    subtype: str = "PCM_24",
) -> Path:
    """A mix of a tone that moves and noise, seeded by its form."""
    rng = np.random.default_rng([rate, channels])
    at = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * 220 * at + 3 * np.sin(2 * np.pi * 0.7 * at))
    sides = [tone * (0.6 + 0.3 * side) for side in range(channels)]
    sound = level * (np.stack(sides) + 0.2 * rng.standard_normal((channels, len(at))))
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = None if path.suffix != ".mp3" else "MP3"
    soundfile.write(path, sound.T, rate, format=kind, subtype=None if kind else subtype)
    return path


def scaled(share: float) -> Callable[[np.ndarray], np.ndarray]:
    """In place of a network: a voice that is so much of the mix."""
    return lambda segment: (share * segment).astype(np.float32)


def stand_in(*, rate: int = RATE, channels: int = 2, segment: int = 4_000, sha256: str = "") -> Any:
    """What has to be known of a network to take a mix apart, without one."""
    from asa_desktop.core.separation.weights import Network

    return Network(None, tuple(ARGUMENTS["sources"]), rate, channels, segment, sha256)


def quick_worker(
    connection: Connection, mix: Path, folder: Path, weights: Path, device: str
) -> None:
    """In place of the worker: what it does, but for the network, which takes torch seconds."""
    from asa_desktop.core.audio import sha256
    from asa_desktop.core.errors import AsaError
    from asa_desktop.core.separation.mix import survey
    from asa_desktop.core.separation.parts import written

    try:
        network = stand_in(sha256=sha256(weights))
        note = written(mix, folder, survey(mix), network, scaled(0.4), mix_sha256=sha256(mix),
                       progress=connection.send)  # fmt: skip
        connection.send(note)
    except AsaError as error:
        connection.send(error)
