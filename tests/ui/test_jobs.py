"""Work beside the window: results, progress, stopping, errors; things with their own thread."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from asa_desktop.core.errors import Cancelled, PlaceError
from asa_desktop.ui.jobs import Jobs, Resident, Task


@pytest.fixture
def heard() -> list[object]:
    return []


@pytest.fixture
def jobs(qtbot: QtBot, heard: list[object]) -> Jobs:
    return Jobs(heard.append)


def here() -> bool:
    return threading.current_thread() is threading.main_thread()


def test_work_runs_elsewhere_and_its_result_comes_here(qtbot: QtBot, jobs: Jobs) -> None:
    told: list[tuple[bool, bool]] = []
    jobs.start(lambda task: here(), done=lambda there: told.append((there, here())))
    qtbot.waitUntil(lambda: bool(told))
    assert told == [(False, True)]
    assert jobs.running == ()


def test_an_error_goes_to_its_job_or_else_to_the_window(
    qtbot: QtBot, jobs: Jobs, heard: list[object]
) -> None:
    def fails(task: Task) -> None:
        raise PlaceError("disk_full", path="x")

    own: list[BaseException] = []
    jobs.start(fails, failed=own.append)
    qtbot.waitUntil(lambda: bool(own))
    assert heard == []
    jobs.start(fails)
    qtbot.waitUntil(lambda: bool(heard))
    assert [type(one) for one in (*own, *heard)] == [PlaceError, PlaceError]


def test_a_stopped_job_says_so_and_nothing_else(
    qtbot: QtBot, jobs: Jobs, heard: list[object]
) -> None:
    going, told = threading.Event(), []

    def endless(task: Task) -> None:
        while True:
            going.set()
            task.progress(None)

    job = jobs.start(endless, done=lambda _: told.append("done"), stopped=lambda: told.append("s"))
    qtbot.waitUntil(going.is_set)
    assert jobs.running == (job,)
    job.cancel()
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["s"]
    assert heard == []


def test_progress_is_thinned_and_the_last_is_right(qtbot: QtBot, jobs: Jobs) -> None:
    seen: list[float | None] = []
    told: list[bool] = []
    gate = threading.Event()

    def counts(task: Task) -> None:
        for number in range(5000):
            task.progress(number / 4999, "counting")
        gate.wait(5)

    job = jobs.start(
        counts, progressed=lambda part, text: seen.append(part), done=lambda _: told.append(True)
    )
    qtbot.waitUntil(lambda: bool(seen) and seen[-1] == 1.0)
    gate.set()
    qtbot.waitUntil(lambda: bool(told))
    assert len(seen) < 2500
    assert not job.running


def test_nothing_comes_to_somebody_who_is_gone(qtbot: QtBot, jobs: Jobs) -> None:
    gate, told = threading.Event(), []
    owner = QObject()
    job = jobs.start(lambda task: gate.wait(5), done=lambda _: told.append(1), owner=owner)
    owner.deleteLater()
    qtbot.wait(20)
    with qtbot.waitSignal(job.finished):
        gate.set()
    assert told == []


class Fragile:
    """Knows its thread; may be asked to break."""

    made: list[Fragile]

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.closed_on: int | None = None
        self.made.append(self)

    def ask(self) -> int:
        assert threading.get_ident() == self.thread
        return self.made.index(self)

    def die(self) -> None:
        raise PlaceError("engine_died")

    def close(self) -> None:
        self.closed_on = threading.get_ident()


@pytest.fixture
def fragile(jobs: Jobs, heard: list[object]) -> Resident[Fragile]:
    Fragile.made = []
    return Resident(
        "fragile",
        Fragile,
        close=Fragile.close,
        courier=jobs.courier,
        complain=heard.append,
        fatal=frozenset({"engine_died"}),
    )


def test_a_resident_is_made_once_and_lives_on_one_thread(
    qtbot: QtBot, fragile: Resident[Fragile]
) -> None:
    answers: list[int] = []
    assert fragile.value is None
    for _ in range(3):
        fragile.run(Fragile.ask, done=answers.append)
    qtbot.waitUntil(lambda: len(answers) == 3)
    assert answers == [0, 0, 0]
    assert fragile.close()
    (one,) = Fragile.made
    assert one.closed_on == one.thread
    fragile.run(Fragile.ask, done=answers.append)  # after the end nothing comes
    qtbot.wait(20)
    assert len(answers) == 3


def test_one_that_died_is_made_anew(
    qtbot: QtBot, fragile: Resident[Fragile], heard: list[object]
) -> None:
    answers: list[int] = []
    fragile.run(Fragile.die)
    fragile.run(Fragile.ask, done=answers.append)
    qtbot.waitUntil(lambda: bool(answers) and bool(heard))
    assert answers == [1]
    assert Fragile.made[0].closed_on is not None
    assert fragile.close()


def test_an_error_does_not_wait_for_the_end_of_what_died(
    qtbot: QtBot, jobs: Jobs, heard: list[object]
) -> None:
    gate, asked, order = threading.Event(), threading.Event(), list[str]()

    def make() -> str:
        order.append("made")
        return "it"

    def close(_: str) -> None:
        assert gate.wait(10)
        order.append("closed")

    def die(_: str) -> None:
        assert asked.wait(10)  # the next question is there before the end is
        raise PlaceError("engine_silent")

    fatal = frozenset({"engine_silent"})
    thing = Resident(
        "thing", make, close=close, courier=jobs.courier, complain=heard.append, fatal=fatal
    )
    told: list[str] = []
    try:
        thing.run(die)
        thing.run(str.upper, done=told.append)
        asked.set()
        qtbot.waitUntil(lambda: [str(one) for one in heard] == ["engine_silent"])
        assert thing.value is None
        assert told == []
    finally:
        gate.set()
    qtbot.waitUntil(lambda: told == ["IT"])
    assert order == ["made", "closed", "made"], "two at a time would take each other's devices"
    assert thing.close()
    assert order[3:] == ["closed"]


def test_what_died_last_is_closed_too(qtbot: QtBot, fragile: Resident[Fragile]) -> None:
    fragile.run(Fragile.die, failed=lambda error: None)
    assert fragile.close()
    assert [one.closed_on == one.thread for one in Fragile.made] == [True]


def test_a_job_that_takes_longer_is_listed_late(qtbot: QtBot, jobs: Jobs) -> None:
    gate, listed = threading.Event(), list[tuple[str, bool]]()
    jobs.started.connect(lambda job: listed.append((job.title, job.running)))
    job = jobs.start(lambda task: gate.wait(5))
    jobs.list_late(job, "Reading")
    with qtbot.waitSignal(job.finished):
        gate.set()
    jobs.list_late(job, "Too late")
    assert listed == [("", True), ("Reading", True)]


def test_one_that_cannot_be_made_is_said_and_tried_again(
    qtbot: QtBot, jobs: Jobs, heard: list[object]
) -> None:
    tries = iter((False, True))

    def make() -> str:
        if not next(tries):
            raise PlaceError("no_portaudio")
        return "there"

    thing = Resident("thing", make, close=len, courier=jobs.courier, complain=heard.append)
    told: list[str] = []
    thing.run(str.upper)
    thing.run(str.upper, done=told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["THERE"]
    assert [str(one) for one in heard] == ["no_portaudio"]
    assert thing.close()


def test_a_task_that_was_stopped_raises_where_it_looks() -> None:
    task = Task(lambda part, text: None)
    task.check()
    task.stop()
    assert task.cancelled
    with pytest.raises(Cancelled):
        task.progress(0.5)
