"""How soon the window is there, and when it answers its first key.

    python -m benchmarks.window_start [--repeat 7] [--takes 200]

From the start of the process to the first paint, and to the page that a key pressed right then
asks for. The first start warms the disk and is left out. Without a screen it is offscreen; under
one (xvfb-run, QT_QPA_PLATFORM=xcb) the window's way to it is counted too. Beside it: the time in
which Python with PySide6 shows an empty window, which nobody can be quicker than.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OURS = """
import sys, time
began = float(sys.argv[1])
from PySide6.QtCore import QTimer, Qt
from PySide6.QtTest import QTest
from asa_desktop.ui.app import after_first_paint, dress, make_application
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.window import Window
application = make_application()
context = AppContext()
ring = dress(application, context)
window = Window(context)
def painted():
    print(time.monotonic() - began, flush=True)
    after_first_paint(window)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
def shown(page):
    if page == "takes":
        print(time.monotonic() - began, flush=True)
        QTimer.singleShot(0, window.close)
window.first_painted.connect(lambda: QTimer.singleShot(0, painted))
window.page_shown.connect(shown)
window.show()
application.exec()
context.close()
"""

_EMPTY = """
import sys, time
began = float(sys.argv[1])
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
class Window(QWidget):
    def paintEvent(self, event):
        print(time.monotonic() - began, flush=True)
        QTimer.singleShot(0, self.close)
application = QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
application.exec()
"""


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--takes", type=int, default=200)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        os.environ["ASA_HOME"] = home
        _fill(Path(home), options.takes)
        runs = [_ours(Path(home)) for _ in range(options.repeat + 1)][1:]
        empty = [_times(_EMPTY)[0] for _ in range(options.repeat + 1)][1:]
    painted, answered = (statistics.median(times) for times in zip(*runs, strict=True))
    bare = statistics.median(empty)
    worst = max(times[0] for times in runs)
    print(f"{options.takes} takes in the library, {options.repeat} warm starts")
    print(f"first paint: {painted:.2f} s in the median, {worst:.2f} at worst (bar 0.5)")
    print(f"first key answered: {answered:.2f} s (bar 1)")
    print(f"an empty PySide6 window: {bare:.2f} s, so {painted / bare:.2f} times that")
    return 0


def _ours(home: Path) -> list[float]:
    # The window opens the page that was seen last; the key is to ask for another one.
    (home / "settings.json").write_text(json.dumps({"last_page": "songs"}))
    return _times(_OURS)


def _times(program: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", program, str(time.monotonic())],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [float(line) for line in done.stdout.split()]


def _fill(home: Path, count: int) -> None:
    """A library of so many takes; their recordings are a moment of silence each."""
    import numpy as np
    import soundfile

    from asa_desktop.services.library import Library
    from asa_desktop.services.paths import places
    from asa_desktop.services.song_list import add_bundled

    silent = home / "silent.flac"
    soundfile.write(silent, np.zeros(4800), 48_000)
    when = datetime(2026, 1, 1, tzinfo=UTC)
    with Library.open(places().library) as library:
        add_bundled(library)
        songs = library.songs()
        for number in range(count):
            library.import_take(
                song=songs[number % len(songs)].id,
                person=library.add_person(name=f"Singer {number % 12}").id,
                file=silent,
                recorded_at=when + timedelta(hours=number),
            )


if __name__ == "__main__":
    sys.exit(main())
