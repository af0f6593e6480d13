"""`load_song`: a folder or a file becomes a Song, with a notice for all that was guessed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.errors import SongError, place_error
from asa_desktop.core.songs.audio_files import SongAudio, choose_audio
from asa_desktop.core.songs.card import CARD_NAME, Card, read_card
from asa_desktop.core.songs.lrc import LyricsFile, read_lrc
from asa_desktop.core.songs.melody import NotesFile
from asa_desktop.core.songs.names import is_backing, title_and_artist
from asa_desktop.core.songs.notes_files import choose_notes, read_notes
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.places import AUDIO, NOTES, Folder, key, open_folder, suffix
from asa_desktop.core.types import LyricLine, Song


def load_song(path: Path, *, notes_track: str | int | None = None) -> Song:
    """Read a song: a folder, one audio file, or the notes file of a folder.

    `song.toml` goes first, then the tags of an UltraStar .txt, then the names of the files
    (accompaniment, instrumental, karaoke; vocal, vocals; notes; lyrics). Nothing outside the
    folder is read, nothing is written.

    Parameters
    ----------
    notes_track
        The voice of an UltraStar duet ("P2" or its name), the track of a MIDI file or the part
        of a score (name, or number from 1) that is to be sung; goes before song.toml's.

    Raises
    ------
    SongError
        If there is no song here or its files cannot be used; ``ambiguous`` where only the user
        can choose.
    PlaceError
        If the path is missing or closed to us.
    """
    path = Path(path)
    try:
        is_folder = path.is_dir()
        if not is_folder:
            path.stat()
    except OSError as error:
        raise place_error(error, path) from error
    except ValueError as error:  # a NUL in the name
        raise SongError("unknown_song_type", path=path, suffix="") from error
    if is_folder:
        return _from_folder(path, notes_track=notes_track)
    kind = suffix(path)
    if kind in AUDIO:
        return _from_audio(path)
    if kind in NOTES:
        return _from_folder(path.parent, given=path, notes_track=notes_track)
    if key(path.name) == CARD_NAME:
        return _from_folder(path.parent, notes_track=notes_track)
    raise SongError("unknown_song_type", path=path, suffix=path.suffix)


def _from_audio(path: Path) -> Song:
    """A song that is one recording: a backing track where its name says so, else a mix."""
    notices = NoticeList()
    title, artist = title_and_artist(path.stem)
    backing = is_backing(path.stem)
    if not backing:
        notices.add("audio_taken", name=path.name, taken_as="mix")
    notices.add("parts_missing", parts=("vocal", "notes", "lyrics"))
    return Song(
        title=title,
        artist=artist,
        accompaniment=path if backing else None,
        mix=None if backing else path,
        notices=notices.done(),
    )


def _from_folder(path: Path, *, given: Path | None = None, notes_track: str | int | None) -> Song:
    notices = NoticeList()
    folder = open_folder(path, notices)
    card = read_card(folder, notices)
    notes_path = given or choose_notes(folder, card.notes, notices)
    wanted = notes_track if notes_track is not None else card.notes_track
    notes = read_notes(notes_path, wanted) if notes_path is not None else None
    if notes is not None:
        notices.extend(notes.notices)
    lyrics = _lyrics(folder, card, given or notes_path, notices, flat=given is not None)
    audio = choose_audio(folder, card, notes, notices)
    found = _Found(path, card, notes, lyrics, audio, given)
    return found.song(notices)


@dataclass(frozen=True, slots=True)
class _Found:
    """All that a folder holds, before what it says of title and the like is weighed."""

    path: Path
    card: Card
    notes: NotesFile | None
    lyrics: LyricsFile | None
    audio: SongAudio
    given: Path | None

    def song(self, notices: NoticeList) -> Song:
        """Put together; song.toml goes before the notes' file, that before lyrics and names."""
        named_title, named_artist = self._from_names()
        notes, said, card = self.notes, self.lyrics, self.card
        lyrics = self._lyric_lines()
        self._note_missing(lyrics, notices)
        title = card.title or (notes and notes.title) or (said and said.title)
        artist = card.artist or (notes and notes.artist) or (said and said.artist)
        language = card.language or (notes and notes.language) or (said and said.language)
        return Song(
            title=title or named_title,
            artist=artist or ("" if title else named_artist),
            language=language or "",
            folder=self.path,
            accompaniment=self.audio.accompaniment,
            vocal=self.audio.vocal,
            mix=self.audio.mix,
            melody=notes.melody if notes else None,
            lyrics=lyrics,
            offset_s=card.offset_s,
            start_s=notes.start_s - card.offset_s if notes and notes.start_s else 0.0,
            end_s=notes.end_s - card.offset_s if notes and notes.end_s is not None else None,
            notices=notices.done(),
        )

    def _lyric_lines(self) -> tuple[LyricLine, ...]:
        if self.lyrics is not None:
            return self.lyrics.lines
        return self.notes.lyrics if self.notes is not None else ()

    def _note_missing(self, lyrics: tuple[LyricLine, ...], notices: NoticeList) -> None:
        there = {
            "accompaniment": self.audio.accompaniment or self.audio.mix,
            "vocal": self.audio.vocal,
            "notes": self.notes,
            "lyrics": lyrics,
        }
        missing = tuple(part for part, found in there.items() if not found)
        if missing:
            notices.add("parts_missing", parts=missing)

    def _from_names(self) -> tuple[str, str]:
        """(title, artist) by the first name of the form "Artist - Title", else the folder's."""
        files = (self.given, self.audio.mix, self.audio.accompaniment)
        stems = [file.stem for file in files if file is not None]
        folder_name = self.path.resolve().name
        for name in (folder_name, *stems):
            title, artist = title_and_artist(name)
            if artist:
                return title, artist
        return title_and_artist(self.given.stem if self.given else folder_name or "song")


def _lyrics(
    folder: Folder, card: Card, notes_path: Path | None, notices: NoticeList, *, flat: bool
) -> LyricsFile | None:
    """The lyrics file, if there is one that can be read; no score depends on lyrics."""
    path = card.lyrics or _lyrics_path(folder, notes_path, notices, flat=flat)
    if path is None:
        return None
    try:
        found = read_lrc(path)
    except SongError as error:
        facts = {name: value for name, value in error.facts.items() if name != "path"}
        notices.add(error.code, file=path.name, **facts)
        return None
    notices.extend(found.notices)
    return found


def _lyrics_path(
    folder: Folder, notes_path: Path | None, notices: NoticeList, *, flat: bool
) -> Path | None:
    """lyrics.lrc, else lyrics.txt, else the only .lrc; of several the notes' namesake or none.

    In a `flat` folder, of which one song was asked for by its notes, only the namesake counts.
    """
    for kind in ("lrc", "txt"):
        named = [file for file in folder.stems({"lyrics"}, {kind}) if file != notes_path]
        if named:
            return named[0]
    others = folder.kinds({"lrc"})
    if notes_path is not None:
        namesakes = [file for file in others if key(file.stem) == key(notes_path.stem)]
        others = namesakes or ([] if flat else others)
    if len(others) > 1:
        notices.add("lyrics_not_chosen", candidates=tuple(file.name for file in others[:12]))
        return None
    return others[0] if others else None
