"""`asa demo`: the main job without any material of one's own."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from asa_desktop import words
from asa_desktop.cli import choose, sound
from asa_desktop.cli.analyze import Session
from asa_desktop.cli.app import DONE, NOT_POSSIBLE, complain
from asa_desktop.cli.progress import ProgressLine
from asa_desktop.cli.table import table
from asa_desktop.core.errors import PlaceError
from asa_desktop.core.songs import load_song
from asa_desktop.core.types import Notice
from asa_desktop.engine.messages import Setup
from asa_desktop.services.paths import places

SETUP = Setup()
"""The system's own devices."""

COUNT_DOWN_S = 5


def run(options: argparse.Namespace) -> int:
    """Analyse the bundled take, or one that is sung now, and say where the report is."""
    if options.sing == "always" or (options.sing == "auto" and _sound_is_there()):
        return _sing(options.report or places().home / "reports" / "demo-sung")
    return _show(options.report or places().home / "reports" / "demo")


def _show(folder: Path) -> int:
    choose.refuse_report_folder(folder)
    take, song = choose.bundled_take()
    session = Session.of(load_song(song))
    found = session.analyse(take, label=take.name)
    # Whoever opens the report later must see that no singer sang this.
    analysis = replace(found, notices=(*found.notices, Notice("demo_take")))
    page = session.report(analysis, folder)
    scale = session.model.card.scale if session.model is not None else None
    print(words.notice_text(Notice("demo_take")))
    print(table(analysis, take=take, scale=scale, timings=False))
    print(f"  {words.sentence('report_at')} {page}", flush=True)
    return DONE


def _sound_is_there() -> bool:
    """Whether a microphone and headphones can be opened; why not is said."""
    try:
        with sound.engine() as recorder:
            recorder.open(SETUP)
    except PlaceError as error:
        complain(words.say(error))
        sound.warned("not_sung")
        return False
    return True


def _sing(folder: Path) -> int:
    """Record a take of the demo song over the real path, analyse it and write the report."""
    from asa_desktop.cli.record import take
    from asa_desktop.cli.wish import Wish

    choose.refuse_report_folder(folder)
    _, place = choose.bundled_take()
    song = load_song(place)
    sound.told("sing_demo", song=song.title)
    _count_down()
    taken = take(Wish(song=song, place=place, setup=SETUP))
    if taken is None:
        return NOT_POSSIBLE
    taken.say_closing()
    session = Session.of(song)
    analysis = session.analyse(taken.path, label=taken.path.name)
    page = session.report(analysis, folder)
    scale = session.model.card.scale if session.model is not None else None
    print(table(analysis, take=taken.path, scale=scale, timings=False))
    print(f"  {words.sentence('report_at')} {page}", flush=True)
    return DONE


def _count_down() -> None:
    """Time to put the headphones on, for whoever sits there."""
    line = ProgressLine()
    if not (line.alive and sys.stdin.isatty()):
        return
    try:
        for left in range(COUNT_DOWN_S, 0, -1):
            line.show(words.sentence("count_down", {"left": left}))
            time.sleep(1)
    finally:
        line.clear()
