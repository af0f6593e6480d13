"""Songs: UltraStar, MIDI and KAR, MusicXML and LRC, and the folder that holds them.

Nothing is imported until used: ``from asa_desktop.core.songs import load_song``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asa_desktop.core.songs.load import load_song
    from asa_desktop.core.songs.lrc import read_lrc
    from asa_desktop.core.songs.midi import read_midi
    from asa_desktop.core.songs.musicxml import read_musicxml
    from asa_desktop.core.songs.notes_files import read_notes
    from asa_desktop.core.songs.ultrastar import read_ultrastar

__all__ = [
    "load_song",
    "read_lrc",
    "read_midi",
    "read_musicxml",
    "read_notes",
    "read_ultrastar",
]

_HOMES = {
    "load_song": "load",
    "read_lrc": "lrc",
    "read_midi": "midi",
    "read_musicxml": "musicxml",
    "read_notes": "notes_files",
    "read_ultrastar": "ultrastar",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
