"""What the window needs of its toolkit, whatever release is installed."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

CALLS = 1000


@pytest.mark.parametrize(
    ("constant", "call"),
    [(None, lambda thing: thing.setObjectName("x")), (False, QObject.signalsBlocked)],
    ids=["None", "False"],
)
def test_qt_gives_back_every_reference_that_it_takes(
    qtbot: QtBot, constant: object, call: object
) -> None:
    # PySide6 6.12.0 takes one of None at every call, and Python 3.11 ends with a fatal error when
    # they are used up: seconds, at sixty pictures each.
    assert callable(call)
    spare = [constant] * (4 * CALLS)
    thing = QObject()
    before = sys.getrefcount(constant)
    for _ in range(CALLS):
        call(thing)
    assert abs(sys.getrefcount(constant) - before) < CALLS / 10
    assert len(spare) == 4 * CALLS
