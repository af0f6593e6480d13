"""The steps of `test`: order, selection, summary and status."""

from __future__ import annotations

from pathlib import Path

import pytest
from asa_setup import quality
from asa_setup.layout import Layout
from asa_setup.tally import closing_line, counted

Captured = pytest.CaptureFixture[str]

REPORT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


class Steps:
    """Stands for `attached`; `failing` maps a word of a command to its status.

    Like pytest it writes the report that it is asked for: ten tests, of which one is skipped.
    """

    def __init__(self, **failing: int) -> None:
        self.failing = failing
        self.commands: list[list[str]] = []

    def __call__(self, command: tuple[object, ...], *, cwd: object) -> int:
        words = [str(word) for word in command]
        status = next((v for word, v in self.failing.items() if word in words), 0)
        for word in words:
            if word.startswith("--junit-xml=") and status != 130:
                text = REPORT.format(10, int(bool(status)), 0, 1)
                Path(word.removeprefix("--junit-xml=")).write_text(text)
        self.commands.append([word for word in words if not word.startswith("--junit-xml=")])
        return status

    @property
    def selections(self) -> list[str]:
        """What each pytest step selects, "" for everything."""
        tested = [words[words.index("pytest") :] for words in self.commands if "pytest" in words]
        return [words[words.index("-m") + 1] if "-m" in words else "" for words in tested]


def ran(layout: Layout, steps: Steps, *arguments: str, everything: bool, qt: bool = True) -> int:
    return quality.run(layout, arguments, everything=everything, qt=lambda: qt, runner=steps)


def test_the_default_is_the_quick_tests_alone(layout: Layout) -> None:
    steps = Steps()
    assert ran(layout, steps, everything=False) == 0
    quick = "not slow and not e2e"
    assert steps.selections == [
        f"not (e2e or alone) and {quick}",
        f"(e2e or alone) and {quick}",
    ]


def test_all_runs_everything_and_pytest_comes_last(layout: Layout) -> None:
    steps = Steps()
    assert ran(layout, steps, everything=True) == 0
    told = [" ".join(words) for words in steps.commands]
    for word in ("ruff check", "ruff format --check", "mypy", "lint-imports"):
        assert any(word in line for line in told[:-2])
    assert steps.selections == ["not (e2e or alone)", "(e2e or alone)"]


def test_what_is_measured_against_the_clock_runs_by_itself(layout: Layout) -> None:
    steps = Steps()
    ran(layout, steps, everything=True)
    shared, alone = steps.commands[-2:]
    assert "-n" in shared
    assert "-n" not in alone


def test_who_chooses_tests_sees_just_them(layout: Layout) -> None:
    steps = Steps()
    assert ran(layout, steps, "-x", "tests/unit", everything=False) == 0
    ((_, *words),) = steps.commands
    assert words == ["-m", "pytest", "-m", "not slow and not e2e", "-x", "tests/unit"]


def test_the_counts_of_both_close(layout: Layout, capsys: Captured) -> None:
    assert ran(layout, Steps(), everything=True) == 0
    assert capsys.readouterr().out.startswith("18 passed, 2 skipped in ")


def test_a_failed_step_is_named_and_the_rest_still_runs(layout: Layout, capsys: Captured) -> None:
    steps = Steps(mypy=1)
    assert ran(layout, steps, everything=True) == 1
    assert "pytest" in steps.commands[-1]
    assert capsys.readouterr().err.strip().endswith("Failed: mypy")


@pytest.mark.parametrize("status", [1, 2, 5])
def test_pytests_own_statuses_are_failures(layout: Layout, status: int) -> None:
    assert ran(layout, Steps(pytest=status), everything=False) == 1


def test_without_qts_libraries_the_other_tests_still_run(layout: Layout) -> None:
    steps = Steps()
    assert ran(layout, steps, everything=True, qt=False) == 0
    assert all("no:pytest-qt" in words for words in steps.commands[-2:])


@pytest.mark.parametrize("step", ["mypy", "-n"])
def test_ctrl_c_ends_it(layout: Layout, step: str) -> None:
    steps = Steps(**{step: 130})
    assert ran(layout, steps, everything=True) == 130
    assert step in steps.commands[-1]


def test_a_run_that_wrote_no_report_counts_nothing(tmp_path: Path) -> None:
    assert closing_line([counted(tmp_path / "none.xml")], seconds=1) == (
        "no tests ran in 1.00s (0:00:01)"
    )


def test_the_closing_line_names_what_there_was(tmp_path: Path) -> None:
    report = tmp_path / "one.xml"
    report.write_text(REPORT.format(20, 2, 1, 3))
    line = closing_line([counted(report), counted(report)], seconds=3661.5)
    assert line == "4 failed, 28 passed, 6 skipped, 2 errors in 3661.50s (1:01:01)"
