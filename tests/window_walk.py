"""The program's window, used as a singer uses it: through every page, and through a song.

Run under a screen and in a room (`tests/e2e/test_window.py`). It drives the window by keys and
clicks, keeps a picture of every state, and prints what it saw as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from asa_desktop.ui.app import after_first_paint, dress, make_application
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.theme import theme
from asa_desktop.ui.window import Window

HEAVY = ("torch", "librosa", "numba", "torchcrepe", "sounddevice")
SONG = "pjs-medley"


class Walk:
    """One window and what is seen of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started = time.monotonic()
        self.facts: dict[str, Any] = {}
        self.application = make_application([])
        self.context = AppContext()
        self.ring = dress(self.application, self.context)
        self.window = Window(self.context)
        self.window.first_painted.connect(self._painted)
        self.window.show()
        self.window.activateWindow()
        self.until(lambda: "painted_s" in self.facts and self.window.page is not None)
        self.until(self.window.isActiveWindow, most_s=10)

    def _painted(self) -> None:
        self.facts["painted_s"] = time.monotonic() - self.started
        self.facts["early"] = [name for name in ("numpy", "pyqtgraph") if name in sys.modules]
        after_first_paint(self.window)

    def until(self, condition: Callable[[], object], *, most_s: float = 60.0) -> None:
        deadline = time.monotonic() + most_s
        while not condition():
            if time.monotonic() > deadline:
                self.picture("too-late")
                raise TimeoutError(f"after {most_s:.0f} s: {self.window.notice.sentence}")
            self.wait(0.02)

    def wait(self, seconds: float) -> None:
        """Let the window live; `QTest.qWait` would hold back every other thread of Python."""
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key)

    def picture(self, name: str) -> None:
        scale = round(self.window.devicePixelRatioF())
        kept = self.window.grab().save(str(self.folder / f"{name}-{scale}x.png"))
        assert kept, name

    def both_themes(self, name: str) -> None:
        for look in ("light", "dark"):
            theme.current().choose(look)
            self.wait(0.3)
            self.picture(f"{name}-{look}")
        theme.current().choose("light")
        self.wait(0.1)

    def page(self, name: str, **arguments: Any) -> Any:
        assert self.window.go(name, arguments), name
        self.wait(0.8)
        return self.window.page

    def row_of(self, song: str) -> int:
        found: list[int] = []
        self.context.library.run(
            lambda it: next(one.id for one in it.songs() if one.path.name == song),
            done=found.append,
        )
        self.until(lambda: found)
        return found[0]


def sing(walk: Walk, voice: Path, *, seconds: float) -> None:
    """Record a take by keys alone, with somebody who sings in the room."""
    page = walk.page("record", song=walk.row_of(SONG), checked=True)
    walk.until(lambda: page.flow.stage == "ready")
    walk.both_themes("record-ready")
    walk.wait(2.0)  # the worker makes the song ready meanwhile
    walk.key(Qt.Key.Key_Space)
    walk.until(lambda: page.flow.stage == "singing")
    began = time.monotonic()
    singer = subprocess.Popen(
        ["paplay", "--device=speakers", "--channel-map=aux0", "--channels=1", "--no-remix", voice]
    )
    walk.until(lambda: time.monotonic() - began > seconds / 2)
    walk.both_themes("record-singing")
    walk.until(lambda: time.monotonic() - began > seconds)
    walk.facts["clips_while_singing"] = sum(
        1 for clip, _ in walk.window.conductor.desk.live.clips.values() if clip.score is not None
    )
    stopped = time.monotonic()
    walk.key(Qt.Key.Key_Escape)
    singer.terminate()
    walk.until(lambda: type(walk.window.page).__name__ == "ReviewPage")
    review: Any = walk.window.page
    walk.until(lambda: review.view is not None and review.view.state == "done")
    walk.facts["review_after_s"] = time.monotonic() - stopped


def review(walk: Walk) -> None:
    """Look at the review of the take, and listen to a clip."""
    page: Any = walk.window.page
    sheet = page.view.sheet
    scored = [each.score for each in sheet.clips if each.score is not None]
    walk.facts |= {
        "status": sheet.status,
        "clips": len(sheet.clips),
        "scored": len(scored),
        "score": sheet.overall.score,
        "pitched_s": float((sheet.voice.pitch.hz > 0).sum() * sheet.voice.hop_s),
        "has_original": page.view.has_original,
    }
    walk.wait(0.5)
    walk.both_themes("review")
    seen: list[tuple[float, str]] = []
    page.flow.sound.moved.connect(lambda second, voice: seen.append((second, voice)))
    walk.key(Qt.Key.Key_A)
    walk.until(lambda: seen, most_s=20)
    walk.picture("review-playing")
    walk.key(Qt.Key.Key_X)
    walk.until(lambda: seen[-1][1] == "original", most_s=5)
    start, swapped = seen[0][0], seen[-1][0]
    walk.facts["swapped_after_s"] = swapped - start
    walk.until(lambda: not page.flow.sound.playing, most_s=20)
    walk.facts["played_to_s"] = seen[-1][0] - start
    page.flow.report_to(walk.folder / "report")
    walk.until((walk.folder / "report" / "report.html").is_file)


def lists(walk: Walk) -> None:
    """The other pages, as they are with one take."""
    for name in ("songs", "takes", "settings"):
        walk.page(name)
        walk.both_themes(name)
    check = walk.page("check")
    walk.until(lambda: check.measuring.devices is not None)
    walk.wait(1.0)
    walk.both_themes("check")


def main(folder: Path, voice: Path, seconds: float) -> None:
    walk = Walk(folder)
    try:
        first: QWidget | None = walk.window.page
        assert first is not None
        walk.both_themes("introduction")
        walk.key(Qt.Key.Key_Escape)
        walk.until(lambda: walk.window.page is not first)
        walk.wait(0.8)
        walk.both_themes("songs-new")
        sing(walk, voice, seconds=seconds)
        review(walk)
        lists(walk)
        walk.facts["heavy"] = [name for name in HEAVY if name in sys.modules]
        walk.window.close()
        QApplication.processEvents()
    finally:  # else the engine and the worker would keep a failed walk waiting
        walk.context.close()
    print(json.dumps(walk.facts))
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
