"""The best path: against one found by trying everything, and against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asa_desktop.core.alignment.dtw import best_path

VOICE, PAUSE, LEFT_OUT, UNEVEN = 6.0, 1.5, 0.1, 0.15


def odds_of(size: int, pairs: list[tuple[int, int]], *, there: float = 4.0) -> np.ndarray:
    """Log odds that speak for these pairs and against all others. Shape: (size, size)."""
    odds = np.full((size, size), -4.0, dtype=np.float32)
    for at, to in pairs:
        odds[at, to] = there
    return odds


def sung(size: int, *rests: int) -> np.ndarray:
    frames = np.ones(size, dtype=bool)
    frames[list(rests)] = False
    return frames


def leap_costs(frames: np.ndarray) -> tuple[list[float], list[float]]:
    """What it costs to leave after and to enter before each frame."""
    count = len(frames)
    leave = [
        VOICE if frames[n] and n + 1 < count and frames[n + 1] else PAUSE for n in range(count)
    ]
    enter = [VOICE if frames[n] and n and frames[n - 1] else PAUSE for n in range(count)]
    return leave, enter


def by_trying(odds: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> float:
    """What the best path gains, every way into every pair tried."""
    (leave_a, enter_a), (leave_b, enter_b) = leap_costs(ours), leap_costs(theirs)
    gains = np.full(odds.shape, -np.inf)
    for at in range(odds.shape[0]):
        for to in range(odds.shape[1]):
            ways = [-enter_a[at] - enter_b[to]]
            if at and to:
                ways.append(gains[at - 1, to - 1])
            if at and to > 1:
                ways.append(gains[at - 1, to - 2] + 0.5 * odds[at, to - 1] - UNEVEN)
            if at > 1 and to:
                ways.append(gains[at - 2, to - 1] + 0.5 * odds[at - 1, to] - UNEVEN)
            for a in range(at):
                for b in range(to):
                    passed = LEFT_OUT * (ours[a + 1 : at].sum() + theirs[b + 1 : to].sum())
                    costs = leave_a[a] + leave_b[b] + enter_a[at] + enter_b[to] + passed
                    ways.append(gains[a, b] - costs)
            gains[at, to] = max(ways) + odds[at, to]
    ended = gains - np.array(leave_a)[:, None] - np.array(leave_b)
    return max(float(ended.max()), 0.0)


@settings(max_examples=25)
@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    seed=st.integers(0, 10_000),
    scale=st.floats(1, 20),
)
def test_nothing_gains_more(shape, seed, scale):
    rng = np.random.default_rng(seed)
    odds = (scale * rng.normal(0, 1, shape)).astype(np.float32)
    ours, theirs = rng.random(shape[0]) < 0.7, rng.random(shape[1]) < 0.7
    found = best_path(odds, ours, theirs)
    assert found.gain == pytest.approx(by_trying(odds, ours, theirs), abs=1e-3)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_the_pieces_are_in_order_and_as_steep_as_allowed(seed):
    rng = np.random.default_rng(seed)
    odds = (3 * rng.normal(0, 1, (40, 50))).astype(np.float32)
    found = best_path(odds, rng.random(40) < 0.7, rng.random(50) < 0.7)
    for piece in found.pieces:
        steps = {tuple(step) for step in np.diff(piece, axis=0)}
        assert steps <= {(1, 1), (1, 2), (2, 1)}
    assert (np.diff(found.cells, axis=0) >= 1).all()


def test_a_song_lies_on_itself():
    pairs = [(n, n) for n in range(20)]
    found = best_path(odds_of(20, pairs), sung(20), sung(20))
    assert [piece.tolist() for piece in found.pieces] == [[list(pair) for pair in pairs]]
    # Twenty pairs of 4; beginning and ending at the recordings' ends is as in a pause.
    assert found.gain == pytest.approx(20 * 4 - 4 * PAUSE)


def test_a_part_finds_its_place():
    odds = odds_of(30, [(n + 12, n) for n in range(10)])[:, :10]
    found = best_path(odds, sung(30, 11, 22), sung(10))
    assert found.pieces[0][0].tolist() == [12, 0]
    assert found.pieces[0][-1].tolist() == [21, 9]


def test_what_is_missing_is_leapt_over():
    # Frames 8 to 15 of the reference are not in the take; there is a rest on either side.
    pairs = [(n, n) for n in range(8)] + [(n, n - 8) for n in range(16, 30)]
    odds = odds_of(30, pairs)[:, :22]
    found = best_path(odds, sung(30, 7, 15), sung(22, 7))
    assert [piece[[0, -1]].tolist() for piece in found.pieces] == [
        [[0, 0], [7, 7]],
        [[16, 8], [29, 21]],
    ]
    # The leap leaves two pauses and enters two, and passes seven sung frames.
    assert found.gain == pytest.approx(22 * 4 - 8 * PAUSE - 7 * LEFT_OUT, abs=1e-3)


def test_a_wrong_note_in_a_phrase_is_no_reason_to_leap():
    odds = odds_of(20, [(n, n) for n in range(20)])
    odds[9:11, 9:11] = -2.0
    found = best_path(odds, sung(20), sung(20))
    assert len(found.pieces) == 1


def test_a_badly_sung_end_of_a_phrase_is_not_dropped():
    odds = odds_of(20, [(n, n) for n in range(20)])
    odds[17:, 17:] = -1.0
    assert best_path(odds, sung(20), sung(20)).pieces[0][-1].tolist() == [19, 19]
    # With a rest before it there would be nothing to lose.
    assert best_path(odds, sung(20, 17), sung(20, 17)).pieces[0][-1].tolist() == [16, 16]


def test_nothing_alike_has_no_path():
    assert best_path(np.full((5, 5), -1, dtype=np.float32), sung(5), sung(5)).pieces == ()
    assert best_path(np.zeros((0, 5), dtype=np.float32), sung(0), sung(5)).cells.shape == (0, 2)


def test_progress_rises_and_may_stop_the_work():
    told: list[float] = []
    odds = np.zeros((1000, 4), dtype=np.float32)
    best_path(odds, sung(1000), sung(4), progress=told.append)
    assert told == sorted(told)
    assert len(told) > 2

    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        best_path(odds, sung(1000), sung(4), progress=stop)
