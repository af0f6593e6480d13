"""`asa demo`: the main job without any material of one's own."""

from __future__ import annotations

import argparse
from dataclasses import replace

from asa_desktop import words
from asa_desktop.cli import choose
from asa_desktop.cli.analyze import Session
from asa_desktop.cli.app import DONE
from asa_desktop.cli.table import table
from asa_desktop.core.songs import load_song
from asa_desktop.core.types import Notice
from asa_desktop.services.paths import places


def run(options: argparse.Namespace) -> int:
    """Analyse the bundled take, print its table, write a report and say where it is."""
    folder = options.report or places().home / "reports" / "demo"
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
