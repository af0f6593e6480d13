"""Two streams of one sound server: blocks that stayed in its buffers, by when it calls."""

from __future__ import annotations

import numpy as np
import pytest

from asa_desktop.engine.together import Together, delay_of_two, nearest_claim

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
    ("then_ms", "now_ms", "moved"),
    [
        (53.5, 53.6, 0),
        (53.5, 42.8, -1),
        (42.8, 53.5, 1),
        (53.5, 74.85, 0),  # a claim that misses by a service
        (74.85, 42.8, -1),
        (66.0, 53.5, 0),  # a claim that was not counted
    ],
)
def test_a_block_more_or_less_is_made_good(then_ms: float, now_ms: float, moved: int) -> None:
    taken = delay_of_two(
        0.0577, then_ms / 1000, now_ms / 1000, block_s=BLOCK_S, service_s=SERVICE_S
    )
    assert taken == pytest.approx(0.0577 + moved * BLOCK_S)


@pytest.mark.parametrize(("calibrated_ms", "taken_ms"), [(70.05, 60.28), (73.0, 73.0)])
def test_a_resampled_stream_may_move_by_parts_of_a_block(
    calibrated_ms: float, taken_ms: float
) -> None:
    block_s = 512 / 44100
    taken = delay_of_two(
        calibrated_ms / 1000, 0.07004, 0.06027, block_s=block_s, service_s=2 * block_s
    )
    assert 1000 * taken == pytest.approx(taken_ms)
