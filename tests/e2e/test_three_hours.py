"""Three hours of singing take no more memory than three minutes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import figures
import pytest
from carried import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1200)]

MOST_MB = 300


def test_a_recording_of_three_hours_stays_small(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "three_hours.py"), str(tmp_path), "10800"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    facts = json.loads(done.stdout)
    figures.note(
        f"three hours: engine {facts['peak_mb']:.0f} MB at most, {facts['idle_mb']:.0f} before"
    )
    assert facts["seconds"] > 10800
    assert facts["gaps"] == 0
    assert facts["peak_mb"] < MOST_MB
