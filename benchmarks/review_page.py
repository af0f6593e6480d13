"""How fluid the review of a long take is, and what it holds in memory.

    python -m benchmarks.review_page [--minutes 180] [--size 1384x868]

A sung melody with its original, notes and clips is made up in that length; then the page zooms,
pans, plays and steps through its clips. A frame is one such step with all that is painted for it:
its time on the clock, and the processor's time, which other programs do not lengthen.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Clip,
    ClipScore,
    Melody,
    Note,
    Overall,
    Pictures,
    PitchTrack,
)
from asa_desktop.services.paths import Places
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.review import ReviewPage
from asa_desktop.ui.pages.review_view import TakeView
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.theme import theme

HOP_S = 0.032
CLIP_FRAMES = 94
NOTE_S = 0.4
FRAMES = 120


def main() -> int:
    """Make a take, show it, move about in it."""
    options = _options()
    frames = round(options.minutes * 60 / HOP_S)
    analysis = _analysis(frames)
    floats = sum(
        each.chroma.nbytes + each.mel.nbytes
        for each in (analysis.take_pictures, analysis.reference_pictures)
        if each is not None
    )
    start = time.perf_counter()
    sheet = Sheet.of(analysis)
    took = time.perf_counter() - start
    print(f"{options.minutes} minutes: the analysis' maps {floats / 1e6:.0f} MB, ")
    print(f"the sheet {sheet.nbytes / 1e6:.0f} MB, made in {took:.2f} s")
    del analysis
    wide, tall = (int(each) for each in options.size.split("x"))
    with tempfile.TemporaryDirectory() as home:
        application = QApplication([])
        theme.current().start(application, "light")
        page = ReviewPage(AppContext(Places(home=Path(home), cache=Path(home))))
        page.resize(wide, tall)
        page.show()
        start = time.perf_counter()
        page.show_take(TakeView(song="A long take", sheet=sheet))
        application.processEvents()
        print(f"shown in {time.perf_counter() - start:.2f} s at {options.size}")
        _move_about(page, application)
        print(f"memory of the process: {_resident_mb():.0f} MB")
    return 0


def _move_about(page: ReviewPage, application: QApplication) -> None:
    axis = page.axis

    def swing(step: int) -> float:
        return 0.02 if step % 2 else -0.02

    def measured(name: str, step: Callable[[int], object]) -> None:
        clock, processor = [], []
        for index in range(FRAMES):
            began, worked = time.perf_counter(), time.process_time()
            step(index)
            application.processEvents()
            clock.append((time.perf_counter() - began) * 1e3)
            processor.append((time.process_time() - worked) * 1e3)
        half, most = np.percentile(clock, [50, 99])
        half_cpu, most_cpu = np.percentile(processor, [50, 99])
        print(
            f"{name:22s} median {half:5.1f} ms, 99 % {most:5.1f} ms"
            f" (processor {half_cpu:5.1f} and {most_cpu:5.1f})"
        )

    axis.reset()
    measured("zoom in from the whole", lambda index: axis.zoom(1.1, at=axis.total * 0.37))
    measured("zoom out", lambda index: axis.zoom(1 / 1.1, at=axis.total * 0.37))
    for span in (axis.total / 2, 600.0, 30.0):
        axis.show(axis.total / 4, axis.total / 4 + span)
        measured(f"pan over {span:.0f} s", lambda index: axis.pan(swing(index)))
    axis.show(0.0, 30.0)
    measured("playhead over 30 s", lambda index: page.set_playhead(index / 60, "me"))
    axis.reset()
    measured("playhead over all", lambda index: page.set_playhead(index * 5.0, "me"))
    page.set_playhead(None)
    measured("next clip", page.strip.choose)


def _analysis(frames: int) -> Analysis:
    ours, theirs = _pictures(frames, off=0.1, seed=1), _pictures(frames, off=0.05, seed=2)
    scores = np.random.default_rng(3).uniform(10, 95, frames // CLIP_FRAMES)
    length = CLIP_FRAMES * HOP_S
    return Analysis(
        take="take",
        song="song",
        status="scored",
        reason=None,
        overall=Overall(50.0, 48.0, 52.0),
        clips=tuple(
            ClipScore(Clip(k, k * length, (k + 1) * length, 1.0, 1.0), float(score), cosine=0.5)
            for k, score in enumerate(scores)
        ),
        case="in_step",
        alignment=Alignment(key=0.0),
        model="rori",
        features="five",
        take_pictures=ours,
        reference_pictures=theirs,
        melody=Melody(
            tuple(
                Note(k * NOTE_S, (k + 0.9) * NOTE_S, float(midi))
                for k, midi in enumerate(_tune(int(frames * HOP_S / NOTE_S)))
            ),
            beat_s=NOTE_S,
        ),
    )


def _tune(count: int) -> np.ndarray:
    return 55 + np.random.default_rng(0).integers(0, 15, max(count, 1))


def _pictures(frames: int, *, off: float, seed: int) -> Pictures:
    rng = np.random.default_rng(seed)
    times = np.arange(frames) * HOP_S
    tune = _tune(int(frames * HOP_S / NOTE_S))
    midi = tune[np.minimum((times / NOTE_S).astype(int), len(tune) - 1)]
    sung = (times / NOTE_S) % 1 < 0.9
    bent = midi + rng.normal(0, off, frames) + 0.3 * np.sin(2 * np.pi * 5.5 * times)
    hz = np.where(sung, 440 * 2 ** ((bent - 69) / 12), 0).astype(np.float32)
    maps = [rng.random((96, frames), dtype=np.float32) for _ in range(2)]
    return Pictures(
        hop_s=HOP_S,
        pitch=PitchTrack(HOP_S, hz, sung.astype(np.float32)),
        chroma=maps[0],
        mel=maps[1] * 60 - 40,
        voiced=sung,
    )


def _resident_mb() -> float:
    status = Path("/proc/self/statm")
    if not status.exists():
        return float("nan")
    return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=180.0)
    parser.add_argument("--size", default="1384x868")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
