"""The pages as they are in use, built once: tests look at them, and `tests.shots` draws them.

A scene leaves a window in a state that a user can bring it into, over an engine without sound, and
names the parts that its picture numbers. The take of the review is the bundled one; who gives an
analysis of their own (`Stage.analysis`) gets that one's scores and plots.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QWidget

from asa_desktop.core.types import Analysis
from asa_desktop.services.example import bundled_example
from asa_desktop.services.library import Library
from asa_desktop.services.recorder import Main, Recorder
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.settings_sound import SoundSection
from asa_desktop.ui.theme.tokens import S
from asa_desktop.ui.window import USUAL, Window
from tests import stage_engine

PATIENCE_S = 120.0
SINGER = "Alex"
SUNG_S = 13.6
"""So long into the song the picture of the singing is taken: words, notes and clips are there."""

Parts = tuple[QWidget, ...]


def with_engine(context: AppContext, main: Main) -> AppContext:
    """`context` with an engine of the tests'."""
    context.recorder = context._resident(
        "recorder",
        lambda: Recorder.start(main=main),
        close=lambda one: one.close(),
        fatal=frozenset({"engine_died", "engine_silent"}),
    )
    return context


class Stage:
    """A window, and what it takes to bring it anywhere."""

    def __init__(
        self, context: AppContext, analysis: Analysis | None, folder: Path, *, size: tuple[int, int]
    ) -> None:
        self.context, self.analysis, self.folder = context, analysis, folder
        self.window = Window(context)
        self.window.resize(*size)
        self.window.show()
        self.window.activateWindow()
        self.until(lambda: self.window.page is not None)

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("the window did not get there")
            QApplication.processEvents()
            time.sleep(0.005)

    def settle(self, seconds: float = 0.3) -> None:
        """Let styles and layouts come to rest."""
        deadline = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > deadline)

    def page(self, name: str, **arguments: Any) -> Any:
        assert self.window.go(name, arguments), name
        return self.window.page

    def library(self, work: Callable[[Library], Any]) -> Any:
        done: list[Any] = []
        self.context.library.run(work, done=done.append)
        self.until(lambda: done)
        self.context.library_changed.emit()
        return done[0]


@dataclass(frozen=True, slots=True)
class Scene:
    """How a page is brought there; `engine` is how the singer at the microphone sings.

    `analysed`: it needs an analysis, and what it says depends on that.
    """

    build: Callable[[Stage], Parts]
    engine: str = ""
    look: str = "light"
    analysed: bool = False


@contextmanager
def staged(
    name: str,
    context: AppContext,
    analysis: Analysis | None,
    folder: Path,
    *,
    size: tuple[int, int] = USUAL,
) -> Iterator[tuple[Stage, Parts]]:
    """A scene as it stands, and the parts that are numbered. `folder` is for its files."""
    scene = SCENES[name]
    context.change(last_page="" if name == "introduction" else "settings", singer=SINGER,
                   introduced=name != "introduction")  # fmt: skip
    with_engine(context, partial(stage_engine.main, kind=scene.engine))
    stage = Stage(context, analysis, folder, size=size)
    parts = scene.build(stage)
    if not parts:  # where nothing is pointed at, nothing is in hand either
        stage.window.setFocus()
    stage.settle()
    yield stage, parts
    stage.window.close()


# What is there before


def with_songs(stage: Stage) -> dict[str, int]:
    """The songs that came along, and two of the user's own; rows by title."""
    from asa_desktop.services.song_list import add_bundled

    own = stage.folder / "songs"
    quiet(own / "Scarborough Fair" / "accompaniment.ogg", 166)
    named = 'title = "Scarborough Fair"\nartist = "traditional"\n'
    (own / "Scarborough Fair" / "song.toml").write_text(named)
    quiet(own / "Danny Boy.ogg", 171)

    def work(library: Library) -> dict[str, int]:
        add_bundled(library)
        library.add_song(path=own / "Scarborough Fair", title="Scarborough Fair",
                         artist="traditional", parts=("accompaniment",))  # fmt: skip
        library.add_song(path=own / "Danny Boy.ogg", title="Danny Boy", parts=("mix",))
        return {one.title: one.id for one in library.songs()}

    rows: dict[str, int] = stage.library(work)
    return rows


# Singer, song, days ago, score (a text: why there is none)
LISTED = (
    ("Alex", "PJS Medley", 0.1, 74.0), ("Alex", "PJS Medley", 2.0, 66.0),
    ("Alex", "On the run", 9.0, 58.0), ("Jonas", "PJS Medley", 1.2, 49.0),
    ("Jonas", "PJS Medley", 8.1, "silence"), ("Mia", "PJS Medley", 1.1, 81.0),
    ("Mia", "On the run", 1.0, 77.0), ("Noor", "PJS Medley", 1.3, 63.0),
    ("Noor", "PJS Medley", 6.0, 52.0),
)  # fmt: skip


def with_takes(stage: Stage) -> dict[str, int]:
    """Takes of four singers, one without a score; their songs by title."""
    songs = with_songs(stage)
    file = quiet(stage.folder / "take.flac", 58)

    def work(library: Library) -> None:
        for singer, song, days, score in LISTED:
            scored = isinstance(score, float)
            take = library.import_take(
                song=songs[song], person=library.add_person(name=singer).id, file=file,
                duration_s=58.0, sample_rate=8000,
                recorded_at=datetime.now(UTC) - timedelta(days=days),
            )  # fmt: skip
            library.add_analysis(
                take=take.id, document="{}", status="scored" if scored else "not_scored",
                reason=None if scored else score, score=score if scored else None,
                low=None, high=None, case=None, model="m", features="x", latency_s=0.0, clips=[],
            )  # fmt: skip

    stage.library(work)
    return songs


def quiet(path: Path, seconds: float) -> Path:
    """A recording of nothing, so long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(round(8000 * seconds), np.float32), 8000)
    return path


# The scenes


def introduction(stage: Stage) -> Parts:
    """As it greets whoever starts the program for the first time."""
    stage.page("introduction")
    return ()


def songs(stage: Stage) -> Parts:
    """Bundled songs and the user's own."""
    with_takes(stage)
    page = stage.page("songs")
    stage.until(lambda: page._loaded and not page._looking and page.model.rowCount() == 4)
    return ()


def check(stage: Stage) -> Parts:
    """Somebody sings into the microphone, wears headphones and has calibrated."""
    song = with_songs(stage)["PJS Medley"]
    page = stage.page("check", song=song)
    stage.until(lambda: page.delay.state != "waiting" and not page.measuring.busy)
    page.worn.click()
    page.calibrate.click()
    stage.until(lambda: page.delay.state == "good" and page.level.state == "good")
    stage.until(lambda: page.noise.state == "good")
    engine = stage.context.recorder.value
    assert engine is not None
    for loud in (False, True):  # so that it has only just begun again to sing
        stage.until(lambda loud=loud: (engine.snapshot().peak_db > -30) == loud)
    return ()


def record(stage: Stage) -> Parts:
    """In the middle of a take; the clips that are over have the analysis' scores."""
    song = with_songs(stage)["PJS Medley"]
    calibrated(stage)
    page = stage.page("record", song=song, checked=True)
    stage.until(lambda: page.flow.stage == "ready")
    page.took_began.disconnect()  # the engine's take is silent: the analysis is another's
    page.setFocus()
    page.toggle()
    engine = stage.context.recorder.value
    assert engine is not None
    stage.until(lambda: engine.snapshot().song_s >= SUNG_S)
    assert stage.analysis is not None
    for each in stage.analysis.clips:
        if each.clip.end <= SUNG_S:
            page.set_clip(each)
    return (page.card, page.lyrics, page.clips, page.bar.meter, page.bar.button, page.bar.fold)


def calibrated(stage: Stage) -> None:
    """Have the delay of the engine's devices known."""
    page = stage.page("check")
    stage.until(lambda: page.delay.state != "waiting" and not page.measuring.busy)
    page.calibrate.click()
    stage.until(lambda: page.delay.state == "good")


def review(stage: Stage) -> Parts:
    """A take that is done, opened from the library."""
    _reviewed(stage)
    return ()


def review_parts(stage: Stage) -> Parts:
    """The same, with its parts numbered."""
    page = _reviewed(stage)
    return (
        page.head.score, page.attributes, page._strip_card, page.rows, page.panel,
        page.panel.buttons["me"], page.head.export_button,
    )  # fmt: skip


def places(stage: Stage) -> Parts:
    """The places of an attribute: listed, and marked over time."""
    page = _reviewed(stage)
    tile = next(one for one in page.attributes.tiles if one.attribute_name == "intonation")
    tile.click()
    stage.until(page.places.card.isVisible)
    return (tile, page.places.card)


def _reviewed(stage: Stage) -> Any:
    from asa_desktop.services.keeping import keep_analysis, timing_of
    from asa_desktop.services.take_list import RecordingFacts, bring_in, read_recordings

    found, analysis = bundled_example(), stage.analysis
    assert analysis is not None
    songs, cache = with_songs(stage), stage.context.places.cache

    def work(library: Library) -> int:
        (facts,) = read_recordings([found.audio])
        assert isinstance(facts, RecordingFacts), facts
        take = bring_in(library, facts, song=songs["PJS Medley"], singer=SINGER)
        keep_analysis(library, take.id, replace(analysis, timing=timing_of(take)),
                      cache=cache)  # fmt: skip
        return take.id

    page = stage.page("review", take=stage.library(work))
    stage.until(lambda: page.view is not None and page.view.state == "done")
    stage.window.setFocus()
    return page


def takes(stage: Stage) -> Parts:
    """All takes, the newest first."""
    with_takes(stage)
    page = stage.page("takes")
    stage.until(lambda: page.model.rowCount() == len(LISTED))
    return ()


def students(stage: Stage) -> Parts:
    """A teacher's view: one song, sorted by singer."""
    songs = with_takes(stage)
    page = stage.page("takes")
    stage.until(lambda: page.model.rowCount() == len(LISTED))
    page.filters.songs.set_value(str(songs["PJS Medley"]))
    page.filters.orders.set_value("singer")
    page._filtered()
    stage.until(lambda: page.model.rowCount() == len(LISTED) - 2)
    return ()


def settings(stage: Stage) -> Parts:
    """The settings, from the theme on: who sings, and sound."""
    page = stage.page("settings")
    stage.until(lambda: not stage.context.jobs.running)
    (sound,) = page.findChildren(SoundSection)
    stage.until(sound.refresh.isEnabled)
    stage.settle()
    top = page.theme.mapTo(page._area.widget(), QPoint(0, 0))
    page._area.verticalScrollBar().setValue(top.y() - S)
    return ()


SCENES: dict[str, Scene] = {
    "introduction": Scene(introduction),
    "songs": Scene(songs),
    "check": Scene(check, engine="voice"),
    "record": Scene(record, engine="nearly", analysed=True),
    "review": Scene(review, analysed=True),
    "review-parts": Scene(review_parts, analysed=True),
    "places": Scene(places, analysed=True),
    "takes": Scene(takes, look="dark"),
    "students": Scene(students),
    "settings": Scene(settings),
}
"""By the name of the picture."""
