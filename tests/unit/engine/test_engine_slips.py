"""Streams that go on later than before, and machines that are only busy."""

from __future__ import annotations

import numpy as np
import pytest

from asa_desktop.engine.slips import CALM_S, Slip, SlipWatch

RATE, BLOCK = 48000, 512


def watched(
    *,
    heard: dict[float, float] | None = None,
    played: dict[float, float] | None = None,
    events_at: tuple[float, ...] = (),
    stalls_at: tuple[float, ...] = (),
    busy: tuple[float, float] = (0.0, 0.0),
    ppm: float = 0.0,
    length_s: float = 30.0,
) -> list[tuple[float, Slip]]:
    """What a watch tells of two streams that slip: ``{when: by how much}``, seconds."""
    rng = np.random.default_rng(3)
    watch, told = SlipWatch(RATE, BLOCK), []
    for number in range(round(length_s * RATE / BLOCK)):
        due = number * BLOCK / RATE
        for slips, note in ((heard, watch.note_in), (played, watch.note_out)):
            late = sum(by for at, by in (slips or {}).items() if due >= at)
            jitter = rng.exponential(0.002)
            if busy[0] <= due < busy[1]:
                jitter += rng.exponential(0.03)
            drift = due * 1e-6 * ppm if note == watch.note_out else 0.0
            note(number * BLOCK, 100.0 + due + late + jitter + drift)
        if number % 24 == 0:
            slip = watch.look(
                100.0 + due,
                flags=sum(due >= at for at in events_at),
                stalls=sum(due >= at for at in stalls_at),
            )
            if slip != Slip():
                told.append((due, slip))
    return told


@pytest.mark.parametrize("lost_s", [0.0107, 0.3, -0.0107])
def test_what_was_played_late_is_told_once_and_in_time(lost_s: float) -> None:
    ((at, slip),) = watched(played={10.0: lost_s}, events_at=(10.1,))
    assert 10.1 + CALM_S <= at < 10.1 + CALM_S + 0.6
    assert slip.played_s == pytest.approx(lost_s, abs=0.0005)
    assert slip.heard_s == 0


def test_a_loss_of_the_microphone_is_told_apart() -> None:
    ((_, slip),) = watched(heard={10.0: 0.02}, events_at=(10.0,))
    assert slip.heard_s == pytest.approx(0.02, abs=0.0005)
    assert slip.played_s == 0


def test_slips_close_together_are_told_as_one() -> None:
    told = watched(played={10.0: 0.01, 10.8: 0.02}, events_at=(10.0, 10.8))
    assert [slip.played_s for _, slip in told] == pytest.approx([0.03], abs=0.0005)


def test_slips_without_a_pause_between_are_told_in_the_end() -> None:
    at = tuple(float(each) for each in range(5, 25))
    told = watched(played=dict.fromkeys(at, 0.01), events_at=at)
    assert sum(slip.played_s for _, slip in told) == pytest.approx(0.2, abs=0.002)


def test_a_busy_machine_moves_nothing() -> None:
    assert watched(busy=(10.0, 14.0), events_at=(10.1, 11.0, 12.3)) == []


def test_clocks_that_run_apart_move_nothing() -> None:
    assert watched(ppm=300, events_at=(20.0,)) == []


def test_without_an_event_nothing_is_looked_for() -> None:
    assert watched(played={10.0: 0.1}) == []


def test_an_event_right_after_the_opening_tells_nothing() -> None:
    assert watched(played={0.2: 0.05}, events_at=(0.2,), length_s=5.0) == []


@pytest.mark.parametrize(("blocks", "told"), [(6, 6), (1.19, 0), (1, 1)])
def test_after_a_late_callback_only_whole_blocks_are_believed(blocks: float, told: float) -> None:
    slips = watched(played={10.0: blocks * BLOCK / RATE}, stalls_at=(10.0,))
    found = sum(slip.played_s for _, slip in slips) * RATE / BLOCK
    assert found == pytest.approx(told, abs=0.06)
