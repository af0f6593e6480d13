"""Pictures of the window for the README: ``python -m asa_desktop.ui.shots FOLDER``.

Takes the songs and the take that came with the program, in a home of its own, and draws the pages
in both themes, twice as fine as a screen. Nobody need see a screen for it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asa_desktop.services.library import Library
    from asa_desktop.ui.window import Window

SIZE = (1280, 800)
PATIENCE_S = 180.0
SINGER = "Alex"
USAGE = "usage: python -m asa_desktop.ui.shots FOLDER"


def main(words: list[str]) -> int:
    """Draw the pages into a folder; 2 where none was named."""
    if len(words) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", "2")
    folder = Path(words[0])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["ASA_HOME"] = home
        _draw(folder)
    return 0


def _draw(folder: Path) -> None:
    from asa_desktop.ui.app import after_first_paint, dress, make_application
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.theme import theme
    from asa_desktop.ui.window import Window

    application = make_application()
    context = AppContext()
    _ring = dress(application, context)
    window = Window(context)
    window.resize(*SIZE)
    window.first_painted.connect(lambda: after_first_paint(window))
    window.show()
    _until(lambda: window.page is not None)
    take = _brought(window)
    window.go("review", {"take": take})
    review: Any = window.page
    _until(lambda: review.view is not None and review.view.state == "done")
    for page in ("songs", "takes", "review"):
        window.go(page, {"take": take} if page == "review" else {})
        for look in ("light", "dark"):
            theme.current().choose(look)
            _settle()
            window.grab().save(str(folder / f"{page}-{look}.png"))
    window.close()
    context.close()


def _brought(window: Window) -> int:
    """The take that came with the program, in the library; its row's number."""
    from asa_desktop.services.paths import resources
    from asa_desktop.services.song_list import add_bundled
    from asa_desktop.services.take_list import RecordingFacts, bring_in, read_recordings

    takes = resources() / "demo" / "takes"

    def work(library: Library) -> int:
        add_bundled(library)
        file = next(one for one in sorted(takes.iterdir()) if one.suffix == ".flac")
        song = next(one for one in library.songs() if one.path.name == file.stem)
        (facts,) = read_recordings([file])
        assert isinstance(facts, RecordingFacts), facts
        return bring_in(library, facts, song=song.id, singer=SINGER).id

    found: list[int] = []
    window.context.library.run(work, done=found.append)
    _until(lambda: found)
    window.context.library_changed.emit()
    return found[0]


def _until(condition: Callable[[], object]) -> None:
    from PySide6.QtWidgets import QApplication

    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the window did not get there")
        QApplication.processEvents()
        time.sleep(0.01)


def _settle() -> None:
    deadline = time.monotonic() + 1.0
    _until(lambda: time.monotonic() > deadline)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
