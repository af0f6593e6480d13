"""MIR-1K: ``Wavfile/<singer>_<song>_<clip>.wav``, accompaniment left and voice right.

Channels from mirdata (github.com/mir-dataset-loaders/mirdata, datasets/mir_1k.py: channel 0
instrumental, 1 vocal), names from the same and from public loaders (``abjones_1_01.wav``, the
singer before the first underscore); Hsu and Jang 2010. mirdata gives no licence ("offers the
dataset for download ... without specifying a license"), so it is unknown. Song numbers count
within a singer, so a song's name here is both. ``UndividedWavfile`` holds the same singing uncut.
"""

from __future__ import annotations

import re
from pathlib import Path

from asa_training.importers.layout import (
    UNKNOWN,
    Imported,
    Layout,
    below,
    counted,
    imported,
    sounds,
)
from asa_training.manifest.values import Row

NAME = "mir1k"
_STEM = re.compile(r"(.+)_([0-9]+)_([0-9]+)")


def read(source: Path) -> Imported:
    """All clips of the folder MIR-1K."""
    rows, odd = [], []
    for path in sounds(source, "Wavfile/*.*"):
        match = _STEM.fullmatch(path.stem)
        if match is None:
            odd.append(path.name)
            continue
        place = below(path, source)
        rows.append(
            Row(
                path=f"{place}#right",
                singer=match[1],
                song=f"{match[1]}_{match[2]}",
                part=match[3],
                accompaniment=f"{place}#left",
                licence=UNKNOWN,
            )
        )
    notices = counted(odd, "Left out, since not called <singer>_<song>_<clip>")
    return imported(NAME, source, rows, notices, looked_for="Wavfile/<singer>_<song>_<clip>.wav")


LAYOUT = Layout(NAME, "1000 clips of Chinese karaoke by 19 amateurs, stereo", UNKNOWN, read)
