"""A calibration that nobody wants any more, and an engine that is still of use after it."""

from __future__ import annotations

import threading
import time

import pytest

from asa_desktop.core.errors import Cancelled
from asa_desktop.engine.messages import Setup
from asa_desktop.services.recorder import Recorder
from tests import fake_engine, stage_engine

pytestmark = pytest.mark.alone


@pytest.mark.parametrize("by_ear", [False, True])
def test_it_is_stopped_at_once(by_ear: bool) -> None:
    stop = threading.Event()
    with Recorder.start(main=stage_engine.main) as recorder:
        recorder.open(Setup(input="slow"))
        threading.Timer(0.3, stop.set).start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            (recorder.tap_along if by_ear else recorder.calibrate)(cancelled=stop.is_set)
        assert time.monotonic() - began < 5
        assert recorder.devices()
        assert recorder.open(Setup()).rate == 48_000


def test_an_answer_that_crosses_the_stop_is_not_taken_for_another() -> None:
    with Recorder.start(main=fake_engine.main) as recorder:
        recorder.open(Setup())
        with pytest.raises(Cancelled):
            recorder.calibrate(cancelled=lambda: True)
        assert recorder.devices()
        assert recorder.events() == []
        assert recorder.calibrate(cancelled=lambda: False).found == 12
