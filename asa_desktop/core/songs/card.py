"""song.toml: what the owner of a song says of it; it goes before everything that is guessed."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs.melody import plain
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.places import Folder, Refused
from asa_desktop.core.songs.textfile import read_bounded

CARD_NAME = "song.toml"
CARD_LIMIT = 1_000_000
LARGEST_OFFSET_S = 3600.0
_FILES = ("accompaniment", "vocal", "mix", "notes", "lyrics")
_KEYS = {"title", "artist", "language", "offset", "notes_track", *_FILES}


@dataclass(frozen=True, slots=True)
class Card:
    """A song.toml as read; what it does not name is empty.

    `offset_s`: seconds into the audio files at which the clock of the notes and lyrics starts.
    """

    title: str = ""
    artist: str = ""
    language: str = ""
    offset_s: float = 0.0
    accompaniment: Path | None = None
    vocal: Path | None = None
    mix: Path | None = None
    notes: Path | None = None
    lyrics: Path | None = None
    notes_track: str | int | None = None


def read_card(folder: Folder, notices: NoticeList) -> Card:
    """Read the folder's song.toml; an empty card where there is none.

    Raises
    ------
    SongError
        ``bad_song_toml``, ``bad_song_toml_value``, ``named_file_missing``, ``path_refused``.
    """
    path = next(iter(folder.stems({"song"}, {"toml"})), None)
    if path is None:
        return Card()
    values = _parsed(path)
    for name in values.keys() - _KEYS:
        notices.add("song_toml_unknown", key=name[:40])
    files = {name: _file(path, folder, values, name) for name in _FILES}
    return Card(
        title=_text(path, values, "title"),
        artist=_text(path, values, "artist"),
        language=_text(path, values, "language"),
        offset_s=_offset(path, values),
        accompaniment=files["accompaniment"],
        vocal=files["vocal"],
        mix=files["mix"],
        notes=files["notes"],
        lyrics=files["lyrics"],
        notes_track=_track(path, values),
    )


def _parsed(path: Path) -> dict[str, object]:
    data = read_bounded(path, limit=CARD_LIMIT)
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # also TOMLDecodeError, UnicodeDecodeError
        why = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "not UTF-8 or too deep"
        raise SongError("bad_song_toml", path=path, why=why[:120]) from error


def _text(path: Path, values: dict[str, object], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str) or len(value) > 1000:
        raise SongError("bad_song_toml_value", path=path, key=name, wanted="text")
    return plain(value)


def _offset(path: Path, values: dict[str, object]) -> float:
    value = values.get("offset", 0.0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SongError("bad_song_toml_value", path=path, key="offset", wanted="seconds")
    if abs(value) <= LARGEST_OFFSET_S:  # false for nan
        return float(value)
    raise SongError("bad_song_toml_value", path=path, key="offset", wanted="seconds")


def _track(path: Path, values: dict[str, object]) -> str | int | None:
    value = values.get("notes_track")
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
        return value
    raise SongError("bad_song_toml_value", path=path, key="notes_track", wanted="name or number")


def _file(path: Path, folder: Folder, values: dict[str, object], name: str) -> Path | None:
    written = _text(path, values, name) if name in values else ""
    if not written:
        return None
    try:
        found = folder.named(str(values[name]))
    except Refused as refusal:
        raise SongError(
            "path_refused", path=path, entry=name, name=written[:80], why=refusal.why
        ) from refusal
    if found is None:
        raise SongError("named_file_missing", path=path, entry=name, name=written[:80])
    return found
