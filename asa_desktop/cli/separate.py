"""`asa separate`: voice and accompaniment of a mix, as a song's folder; the weights after a yes."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from asa_desktop import words
from asa_desktop.cli.app import DONE, NOT_POSSIBLE
from asa_desktop.cli.choose import song_place
from asa_desktop.cli.progress import ProgressLine
from asa_desktop.core.errors import SeparationError
from asa_desktop.services.paths import Places, places
from asa_desktop.services.separation import new_song, weights
from asa_desktop.services.separation.source import Source, usual
from asa_desktop.words_separation import QUESTION


def run(options: argparse.Namespace) -> int:
    """Separate, or fetch alone; what can be wrong with the mix is said before anything is asked."""
    weights.require_demucs()
    source = usual()
    if options.weights_from is not None:
        source = replace(source, address=options.weights_from)
    if options.fetch:
        if not _there(places(), source, options):
            return NOT_POSSIBLE
        path = weights.kept_weights(places(), source)
        print(words.sentence("separation_fetched", {"path": path}))
        return DONE
    return _separate(options, source)


def _separate(options: argparse.Namespace, source: Source) -> int:
    from asa_desktop.core.separation.parts import ACCOMPANIMENT, VOCAL

    folder: Path = options.out
    plan = new_song.planned(song_place(options.mix))
    new_song.refuse_other(folder)
    if options.weights is None and not _there(places(), source, options):
        return NOT_POSSIBLE
    line = ProgressLine()
    try:
        made = new_song.separate_into(
            plan,
            folder,
            places=places(),
            source=source,
            weights=options.weights,
            device=options.device,
            progress=lambda share: _show(line, "separation_working", share),
        )
    finally:
        line.clear()
    print(words.sentence("separation_voice", {"path": folder / VOCAL}))
    print(words.sentence("separation_accompaniment", {"path": folder / ACCOMPANIMENT}))
    if made.kept:
        print(words.sentence("separation_kept"))
    command = f"asa analyze TAKE --song {shlex.quote(str(folder))}"
    print(words.sentence("separation_next", {"command": command}))
    return DONE


def _there(home: Places, source: Source, options: argparse.Namespace) -> bool:
    """See that the weights are there, fetching them where somebody says yes; False after a no."""
    if weights.are_there(home, source):
        return True
    if not options.yes:
        if not sys.stdin.isatty():
            raise SeparationError("no_weights", address=source.address, size_mb=source.megabytes)
        facts = {"address": source.address, "size_mb": source.megabytes}
        for text in QUESTION.values():
            print(words.filled(text, facts))
        answer = input(words.sentence("separation_ask"))
        if answer.strip().lower() not in ("y", "yes"):
            print(words.sentence("separation_declined"))
            return False
    line = ProgressLine()
    try:
        weights.fetched(
            home, source, progress=lambda share: _show(line, "separation_fetching", share)
        )
    finally:
        line.clear()
    return True


def _show(line: ProgressLine, code: str, share: float) -> None:
    line.show(words.sentence(code, {"percent": round(100 * share)}))
