"""What the plots are drawn from: pyramids, windows, sheets, the time axis. Nothing on a screen."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
import sung_takes
from hypothesis import example, given
from hypothesis import strategies as st

from asa_desktop.ui.plots.heat import HeatMap
from asa_desktop.ui.plots.line import PitchLine
from asa_desktop.ui.plots.sheet import Sheet
from asa_desktop.ui.plots.timeaxis import GUTTER, RIGHT, SHORTEST_S, TimeAxis, clock

HOP = 0.032


def ramp(columns: int) -> HeatMap:
    """Row 0 is dark throughout, the highest row brightens from 0 to 1."""
    values = np.zeros((4, columns), np.float32)
    values[3] = np.linspace(0, 1, columns)
    return HeatMap.of(values, hop_s=HOP, limits=(0.0, 1.0))


class TestHeatMap:
    def test_values_become_bytes_with_the_highest_row_first(self):
        heat = ramp(8)
        assert heat.levels[0].shape == (4, 8)
        assert heat.levels[0][0].tolist() == [0, 36, 73, 109, 146, 182, 219, 255]
        assert not heat.levels[0][1:].any()

    def test_what_cannot_be_is_drawn_as_the_lowest_and_what_is_over_as_the_highest(self):
        values = np.array([[np.nan, -np.inf, np.inf, 9.0, -9.0]], np.float32)
        heat = HeatMap.of(values, hop_s=HOP, limits=(0.0, 1.0))
        assert heat.levels[0].tolist() == [[0, 0, 255, 255, 0]]

    def test_frames_that_are_not_shown_are_dark_also_beyond_the_end_of_the_mask(self):
        values = np.ones((2, 5), np.float32)
        shown = np.array([True, False, True])
        heat = HeatMap.of(values, hop_s=HOP, limits=(0.0, 1.0), shown=shown)
        assert heat.levels[0].tolist() == [[255, 0, 255, 0, 0]] * 2

    def test_coarse_levels_keep_the_mean(self):
        heat = ramp(40_000)
        assert len(heat.levels) > 2
        for level in heat.levels:
            assert abs(float(level[0].mean()) - 127.5) < 1.5
            assert not level[1:].any()

    @given(st.integers(0, 9000), st.integers(1, 9000), st.integers(1, 2000))
    def test_a_window_has_about_as_many_columns_as_asked_and_lies_where_it_says(
        self, first: int, count: int, columns: int
    ):
        heat = ramp(9000)
        start, end = first * HOP, (first + count) * HOP
        picture, left, right = heat.window(start, end, columns=columns)
        assert picture.shape[0] == 4
        assert picture.shape[1] <= max(2.1 * columns + 4, 513)
        if picture.shape[1]:
            # Brightness tells which second it is: the middle must show what belongs there.
            middle = picture.shape[1] // 2
            second = left + (middle + 0.5) * (right - left) / picture.shape[1]
            wide = (right - left) / picture.shape[1]
            expected = second / (9000 * HOP) * 255
            assert abs(float(picture[0, middle]) - expected) <= 2 + wide / (9000 * HOP) * 255

    def test_an_evening_takes_a_third_of_its_floats(self):
        values = np.zeros((96, 60_000), np.float32)
        heat = HeatMap.of(values, hop_s=HOP, limits=(0.0, 1.0))
        assert heat.nbytes < values.nbytes / 4 * 1.4


class TestPitchLine:
    def test_the_line_breaks_at_silence_and_at_leaps(self):
        midi = np.array([60.0, 60.1, np.nan, 60.2, 72.0, 72.1])
        times, levels = PitchLine.of(midi, hop_s=HOP).frames(0.0, 6 * HOP)
        assert np.isnan(levels).sum() == 2
        assert np.allclose(levels[~np.isnan(levels)], [60, 60.1, 60.2, 72, 72.1], atol=1e-4)
        assert np.allclose(np.diff(np.unique(times)), HOP)

    def test_at_a_time(self):
        line = PitchLine.of(np.array([60.0, np.nan, 62.0]), hop_s=HOP)
        assert line.at(0.0) == 60.0
        assert line.at(2 * HOP + 0.01) == 62.0
        assert line.at(HOP) is None
        assert line.at(-1.0) is None
        assert line.at(99.0) is None

    @example(211, 686, 0.5625)
    @given(st.integers(0, 19_000), st.integers(10, 20_000), st.floats(0.1, 20.0))
    def test_ranges_hold_the_steady_pitch_of_their_cell(
        self, first: int, count: int, cell_s: float
    ):
        midi = 60 + 10 * np.sin(np.arange(20_000) / 300)
        midi[5000:6000] = np.nan
        line = PitchLine.of(midi, hop_s=HOP)
        middles, low, high = line.ranges(first * HOP, (first + count) * HOP, cell_s=cell_s)
        assert len(middles) == len(low) == len(high)
        for middle, lowest, highest in zip(middles[:40], low[:40], high[:40], strict=True):
            inside = midi[round(middle / HOP) : round(middle / HOP) + 1]
            if np.isfinite(lowest) and len(inside) and np.isfinite(inside[0]):
                assert lowest - 0.2 <= inside[0] <= highest + 0.2

    def test_a_slip_of_one_frame_does_not_hide_the_view_from_afar(self):
        midi = np.full(20_000, 60.0)
        midi[::50] = 84.0
        line = PitchLine.of(midi, hop_s=HOP)
        _, _, high = line.ranges(0.0, 640.0, cell_s=2.0)
        assert float(np.nanmax(high)) == 60.0
        assert line.at(0.0) == 84.0

    def test_silence_makes_no_noise(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            line = PitchLine.of(np.full(9000, np.nan), hop_s=HOP)
            _, low, _ = line.ranges(0.0, 288.0, cell_s=1.0)
            line.frames(0.0, 10.0)
        assert np.isnan(low).all()


class TestTimeAxis:
    @pytest.fixture
    def axis(self) -> TimeAxis:
        axis = TimeAxis()
        axis.set_total(100.0)
        return axis

    def test_zoom_keeps_the_second_under_the_pointer(self, axis: TimeAxis):
        x = axis.x_of(30.0, 800)
        axis.zoom(4.0, at=30.0)
        assert axis.span == pytest.approx(25.0)
        assert axis.x_of(30.0, 800) == pytest.approx(x)

    @given(st.lists(st.tuples(st.sampled_from("zpr"), st.floats(-50, 50)), max_size=12))
    def test_it_never_leaves_the_take(self, moves: list[tuple[str, float]]):
        axis = TimeAxis()
        axis.set_total(100.0)
        for kind, amount in moves:
            if kind == "z":
                axis.zoom(2.0 ** (amount / 10), at=abs(amount))
            elif kind == "p":
                axis.pan(amount)
            else:
                axis.reveal(amount, amount + 3)
            assert -1e-9 <= axis.start < axis.end <= 100.0 + 1e-9
            assert axis.span >= SHORTEST_S - 1e-9

    def test_pixels_and_seconds_are_each_others_way_back(self, axis: TimeAxis):
        axis.show(20.0, 40.0)
        assert axis.x_of(20.0, 900) == GUTTER
        assert axis.x_of(40.0, 900) == 900 - RIGHT
        assert axis.second_at(axis.x_of(33.3, 900), 900) == pytest.approx(33.3)

    def test_a_move_that_changes_nothing_is_not_told(self, axis: TimeAxis):
        told = []
        axis.changed.connect(lambda: told.append(1))
        axis.reset()
        axis.pan(0.5)
        assert not told
        axis.zoom(2.0)
        assert told == [1]

    def test_ticks_are_round_and_apart(self, axis: TimeAxis):
        assert [words for _, words in axis.ticks(900)] == [
            "0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00", "1:10", "1:20", "1:30", "1:40",
        ]  # fmt: skip
        axis.show(10.0, 10.5)
        assert axis.ticks(900)[0] == (10.0, "0:10.0")

    def test_growing_keeps_what_was_looked_at(self, axis: TimeAxis):
        axis.grow(120.0)
        assert (axis.start, axis.end) == (0.0, 120.0)
        axis.show(10.0, 20.0)
        axis.grow(150.0)
        assert (axis.start, axis.end, axis.total) == (10.0, 20.0, 150.0)

    def test_clock(self):
        assert clock(65) == "1:05"
        assert clock(3725) == "1:02:05"
        assert clock(21.84, tenths=True) == "0:21.8"
        assert clock(59.96, tenths=True) == "1:00.0"


class TestSheet:
    def test_distance_is_what_was_planted(self):
        sheet = Sheet.of(sung_takes.analysis())
        distance = sheet.distance(0.0, sung_takes.CLIP_S)
        assert distance is not None
        assert distance.median == pytest.approx(sung_takes.SHARP_CENTS, abs=0.5)
        assert distance.scatter == pytest.approx(0.0, abs=0.5)
        assert distance.seconds == pytest.approx(sung_takes.CLIP_S - 0.5, abs=0.07)

    def test_no_distance_where_one_of_both_is_silent(self):
        sheet = Sheet.of(sung_takes.analysis(silent=(2,)))
        assert sheet.distance(2 * sung_takes.CLIP_S, 3 * sung_takes.CLIP_S) is None
        assert Sheet.of(sung_takes.without_reference()).distance(0.0, 10.0) is None

    def test_another_key_is_moved_and_the_rest_is_the_distance(self):
        sheet = Sheet.of(sung_takes.analysis(key=3.0))
        assert sheet.moved == 3
        distance = sheet.distance(0.0, sung_takes.CLIP_S)
        assert distance is not None
        assert distance.median == pytest.approx(sung_takes.SHARP_CENTS, abs=0.5)

    def test_against_the_notes_where_there_is_no_original(self):
        from dataclasses import replace

        alone = replace(sung_takes.analysis(), reference_pictures=None, case="notes")
        distance = Sheet.of(alone).distance(0.0, sung_takes.CLIP_S)
        assert distance is not None
        assert distance.median == pytest.approx(sung_takes.SHARP_CENTS, abs=0.5)

    def test_a_clips_histogram_stands_on_its_own_note(self):
        take, original = Sheet.of(sung_takes.analysis()).histograms(
            sung_takes.CLIP_S, 2 * sung_takes.CLIP_S
        )
        assert take.median == pytest.approx(64.4, abs=0.01)
        assert original is not None
        assert original.median == pytest.approx(64.0, abs=0.01)

    def test_it_travels_between_processes(self):
        sheet = Sheet.of(sung_takes.analysis())
        other = pickle.loads(pickle.dumps(sheet))
        assert np.array_equal(other.mel.levels[0], sheet.mel.levels[0])
        assert other.clips == sheet.clips

    def test_it_holds_far_less_than_the_analysis(self):
        long = sung_takes.analysis(200, silent=())
        held = sum(
            each.chroma.nbytes + each.mel.nbytes
            for each in (long.take_pictures, long.reference_pictures)
            if each is not None
        )
        assert Sheet.of(long).nbytes < held / 3


@given(
    st.integers(0, 400),
    st.floats(0, 14), st.floats(0.001, 20), st.floats(0.0005, 5),
)  # fmt: skip
def test_ranges_hold_for_any_view(frames: int, start: float, span: float, cell_s: float):
    line = PitchLine.of(np.full(frames, 60.0), hop_s=HOP)
    middles, low, high = line.ranges(start, start + span, cell_s=cell_s)
    assert len(middles) == len(low) == len(high)
    assert np.array_equal(low, high, equal_nan=True)
    assert ((middles > start - cell_s) & (middles < start + span + cell_s)).all()
