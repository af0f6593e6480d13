"""Which files of a folder are accompaniment, original voice and mix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs.card import Card
from asa_desktop.core.songs.melody import NotesFile
from asa_desktop.core.songs.names import is_backing, is_vocal
from asa_desktop.core.songs.notes_files import one_of
from asa_desktop.core.songs.notices import NoticeList
from asa_desktop.core.songs.places import AUDIO, MOVING, SOUND, Folder, Refused, key, suffix

STEMS = {
    "accompaniment": {"accompaniment", "instrumental", "karaoke"},
    "vocal": {"vocal", "vocals"},
    "mix": {"mix"},
}
_TAGS = {"accompaniment": ("INSTRUMENTAL",), "vocal": ("VOCALS",), "mix": ("AUDIO", "MP3")}
_PICTURES = ("COVER", "BACKGROUND", "VIDEO")


@dataclass(frozen=True, slots=True)
class SongAudio:
    """A song's recordings; at least one is there."""

    accompaniment: Path | None = None
    vocal: Path | None = None
    mix: Path | None = None


def choose_audio(
    folder: Folder, card: Card, notes: NotesFile | None, notices: NoticeList
) -> SongAudio:
    """song.toml's files, else the UltraStar tags', else by stem, else the only one there is.

    Raises
    ------
    SongError
        ``ambiguous``, ``no_audio``.
    """
    tags = _tagged(folder, notes, notices) if notes is not None and notes.files else {}
    chosen: dict[str, Path] = {}
    for part, stems in STEMS.items():
        found = getattr(card, part) or _by_tag(part, tags)
        if found is None and (named := folder.stems(stems, AUDIO)):
            found = one_of(named, folder, part)
        if found is not None:
            chosen[part] = found
    if "accompaniment" not in chosen and "mix" not in chosen:
        taken = {*chosen.values(), tags.get("VIDEO")}
        free = [file for file in folder.kinds(AUDIO) if file not in taken]
        chosen |= _by_default(free, folder, chosen, notes, notices)
    if not chosen:
        missing = (
            tuple(notes.files[tag] for tag in ("AUDIO", "MP3") if tag in notes.files)
            if notes
            else ()
        )
        raise SongError("no_audio", path=folder.path, named=missing)
    if chosen.get("mix") in (chosen.get("accompaniment"), chosen.get("vocal")):
        # UltraStar cannot do without AUDIO, so songs of separate parts name one of them there.
        chosen.pop("mix", None)
    return SongAudio(**chosen)


def _by_tag(part: str, tags: Mapping[str, Path]) -> Path | None:
    return next((tags[tag] for tag in _TAGS[part] if tag in tags), None)


def _tagged(folder: Folder, notes: NotesFile, notices: NoticeList) -> dict[str, Path]:
    """The files that UltraStar's tags name; what is missing or refused is reported."""
    found: dict[str, Path] = {}
    for tag, name in notes.files.items():
        if tag == "MP3" and "AUDIO" in found:
            continue  # AUDIO wins
        facts = {"file": notes.melody.source.name if notes.melody.source else "", "entry": tag}
        try:
            file = folder.named(name)
        except Refused as refusal:
            notices.add("path_refused", **facts, name=name[:80], why=refusal.why)
            continue
        if file is None:
            notices.add("named_file_missing", **facts, name=name[:80])
        elif tag not in _PICTURES and suffix(file) not in AUDIO:
            notices.add("named_file_not_audio", **facts, name=name[:80])
        else:
            found[tag] = file
    return found


def _by_default(
    free: list[Path],
    folder: Folder,
    chosen: Mapping[str, Path],
    notes: NotesFile | None,
    notices: NoticeList,
) -> dict[str, Path]:
    """What to sing to where nothing names it: by words in the names, else the only file there is.

    Videos are looked at only where there is no plain sound.
    """
    plain = [file for file in free if suffix(file) in SOUND]
    files = plain or [file for file in free if suffix(file) in MOVING]
    guessed: dict[str, Path] = {}
    voices = [file for file in files if is_vocal(file.stem)]
    if len(voices) == 1 and len(files) > 1 and "vocal" not in chosen:
        guessed["vocal"] = voices[0]
        files.remove(voices[0])
    backing = [file for file in files if is_backing(file.stem)]
    source = notes.melody.source if notes is not None else None
    namesakes = [file for file in files if source and key(file.stem) == key(source.stem)]
    if len(backing) == 1:
        guessed["accompaniment"] = backing[0]
        rest = [file for file in files if file != backing[0]]
        if len(rest) == 1:
            guessed["mix"] = rest[0]
    elif files:
        guessed["mix"] = one_of(namesakes or files, folder, "accompaniment")
    for part, file in guessed.items():
        notices.add("audio_taken", name=file.name, taken_as=part)
    return guessed
