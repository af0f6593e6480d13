"""From what was typed to a song, a model and a place to write, each refused before work begins."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from asa_desktop.cli.arguments import STDOUT
from asa_desktop.core.errors import PlaceError, SongError, place_error
from asa_desktop.core.types import Song
from asa_desktop.services import paths
from asa_desktop.services.model_list import model_folder as model_folder

TAKES = "takes"
"""Beside the bundled songs: one take, named after the song that it is a take of."""


def song_of(options: argparse.Namespace) -> Song:
    """The song that the options name; without any, one that has nothing to judge against."""
    if options.song is not None:
        song = load(options.song)
    elif options.reference is not None:
        refuse_unreadable(options.reference)
        song = Song(title=options.reference.stem, vocal=options.reference)
    else:
        song = Song(title="")
    if options.accompaniment is not None:
        refuse_unreadable(options.accompaniment)
        song = replace(song, accompaniment=options.accompaniment)
    return song


def load(name: str) -> Song:
    """A song by its folder, its file or its bundled id, in this order.

    Raises
    ------
    SongError
        ``song_not_found`` where it is none of the three, and what `load_song` finds wrong.
    """
    from asa_desktop.core.songs import load_song

    return load_song(song_place(name))


def song_place(name: str) -> Path:
    """Where a song lies, by its folder, its file or its bundled id. Raises ``song_not_found``."""
    path = Path(name)
    if _is_there(path):
        return path
    known = bundled_songs()
    if name in known:
        return known[name]
    raise SongError("song_not_found", path=path, known=tuple(known))


def bundled_songs() -> dict[str, Path]:
    """Folders of the bundled songs by id."""
    demo = paths.resources() / "demo"
    if not demo.is_dir():
        return {}
    songs = (each for each in sorted(demo.iterdir()) if each.is_dir() and each.name != TAKES)
    return {each.name: each for each in songs}


def bundled_take() -> tuple[Path, Path]:
    """The bundled take and the folder of the song that it is a take of.

    Raises
    ------
    PlaceError
        ``bundled_missing``.
    """
    from asa_desktop.services.example import bundled_example

    found = bundled_example()
    return found.audio, found.song


def refuse_unreadable(path: Path) -> None:
    """See at once what would otherwise be found out after minutes of work on other takes."""
    from asa_desktop.core.audio import probe

    probe(path)


@dataclass(frozen=True, slots=True)
class Targets:
    """Where results go: `json` to a file, or stdout; `reports` holds one folder for each take."""

    json: Path | None
    json_to_stdout: bool
    reports: tuple[Path | None, ...]


def targets_of(options: argparse.Namespace) -> Targets:
    """Where results go, refused early where nothing could be written.

    Raises
    ------
    PlaceError
        ``missing_folder``, ``is_folder``, ``json_not_ours``, ``in_the_way``, ``no_rights``.
    """
    to_stdout = options.json == STDOUT
    file = None if to_stdout else options.json
    if file is not None:
        _refuse_json_target(file)
    reports: Sequence[Path | None] = [None] * len(options.takes)
    if options.report is not None:
        refuse_report_folder(options.report)
        reports = _report_folders(options.report, options.takes)
        for each in reports:
            refuse_report_folder(each)
    return Targets(file, to_stdout, tuple(reports))


def _refuse_json_target(file: Path) -> None:
    from asa_desktop.services.result import is_result

    folder = file.parent
    if not folder.is_dir():
        raise PlaceError("missing_folder", path=folder)
    try:
        if file.is_dir():
            raise PlaceError("is_folder", path=file)
        if file.is_file() and not is_result(file):
            raise PlaceError("json_not_ours", path=file)
    except OSError as error:
        raise place_error(error, file) from error
    if not _may_write(folder):
        raise PlaceError("no_rights", path=folder)


def refuse_report_folder(folder: Path) -> None:
    """A report makes its folder and replaces an earlier one, but nothing else of anybody's."""
    from asa_desktop.services.report.folder import refuse_foreign

    nearest = folder
    try:
        while not os.path.lexists(nearest):
            nearest = nearest.parent
        refuse_foreign(folder.resolve(), named=folder)
        if not nearest.is_dir():
            raise PlaceError("report_place_taken", path=nearest)
    except OSError as error:
        raise place_error(error, folder) from error
    except ValueError as error:  # a NUL in the name
        raise PlaceError("missing_file", path=folder) from error
    if not _may_write(nearest):
        raise PlaceError("no_rights", path=nearest)


def _report_folders(folder: Path, takes: Sequence[Path]) -> list[Path]:
    """The folder itself for one take, else one below it for each, named after the take."""
    if len(takes) == 1:
        return [folder]
    chosen: list[Path] = []
    taken: set[str] = set()
    for take in takes:
        stem = take.stem.strip(" .") or "take"
        name, count = stem, 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add(name.casefold())
        chosen.append(folder / name)
    return chosen


def _may_write(folder: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=effective)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
