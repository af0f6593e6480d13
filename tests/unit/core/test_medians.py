"""The mean of the smaller part, against what it is by definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.core.medians import mean_of_least, weighted_median


@given(st.lists(st.tuples(st.floats(0, 200), st.integers(1, 9)), min_size=1, max_size=30))
def test_a_value_of_weight_three_is_three_values(pairs):
    values, weights = zip(*pairs, strict=True)
    apart = np.sort(np.repeat(values, weights))
    count = 0.7 * len(apart)
    whole = int(count)
    inside = apart[:whole].sum() + (count - whole) * apart[min(whole, len(apart) - 1)]
    assert mean_of_least(values, weights, share=0.7) == pytest.approx(inside / count)
    assert mean_of_least(values, weights, share=1.0) == pytest.approx(apart.mean())


def test_what_is_left_out_may_be_as_large_as_it_likes():
    assert mean_of_least([1, 2, 3, 1e9], [1, 1, 1, 1], share=0.75) == pytest.approx(2)
    assert weighted_median([5, 1, 9], [1, 3, 1]) == 1
