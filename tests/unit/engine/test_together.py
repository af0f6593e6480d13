"""Two streams of one sound server: blocks that stayed in its buffers, by when it calls."""

from __future__ import annotations

import numpy as np
import pytest

from asa_desktop.engine.together import Together, nearest_claim, opened_alike

RATE, BLOCK = 48000, 512
BLOCK_S = BLOCK / RATE
SERVICE_S = 2 * BLOCK_S


def served(
    *, heard: int = 2, played: int = 2, apart_s: float = 0.0, block: int = BLOCK, busy: float = 2e-4
) -> Together:
    """Streams of which each is called so many blocks at a time."""
    rng = np.random.default_rng(5)
    together = Together(RATE, block)
    for blocks, later_s, note in (
        (heard, apart_s, together.note_in),
        (played, 0.0, together.note_out),
    ):
        time_s = 0.0
        for number in range(200):
            due = 50.0 + later_s + number // blocks * blocks * block / RATE
            time_s = max(time_s + 5e-5, due + rng.exponential(busy))
            note(number * block, time_s)
    return together


@pytest.mark.parametrize("block", [256, 512])
@pytest.mark.parametrize("blocks", [2, 3])
def test_a_common_service_is_as_long_as_its_blocks(blocks: int, block: int) -> None:
    together = served(heard=blocks, played=blocks, block=block)
    assert together.service_s == pytest.approx(blocks * block / RATE)


@pytest.mark.parametrize(
    "streams",
    [
        served(heard=1, played=1),  # nothing to tell blocks by
        served(heard=2, played=4),
        served(apart_s=0.006),  # two devices
        Together(RATE, BLOCK),
    ],
)
def test_other_streams_are_not_served_together(streams: Together) -> None:
    assert streams.service_s is None


@pytest.mark.parametrize("services", [-1, 0, 1, 2])
@pytest.mark.parametrize("claim_ms", [53.6, 63.0, 74.1])
def test_a_claim_becomes_the_delay_that_was_counted(services: int, claim_ms: float) -> None:
    counted = 0.0535 + services * SERVICE_S
    assert nearest_claim(claim_ms / 1000, counted, SERVICE_S) == pytest.approx(0.0535)


@pytest.mark.parametrize(
    ("then_ms", "now_ms", "alike"),
    [
        (53.5, 53.6, True),
        (53.5, 42.83, False),
        (42.83, 53.5, False),
        (53.5, 74.85, True),  # a claim that misses by a service
        (74.85, 42.83, False),
        (70.05, 60.28, False),  # a stream that is resampled moves by parts of a block
    ],
)
def test_openings_that_hold_another_block_are_told(
    then_ms: float, now_ms: float, alike: bool
) -> None:
    assert opened_alike(then_ms / 1000, now_ms / 1000, SERVICE_S) is alike
