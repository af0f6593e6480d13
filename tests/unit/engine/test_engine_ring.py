"""Frames in, frames out, whatever the sizes; what is gone is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.engine.ring import Overrun, Ring


@given(st.lists(st.integers(1, 60), max_size=30), st.data())
def test_what_is_still_there_is_what_was_written(sizes: list[int], data: st.DataObject) -> None:
    ring, capacity = Ring(64), 64
    written = np.zeros(0, np.float32)
    for size in sizes:
        block = np.arange(len(written), len(written) + size, dtype=np.float32)
        written = np.concatenate((written, block))
        ring.write(block)
    assert ring.total == len(written)
    assert ring.oldest == max(0, len(written) - capacity)
    start = data.draw(st.integers(ring.oldest, ring.total))
    count = data.draw(st.integers(0, ring.total - start))
    np.testing.assert_array_equal(ring.read(start, count), written[start : start + count])


def test_what_was_overwritten_is_never_given() -> None:
    ring = Ring(8)
    ring.write(np.arange(8, dtype=np.float32))
    ring.write(np.arange(3, dtype=np.float32))
    with pytest.raises(Overrun):
        ring.read(2, 4)
    assert len(ring.read(3, 8)) == 8


def test_what_has_not_come_is_never_given() -> None:
    ring = Ring(8)
    ring.write(np.ones(2, np.float32))
    with pytest.raises(IndexError):
        ring.read(1, 2)
