"""The simulated feature job: nothing is lost or done twice, and no time comes from nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from asa_training.prepared.crew import MOST_IN_A_ROW, TRIES
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.cluster_rules import simulate
from benchmarks.cluster_simulation import Machines, Outcome, Work

SCHEDULERS = ("crew", "cluster")


def work(
    costs: list[float], *, size: float = 0.0, fatal: tuple[int, ...] = (), **more: Any
) -> Work:
    bad = np.zeros(len(costs), bool)
    bad[list(fatal)] = True
    sizes = np.full(len(costs), size)
    return Work(compute_s=np.array(costs, float), read=sizes, written=sizes, fatal=bad, **more)


COSTS = st.lists(st.floats(0.01, 9), min_size=1, max_size=30)
RATES = st.sampled_from([0.0, 20.0, 150.0])


@st.composite
def jobs(draw: st.DrawFn) -> tuple[Work, Machines]:
    costs = draw(COSTS)
    fatal = tuple(n for n in range(len(costs)) if draw(st.integers(0, 9)) == 0)
    machines = Machines(
        nodes=draw(st.integers(1, 4)),
        cores=draw(st.integers(1, 4)),
        deaths=draw(RATES),
        preempted=draw(RATES),
        away_s=draw(st.floats(0, 30)),
        slow=draw(st.integers(0, 1)),
        bandwidth=draw(st.sampled_from([float("inf"), 3.0])),
        start_s=draw(st.floats(0, 3)),
        handling_s=draw(st.sampled_from([0.0, 0.2])),
    )
    return work(costs, size=draw(st.sampled_from([0.0, 5.0])), fatal=fatal), machines


def bounds_hold(job: Work, machines: Machines, found: Outcome) -> None:
    done = found.results > 0
    count, workers = len(done), machines.nodes * machines.cores
    assert found.results.max(initial=0) <= 1, "doubled"
    assert sorted(found.order) == np.flatnonzero(done).tolist()
    assert len(set(found.given_up)) == len(found.given_up)
    if not found.stopped:
        assert sorted([*found.order, *found.given_up]) == list(range(count)), "lost"
    assert not done[job.fatal].any()
    # What takes part in results was computed within the time that was paid for.
    needed = float(job.compute_s[done].sum())
    near = 1e-6 * (1 + found.present)
    assert needed <= found.computed + near
    assert found.computed + found.lost <= found.present + near
    assert found.present <= workers * found.makespan_s + near
    assert found.makespan_s >= needed / workers - near
    assert found.makespan_s >= float(job.compute_s[done].max(initial=0)) - near
    moved = float((job.read + job.written)[done].sum())
    assert found.makespan_s >= moved / machines.bandwidth - near
    assert found.tries >= len(found.order)
    assert 0 <= found.utilisation <= 1 + 1e-9


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@settings(max_examples=50, deadline=None)
@given(job=jobs(), seed=st.integers(0, 9))
def test_nothing_is_lost_or_doubled_whatever_dies(scheduler, job, seed):
    found = simulate(*job, scheduler=scheduler, seed=seed)
    bounds_hold(*job, found)
    again = simulate(*job, scheduler=scheduler, seed=seed)
    assert (again.order, again.makespan_s) == (found.order, found.makespan_s)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@settings(max_examples=40, deadline=None)
@given(costs=COSTS, cores=st.integers(1, 5))
def test_in_peace_no_worker_rests_while_something_waits(scheduler, costs, cores):
    """Graham's bound of list scheduling: work / workers plus the longest task."""
    found = simulate(work(costs), Machines(nodes=1, cores=cores), scheduler=scheduler)
    bounds_hold(work(costs), Machines(nodes=1, cores=cores), found)
    assert found.makespan_s <= sum(costs) / cores + max(costs) + 1e-6
    assert found.tries == len(costs)
    assert (found.lost, found.deaths) == (0, 0)
    assert found.computed == pytest.approx(sum(costs))


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_one_worker_needs_the_sum_of_all(scheduler):
    machines = Machines(nodes=1, cores=1, start_s=2.0, bandwidth=10.0, handling_s=0.5)
    found = simulate(work([1.0, 2.0, 4.0], size=5.0), machines, scheduler=scheduler)
    # Start, computing, six transfers of half a second; a crew's worker waits for the handing, too.
    handing = 2 * 0.5 if scheduler == "crew" else 0.0  # the cluster's holds the next one
    assert found.makespan_s == pytest.approx(2 + 7 + 3 + handing)


def test_a_fatal_task_costs_three_workers_in_a_crew():
    found = simulate(work([1.0] * 6, fatal=(2,)), Machines(nodes=1, cores=2), scheduler="crew")
    assert (found.deaths, found.given_up, len(found.order)) == (TRIES, [2], 5)
    assert found.tries == 5 + TRIES


def test_a_cluster_gives_a_fatal_task_a_last_chance_alone_and_saves_its_neighbours():
    job = work([1.0] * 40, fatal=(0, 1, 2, 3))
    found = simulate(job, Machines(nodes=1, cores=4), scheduler="cluster", allowed=0)
    assert sorted(found.given_up) == [0, 1, 2, 3]
    assert sorted(found.order) == list(range(4, 40)), "those that were only held are saved"
    assert found.alone_s > 0
    assert found.deaths >= 4 + 1


def test_a_crew_whose_workers_all_die_stops():
    job = work([1.0] * 100, fatal=tuple(range(100)))
    found = simulate(job, Machines(nodes=1, cores=2), scheduler="crew")
    assert found.stopped
    assert found.deaths == MOST_IN_A_ROW
    assert not found.order


def test_a_crew_goes_on_where_only_fatal_tasks_are_left():
    """Tasks of dead workers go to the end of the queue, so all of them meet there."""
    fatal = tuple(range(0, 400, 8))
    found = simulate(work([1.0] * 400, fatal=fatal), Machines(nodes=1, cores=3), scheduler="crew")
    assert len(fatal) >= MOST_IN_A_ROW
    assert not found.stopped
    assert sorted(found.given_up) == list(fatal)


def test_a_crew_that_is_taken_away_begins_again_with_what_is_not_kept():
    machines = Machines(nodes=1, cores=1, preempted=300.0, away_s=5.0)
    found = simulate(work([4.0] * 12), machines, scheduler="crew", seed=3)
    assert found.restarts > 0
    assert found.tries == 12 + found.deaths
    assert found.makespan_s > 48 + 5 * found.restarts
    assert found.present == pytest.approx(found.makespan_s - 5 * found.restarts)


def test_deaths_at_given_places_cost_what_they_must():
    job = work([10.0], killed={0: (0.5, 0.25)})
    found = simulate(job, Machines(nodes=1, cores=1, start_s=1.0), scheduler="crew")
    assert found.makespan_s == pytest.approx(1 + 5 + 1 + 2.5 + 1 + 10)
    assert found.lost == pytest.approx(7.5)
    assert (found.deaths, found.tries) == (2, 3)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_slow_file_system_is_what_it_takes(scheduler):
    job = work([0.1] * 200, size=1e6)
    machines = Machines(nodes=2, cores=4, bandwidth=1e7)
    slow = simulate(job, machines, scheduler=scheduler)
    assert slow.makespan_s == pytest.approx(200 * 2e6 / 1e7, rel=0.05)
    fast = simulate(job, replace(machines, bandwidth=1e12), scheduler=scheduler)
    assert fast.makespan_s < slow.makespan_s / 10


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_no_more_is_done_than_the_handing_process_hands_out(scheduler):
    machines = Machines(nodes=1, cores=16, handling_s=0.5)
    found = simulate(work([1.0] * 400), machines, scheduler=scheduler)
    assert found.makespan_s == pytest.approx(400 * 0.5, rel=0.1)
    assert found.utilisation < 0.2


def test_a_share_of_its_own_waits_for_the_slowest_node_and_one_queue_does_not():
    job = work([1.0] * 400)
    machines = Machines(nodes=4, cores=2, slow=1, slow_factor=4.0)
    shares = simulate(job, machines, scheduler="crew")
    shared = simulate(job, machines, scheduler="cluster")
    assert shares.makespan_s == pytest.approx(400 / 8 * 4)
    assert shared.makespan_s < 0.4 * shares.makespan_s
