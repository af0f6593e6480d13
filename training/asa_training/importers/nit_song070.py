"""NIT-SONG070: ``nitech_jp_song070_f001_<number>.wav``, one nursery song each, one woman.

Names from HTS-demo_NIT-SONG070-F001 (hts.sp.nitech.ac.jp/archives/2.3), which holds them as
``data/raw/*.raw``: 16-bit little-endian samples at 48 kHz without a header (so recipes such as
nnsvs' and ESPnet's nit_song070 read them). Those are to be given a WAV head first; this importer
takes what can be decoded, directly in the folder or in its ``data/raw``, ``data/wav`` or ``wav``.
"""

from __future__ import annotations

from pathlib import Path

from asa_training.importers import corpora
from asa_training.importers.layout import Imported, Layout, counted, imported, sounds

NAME = "nit_song070"
_STEM = "nitech_jp_song070_f001_*"
_FOLDERS = ("", "data/raw/", "data/wav/", "wav/")


def read(source: Path) -> Imported:
    """All songs of the folder."""
    rows = [
        corpora.row(path, source, name=NAME, singer="nit_female", song=path.stem)
        for path in sounds(source, *(f"{folder}{_STEM}.*" for folder in _FOLDERS))
    ]
    there = {row.song for row in rows}
    raw = [
        path.name
        for folder in _FOLDERS
        for path in sorted(source.glob(f"{folder}{_STEM}.raw"))
        if path.stem not in there
    ]
    notices = counted(raw, "Left out for want of a head (make WAV of them: 16 bit, 48 kHz, mono)")
    return imported(NAME, source, rows, notices, looked_for=f"{_STEM}.wav or .flac")


LAYOUT = Layout(NAME, "Japanese nursery songs by one woman, 48 kHz", corpora.LICENCES[NAME], read)
