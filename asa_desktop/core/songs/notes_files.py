"""Which file of a folder holds the notes, and the reader for its kind."""

from __future__ import annotations

from pathlib import Path

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs.melody import NotesFile
from asa_desktop.core.songs.midi import read_midi
from asa_desktop.core.songs.musicxml import looks_like_musicxml, read_musicxml
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.places import MIDI, MUSICXML, NOTES, Folder, key, suffix
from asa_desktop.core.songs.ultrastar import looks_like_ultrastar, read_ultrastar

_MOST_LISTED = 12


def read_notes(path: Path, track: str | int | None = None) -> NotesFile:
    """Read a notes file by its suffix.

    Raises
    ------
    SongError
        See the readers; ``unknown_song_type`` for another suffix.
    """
    kind = suffix(path)
    if kind == "txt":
        return read_ultrastar(path, voice=track)
    if kind in MIDI:
        return read_midi(path, track=track)
    if kind in MUSICXML:
        return read_musicxml(path, part=track)
    raise SongError("unknown_song_type", path=path, suffix=path.suffix)


def choose_notes(folder: Folder, named: Path | None, notices: NoticeList) -> Path | None:
    """The notes file: the one song.toml names, else UltraStar, else "notes.*", else the only one.

    Raises
    ------
    SongError
        ``ambiguous`` where several could be meant.
    """
    if named is not None:
        return named
    ultrastar = [file for file in folder.kinds({"txt"}) if looks_like_ultrastar(file)]
    if ultrastar:
        by_stem = [file for file in ultrastar if key(file.stem) == "notes"]
        return one_of(by_stem or ultrastar, folder, "notes")
    by_stem = folder.stems({"notes"}, NOTES)
    if by_stem:
        return one_of(by_stem, folder, "notes")
    others = [
        file
        for file in folder.kinds(MIDI | MUSICXML)
        if suffix(file) != "xml" or looks_like_musicxml(file)
    ]
    chosen = one_of(others, folder, "notes") if others else None
    if chosen is not None:
        notices.add("notes_taken", name=chosen.name)
    return chosen


def one_of(candidates: list[Path], folder: Folder, entry: str) -> Path:
    """The single candidate, or the question which of them is meant, with song.toml's key for it.

    Raises
    ------
    SongError
        ``ambiguous``.
    """
    if len(candidates) == 1:
        return candidates[0]
    names = tuple(file.name for file in candidates[:_MOST_LISTED])
    raise SongError("ambiguous", path=folder.path, entry=entry, candidates=names)
