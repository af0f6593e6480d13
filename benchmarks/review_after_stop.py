"""How long after the end of a 4-minute song its review is there, and what that costs meanwhile.

    python -m benchmarks.review_after_stop [--speed 4] [--seconds 240]

A take grows as the engine writes it (24-bit W64 at 48 kHz, four times a second) and is followed by
the analysis worker; then it is made a FLAC as the engine does, and its review awaited. `--speed`
lets the song run faster than it would be sung, which is harder for the worker.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from asa_desktop.core.audio import mono_16k, resample
from asa_desktop.core.types import Song, TakeTiming
from asa_desktop.engine.finish import finish_part
from asa_desktop.engine.part import PartWriter, write_part_note
from asa_desktop.services.analyst import Analyst
from asa_desktop.services.analyst_messages import (
    Analysed,
    ClipDone,
    Event,
    Failed,
    Prepared,
)
from asa_desktop.services.paths import bundled_models, resources

RATE = 48_000
_WRITE_S = 0.25


def main() -> int:
    """Sing one song and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--speed", type=float, default=4.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure(Path(name), options.seconds, options.speed)
    return 0


def measure(folder: Path, seconds: float, speed: float) -> None:
    """Follow one take of so many seconds; prints a line a number."""
    import soundfile

    demo = resources() / "demo"
    sung = _long(mono_16k(demo / "takes" / "pjs-medley.flac"), seconds)
    vocal = folder / "vocal.flac"
    soundfile.write(vocal, _long(mono_16k(demo / "pjs-medley" / "vocal.flac"), seconds), 16_000)
    samples = resample(sung, rate=16_000, to=RATE)
    song, model = Song(title="song", vocal=vocal), bundled_models()[0]
    part, take = folder / "take.part.w64", folder / "take.flac"
    with Analyst.start(features=folder / "features") as analyst:
        begun = time.perf_counter()
        _until(analyst, analyst.prepare(song, model), Prepared)
        print(f"worker started, song and model prepared: {time.perf_counter() - begun:.2f} s")
        process = analyst._process
        assert process is not None
        before = _cpu_s(process.pid)
        job = analyst.follow(part, song, model)
        lags: list[float] = []
        with PartWriter(part, rate=RATE) as writer:
            write_part_note(part, {"latency_s": 0.01})
            lags = _sing(writer, samples, analyst, speed)
            writer.sync()
        stopped = time.perf_counter()
        print(
            f"while singing: {(_cpu_s(process.pid) - before) / seconds * 1e3:.0f} ms of one core"
            f" a second sung; a clip's score came {np.median(lags):.1f} s (median), at most"
            f" {max(lags):.1f} s after its end, at {speed:g} times the speed"
        )
        note = {"latency_s": 0.01, "duration_s": writer.frames / RATE}
        write_part_note(part, note)
        finish_part(part, take, note=note, note_path=None)
        written = time.perf_counter()
        analyst.finish(job, take=take, timing=TakeTiming(latency_s=0.01))
        found = _until(analyst, job, Analysed)[-1]
        done = time.perf_counter()
        assert isinstance(found, Analysed)
        print(f"stop to take written and checked: {written - stopped:.2f} s")
        print(f"stop to review: {done - stopped:.2f} s (bar 1.5)")
        spent = {name: round(value, 2) for name, value in found.analysis.timings.items()}
        print(f"of which {spent}")
        print(f"clips {len(found.analysis.clips)}, score {found.analysis.overall.score:.2f}")
        again = analyst.analyse(take, song, model, timing=TakeTiming(latency_s=0.01))
        begun = time.perf_counter()
        whole = _until(analyst, again, Analysed)[-1]
        assert isinstance(whole, Analysed)
        same = whole.analysis.overall.score == found.analysis.overall.score
        print(
            f"the same take analysed afterwards: {time.perf_counter() - begun:.2f} s,"
            f" {'the same score' if same else whole.analysis.overall.score}"
        )


def _sing(writer: PartWriter, samples: np.ndarray, analyst: Analyst, speed: float) -> list[float]:
    """Write in real time or faster; seconds from each clip's end to its first score."""
    begun, block = time.perf_counter(), round(_WRITE_S * RATE)
    lags: dict[int, float] = {}
    for number, first in enumerate(range(0, len(samples), block)):
        due = begun + number * _WRITE_S / speed
        while (left := due - time.perf_counter()) > 0:
            for event in analyst.events(wait_s=left):
                if isinstance(event, ClipDone):
                    now = (time.perf_counter() - begun) * speed
                    lags.setdefault(event.clip.clip.index, now - event.clip.clip.end)
                assert isinstance(event, ClipDone), event
        writer.append(samples[first : first + block])
    return list(lags.values()) or [float("nan")]


def _until(analyst: Analyst, job: int, kind: type) -> list[Event]:
    events: list[Event] = []
    while not (events and isinstance(events[-1], kind) and events[-1].job == job):
        for event in analyst.events(wait_s=1.0):
            assert not isinstance(event, Failed), event
            events.append(event)
    return events


def _long(samples: np.ndarray, seconds: float) -> np.ndarray:
    count = round(seconds * 16_000)
    return np.tile(samples, -(-count // len(samples)))[:count]


def _cpu_s(pid: int | None) -> float:
    """Seconds of processor time that a process has used (Linux)."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return float("nan")
    values = stat.read_text().rsplit(")", 1)[1].split()
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    raise SystemExit(main())
