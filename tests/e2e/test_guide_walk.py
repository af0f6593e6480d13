"""Somebody who follows the guide to the letter gets through: with a microphone, and without.

Every sentence of the guide and of the teachers' paper is read on one of the two walks, or named
here with the reason why not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import figures
import pytest
import soundfile
from carried import ROOT
from room import Room
from screen import VirtualScreen
from studio import at_rate, written

from tests.guide_text import sentences

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1800)]

MEDLEY = ROOT / "resources" / "demo" / "pjs-medley"
TAKE = ROOT / "resources" / "demo" / "takes" / "pjs-medley.flac"
RATE = 48_000
OWN_S, BARE_S = 12.0, 4.0
LOUD = 0.4
"""The bundled take is as loud as it can be; so loud nobody should sing."""
NOTES = """#TITLE:Notes alone
#ARTIST:Nobody
#BPM:120
#GAP:0
: 0 8 0 la
: 8 8 2 la
: 16 8 4 la
E
"""
MICROPHONES = ("mic", "loopmic", "desk")
NO_MICROPHONE = {"PULSE_SOURCE": "mic"}
"""Else what the speakers play would stand in for one that is gone."""

NOT_WALKED = {
    "about the pictures, the ears, or another paper": (
        "The take in these pictures", "Singers and their other scores", "Put on headphones:",
        "What the score means", "Sung without the accompaniment", "Intonation: distance of each",
        "Who drifts is off", "Rhythm: where notes begin", "Vibrato counts only where",
        "Steadiness: how a note", "Shown, not counted.", "Dynamics: loud and soft against",
        "Shown, not counted, and never", "Do not turn the number", "It was set on recordings",
        "Two points more or less", "Tone, words, expression", "When not to use it has more",
        "Comparing songs is less so", "Nothing leaves the computer", "Recordings are plain FLAC",
        "A report is a folder", "With a table of marks", "Close other programs",
        "On a computer without a graphics card", "How well a voice comes out",
    ),
    "tests/ui/test_songs_separate.py": (
        "A song that is one mix can be", "Separate voice and accompaniment,",
        "Notes and words come along,", "It needs demucs,", "The first time you are asked",
    ),
    "tests/ui/test_lane.py": ("The bars are the notes", "Beside the upright line"),
    "tests/ui/test_review_attributes.py": ("A pale one has little",),
    "tests/ui/test_review_page.py": (
        "The chosen clip: what its score", "Each of those lines leads", "Calibrate.",
        "A review says so itself:", "\"All of it comes 240 ms late\"",
        "Over an accompaniment the key", "In a recording that was brought in",
    ),
    "tests/ui/test_takes_page.py": ("The program itself erases nothing.", "Start it again:"),
    "tests/ui/test_instance.py": (
        "Recordings, songs and packs", "A window that is open already",
        "A recording comes to the question",
    ),
    "tests/ui/test_farewell.py": ("At a logout or shutdown",),
    "tests/ui/test_crash_notice.py": (
        "The next start says so", "It stays on this computer.", "In the settings Open folder",
    ),
    "tests/ui/test_update_line.py": ("One list is asked for",),
}  # fmt: skip
"""By where else it is looked at; sentences by how they begin."""


def laid_ready(folder: Path) -> None:
    """A voice, recordings of students, and songs: with the original, with notes, with neither."""
    voice = LOUD * at_rate(TAKE, RATE, seconds=60.0)
    written(folder / "voice.wav", voice, RATE)
    for name, begins_s in (("from home", 10.0), ("another", 3.0)):
        sound = voice[round(begins_s * RATE) : round((begins_s + 18.0) * RATE)]
        soundfile.write(folder / f"{name}.flac", sound, RATE)
    own, bare, notes = (folder / name for name in ("Own song", "Bare song", "notes"))
    for song, parts, seconds in (
        (own, ("accompaniment.ogg", "vocal.flac"), OWN_S),
        (bare, ("accompaniment.ogg",), BARE_S),
        (notes, ("accompaniment.ogg",), BARE_S),
    ):
        song.mkdir()
        for name in parts:
            sound = at_rate(MEDLEY / name, RATE, seconds=seconds)
            soundfile.write((song / name).with_suffix(".flac"), sound, RATE)
    (own / "lyrics.lrc").write_text("[00:00.50]la la\n[00:06.00]lo lo\n")
    (notes / "Notes.txt").write_text(NOTES)


def walked(kind: str, folder: Path) -> set[str]:
    """The sentences that were read on one walk, with a home of its own."""
    kept = Path(os.environ.get("ASA_ARTIFACTS", "") or folder) / "guide" / kind
    home = folder / kind
    home.mkdir(parents=True)
    kept.mkdir(parents=True, exist_ok=True)
    laid_ready(home)
    began = time.monotonic()
    with Room(extras=("desk",)) as room, VirtualScreen(1400, 900) as screen:
        if kind == "listener":
            for name in MICROPHONES:
                room.unload(name)
        done = subprocess.run(
            [sys.executable, ROOT / "tests" / "guide_walk.py", kind, home, kept],
            env={
                **room.environ,
                **screen.environ,
                **(NO_MICROPHONE if kind == "listener" else {}),
                "ASA_HOME": str(home / "asa"),
                "HOME": str(home),
                "XDG_DATA_HOME": str(home / "share"),
                "LANG": "C.UTF-8",
                "PYTHONPATH": str(ROOT),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=1500,
        )
    assert done.returncode == 0, done.stderr[-4000:]
    facts = json.loads(done.stdout.splitlines()[-1])
    figures.note(
        f"the guide as a {kind}: {len(facts['read'])} sentences in"
        f" {time.monotonic() - began:.0f} s, processes and all"
    )
    assert "Traceback" not in done.stderr
    return set(facts["read"])


def test_who_follows_the_guide_gets_through(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as both:  # most of the time somebody sings or listens
        found = both.map(lambda kind: walked(kind, tmp_path), ("singer", "listener"))
        read = set[str]().union(*found)
    left = [one for one in all_sentences() if one not in read and not named(one)]
    assert left == [], "not walked, and no reason given"


def all_sentences() -> list[str]:
    papers = (ROOT / "docs" / f"{name}.md" for name in ("guide", "teachers"))
    return [line for paper in papers for line in sentences(paper.read_text("utf-8"))]


def named(sentence: str) -> bool:
    return any(sentence.startswith(one) for group in NOT_WALKED.values() for one in group)


def test_what_is_not_walked_is_there() -> None:
    lines = all_sentences()
    for where, group in NOT_WALKED.items():
        assert " " in where or (ROOT / where).is_file(), where
        assert [one for one in group if not any(line.startswith(one) for line in lines)] == []
