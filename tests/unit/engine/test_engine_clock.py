"""Clocks from notes of late callbacks; claims of the round trip, their wandering and jumps."""

from __future__ import annotations

import math
import tracemalloc
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.engine.clock import ClockModel, ClockPair, StampDelay, delay_of_take

RATE = 48_000
BLOCK = 512
BLOCK_S = BLOCK / RATE
Notes = tuple[np.ndarray, np.ndarray]


def callbacks(
    seconds: float,
    *,
    ppm: float = 0.0,
    begin_s: float = 1000.0,
    seed: int = 0,
    jitter_s: float = 0.015,
    stalls: int = 3,
    early: int = 4,
    block: int = BLOCK,
) -> Notes:
    """Frames and times of the callbacks of a stream whose rate is `ppm` off.

    Late by up to `jitter_s`, in bursts of several at once, with stalls of 300 ms after which the
    blocks come in a hurry; the first ones come ahead of time to fill the buffers.
    """
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE / block)
    frames = np.arange(count, dtype=np.float64) * block
    due = begin_s + frames / (RATE * (1 + ppm * 1e-6))
    times = due + rng.uniform(0, jitter_s, count)
    for start in rng.integers(count // 4, count, stalls):
        times[start:] = np.maximum(times[start:], due[start] + 0.3)
    times[::7] += rng.uniform(0, jitter_s, len(times[::7]))
    times = np.maximum.accumulate(times)
    times[:early] = times[0]
    return frames, times


def model(notes: Notes) -> ClockModel:
    made = ClockModel(RATE)
    for frames, time_s in zip(*notes, strict=True):
        made.note(frames, time_s)
    return made


def pair(heard: Notes, played: Notes) -> ClockPair:
    made = ClockPair(RATE)
    for frames, time_s in zip(*heard, strict=True):
        made.note_in(frames, time_s)
    for frames, time_s in zip(*played, strict=True):
        made.note_out(frames, time_s)
    return made


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ppm", [208.0, -208.0, 21.0])
def test_half_an_hour_of_drift_is_mapped_to_5_ms(ppm: float, seed: int) -> None:
    heard = callbacks(1800, ppm=ppm, seed=seed, begin_s=1000.0)
    played = callbacks(1800, seed=seed + 100, begin_s=1000.3)
    clocks = pair(heard, played)
    assert clocks.ppm == pytest.approx(ppm, abs=1.0)
    for second in (0, 1, 600, 1799):
        mapped = clocks.in_frame_at_out(second * RATE)
        truth = (0.3 + second) * RATE * (1 + ppm * 1e-6)
        assert mapped is not None
        assert abs(mapped - truth) / RATE < 0.005
    # What a take is put right by: from its first frame on, by the ratio alone.
    assert abs(1800 / clocks.ratio * (1 + ppm * 1e-6) - 1800) < 0.005


@pytest.mark.parametrize("length_s", [3, 10, 30, 60, 180])
@pytest.mark.parametrize("ppm", [0.0, 5.0, 60.0, 208.0])
def test_a_short_take_is_never_worse_off_than_left_alone(length_s: float, ppm: float) -> None:
    for seed in range(4):
        clocks = pair(
            callbacks(length_s, ppm=ppm, seed=seed, stalls=1),
            callbacks(length_s, seed=seed + 50, stalls=1),
        )
        alone = abs(ppm) * 1e-6 * length_s
        left = abs((1 + ppm * 1e-6) / clocks.ratio - 1) * length_s
        assert left <= alone + 1e-9
        if ppm == 0 or alone < 0.001:
            assert clocks.ratio == 1.0
        if ppm == 208 and length_s >= 60:
            assert left < 0.003


def test_one_stream_has_one_clock() -> None:
    clocks = ClockPair(RATE)
    assert (clocks.ratio, clocks.ppm, clocks.in_frame_at_out(0)) == (1.0, 0.0, None)


def test_a_take_can_begin_after_a_third_of_a_second() -> None:
    heard = callbacks(0.6, begin_s=5.0, stalls=0)
    played = callbacks(0.6, begin_s=5.1, stalls=0, early=2, seed=1)
    mapped = pair(heard, played).in_frame_at_out(0)
    assert mapped is not None
    assert mapped / RATE == pytest.approx(0.1, abs=0.008)
    assert pair(callbacks(0.2, stalls=0), callbacks(0.2, stalls=0)).in_frame_at_out(0) is None


def test_what_was_late_for_long_does_not_bend_the_clock() -> None:
    frames, times = callbacks(1800, ppm=50)
    times[80_000:110_000] += 0.02  # nine minutes on a busy machine
    made = model((frames, times))
    assert made.line is not None
    assert 1e6 * (made.line.rate / RATE - 1) == pytest.approx(50, abs=5)


def test_three_hours_need_no_more_room_than_a_minute() -> None:
    made = ClockModel(RATE)
    frames, times = callbacks(3 * 3600, ppm=208, stalls=20, block=2048)
    notes = iter(list(zip(frames.tolist(), times.tolist(), strict=True)))
    for frame, time_s in islice(notes, 1400):
        made.note(frame, time_s)
    tracemalloc.start()
    for frame, time_s in notes:
        made.note(frame, time_s)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 300_000
    assert made.line is not None
    assert 1e6 * (made.line.rate / RATE - 1) == pytest.approx(208, abs=0.5)
    assert made.length_s == pytest.approx(3 * 3600, abs=5)


def test_nothing_noted_nothing_known() -> None:
    made = ClockModel(RATE)
    assert (made.line, made.began_at, made.length_s) == (None, None, 0)


def test_a_stream_that_stalls_at_its_opening_can_be_told_from_its_next_callback() -> None:
    made = ClockModel(RATE)
    for frames, time_s in ((0, 5.0), (2048, 5.02), (48_000, 6.0), (72_000, 6.5)):
        made.note(frames, time_s)
    assert made.began_at == pytest.approx(5.0)


# The claimed round trip


def wandering(seconds: float = 20, *, truth: float = 0.032, seed: int = 0) -> np.ndarray:
    """Claims as PulseAudio made them: above the truth, then off by up to 30 ms, with a step."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds / BLOCK_S)) * BLOCK_S
    claims = truth + rng.uniform(0.1, 0.97) * BLOCK_S + 0.02 * np.sin(t / 4) * np.exp(-t / 30)
    claims[t > 5.7] -= 0.0135
    claims += rng.normal(0, 2e-4, len(t))
    claims[:3] = 0.01
    return claims


def stamped(claims: np.ndarray) -> StampDelay:
    stamps = StampDelay(RATE, BLOCK)
    for claim in claims:
        stamps.note(claim)
    return stamps


@pytest.mark.parametrize("seed", range(6))
def test_wandering_is_no_jump(seed: int) -> None:
    stamps = stamped(wandering(seed=seed))
    assert stamps.jumped(20) == 0
    assert 0 <= stamps.opening - 0.032 <= 1.1 * BLOCK_S


@pytest.mark.parametrize("blocks", [2, 3, 8, -3])
def test_a_silent_jump_is_told(blocks: int) -> None:
    claims = wandering()
    claims[1000:] += blocks * BLOCK_S
    stamps = stamped(claims[:1010])
    assert stamps.jumped() == 0, "a few blocks may be anything"
    stamps = stamped(claims[:1050])
    assert stamps.jumped() == pytest.approx(blocks * BLOCK_S, abs=0.005)
    assert stamped(claims).jumped(2) == 0, "long ago"


def test_the_running_claim_is_of_the_last_quarter_second() -> None:
    stamps = stamped(np.concatenate([np.full(100, 0.03), np.full(30, 0.05)]))
    assert stamps.opening == pytest.approx(0.03)
    assert stamps.median == pytest.approx(0.05)
    assert (StampDelay(RATE, BLOCK).median, StampDelay(RATE, BLOCK).opening) == (0, 0)
    assert StampDelay(RATE, BLOCK).jumped() == 0


def test_no_jump_no_correction() -> None:
    assert delay_of_take(0.032, 0.035, 0.042, BLOCK_S) == 0.032
    assert delay_of_take(0.032, 0.042, 0.035, BLOCK_S) == 0.032
    assert delay_of_take(0.032, 0.034, 0.0431, BLOCK_S) == 0.032
    assert delay_of_take(0.032, 0.034, 0.0318, BLOCK_S) == 0.032


# Openings at a sound server at 48 kHz, blocks of 512: the claim, and what chirps said, in ms.
@pytest.mark.parametrize(
    ("claim", "truth"),
    [(33.46, 32.0), (41.13, 32.0), (52.94, 42.67), (36.4, 32.0), (63.2, 53.33)],
)
@pytest.mark.parametrize(("then", "calibrated"), [(34.3, 32.0), (41.1, 32.0), (52.9, 42.67)])
def test_the_opening_tells_in_how_many_blocks(
    claim: float, truth: float, then: float, calibrated: float
) -> None:
    taken = delay_of_take(calibrated / 1000, then / 1000, claim / 1000, BLOCK_S)
    assert 1000 * taken == pytest.approx(truth, abs=0.1)


@pytest.mark.parametrize("broken", [0.0, -0.02, math.nan, math.inf])
def test_claims_that_cannot_be_leave_the_calibration_alone(broken: float) -> None:
    assert delay_of_take(0.032, broken, 0.1, BLOCK_S) == 0.032
    assert delay_of_take(0.032, 0.1, broken, BLOCK_S) == 0.032


@given(
    then=st.floats(0.0, 1.0),
    now=st.floats(0.0, 1.0),
    blocks=st.integers(-3, 8),
    block_s=st.sampled_from([0.00533, 0.01067, 0.0232]),
)
def test_where_claims_lie_within_a_block_it_errs_by_less_than_one_and_not_without_a_jump(
    then: float, now: float, blocks: int, block_s: float
) -> None:
    calibrated = 0.1
    truth = calibrated + blocks * block_s
    taken = delay_of_take(calibrated, calibrated + then * block_s, truth + now * block_s, block_s)
    assert abs(taken - truth) <= (block_s + 1e-9 if blocks else 0.0)
    if abs(blocks) > 1 and 0.06 < now < 0.94:
        assert taken == pytest.approx(truth, abs=1e-9)


@given(
    bias=st.one_of(st.floats(-0.08, -0.001), st.floats(0.03, 0.2)),
    wander=st.floats(-0.9, 0.9),
    blocks=st.integers(-2, 6),
)
def test_where_claims_are_off_by_something_else_it_errs_by_a_block_at_most(
    bias: float, wander: float, blocks: int
) -> None:
    calibrated = 0.1
    truth = calibrated + blocks * BLOCK_S
    taken = delay_of_take(calibrated, calibrated + bias, truth + bias + wander * BLOCK_S, BLOCK_S)
    assert abs(taken - truth) <= max(BLOCK_S, abs(calibrated - truth)) + 1e-9
    if blocks == 0:
        assert taken == calibrated
