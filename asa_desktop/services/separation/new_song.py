"""A song out of a mix: its parts apart, with the notes and words of the song that it came from.

The song's own files are read and left as they are; the new song is a folder of its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core.errors import AsaError, SeparationError, place_error
from asa_desktop.core.separation.parts import (
    ACCOMPANIMENT,
    VOCAL,
    Progress,
    read_note,
    refuse_target,
)
from asa_desktop.services.files import copy_verified, write_bytes
from asa_desktop.services.paths import Places, private_folder
from asa_desktop.services.reading import Cancel, looked_at
from asa_desktop.services.separation.source import Source
from asa_desktop.services.separation.stems import Main, Separated, separate, work_main

if TYPE_CHECKING:
    from asa_desktop.core.songs.card import Card
    from asa_desktop.core.types import Song

CARD = "song.toml"
_LONGEST_NAME = 80
_MOST_OF_A_NAME = 1000
_NAMING = re.compile(
    rb"(?im)^[ \t]*#[ \t]*(?:MP3|AUDIO|VOCALS|INSTRUMENTAL|COVER|BACKGROUND|VIDEO)[ \t]*:[^\r\n]*"
    rb"(?:\r\n|\r|\n|\Z)"
)
"""Tags of an UltraStar file that name files which do not come along."""
_ODD = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new song will be made of: the mix, and what is known of its song.

    `notes` and `words` are the files of its melody and its lyrics.
    """

    mix: Path
    title: str
    artist: str = ""
    language: str = ""
    offset_s: float = 0.0
    notes: Path | None = None
    notes_track: str | int | None = None
    words: tuple[Path, ...] = ()

    @property
    def folder_name(self) -> str:
        """Artist and title, as every system can have it."""
        name = f"{self.artist} - {self.title}" if self.artist else self.title
        return _ODD.sub(" ", name).strip(" .")[:_LONGEST_NAME].strip(" .") or "song"


def planned(path: Path, *, cancelled: Cancel | None = None) -> Plan:
    """What the song at `path`, or a mere recording, would be made into; read in another process.

    Raises
    ------
    SeparationError
        ``no_mix`` where there is none, or the parts are apart already.
    SongError, PlaceError, AudioError
        As `load_song`.
    Cancelled
        When `cancelled` said so.
    """
    found = looked_at([path], plan_of, cancelled=cancelled)[0]
    if isinstance(found, AsaError):
        raise found
    return found


def plan_of(path: Path) -> Plan:
    """As `planned`, in this process."""
    from asa_desktop.core.songs import load_song

    song = load_song(path)
    mix = song.mix or (song.accompaniment if song.folder is None else None)
    if mix is None:  # a recording alone is one, whatever its name says
        raise SeparationError("no_mix", path=path)
    card = _card(song)
    return Plan(
        mix=mix,
        title=song.title[:_MOST_OF_A_NAME],
        artist=song.artist[:_MOST_OF_A_NAME],
        language=song.language[:_MOST_OF_A_NAME],
        offset_s=song.offset_s,
        notes=song.melody.source if song.melody is not None else None,
        notes_track=card.notes_track if card is not None else None,
        words=_words(song, card, path),
    )


def separate_into(
    plan: Plan,
    folder: Path,
    *,
    places: Places,
    source: Source,
    weights: Path | None = None,
    device: str = "auto",
    progress: Progress = lambda share: None,
    cancelled: Cancel = lambda: False,
    main: Main = work_main,
) -> Separated:
    """Make the new song in a new `folder`; errors as `separate`."""
    return separate(
        plan.mix,
        folder,
        places=places,
        source=source,
        weights=weights,
        device=device,
        progress=progress,
        cancelled=cancelled,
        main=main,
        fill=lambda made: furnish(made, plan),
    )


def refuse_other(folder: Path) -> None:
    """As `refuse_target`, but for a folder of parts, which may be those that are asked for."""
    if read_note(folder) is None:
        refuse_target(folder)


def free_folder(places: Places, plan: Plan) -> Path:
    """A folder among the user's own songs that is not there yet, named after the song.

    Raises PlaceError.
    """
    home = private_folder(places.songs)
    name, number = plan.folder_name, 2
    while (home / name).exists():
        name, number = f"{plan.folder_name} ({number})", number + 1
    return home / name


def furnish(folder: Path, plan: Plan) -> None:
    """Put notes, words and a song.toml beside the parts. Raises PlaceError."""
    names: dict[str, str] = {"accompaniment": ACCOMPANIMENT, "vocal": VOCAL}
    if plan.notes is not None:
        names["notes"] = _notes(plan.notes, folder)
    for file in plan.words:
        copy_verified(file, folder / file.name)
    if len(plan.words) == 1:
        names["lyrics"] = plan.words[0].name
    entries: dict[str, object] = {"title": plan.title, "artist": plan.artist}
    entries |= {"language": plan.language, "offset": plan.offset_s}
    entries |= {**names, "notes_track": plan.notes_track}
    lines = [f"{name} = {_toml(value)}\n" for name, value in entries.items() if value]
    write_bytes(folder / CARD, "".join(lines).encode())


def _notes(file: Path, folder: Path) -> str:
    """Bring the notes along; an UltraStar file without the names of recordings left behind."""
    if file.suffix.lower() != ".txt":
        copy_verified(file, folder / file.name)
        return file.name
    try:
        content = file.read_bytes()
    except OSError as error:
        raise place_error(error, file) from error
    write_bytes(folder / file.name, _NAMING.sub(b"", content))
    return file.name


def _toml(value: object) -> str:
    # A JSON string is a TOML one, but for the one control character that JSON leaves alone.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "")


def _card(song: Song) -> Card | None:
    from asa_desktop.core.songs.card import read_card
    from asa_desktop.core.songs.notices import NoticeList
    from asa_desktop.core.songs.places import open_folder

    if song.folder is None:
        return None
    notices = NoticeList()
    return read_card(open_folder(song.folder, notices), notices)


def _words(song: Song, card: Card | None, path: Path) -> tuple[Path, ...]:
    """Files of lyrics: song.toml's, else those called so, else the notes' namesake or the only."""
    if song.folder is None or not song.lyrics:
        return ()
    if card is not None and card.lyrics is not None:
        return (card.lyrics,)
    from asa_desktop.core.songs.notices import NoticeList
    from asa_desktop.core.songs.places import key, open_folder

    folder = open_folder(song.folder, NoticeList())
    notes = song.melody.source if song.melody is not None else None
    called = [one for one in folder.stems({"lyrics"}, {"lrc", "txt"}) if one != notes]
    timed = folder.kinds({"lrc"})
    alike = [one for one in timed if notes is not None and key(one.stem) == key(notes.stem)]
    if path.is_dir():
        return tuple((called or alike or (timed if len(timed) == 1 else []))[:1])
    return tuple(alike[:1])
