"""The pitch lane: targets, what is sung, the clock, words and clips, and how they are painted."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from asa_desktop.core.types import (
    Clip,
    ClipScore,
    LyricLine,
    Melody,
    Note,
    NoteKind,
    PitchTrack,
    Song,
)
from asa_desktop.ui.plots.lane import PitchLane
from asa_desktop.ui.plots.lane_clips import ClipCells
from asa_desktop.ui.plots.lane_clock import SongClock
from asa_desktop.ui.plots.lane_lyrics import Lyrics, lines_of
from asa_desktop.ui.plots.lane_paint import GUTTER, now_x
from asa_desktop.ui.plots.lane_score import Bar, LaneScore
from asa_desktop.ui.plots.lane_trace import KINDS, Trace
from asa_desktop.ui.theme import theme
from asa_desktop.ui.theme.theme import colour

pytestmark = pytest.mark.usefixtures("ring")

NOTES = (
    Note(1.0, 2.0, 60.0, "la", line=0),
    Note(2.0, 3.0, 64.0, " lo", line=0),
    Note(5.0, 6.0, 67.0, "li", line=1),
    Note(6.0, 6.5, 67.0, "~", line=1),
)


def song(**facts: object) -> Song:
    return Song("x", melody=Melody(NOTES, 0.1), **facts)  # type: ignore[arg-type]


def hz(midi: float) -> float:
    return 440 * 2 ** ((midi - 69) / 12)


def trace_of(*pieces: tuple[float, float, float], score: LaneScore | None = None) -> Trace:
    """Of pieces (start, end, midi), a point every 10 ms."""
    trace = Trace(score or LaneScore.of(song()))
    for start, end, midi in pieces:
        times = start + 0.01 * np.arange(round(100 * (end - start)))
        trace.add(times, np.full(len(times), hz(midi)))
    return trace


# Targets


def test_targets_are_on_the_clock_of_the_recording() -> None:
    score = LaneScore.of(song(offset_s=10.0))
    found = score.targets(np.array([10.5, 11.5, 12.5, 14.0, 15.5]))
    assert found[[1, 2, 4]].tolist() == [60, 64, 67]
    assert np.isnan(found[[0, 3]]).all()


def test_a_voice_may_come_a_moment_early_and_the_note_before_still_counts() -> None:
    score = LaneScore.of(song())
    assert score.targets(np.array([0.95, 1.97, 2.01, 3.05])).tolist() == [60, 60, 64, 64]


def test_the_range_fits_the_song() -> None:
    score = LaneScore.of(song())
    assert score.low < 58
    assert score.high > 69
    assert score.high - score.low >= 14
    high = LaneScore.of(Song("x", melody=Melody((Note(0, 1, 40), Note(1, 2, 80)), 0.1)))
    assert (high.low, high.high) == (37.5, 82.5)


def test_spoken_notes_are_drawn_but_no_target() -> None:
    notes = (
        Note(0, 1, 60, kind=NoteKind.RAP),
        Note(1, 2, 62),
        Note(2, 3, 50, kind=NoteKind.FREESTYLE),
    )
    score = LaneScore.of(Song("x", melody=Melody(notes, 0.1)))
    assert [bar.pitched for bar in score.bars] == [False, True, False]
    assert np.isnan(score.targets(np.array([0.5, 2.5]))).all()


def test_without_notes_the_original_voice_is_the_target() -> None:
    sung = np.array([0, 0, 220, 220, 0, 440], np.float32)
    score = LaneScore.of(Song("x"), PitchTrack(0.5, sung, np.ones(6, np.float32)))
    assert not score.free
    assert score.targets(np.array([0.0, 1.0, 2.5]))[1:].tolist() == [57, 69]
    assert score.low < 57 < 69 < score.high


def test_without_anything_the_lane_is_free() -> None:
    score = LaneScore.of(Song("x"))
    assert score.free
    assert np.isnan(score.targets(np.array([0.0, 1.0]))).all()
    midi, octaves = score.folded(np.array([30.0]), np.array([0.0]))
    assert (midi.tolist(), octaves.tolist()) == ([30.0], [0])


@given(st.floats(36, 84), st.floats(0, 8))
def test_folding_moves_by_octaves_to_the_nearest(midi: float, at: float) -> None:
    score = LaneScore.of(song())
    (folded,), (octaves,) = score.folded(np.array([midi]), np.array([at]))
    assert folded == pytest.approx(midi + 12 * octaves)
    assert abs(folded - score.neighbours(np.array([at]))[0]) <= 6 + 1e-9


def test_what_is_in_view_is_found_wherever_it_is() -> None:
    notes = tuple(Note(0.5 * k, 0.5 * k + 0.4, 60) for k in range(1000))
    score = LaneScore.of(Song("x", melody=Melody(notes, 0.1)))
    for start, end in ((-5.0, 1.0), (100.0, 103.0), (499.0, 600.0), (700.0, 800.0)):
        wanted = [bar for bar in score.bars if bar.end > start and bar.start < end]
        assert list(score.bars_between(start, end)) == wanted


def test_a_long_note_is_in_view_until_its_end() -> None:
    score = LaneScore.of(Song("x", melody=Melody((Note(0, 60, 60), Note(60, 61, 62)), 0.1)))
    assert score.bars_between(30, 31) == (Bar(0, 60, 60),)


# What is sung


@pytest.mark.parametrize(("off", "word"), [(-0.7, "flat"), (0.3, "in_tune"), (0.7, "sharp")])
def test_how_far_off_is_told_by_kind_and_cents(off: float, word: str) -> None:
    trace = trace_of((1.2, 1.8, 60 + off))
    ((kind, times, midi),) = trace.runs(0, 10)
    assert KINDS[kind] == word
    assert len(times) == 60
    assert midi == pytest.approx(np.full(60, 60 + off))
    sung = trace.newest(1.8)
    assert sung is not None
    assert sung.cents == pytest.approx(100 * off)


def test_between_notes_there_is_nothing_to_be_off_from() -> None:
    trace = trace_of((3.5, 4.0, 60.0))
    ((kind, _, _),) = trace.runs(0, 10)
    assert KINDS[kind] == "text"
    sung = trace.newest(4.0)
    assert sung is not None
    assert math.isnan(sung.cents)


def test_an_octave_below_is_folded_and_said() -> None:
    trace = trace_of((1.2, 1.8, 48.0))
    sung = trace.newest(1.8)
    assert sung is not None
    assert (sung.midi, sung.octaves) == (60, 1)
    trace.set_folding(False)
    sung = trace.newest(1.8)
    assert sung is not None
    assert (sung.midi, sung.octaves) == (48, 0)
    assert sung.cents == pytest.approx(-1200)


def test_the_line_breaks_at_breaths_and_leaps_but_not_where_its_colour_changes() -> None:
    trace = trace_of((1.1, 1.3, 60.0), (1.3, 1.5, 60.8), (1.7, 1.8, 60.0), (1.8, 1.9, 66.0))
    runs = trace.runs(0, 10)
    assert [KINDS[kind] for kind, _, _ in runs] == ["in_tune", "sharp", "in_tune", "sharp"]
    assert runs[0][1][-1] == pytest.approx(runs[1][1][0])
    assert runs[1][1][-1] < 1.51
    assert runs[2][1][-1] < 1.8


def test_silence_is_no_line_and_no_voice_any_more() -> None:
    trace = trace_of((1.1, 1.3, 60.0))
    trace.add(np.array([1.3, 1.31]), np.array([0.0, 0.0]))
    assert trace.newest(1.32) is None
    (run,) = trace.runs(0, 10)
    assert len(run[1]) == 20
    assert trace_of((1.1, 1.3, 60.0)).newest(2.0) is None


def test_a_step_back_in_time_takes_what_was_after_it() -> None:
    trace = trace_of((1.0, 2.0, 60.0))
    assert trace.add(np.array([1.5]), np.array([hz(62)]))
    assert len(trace) == 51
    assert trace.last == 1.5


def test_three_hours_can_be_sung() -> None:
    trace = Trace(LaneScore.of(None))
    for start in range(0, 3 * 3600, 600):
        times = np.arange(start, start + 600, 0.01)
        trace.add(times, np.full(len(times), 220.0))
    assert len(trace) == 3 * 360_000
    assert len(trace.between(7000, 7004)[0]) == pytest.approx(400, abs=1)


# The clock


def test_between_two_looks_the_song_flows() -> None:
    clock, shown = SongClock(), []
    for frame in range(240):
        now = frame / 60
        engine = math.floor(now / 0.0107) * 0.0107
        shown.append(clock.at(100 + now, engine))
    steps = np.diff(shown[20:])
    assert steps.min() > 0.012
    assert steps.max() < 0.021
    assert shown[-1] == pytest.approx(239 / 60, abs=0.012)


def test_the_song_stands_still_with_the_engine_and_jumps_with_it() -> None:
    clock = SongClock()
    clock.at(0.0, 5.0)
    later = [clock.at(1 + frame / 60, 5.0) for frame in range(60)]
    assert set(later[-50:]) == {5.0}
    assert clock.at(3.0, 60.0) == 60.0
    clock.reset()
    assert clock.at(3.1, 0.0) == 0.0


# The words


def test_syllables_come_from_the_notes() -> None:
    first, second = lines_of(song(offset_s=1.0))
    assert (first.text, second.text) == ("la lo", "li")
    assert (first.start, first.end) == (2.0, 4.0)
    assert first.sung_until(1.0) == (0, 0.0)
    assert first.sung_until(3.25) == (1, 0.25)
    assert first.sung_until(9.0) == (2, 0.0)
    assert second.syllables[0].end == 7.5  # held over to the next note


def test_words_or_lines_where_the_notes_have_none() -> None:
    lines = (LyricLine(1, "so far", ((1, "so"), (2, "far"))), LyricLine(3, ""), LyricLine(5, "la"))
    made = lines_of(Song("x", lyrics=lines))
    assert [(each.text, each.start, each.end) for each in made] == [("so far", 1, 3), ("la", 5, 13)]
    assert made[0].sung_until(2.5) == (1, 0.5)
    assert made[1].syllables == ()


def test_the_current_line_is_lit_and_the_next_one_waits(qtbot: QtBot) -> None:
    lyrics = Lyrics()
    qtbot.addWidget(lyrics)
    lyrics.set_lines(lines_of(song()))
    assert (lyrics.current, lyrics.following) == ("la lo", "li")
    lyrics.move_to(2.5)
    assert lyrics.lit == (1, 0.5)
    lyrics.move_to(3.1)
    assert lyrics.current == "li"
    assert lyrics.lit == (0, 0.0)
    lyrics.move_to(100.0)
    assert (lyrics.current, lyrics.following) == ("li", "")
    lyrics.set_lines(())
    assert lyrics.isHidden()


# Pictures


def picture_of(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def count(image: QImage, token: str, box: QRect) -> int:
    wanted = colour(token)
    return sum(
        _near(image.pixelColor(x, y), wanted)
        for x in range(box.left(), box.right())
        for y in range(box.top(), box.bottom())
    )


def _near(one: QColor, other: QColor) -> bool:
    return (
        abs(one.red() - other.red())
        + abs(one.green() - other.green())
        + abs(one.blue() - other.blue())
        < 12
    )


@pytest.fixture
def lane(qtbot: QtBot) -> PitchLane:
    made = PitchLane(clock=iter(np.arange(0, 1e6, 0.5)).__next__)
    qtbot.addWidget(made)
    made.resize(700, 300)
    made.set_score(LaneScore.of(song()))
    made.show()
    return made


def sing_at(lane: PitchLane, midi: float, *, end: float = 1.8) -> None:
    times = np.arange(1.1, end, 0.01)
    lane.add(times, np.full(len(times), hz(midi)))
    lane.move_to(end, live=True)


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize(("off", "token"), [(-0.7, "flat"), (0.1, "in_tune"), (0.7, "sharp")])
def test_the_line_and_words_beside_it(
    lane: PitchLane, off: float, token: str, look: str, picture: Callable[[QWidget, str], Path]
) -> None:
    theme.current().choose(look)
    sing_at(lane, 60 + off)
    now = now_x(lane.width())
    y = round(lane.view.y_of(60 + off))
    found = count(picture_of(lane), token, QRect(round(now) - 40, y - 3, 30, 6))
    assert found > 50
    beside = count(picture_of(lane), token, QRect(round(now) + 12, y - 40, 120, 80))
    assert beside > 60
    words = {"flat": "B3, 70 ¢ low", "in_tune": "C4, in tune", "sharp": "C♯4, 70 ¢ high"}[token]
    assert lane.words() == words
    assert lane.accessibleDescription() == words
    picture(lane, f"lane-{token}-{look}")


def test_a_settled_piece_looks_as_it_did_while_it_was_sung(lane: PitchLane) -> None:
    sing_at(lane, 60.0)
    before = picture_of(lane)
    lane.add(np.arange(1.8, 6.0, 0.01), np.zeros(420))
    lane.move_to(6.0, live=False)
    lane.grab()
    lane.move_to(1.8, live=False)
    after = picture_of(lane)
    line = QRect(GUTTER, 0, round(now_x(lane.width())) - GUTTER - 10, lane.height())
    assert count(after, "in_tune", line) == pytest.approx(count(before, "in_tune", line), rel=0.05)


def test_a_voice_beyond_the_range_is_shown_at_the_edge(lane: PitchLane) -> None:
    lane.set_folding(False)
    sing_at(lane, 90.0)
    now = round(now_x(lane.width()))
    assert count(picture_of(lane), "text", QRect(now - 8, 8, 16, 20)) > 20


def test_a_free_lane_grows_with_the_voice(lane: PitchLane) -> None:
    lane.set_score(LaneScore.of(None))
    assert lane.view.low == 48
    sing_at(lane, 40.0)
    assert lane.view.low < 38
    assert lane.words() == "E2"


def test_the_ring_of_tiles_holds_what_is_in_view(lane: PitchLane) -> None:
    for now in np.arange(0, 60, 0.5):
        lane.move_to(float(now), live=False)
        lane.grab()
    assert len(lane._tiles._kept) <= 700 / 92 + 2


def test_the_voice_is_seen_before_the_song(lane: PitchLane) -> None:
    lane.warm_up(hz(62))
    assert lane.words() == "D4"
    lane.warm_up(0.0)
    assert lane.words() == "nothing is sung"


# The clips


def clip(index: int, score: float | None, reason: str | None = None) -> ClipScore:
    return ClipScore(Clip(index, 3.0 * index, 3.0 * index + 3, 1.0, 1.0), score, reason)


def test_clips_fill_as_they_come(qtbot: QtBot, picture: Callable[[QWidget, str], Path]) -> None:
    cells = ClipCells()
    qtbot.addWidget(cells)
    cells.resize(600, 28)
    cells.set_count(12)
    cells.set_clip(clip(1, 72.0))
    cells.set_clip(clip(0, None, "mostly_unvoiced"))
    assert [each.clip.index for each in cells.clips] == [0, 1]
    assert "1 clips scored" in cells.accessibleDescription()
    assert cells.toolTip() == ""
    picture(cells, "lane-clips")
    cells.set_clip(clip(30, 50.0))
    assert len(cells._cells()) == 31
    cells.set_count(0)
    assert cells.clips == ()
    assert cells._cells() == []


def test_of_very_many_clips_those_round_the_present_one_are_shown(qtbot: QtBot) -> None:
    cells = ClipCells()
    qtbot.addWidget(cells)
    cells.resize(400, 28)
    cells.set_count(3600)
    cells.move_to(1800)
    shown = [index for index, _ in cells._cells()]
    assert 20 < len(shown) < 60
    assert shown[0] < 1800 < shown[-1]
    assert all(box.left() >= 0 and box.right() <= 400 for _, box in cells._cells())
