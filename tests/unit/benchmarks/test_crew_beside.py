"""The simulated crew tries, gives up and does what the real one does when workers are killed."""

from __future__ import annotations

import pytest
from asa_training.prepared import crew

from asa_desktop.core.errors import PlaceError
from benchmarks.crew_beside import StandIn, drawn, really, simulated


def test_the_dice_are_the_same_for_the_same_seed():
    words = {"tasks": 50, "seconds": 1.0, "deaths": 0.5}
    assert drawn(**words, seed=1) == drawn(**words, seed=1) != drawn(**words, seed=2)
    assert {len(task.killed) for task in drawn(**words, seed=1)} == {0, 1, 2, 3}


@pytest.mark.slow
def test_fatal_tasks_at_the_end_of_the_queue_do_not_stop_the_crew(monkeypatch):
    monkeypatch.setattr(crew, "MOST_IN_A_ROW", 4)
    always = (0.5,) * crew.TRIES
    tasks = [StandIn(number, 0.05, always if number % 2 else ()) for number in range(10)]
    real = really(tasks, workers=1)
    assert sorted(real.given_up) == [1, 3, 5, 7, 9]
    assert sorted(real.order) == [0, 2, 4, 6, 8]


@pytest.mark.slow
def test_workers_that_die_over_everything_stop_the_crew(monkeypatch):
    monkeypatch.setattr(crew, "MOST_IN_A_ROW", 4)
    tasks = [StandIn(number, 0.05, (0.5,) * crew.TRIES) for number in range(10)]
    with pytest.raises(PlaceError) as caught:
        really(tasks, workers=2)
    assert caught.value.code == "workers_die"


@pytest.mark.slow
def test_both_lose_and_keep_the_same_tasks():
    killed = {1: (0.5,), 4: (0.2, 0.9, 0.5), 6: (0.1, 0.1)}
    tasks = [StandIn(number, 0.2, killed.get(number, ())) for number in range(10)]
    real = really(tasks, workers=2)
    found = simulated(tasks, workers=2, start_s=real.start_s, handling_s=0.0)
    assert sorted(real.order) == sorted(found.order) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert real.given_up == found.given_up == [4]
    assert real.tries == found.tries == 9 + 3 + 3
    assert real.makespan_s >= 9 * 0.2 / 2
