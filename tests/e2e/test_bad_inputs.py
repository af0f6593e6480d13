"""Every bad input gets one sentence and its exit status, and nothing of the user's changes."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest

from tests.bad_input_cases import CASES
from tests.bad_inputs import Answer, Bad, run_apart, table

pytestmark = pytest.mark.e2e
DOCUMENT = Path(__file__).parents[2] / "docs" / "bad-inputs.md"


@cache
def answer(bad: Bad) -> Answer:
    """What the program says; asked once for all tests."""
    return run_apart(bad)


def test_there_are_enough_and_each_is_another() -> None:
    assert len(CASES) >= 30
    assert len({bad.wrong for bad in CASES}) == len(CASES)


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.wrong.replace(" ", "-"))
def test_one_sentence_and_nothing_touched(bad: Bad) -> None:
    if why := bad.missing():
        pytest.skip(why)
    got = answer(bad)
    assert got.status == bad.status
    assert got.untouched
    assert "Traceback" not in got.out + got.err
    assert got.sentence
    if bad.status:
        assert len(got.err.splitlines()) == 1
        assert got.err.endswith(".\n")
        assert "?" not in got.err, "a sentence without one of its facts"
    else:
        assert got.err == ""


def test_the_document_says_what_the_program_says() -> None:
    if sys.platform != "linux" or any(bad.missing() for bad in CASES):
        pytest.skip("the document lists all of them, as said on Linux")
    said = table([(bad, answer(bad)) for bad in CASES])
    assert DOCUMENT.read_text(encoding="utf-8") == said, "run python -m tests.bad_inputs --table"
