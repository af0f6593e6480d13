"""The window on a virtual screen, in a virtual room: a take is sung, and its review is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import figures
import pytest
from carried import ROOT
from room import Room
from screen import VirtualScreen
from studio import at_rate, written

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

MEDLEY = ROOT / "resources" / "demo" / "pjs-medley"
SUNG_S = 20.0
PICTURES = (
    "introduction", "songs-new", "record-ready", "record-singing", "review", "songs", "takes",
    "settings", "check",
)  # fmt: skip


@pytest.mark.parametrize("scale", [1, 2])
def test_a_song_is_sung_and_reviewed_in_the_window(tmp_path: Path, scale: int) -> None:
    folder = Path(os.environ.get("ASA_ARTIFACTS", "") or tmp_path) / "window"
    folder.mkdir(parents=True, exist_ok=True)
    voice = at_rate(MEDLEY / "vocal.flac", 48_000, seconds=SUNG_S + 5)
    sung = written(tmp_path / "voice.wav", voice, 48_000)
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.json").write_text(json.dumps({"input": "vmic", "output": "vspeakers"}))
    with Room() as room, VirtualScreen(1400 * scale, 900 * scale) as screen:
        done = subprocess.run(
            [sys.executable, ROOT / "tests" / "window_walk.py", folder, sung, str(SUNG_S)],
            env={
                **room.environ,
                **screen.environ,
                "ASA_HOME": str(home),
                "QT_SCALE_FACTOR": str(scale),
                "PYTHONPATH": str(ROOT),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr[-4000:]
    facts = json.loads(done.stdout.splitlines()[-1])
    figures.note(
        f"the window at {scale}x: painted after {facts['painted_s']:.2f} s in its process; review"
        f" {facts['review_after_s']:.2f} s after the stop of {SUNG_S:.0f} s, score"
        f" {facts['score']:.0f}, {facts['clips_while_singing']} clips scored while singing"
    )
    assert facts["heavy"] == facts["early"] == []
    assert facts["status"] == "scored"
    assert facts["scored"] >= 4
    assert facts["clips_while_singing"] >= 2
    assert facts["pitched_s"] > 8
    assert facts["has_original"]
    assert 0 < facts["swapped_after_s"] < 3
    assert facts["played_to_s"] > 2
    assert "Traceback" not in done.stderr
    for name in PICTURES:
        for look in ("light", "dark"):
            assert (folder / f"{name}-{look}-{scale}x.png").stat().st_size > 20_000
