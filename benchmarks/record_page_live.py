"""The record page with everything at work: real engine, real analysis, a virtual screen and room.

    python -m benchmarks.record_page_live [--seconds 20] [--scale 1]

In a private PulseAudio server somebody sings tones that step to another pitch every 0.4 s, over the
demo song; the window of 1440 x 900 records them on an X server in memory while the analysis worker
follows the take. Printed: the time from frame to frame, and from the moment at which a step left
the microphone to the first frame that paints its pitch. Needs what the tests need (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the room is the tests'

SIZE = (1440, 900)
SONG = "pjs-medley"
LEAD_S = 1.0


def main() -> int:
    """Make room and screen, and measure in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--scale", default="1")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside is not None:
        _measure(options.inside, options.seconds)
        return 0
    from room import Room
    from screen import VirtualScreen
    from studio import written
    from tones import RATE, tones

    scale = float(options.scale)
    with tempfile.TemporaryDirectory() as name, Room() as room:
        voice = written(Path(name) / "tones.wav", tones()[0], RATE)
        home = Path(name) / "home"
        home.mkdir()
        (home / "settings.json").write_text(
            json.dumps({"input": "vmic", "output": "vspeakers", "octave_folding": False})
        )
        with VirtualScreen(round(SIZE[0] * scale), round(SIZE[1] * scale)) as screen:
            return subprocess.run(
                [
                    *(sys.executable, "-m", "benchmarks.record_page_live", "--inside", voice),
                    *("--seconds", str(options.seconds)),
                ],
                cwd=ROOT,
                env={
                    **room.environ,
                    **screen.environ,
                    "ASA_HOME": str(home),
                    "QT_SCALE_FACTOR": options.scale,
                },
                check=False,
            ).returncode


def _measure(voice: Path, seconds: float) -> None:
    from room import offset_of
    from tones import RATE, STEP_S, STEPS, Witness, delays, tones

    from asa_desktop.ui.app import after_first_paint, dress, make_application
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.window import Window

    application = make_application()
    context = AppContext()
    _ring = dress(application, context)
    window = Window(context)
    window.resize(*SIZE)
    window.first_painted.connect(lambda: after_first_paint(window))
    window.show()
    song: list[int] = []
    folder = ROOT / "resources" / "demo" / SONG
    context.library.run(lambda it: it.add_song(path=folder, title="x").id, done=song.append)
    _wait_for(lambda: bool(song))
    window.go("record", {"song": song[0], "checked": True})
    page: Any = window.page
    _wait_for(lambda: page.flow.stage == "ready")
    _wait(5.0)  # the worker makes the song ready meanwhile
    witness = Witness(os.environ)
    page.toggle()
    _wait_for(lambda: page.flow.stage == "singing")
    _wait(LEAD_S)
    singer = subprocess.Popen(
        [
            *("paplay", "--device=speakers", "--channel-map=aux0", "--channels=1", "--no-remix"),
            *("--latency-msec=100", str(voice)),
        ]
    )
    paints, seen = _watched(page, seconds)
    clips = len(window.conductor.desk.live.clips) if window.conductor.desk.live else 0
    page.toggle()
    singer.terminate()
    heard, times = witness.stop()
    begun = round(offset_of(heard, tones()[0], RATE) * RATE)
    steps = begun + round(STEP_S * RATE) * np.arange(1, STEPS + 1)
    known = (steps < len(times)) & (steps < begun + round((seconds - 1) * RATE))
    found = delays(times[steps[known]], tones()[1][1:][known], seen)
    frames = np.diff(paints) * 1000
    print(
        f"{SIZE[0]} x {SIZE[1]} at {window.devicePixelRatioF():g}x, {application.platformName()},"
        f" {os.cpu_count()} cores; recording and analysing, {clips} clips done meanwhile"
    )
    print(_row("frame to frame", frames) + " (bar for 99 %: 20)")
    print(f"{'frames a second':26} {1000 / frames.mean():7.1f}")
    print(_row("sound to painted pitch", found * 1000) + " (bar for the median: 80)")
    _wait_for(lambda: not page.flow.busy)
    window.close()
    context.close()


def _watched(page: Any, seconds: float) -> tuple[Any, list[tuple[float, float]]]:
    """When the lane was painted, and which pitch (Hz) its newest point had then."""
    from asa_desktop.engine.snapshot import clock

    paints: list[float] = []
    seen: list[tuple[float, float]] = []
    lane = page.lane
    paint = type(lane).paintEvent

    def watched(event: Any) -> None:
        paint(lane, event)
        now = clock()
        newest = lane.trace.newest(lane.now)
        paints.append(now)
        seen.append((now, 0.0 if newest is None else 440 * 2 ** ((newest.midi - 69) / 12)))

    lane.paintEvent = watched
    _wait(seconds)
    lane.paintEvent = lambda event: paint(lane, event)
    return np.array(paints), seen


def _row(name: str, values: Any) -> str:
    median, high, most = np.percentile(values, (50, 99, 100))
    return f"{name:26} {median:7.1f} {high:7.1f} {most:7.1f} ms (median, 99 %, most)"


def _wait(seconds: float) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the page did not come so far")
        _wait(0.05)


if __name__ == "__main__":
    sys.exit(main())
