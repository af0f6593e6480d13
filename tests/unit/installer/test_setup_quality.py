"""The steps of `test`: order, selection, summary and status."""

from __future__ import annotations

import pytest
from asa_setup import quality
from asa_setup.layout import Layout


class Steps:
    """Stands for `attached`; `failing` maps a word of a command to its status."""

    def __init__(self, **failing: int) -> None:
        self.failing = failing
        self.commands: list[list[str]] = []

    def __call__(self, command: tuple[object, ...], *, cwd: object) -> int:
        words = [str(word) for word in command]
        self.commands.append(words)
        return next((v for word, v in self.failing.items() if word in words), 0)


def test_the_default_is_the_quick_tests_alone(layout: Layout) -> None:
    steps = Steps()
    assert quality.run(layout, ("-x",), everything=False, qt=lambda: True, runner=steps) == 0
    ((_, *words),) = steps.commands
    assert words == ["-m", "pytest", "-m", "not slow and not e2e", "-x"]


def test_all_runs_everything_and_pytest_closes(layout: Layout) -> None:
    steps = Steps()
    assert quality.run(layout, everything=True, qt=lambda: True, runner=steps) == 0
    told = [" ".join(words) for words in steps.commands]
    for word in ("ruff check", "ruff format --check", "mypy", "lint-imports"):
        assert any(word in line for line in told[:-1])
    assert told[-1].endswith("-m pytest")


def test_nothing_is_said_after_pytest_when_all_passed(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    quality.run(layout, everything=True, qt=lambda: True, runner=Steps())
    assert capsys.readouterr().err.strip().splitlines()[-1] == "== pytest"


def test_a_failed_step_is_named_and_the_rest_still_runs(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = Steps(mypy=1)
    assert quality.run(layout, everything=True, qt=lambda: True, runner=steps) == 1
    assert "pytest" in steps.commands[-1]
    assert capsys.readouterr().err.strip().endswith("Failed: mypy")


@pytest.mark.parametrize("status", [1, 2, 5])
def test_pytests_own_statuses_are_failures(layout: Layout, status: int) -> None:
    assert quality.run(layout, everything=False, qt=lambda: True, runner=Steps(pytest=status)) == 1


def test_without_qts_libraries_the_other_tests_still_run(layout: Layout) -> None:
    steps = Steps()
    assert quality.run(layout, everything=True, qt=lambda: False, runner=steps) == 0
    assert steps.commands[-1][-2:] == ["-p", "no:pytest-qt"]


def test_ctrl_c_ends_it(layout: Layout) -> None:
    steps = Steps(mypy=130)
    assert quality.run(layout, everything=True, qt=lambda: True, runner=steps) == 130
    assert "pytest" not in steps.commands[-1]
