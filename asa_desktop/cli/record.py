"""`asa record`: play a song, record whoever sings to it."""

from __future__ import annotations

import argparse
import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path

from asa_desktop import words
from asa_desktop.cli import choose, sound
from asa_desktop.cli.app import DONE, NOT_POSSIBLE, complain
from asa_desktop.cli.closing import say_closing
from asa_desktop.cli.interrupts import EndOnInterrupt
from asa_desktop.cli.live import clock, live_line
from asa_desktop.cli.progress import ProgressLine
from asa_desktop.cli.wish import Wish, heard_of
from asa_desktop.core.errors import LibraryError, PlaceError, UsageError
from asa_desktop.core.types import Song
from asa_desktop.engine.faults import error_of
from asa_desktop.engine.messages import Back, Finished, Job, Kept, Lost, Opened, Setup
from asa_desktop.services.library import Library, PersonRow, SongRow
from asa_desktop.services.library.database import FILE
from asa_desktop.services.library.recordings import Recordings
from asa_desktop.services.paths import places
from asa_desktop.services.recorder import Recorder
from asa_desktop.services.singers import singer
from asa_desktop.services.taking import begin_take, end_take, refuse_little_room

log = logging.getLogger(__name__)

_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Taken:
    """A take that was kept, and how it was asked for.

    `loudest_db` is the highest peak that the meter showed.
    """

    job: Job
    finished: Finished
    loudest_db: float
    setup: Setup

    @property
    def path(self) -> Path:
        return self.finished.path

    def say_closing(self) -> None:
        """Print what became of it."""
        say_closing(
            self.path,
            self.finished.measured,
            kept_delay_s=self.job.delay_s,
            loudest_db=self.loudest_db,
            setup=self.setup,
        )


def run(options: argparse.Namespace) -> int:
    """Record one take; 0 also where the singer ended it early."""
    place = None if options.song is None else choose.song_place(options.song)
    wish = Wish(
        song=None if place is None else choose.load(options.song),
        place=place,
        setup=sound.setup_of(options),
        out=options.out,
        singer=options.singer,
        start_s=options.start,
        seconds=options.seconds,
        volume=options.volume / 100,
        vocal_volume=None if options.vocal_volume is None else options.vocal_volume / 100,
        delay_s=None if options.delay is None else options.delay / 1000,
    )
    taken = take(wish)
    if taken is None:
        return NOT_POSSIBLE
    taken.say_closing()
    song = "" if options.song is None else f" --song {sound.quoted(options.song)}"
    sound.told("analyse_next", command=f"asa analyze {sound.quoted(str(taken.path))}{song}")
    return DONE


def take(wish: Wish) -> Taken | None:
    """Record it, and put it into the library where no file was named.

    None where what was sung could be kept only as a part; that has been said then. Raises what
    stands in the way of beginning.
    """
    if wish.out is not None:
        from asa_desktop.engine.finish import refuse_target

        refuse_target(wish.out)
    with contextlib.ExitStack() as stack:
        library, song, person = None, None, None
        if wish.out is None:
            library = stack.enter_context(Library.open())
            song, person = _listed(library, wish), singer(library, wish.singer)
        say_parts_left(library)
        recorder = stack.enter_context(sound.engine())
        opened = recorder.open(wish.setup)
        delay = sound.delay_of(opened, given_s=wish.delay_s, library=library)
        heard, end_s = heard_of(wish, opened)
        job = begin_take(
            library,
            song=song.id if song is not None else None,
            person=person.id if person is not None else None,
            out=wish.out,
            title=wish.song.title if wish.song is not None else "",
            singer=wish.singer,
            heard=heard,
            delay=delay,
        )
        length = None if end_s is None else end_s - wish.start_s
        refuse_little_room(job.part.parent, job.target.parent, rate=opened.rate, seconds=length)
        _say_beginning(wish, opened, person, end_s)
        with EndOnInterrupt() as interrupt:
            outcome, loudest_db = _sing(recorder, job, wish.song, end_s, interrupt)
            if isinstance(outcome, Kept):
                _say_kept(outcome)
                return None
            if library is not None:
                _into_library(library, outcome)
        return Taken(job, outcome, loudest_db, wish.setup)


def say_parts_left(library: Library | None) -> None:
    """Say how many takes were broken off, where there are any; what is finished is taken in."""
    from asa_desktop.services.parts import parts_left, take_in_finished

    folder = places().library
    try:
        with contextlib.ExitStack() as stack:
            if library is None:
                if not _may_hold_parts(folder):
                    return
                library = stack.enter_context(Library.open(daily_backup=False))
            take_in_finished(library)
            if left := parts_left(library):
                sound.warned("parts_left", count=len(left), path=library.recordings.parts)
    except (LibraryError, PlaceError) as error:
        log.warning("parts not looked for: %s", error)  # a take into a file needs no library


def _may_hold_parts(folder: Path) -> bool:
    return (folder / FILE).exists() or any(Recordings(folder).parts.glob("*"))


def _listed(library: Library, wish: Wish) -> SongRow:
    song, place = wish.song, wish.place
    if song is None or place is None:
        raise UsageError("take_without_song")
    names = ("accompaniment", "vocal", "mix", "melody", "lyrics")
    return library.add_song(
        path=place,
        title=song.title,
        artist=song.artist,
        language=song.language,
        parts=[name for name in names if getattr(song, name)],
    )


def _say_beginning(
    wish: Wish, opened: Opened, person: PersonRow | None, end_s: float | None
) -> None:
    sound.told(
        "recording",
        song=wish.song.title if wish.song is not None else "",
        singer=person.name if person is not None else "",
        length="" if end_s is None else clock(end_s - wish.start_s),
        input=opened.input,
        output=opened.output,
        rate=opened.rate,
    )


def _sing(
    recorder: Recorder,
    job: Job,
    song: Song | None,
    end_s: float | None,
    interrupt: EndOnInterrupt,
) -> tuple[Finished | Kept, float]:
    """Record until the song is over or somebody asks for the end."""
    line = ProgressLine()
    loudest_db = -120.0
    lyrics = song.lyrics if song is not None else ()
    offset_s = song.offset_s if song is not None else 0.0
    recorder.record(job)
    stopping = False
    try:
        while True:
            for event in recorder.events(wait_s=_LOOK_S):
                if isinstance(event, Finished | Kept):
                    return event, loudest_db
                _say_event(event, line)
            if interrupt.asked and not stopping:
                stopping = True
                recorder.stop()
            now = recorder.snapshot()
            loudest_db = max(loudest_db, now.peak_db)
            if stopping:
                line.show(words.sentence("finishing"))
            else:
                line.show(live_line(now, end_s=end_s, lyrics=lyrics, offset_s=offset_s))
    finally:
        line.clear()


def _say_event(event: object, line: ProgressLine) -> None:
    line.clear()
    if isinstance(event, Lost):
        sound.warned("device_away", at=clock(event.at_s), why=words.loss_text(event.reason))
    elif isinstance(event, Back):
        away = event.gap.away_s if event.gap is not None else 0.0
        sound.warned("device_back", away_s=away)


def _say_kept(kept: Kept) -> None:
    complain(words.say(error_of(kept.fault)))
    if kept.seconds > 0:
        sound.warned("kept_as_part", path=kept.path, length=clock(kept.seconds))


def _into_library(library: Library, finished: Finished) -> None:
    try:
        end_take(library, finished)
    except (LibraryError, PlaceError) as error:
        # The file is whole and has its note; the row can be made at any time.
        complain(words.say(error))
        sound.warned("row_later", path=finished.path)
