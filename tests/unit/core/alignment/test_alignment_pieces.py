"""What lies between matched pieces, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from asa_desktop.core.alignment.pieces import alone, rising, with_badly_sung

HOP = 0.032


def piece(at: int, to: int, count: int) -> np.ndarray:
    return np.stack([np.arange(at, at + count), np.arange(to, to + count)], axis=1)


def frames(size: int, *spans: tuple[int, int]) -> np.ndarray:
    found = np.zeros(size, dtype=bool)
    for first, last in spans:
        found[first:last] = True
    return found


def test_what_both_have_between_two_pieces_is_laid_on_each_other():
    pieces = [piece(0, 0, 10), piece(30, 26, 10)]
    ours, theirs = frames(40, (0, 10), (13, 28), (30, 40)), frames(36, (0, 10), (11, 21), (26, 36))
    found = with_badly_sung(pieces, ours, theirs)
    assert len(found) == 3
    assert found[1][[0, -1]].tolist() == [[13, 11], [27, 20]]
    assert (np.diff(found[1], axis=0) >= 0).all()


@pytest.mark.parametrize(
    "theirs",
    [
        frames(36, (0, 10), (26, 36)),  # nothing there
        frames(36, (0, 10), (11, 13), (26, 36)),  # a cough
        frames(36, (0, 10), (11, 17), (26, 36)),  # less than half as long
    ],
)
def test_what_one_has_alone_is_not(theirs):
    pieces = [piece(0, 0, 10), piece(30, 26, 10)]
    ours = frames(40, (0, 10), (13, 28), (30, 40))
    assert len(with_badly_sung(pieces, ours, theirs)) == 2


def test_before_the_first_and_after_the_last_piece_nothing_is_added():
    whole = np.ones(40, dtype=bool)
    assert len(with_badly_sung([piece(15, 15, 10)], whole, whole)) == 1


def test_without_any_piece_the_whole_is_laid_on_the_whole():
    ours, theirs = frames(60, (10, 40)), frames(50, (5, 25), (30, 45))
    found = with_badly_sung([], ours, theirs)
    assert [one[[0, -1]].tolist() for one in found] == [[[10, 5], [39, 44]]]
    assert with_badly_sung([], ours, frames(100, (5, 90))) == []
    assert with_badly_sung([], frames(60), theirs) == []


def test_knots_that_do_not_rise_are_left_out():
    at, to = rising(np.array([0.0, 1, 2, 2, 3, 4]), np.array([0.0, 1, 0.9, 1.5, 1.0005, 3]))
    assert at.tolist() == [0, 1, 2, 4]
    assert to.tolist() == [0, 1, 1.5, 3]


def test_alone_is_what_the_other_does_not_sing_for_a_second():
    # 0 to 60 sung in both, 70 to 110 in this one alone, 120 to 140 (0.64 s) too, then both again.
    ours = frames(220, (0, 60), (70, 110), (120, 140), (150, 200))
    theirs = frames(220, (0, 60), (150, 200))
    place = np.arange(220, dtype=float)
    everywhere = np.ones(220, dtype=bool)
    found = alone(ours, place, everywhere, theirs, hop_s=HOP)
    assert found == (pytest.approx((70 * HOP, 140 * HOP)),)
    # With the other singing between, they are two stretches, and the second is too short.
    theirs |= frames(220, (112, 118))
    ours |= frames(220, (112, 118))
    found = alone(ours, place, everywhere, theirs, hop_s=HOP)
    assert len(found) == 1
    assert found[0] == pytest.approx((70 * HOP, 107 * HOP), abs=3 * HOP)
    # What is in no matched piece is alone, whatever the other sings there.
    found = alone(ours, place, frames(220, (0, 150)), ours, hop_s=HOP)
    assert found == (pytest.approx((150 * HOP, 200 * HOP)),)


def test_alone_of_recordings_shorter_than_what_counts_as_near():
    short = np.ones(4, dtype=bool)
    assert alone(short, np.arange(4.0), short, short, hop_s=HOP) == ()
    assert alone(short, np.arange(4.0), ~short, short, hop_s=1.0) == ((0.0, 4.0),)
