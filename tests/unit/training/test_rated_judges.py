"""The human line by hand."""

from __future__ import annotations

import numpy as np
import pytest
from asa_training.rated.judges import HumanLine, human_line, person_of

NAN = float("nan")


def r(x, y):
    return float(np.corrcoef(x, y)[0, 1])


def test_each_judge_against_the_mean_of_the_others_by_hand():
    a, b, c = [1.0, 2, 3, 5], [2.0, 1, 4, 5], [1.0, 3, 2, 4]
    line = human_line(
        np.array([a, b, c]).T, ["a", "b", "c"], list("wxyz"), measure="pearson", seed=1
    )
    each = [
        r(a, np.mean([b, c], axis=0)),
        r(b, np.mean([a, c], axis=0)),
        r(c, np.mean([a, b], axis=0)),
    ]
    assert (line.judges, line.n, line.singers) == (3, 4, 4)
    assert line.value == pytest.approx(np.mean(each))
    assert line.lowest == pytest.approx(min(each))
    assert line.highest == pytest.approx(max(each))
    assert line.pairwise == pytest.approx(np.mean([r(a, b), r(a, c), r(b, c)]))
    assert line.low < line.value < line.high


def test_two_rounds_of_one_judge_are_never_compared_with_each_other():
    first, again, other = [1.0, 2, 3, 4, 5], [1.0, 2, 3, 5, 4], [5.0, 1, 4, 2, 3]
    ratings = np.array([first, again, other]).T
    line = human_line(ratings, ["a", "a", "b"], list("vwxyz"), measure="pearson", seed=1)
    assert line.judges == 2
    assert line.value == pytest.approx(
        np.mean([r(first, other), r(again, other), r(other, np.mean([first, again], axis=0))])
    )
    assert line.pairwise == pytest.approx(np.mean([r(first, other), r(again, other)]))


def test_gaps_are_left_out_pair_by_pair():
    a = [1.0, 2, 3, 4, NAN, 6]
    b = [2.0, 1, 4, 3, 5, NAN]
    c = [NAN, 2, 2, 5, NAN, NAN]
    line = human_line(
        np.array([a, b, c]).T, ["a", "b", "c"], list("uvwxyz"), measure="pearson", seed=1
    )
    # Only the first four have two judges; the others' mean is over those who rated.
    assert line.n == 4
    each = [
        r(a[:4], [2.0, 1.5, 3.0, 4.0]),
        r(b[:4], [1.0, 2.0, 2.5, 4.5]),
        r(c[1:4], [1.5, 3.5, 3.5]),
    ]
    assert line.value == pytest.approx(np.mean(each))


def test_ranks_are_used_where_ranks_are_asked_for():
    a, b = [1.0, 2, 3, 100], [1.0, 2, 3, 4]
    line = human_line(np.array([a, b]).T, ["a", "b"], list("wxyz"), measure="spearman", seed=1)
    assert line.value == pytest.approx(1.0)


def test_one_judge_or_few_performances_give_no_line():
    one = human_line(np.ones((5, 1)), ["a"], list("vwxyz"), measure="pearson", seed=1)
    assert one == HumanLine(judges=1, n=0, singers=0)
    none = human_line(np.ones((5, 0)), [], list("vwxyz"), measure="pearson", seed=1)
    assert none == HumanLine(judges=0, n=0, singers=0)
    two = human_line(np.eye(2), ["a", "b"], ["y", "z"], measure="pearson", seed=1)
    assert two == HumanLine(judges=2, n=2, singers=2)
    flat = human_line(np.ones((5, 2)), ["a", "b"], list("vwxyz"), measure="pearson", seed=1)
    assert flat == HumanLine(judges=2, n=5, singers=5)


def test_a_panel_of_known_noise_comes_out_as_it_was_planted():
    rng = np.random.default_rng(4)
    truth = rng.normal(size=(4000, 1))
    ratings = truth + 0.5 * rng.normal(size=(4000, 5))
    line = human_line(
        ratings, list("abcde"), [str(k) for k in range(4000)], measure="pearson", seed=1
    )
    # var 1.25 for one judge, 1 + .25 / 4 for the mean of four others.
    assert line.value == pytest.approx(1 / np.sqrt(1.25 * 1.0625), abs=0.01)
    assert line.pairwise == pytest.approx(1 / 1.25, abs=0.01)
    assert line.low < 1 / np.sqrt(1.25 * 1.0625) < line.high


def test_rounds_are_told_from_judges():
    assert person_of("expert_a_1") == person_of("expert_a_2") == "expert_a"
    assert person_of("expert_b") == "expert_b"
    assert person_of("judge 10") == "judge 10"
