"""From a take in the library to its review: analysed by the worker, kept, heard, exported."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from lists_room import QuietRecorder
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from asa_desktop.core.types import TakeTiming
from asa_desktop.engine.messages import Play
from asa_desktop.engine.snapshot import Snapshot, State
from asa_desktop.services.paths import resources
from asa_desktop.services.song_list import add_bundled
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.pages.review import ReviewPage
from asa_desktop.ui.pages.review_flow import ReviewFlow
from asa_desktop.ui.pages.review_sound import Prepared, Voices
from asa_desktop.ui.window import Window

DEMO = resources() / "demo"
PATIENCE_MS = 180_000


class Sounding(QuietRecorder):
    """An engine that notes what it is asked, and says that it plays."""

    def gains(self, *, accompaniment: float, vocal: float) -> None:
        self.did.append((accompaniment, vocal))

    def snapshot(self) -> Snapshot:
        asked = [each for each in self.did if isinstance(each, Play)]
        return Snapshot(state=State.PLAYING, song_s=asked[-1].start_s + 1 if asked else 0.0)

    def points(self, since: int) -> tuple[Any, int]:
        return np.zeros(0, [("song_s", "f8"), ("hz", "f4")]), since


class Desk:
    """The window at the review of the take that came with the program."""

    def __init__(self, qtbot: QtBot, context: AppContext) -> None:
        self.qtbot, self.context = qtbot, context
        self.engine = Sounding()
        made = context._resident("recorder", lambda: self.engine, close=lambda one: one.close())
        context.__dict__["recorder"] = made
        self.take = self.brought()
        self.window = Window(context)
        qtbot.addWidget(self.window)
        self.window.resize(1280, 900)
        with qtbot.waitSignal(self.window.page_shown):
            self.window.show()
        self.window.activateWindow()
        self.until(self.window.isActiveWindow)

    def library(self, work: Any) -> Any:
        done: list[Any] = []
        self.context.library.run(work, done=done.append)
        self.until(lambda: bool(done))
        return done[0]

    def until(self, condition: Any) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def brought(self) -> int:
        file = DEMO / "takes" / "pjs-medley.flac"

        def work(library: Any) -> int:
            add_bundled(library)
            song = next(one for one in library.songs() if one.path.name == file.stem)
            person = library.add_person(name="Alex")
            return library.import_take(song=song.id, person=person.id, file=file).id

        return int(self.library(work))

    def open(self, **more: Any) -> ReviewPage:
        assert self.window.go("review", {"take": self.take, **more})
        page = self.window.page
        assert isinstance(page, ReviewPage)
        return page

    def done(self, **more: Any) -> ReviewPage:
        page = self.open(**more)
        self.until(lambda: page.view is not None and page.view.state == "done")
        return page

    def key(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.window.focusWidget() or self.window, key)

    def begun(self) -> None:
        """Wait until the worker is in the midst of it."""

        def is_begun() -> bool:
            work = self.flow.desk.work_of(self.take)
            return work is not None and work.share is not None

        self.until(is_begun)

    @property
    def flow(self) -> ReviewFlow:
        page = self.window._pages["review"]
        assert isinstance(page, ReviewPage)
        assert isinstance(page.flow, ReviewFlow)
        return page.flow


@pytest.fixture
def desk(qtbot: QtBot, ring: object, context: AppContext) -> Desk:
    return Desk(qtbot, context)


def test_a_take_is_analysed_once_and_then_there_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = desk.open()
    desk.until(lambda: page.view is not None and page.view.state == "analysing")
    assert page.view is not None
    assert (page.view.song, page.view.singer) == ("PJS Medley", "Alex")
    desk.until(lambda: page.view.state == "done")  # type: ignore[union-attr]
    sheet = page.view.sheet
    assert sheet is not None
    assert sheet.status == "scored"
    assert len(page.strip.clips) > 15
    row = desk.library(lambda it: it.take(desk.take))
    assert row.score == sheet.overall.score
    desk.window.go("takes")
    monkeypatch.setattr(desk.flow.desk, "analyse", lambda *_, **__: pytest.fail("once is enough"))
    desk.done()
    assert page.view.sheet is not None
    assert page.view.sheet.overall == sheet.overall


@pytest.mark.slow
def test_assessed_again_keeps_what_was_there_until_it_is_done(desk: Desk) -> None:
    page = desk.done()
    page = desk.open(again=True, model="rori-3")
    desk.until(lambda: page.view is not None and page.view.state == "analysing")
    assert page.view is not None
    assert page.view.sheet is not None
    desk.until(lambda: page.view.state == "done")  # type: ignore[union-attr]
    assert len(desk.library(lambda it: it.analyses(take=desk.take))) == 2


class Tops(QObject):
    """Notes every window that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(watched)
        return False


def test_no_part_of_a_page_is_ever_a_window_of_its_own(desk: Desk, qapp: QApplication) -> None:
    tops = Tops()
    qapp.installEventFilter(tops)
    try:
        page = desk.open()
        desk.begun()
        page.cancel.emit()
        desk.until(lambda: page.view.state == "waiting")  # type: ignore[union-attr]
        page.set_failed("It broke.")
        for name in ("songs", "takes", "settings", "record", "check"):
            desk.window.go(name)
            desk.qtbot.wait(200)
    finally:
        qapp.removeEventFilter(tops)
    assert tops.shown == []


@pytest.mark.slow
def test_a_worker_that_dies_costs_one_retry(desk: Desk) -> None:
    page = desk.open()
    desk.begun()
    analyst = desk.context.analyst.value
    os.kill(analyst._process.pid, signal.SIGKILL)
    desk.until(lambda: page.view.state == "done")  # type: ignore[union-attr]
    assert len(desk.library(lambda it: it.analyses(take=desk.take))) == 1


@pytest.mark.slow
def test_a_cancelled_analysis_can_be_begun_again(desk: Desk) -> None:
    page = desk.open()
    desk.begun()
    page.cancel.emit()
    desk.until(lambda: page.view.state == "waiting")  # type: ignore[union-attr]
    page.analyse.emit()
    desk.until(lambda: page.view.state == "done")  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_recording_that_is_gone_is_said_in_place(desk: Desk) -> None:
    path = desk.library(lambda it: it.audio(it.take(desk.take)))
    path.rename(path.with_suffix(".away"))
    page = desk.open()
    desk.until(lambda: page.view is not None and page.view.state == "failed")
    assert page.view is not None
    assert page.view.fault.endswith(".")
    assert "Traceback" not in page.view.fault
    path.with_suffix(".away").rename(path)
    page.retry.emit()
    desk.until(lambda: page.view.state == "done")  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_clip_is_played_swapped_and_ends(desk: Desk) -> None:
    page = desk.done()
    clip = page._selected_clip()
    assert clip is not None
    statuses: list[str] = []
    page.status_changed.connect(lambda: statuses.append(page.status))
    desk.key(Qt.Key.Key_A)
    desk.until(lambda: any(isinstance(each, Play) for each in desk.engine.did))
    assert statuses == ["Making the recording ready", ""]
    assert not desk.engine.setups[0].listen
    asked = next(each for each in desk.engine.did if isinstance(each, Play))
    assert (asked.start_s, asked.end_s) == (clip.clip.start, clip.clip.end)
    assert asked.accompaniment_gain == 0
    assert asked.vocal_gain > 0
    assert asked.accompaniment is not None
    desk.until(lambda: page._playing == "me" and page.strip._playhead is not None)
    desk.key(Qt.Key.Key_X)
    desk.until(lambda: isinstance(desk.engine.did[-1], tuple))
    assert desk.engine.did[-1][0] > 0
    assert desk.engine.did[-1][1] == 0
    desk.until(lambda: page._playing == "original")
    for _ in range(2):  # faster than the engine answers
        desk.key(Qt.Key.Key_J)
    clips = page.strip.clips
    last = clips[min(clips.index(clip) + 2, len(clips) - 1)].clip
    desk.until(lambda: getattr(desk.engine.did[-1], "start_s", None) == last.start)
    assert desk.engine.playing
    assert desk.window.notice.sentence == ""
    desk.engine.over = True
    desk.until(lambda: page._playing == "")
    desk.window.go("takes")
    desk.until(lambda: "close" in desk.engine.did)


@pytest.mark.slow
def test_the_report_of_a_review(desk: Desk, tmp_path: Path) -> None:
    desk.done()
    desk.flow.report_to(tmp_path / "report")
    desk.until(lambda: bool(desk.window.notice.sentence))
    assert "Lowest" not in desk.window.notice.sentence
    assert (tmp_path / "report" / "report.html").is_file()


def test_a_take_lies_to_the_original_as_it_was_sung() -> None:
    timing = TakeTiming(latency_s=0.05, start_s=10.0, clock_ratio=1.0002)
    prepared = Prepared(
        of=Voices(Path("take"), timing, Path("original")),
        rate=48_000,
        take=Path("t.flac"),
        take_gain=2.0,
        original=Path("o.flac"),
        original_gain=0.5,
    )
    asked = prepared.play("both", 30.0, 33.0)
    assert asked.start_s + asked.vocal_later_s == pytest.approx(0.05 + 20 * 1.0002)
    assert (asked.accompaniment_gain, asked.vocal_gain) == pytest.approx((0.5 / 2**0.5, 2**0.5))
    assert prepared.gains("me") == (0.0, 2.0)
    assert prepared.gains("original") == (0.5, 0.0)
    alone = replace(prepared, original=None)
    assert alone.play("me", 0.0, 5.0).accompaniment is None


def test_a_take_at_its_own_tempo_is_heard_from_where_it_was_found() -> None:
    path = ((0.0, 5.0), (10.0, 15.0), (20.0, 23.0))  # five seconds late, then faster
    voices = Voices(Path("take"), TakeTiming(latency_s=0.1), Path("original"), path)
    prepared = Prepared(voices, 48_000, Path("t.flac"), 1.0, Path("o.flac"), 1.0)
    asked = prepared.play("me", 15.0, 18.0)
    assert asked.start_s + asked.vocal_later_s == pytest.approx(0.1 + 19.0)
    assert asked.end_s == pytest.approx(15.0 + 0.8 * 3.0)
    assert prepared.play("original", 15.0, 18.0).end_s == 18.0


def test_two_voices_sound_at_their_places(tmp_path: Path) -> None:
    """A take that begins late in its file meets the original, sample by sample."""
    from asa_desktop.engine.recording import player_of

    rate = 8000
    ramp = np.arange(1, 4 * rate + 1, dtype=np.float32) / (8 * rate)
    soundfile.write(tmp_path / "original.wav", ramp, rate, subtype="FLOAT")
    late = np.concatenate((np.zeros(400, np.float32), ramp))
    soundfile.write(tmp_path / "take.wav", late, rate, subtype="FLOAT")
    for later_s in (0.05, -0.05):
        take = late if later_s > 0 else ramp[400:]
        soundfile.write(tmp_path / "take.wav", take, rate, subtype="FLOAT")
        player = player_of(
            tmp_path / "original.wav", tmp_path / "take.wav", gains=(1.0, -1.0), rate=rate,
            start_s=1.0, end_s=2.0, most_s=10.0, vocal_later_s=later_s,
        )  # fmt: skip
        out = np.ones((rate // 2, 2), np.float32)
        try:
            player.mix(out)
        finally:
            player.close()
        np.testing.assert_allclose(out, 0, atol=1e-6)


def test_the_example_is_analysed_once_and_enters_no_list(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(library: Any) -> Any:
        return library.takes(), library.people(), library.songs(), library.analyses(take=desk.take)

    before = desk.library(listed)
    assert desk.window.go("review", {"example": True})
    page = desk.window.page
    assert isinstance(page, ReviewPage)
    desk.until(lambda: page.view is not None and page.view.state == "done")
    assert page.view is not None
    assert page.view.sheet is not None
    assert page.view.sheet.status == "scored"
    assert page.view.example
    assert "rendered" in page.head.remark.text()
    page.play.emit("both", 3.0, 6.0)
    desk.until(lambda: any(isinstance(one, Play) for one in desk.engine.did))
    page.stop.emit()
    desk.flow.report_to(tmp_path / "report")
    report = tmp_path / "report" / "report.html"
    desk.until(report.is_file)
    assert "rendering" in report.read_text("utf-8")
    desk.window.go("takes")
    with monkeypatch.context() as patch:
        patch.setattr(desk.flow.desk, "analyse", lambda *_, **__: pytest.fail("once is enough"))
        seen = page.view
        desk.window.go("review", {"example": True})
        desk.until(lambda: page.view is not seen)
        assert page.view.state == "done"
    assert desk.library(listed) == before
    page.sing_again.emit()
    desk.until(lambda: desk.window._here is not None and desk.window._here[0] == "record")
    own = desk.done()
    assert own.view is not None
    assert not own.view.example
    assert own.view.singer == "Alex"
