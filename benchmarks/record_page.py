"""How evenly the record page paints while somebody sings, and what a frame costs.

    python -m benchmarks.record_page [--seconds 20] [--analysing]

The window is 1440 x 900; the engine is that of the tests, without sound but at a real one's pace,
in a process of its own. Without a screen (QT_QPA_PLATFORM=offscreen) painting is measured, under
a virtual one (xvfb-run, QT_QPA_PLATFORM=xcb) what it takes to bring it there as well. With
``--analysing`` a second process keeps one core busy, as the analysis would.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SIZE = (1440, 900)
_LANE_FRAMES = 240


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--analysing", action="store_true")
    parser.add_argument("--scale", default="1")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = options.scale
    with tempfile.TemporaryDirectory() as home:
        os.environ["ASA_HOME"] = home
        other = _busy() if options.analysing else None
        try:
            _measure(Path(home), options.seconds, analysing=options.analysing)
        finally:
            if other is not None:
                other.kill()
                other.join()
    return 0


def _measure(home: Path, seconds: float, *, analysing: bool) -> None:
    from asa_desktop.services.paths import Places, resources
    from asa_desktop.services.recorder import Recorder
    from asa_desktop.ui.app import dress, make_application
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.window import Window
    from tests import stage_engine

    application = make_application()
    context = AppContext(Places(home=home, cache=home / "cache"))
    context.change(theme="dark", input="vague")
    context.recorder = context._resident(  # type: ignore[misc]
        "recorder",
        lambda: Recorder.start(main=stage_engine.main),
        close=lambda one: one.close(),
    )
    dress(application, context)
    window = Window(context)
    window.show()
    window.resize(*SIZE)
    song: list[int] = []
    path = resources() / "demo" / "pjs-medley"
    context.library.run(lambda it: it.add_song(path=path, title="x").id, done=song.append)
    _wait_for(lambda: bool(song))
    window.go("record", {"song": song[0], "checked": True})
    page: Any = window.page
    _wait_for(lambda: page.flow.stage == "ready")
    page.toggle()
    _wait_for(lambda: page.flow.stage == "singing")
    _wait(3.0)
    used, began = time.process_time(), time.monotonic()
    paints, costs, ages = _watched(context, page, seconds)
    used = (time.process_time() - used) / (time.monotonic() - began)
    where = f"{application.platformName()}, {platform.machine()}, {os.cpu_count()} cores"
    beside = ", one of them busy" if analysing else ""
    print(f"record page, {SIZE[0]} x {SIZE[1]} at {window.devicePixelRatioF():g}x, {where}{beside}")
    _row("frame to frame", np.diff(paints) * 1000)
    _row("painting the lane", costs * 1000)
    _row("sound in memory to painted", ages * 1000)
    print(f"{'of one core':28} {100 * used:8.0f} %")
    print(f"{'frames a second':28} {(len(paints) - 1) / (paints[-1] - paints[0]):8.1f}")
    page.toggle()
    _wait_for(lambda: page.flow.stage != "singing" and not page.flow.busy)
    _length()
    context.close()
    window.close()


def _watched(context: Any, page: Any, seconds: float) -> tuple[Any, Any, Any]:
    """When the lane was painted, how long that took, and how old its newest sound was then."""
    from asa_desktop.engine.snapshot import clock

    paints, costs, ages = [], [], []
    lane = page.lane
    paint = type(lane).paintEvent

    def watched(event: Any) -> None:
        began = time.perf_counter()
        paint(lane, event)
        ended = time.perf_counter()
        paints.append(ended)
        costs.append(ended - began)
        ages.append(clock() - context.recorder.value.snapshot().heard_at)

    lane.paintEvent = watched
    _wait(seconds)
    lane.paintEvent = lambda event: paint(lane, event)
    return np.array(paints), np.array(costs), np.array(ages)


def _length() -> None:
    """The cost of a frame of a short and of a very long song, all of it sung."""
    from PySide6.QtGui import QPixmap

    from asa_desktop.core.types import Melody, Note, Song
    from asa_desktop.ui.plots.lane import PitchLane
    from asa_desktop.ui.plots.lane_score import LaneScore

    for minutes in (1, 180):
        count = minutes * 150
        notes = tuple(Note(0.4 * k, 0.4 * k + 0.35, 55 + k % 12) for k in range(count))
        lane = PitchLane()
        lane.resize(1190, 560)
        lane.set_score(LaneScore.of(Song("x", melody=Melody(notes, 0.1))))
        times = np.arange(0, minutes * 60, 0.01)
        midi = 55 + (times / 0.4).astype(int) % 12 + 0.4 * np.sin(30 * times)
        lane.add(times, 440 * 2 ** ((midi - 69) / 12))
        picture, costs = QPixmap(1190, 560), []
        for frame in range(_LANE_FRAMES):
            began = time.perf_counter()
            lane.move_to(minutes * 60 - 10 + frame / 60, live=True)
            lane.render(picture)
            costs.append(time.perf_counter() - began)
        _row(f"lane alone, song of {minutes} min", np.array(costs) * 1000)


def _row(name: str, values: Any) -> None:
    median, high, most = np.percentile(values, (50, 99, 100))
    print(f"{name:28} {median:8.1f} {high:8.1f} {most:8.1f} ms (median, 99 %, most)")


def _wait(seconds: float) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the page did not come so far")
        _wait(0.05)


def _busy() -> Any:
    process = multiprocessing.get_context("spawn").Process(target=_count, daemon=True)
    process.start()
    return process


def _count() -> None:
    if hasattr(os, "nice"):
        os.nice(5)
    size = 512
    one = np.random.default_rng(0).standard_normal((size, size))
    while True:
        one @ one


if __name__ == "__main__":
    sys.exit(main())
