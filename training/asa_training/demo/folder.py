"""Writes a song's folder: song.toml, sound, UltraStar notes and timed lyrics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.types import Note
from asa_training.demo.ogg import with_serial
from asa_training.demo.plan import MedleyPlan

# UltraStar counts quarter beats; thrice the tempo makes a twelfth of a beat, which holds
# sixteenths and triplets exactly.
TEMPO_FACTOR = 3
OGG_QUALITY = 0.45  # libsndfile's compression level, 0 = best
BLOCK = 65_536
SERIAL = 1


def ultrastar(plan: MedleyPlan, notes: Sequence[Note]) -> str:
    """The melody as an UltraStar file, version 1.1.0, beginning at the files' first sample."""
    bpm = plan.bpm * TEMPO_FACTOR
    tags = {
        "VERSION": "1.1.0",
        "TITLE": plan.title,
        "ARTIST": plan.artist,
        "LANGUAGE": "Japanese",
        "CREATOR": "ASA Desktop",
        "MP3": "accompaniment.ogg",
        "AUDIO": "accompaniment.ogg",
        "VOCALS": "vocal.flac",
        "INSTRUMENTAL": "accompaniment.ogg",
        "BPM": f"{bpm:g}",
        "GAP": "0",
    }
    rows = [f"#{key}:{value}" for key, value in tags.items()]
    lines = [list(line) for _, line in groupby(notes, key=lambda note: note.line)]
    for index, line in enumerate(lines):
        if index:
            ended = _tick(lines[index - 1][-1].end, bpm)
            rows.append(f"- {(ended + _tick(line[0].start, bpm)) // 2}")
        for note in line:
            start = _tick(note.start, bpm)
            length = max(_tick(note.end, bpm) - start, 1)
            rows.append(f": {start} {length} {round(note.midi) - 60} {note.syllable}")
    return "\n".join([*rows, "E", ""])


def _tick(seconds: float, bpm: float) -> int:
    return round(seconds * 4.0 * bpm / 60.0)


def lrc(plan: MedleyPlan, notes: Sequence[Note]) -> str:
    """The lyrics, one time a line."""
    rows = [f"[ti:{plan.title}]", f"[ar:{plan.artist}]", f"[la:{plan.language}]"]
    for _, line in groupby(notes, key=lambda note: note.line):
        sung = list(line)
        hundredths = round(sung[0].start * 100)
        minutes, rest = divmod(hundredths, 6_000)
        words = "".join(note.syllable for note in sung)
        rows.append(f"[{minutes:02d}:{rest // 100:02d}.{rest % 100:02d}]{words}")
    return "\n".join([*rows, ""])


def song_toml(*, title: str, artist: str, language: str) -> str:
    """The folder's own card."""
    quoted = {"title": title, "artist": artist, "language": language}
    rows = [f'{key} = "{_escaped(value)}"' for key, value in quoted.items()]
    return "\n".join([*rows, "offset = 0.0", ""])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def write_text(path: Path, text: str) -> None:
    """Write by a temporary file, so that no half of it is ever there."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)


def write_sound(path: Path, sound: NDArray[np.float64], rate: int) -> None:
    """Write (N,) or (2, N) as Ogg Vorbis or 16-bit FLAC, by the file's suffix."""
    import soundfile

    ogg = path.suffix == ".ogg"
    channels = 1 if sound.ndim == 1 else sound.shape[0]
    part = path.with_name(path.name + ".part")
    with soundfile.SoundFile(
        part,
        "w",
        rate,
        channels,
        format="OGG" if ogg else "FLAC",
        subtype="VORBIS" if ogg else "PCM_16",
        compression_level=OGG_QUALITY if ogg else 1.0,
    ) as file:
        for block in _blocks(sound.T):
            file.write(block)
    if ogg:
        part.write_bytes(with_serial(part.read_bytes(), SERIAL))
    part.replace(path)


def _blocks(frames: NDArray[np.float64]) -> Iterable[NDArray[np.float64]]:
    """Pieces small enough for the Vorbis encoder, which overflows on a whole song at once."""
    for start in range(0, len(frames), BLOCK):
        yield np.ascontiguousarray(frames[start : start + BLOCK])
