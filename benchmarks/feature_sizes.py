"""What an hour of features is made of: `python -m benchmarks.feature_sizes`.

The bundled take is prepared as `asa-train prepare` does it; of every array of its entry the bytes
an hour of audio, and what is left of them when they are deflated (zlib, level 6).
"""

from __future__ import annotations

import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from asa_training.prepared.job import Means, run_job
from asa_training.prepared.recordings import of_places

from asa_desktop.core.features.spec import FeatureSpec

TAKES = Path(__file__).resolve().parents[1] / "resources" / "demo" / "takes"


def main() -> int:
    """A line an array, and the whole."""
    whole = deflated = 0
    with tempfile.TemporaryDirectory() as cache:
        jobs = run_job(of_places([TAKES]), cache=Path(cache), spec=FeatureSpec(), means=Means())
        outcome = next(iter(jobs))
        if outcome.entry is None:
            raise SystemExit(str(outcome.fault))
        hours = outcome.seconds / 3600
        with np.load(outcome.entry) as arrays:
            for name in arrays.files:
                data = np.ascontiguousarray(arrays[name])
                small = len(zlib.compress(data.tobytes(), 6))
                whole, deflated = whole + data.nbytes, deflated + small
                print(_line(f"{name} {data.shape} {data.dtype}", data.nbytes, small, hours))
    print(_line(f"all, of {outcome.seconds:.0f} s", whole, deflated, hours))
    return 0


def _line(name: str, size: float, deflated: float, hours: float) -> str:
    return f"{name:40}{size / hours / 1e6:8.1f} MB{deflated / hours / 1e6:8.1f} MB deflated"


if __name__ == "__main__":
    sys.exit(main())
