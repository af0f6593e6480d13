"""The take that came with the program, to be looked at before there is one of one's own.

It is never put into the library: its recording stays in the bundle, its analysis in the cache.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop import __version__
from asa_desktop.core.errors import PlaceError
from asa_desktop.core.types import Notice, TakeTiming
from asa_desktop.services import paths
from asa_desktop.services.keeping import Review
from asa_desktop.services.library.rows import TakeRow

if TYPE_CHECKING:
    from asa_desktop.core.types import Analysis
    from asa_desktop.services.library import Library, SongRow

EXAMPLE = 0
"""Stands for the example where takes go by the numbers of their rows, which count from 1."""

NOTICE = "demo_take"
_TAKES = "takes"
_ENDINGS = (".flac", ".ogg", ".wav")


@dataclass(frozen=True, slots=True)
class Example:
    """The bundled recording, the folder of its song, and how it lies to it."""

    audio: Path
    song: Path
    timing: TakeTiming


def bundled_example() -> Example:
    """The first bundled take whose song came along. Raises `PlaceError` ``bundled_missing``."""
    from asa_desktop.core.take_timing import read_timing

    folder = paths.resources() / "demo" / _TAKES
    for audio in sorted(folder.iterdir()) if folder.is_dir() else ():
        song = folder.parent / audio.stem
        if song.is_dir() and audio.suffix in _ENDINGS:
            return Example(audio, song, read_timing(audio)[0])
    raise PlaceError("bundled_missing", name=_TAKES, path=folder)


def example_song(library: Library) -> SongRow:
    """The song of the example, on the list of songs; one that was taken off it stays off.

    Raises ``bundled_missing``, or what is wrong with the song's files.
    """
    from asa_desktop.services.song_files import song_facts
    from asa_desktop.services.song_list import keep_song

    folder = bundled_example().song
    return library.song_at(path=folder) or keep_song(library, song_facts(folder))


def example_review(cache: Path, *, model: str) -> Review:
    """All that a review needs of the example; its analysis by `model` where that is kept."""
    import soundfile

    from asa_desktop.core.songs import load_song
    from asa_desktop.services.pictures import load_pictures, picture_store

    found = bundled_example()
    row = TakeRow(
        id=EXAMPLE, song=0, song_title=load_song(found.song).title, person=0, singer="", title="",
        file=found.audio.name, sha256="", source="imported", original_name=found.audio.name,
        latency_s=found.timing.latency_s, clock_ratio=found.timing.clock_ratio,
        start_s=found.timing.start_s, delay_from=found.timing.delay_from,
        duration_s=soundfile.info(found.audio).duration,
        sample_rate=None, device="", xruns=0, gaps=found.timing.gaps, recorded_at="",
        removed=False, status=None, score=None,
    )  # fmt: skip
    analysis = load_pictures(picture_store(cache), _key(found, model))
    return Review(row, found.audio, found.song, analysis)


def keep_example(cache: Path, analysis: Analysis, *, model: str) -> None:
    """Keep what `marked_example` made, for the next look."""
    from asa_desktop.services.pictures import picture_store, save_pictures

    save_pictures(picture_store(cache), _key(bundled_example(), model), analysis)


def marked_example(analysis: Analysis) -> Analysis:
    """The analysis with the remark that no singer sang this, in the window and in reports."""
    if any(each.code == NOTICE for each in analysis.notices):
        return analysis
    return replace(analysis, notices=(*analysis.notices, Notice(NOTICE)))


def _key(example: Example, model: str) -> str:
    with example.audio.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return f"example {sha256}, model {model}, program {__version__}"
