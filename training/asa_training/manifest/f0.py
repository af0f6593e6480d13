"""F0 tracks that come without sound: text files and archives, as corpora publish them.

- ``.f0s.txt``: MASTmelody's, two columns, seconds and Hz, separated by a tab, 0 where there is no
  pitch (github.com/barisbozkurt/MASTmelody_dataset, README.md and f0data/, read at 976c695);
- ``_f0.csv``: vocadito's, the same with a comma (mirdata, datasets/vocadito.py);
- ``.f0.csv``: what `asa-train features` writes, with a third column, the confidence, and a header;
- one column of Hz alone, and ``archive.npz#NAME`` (Hz, one dimension): these do not say how far
  apart their frames are. An archive may say so in a member ``hop_s``; otherwise it is MASTmelody's
  128 samples at 44.1 kHz = 2.9025 ms, the only corpus known here that comes so.

Values of 0 and below mean no pitch (Melodia, which MASTmelody used, writes a negative guess there
when asked to).
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.errors import AudioError, PlaceError, SongError, place_error
from asa_desktop.core.songs.textfile import read_bounded, split_lines
from asa_desktop.core.types import PitchTrack
from asa_training.manifest.places import split_place

MAST_HOP_S = 128 / 44_100
SUFFIXES = (".f0s.txt", "_f0.csv", ".f0.csv")
LIMIT = 64_000_000
"""Bytes of a text file or of an archive's unpacked member."""

HIGHEST_HZ = 20_000.0

_ABSURD = 1e6
_UNEVEN = 0.1
_HOP_MEMBER = "hop_s"

Numbers = NDArray[np.float64]


def is_f0(place: str | Path) -> bool:
    """Whether a place is an F0 track rather than sound, by its name."""
    path, member = split_place(str(place))
    if path.lower().endswith(".npz"):
        return bool(member)
    return path.lower().endswith(SUFFIXES)


def open_f0(place: str | Path) -> PitchTrack:
    """Read an F0 track; the first frame is at second 0.

    Where a corpus gives no confidence it is 1 on frames with pitch and 0 on the others.

    Raises
    ------
    AudioError
        ``f0_unreadable`` with the line or member that is no F0, ``f0_uneven`` where frames are not
        evenly spaced, ``f0_empty``.
    PlaceError
        Where the file is missing or closed to us.
    """
    name, member = split_place(str(place))
    path = Path(name)
    if member:
        hz, hop_s = _from_archive(path, member)
        return _track(path, hz, hop_s=hop_s)
    columns = _columns(path)
    if columns.shape[1] == 1:
        return _track(path, columns[:, 0], hop_s=MAST_HOP_S)
    hop_s, before = _timing(path, columns[:, 0])
    padded = np.pad(columns[:, 1:], ((before, 0), (0, 0)))
    return _track(path, padded[:, 0], hop_s=hop_s, confidence=padded[:, 1:])


def _track(
    path: Path, hz: Numbers, *, hop_s: float, confidence: Numbers | None = None
) -> PitchTrack:
    if not len(hz):
        raise AudioError("f0_empty", path=path)
    if hz.max() > HIGHEST_HZ:
        raise AudioError("f0_unreadable", path=path, where=f"a pitch over {HIGHEST_HZ:.0f} Hz")
    pitched = np.maximum(hz, 0.0).astype(np.float32)
    if confidence is None or not confidence.shape[1]:
        sure = (pitched > 0).astype(np.float32)
    else:
        sure = np.clip(confidence[:, 0], 0.0, 1.0).astype(np.float32)
    return PitchTrack(hop_s=hop_s, hz=pitched, confidence=sure)


def _timing(path: Path, times: Numbers) -> tuple[float, int]:
    """(seconds between frames, frames that are missing before the first)."""
    if len(times) < 2:
        return MAST_HOP_S, 0
    hop_s = float(times[-1] - times[0]) / (len(times) - 1)
    if hop_s <= 0 or times[0] < -hop_s / 2 or times[0] > len(times) * hop_s + 60:
        raise AudioError("f0_uneven", path=path)
    # Against the even grid, not step by step: printed times are rounded.
    grid = times[0] + hop_s * np.arange(len(times))
    if np.abs(times - grid).max() > max(_UNEVEN * hop_s, 5e-4):
        raise AudioError("f0_uneven", path=path)
    return hop_s, max(0, round(float(times[0]) / hop_s))


def _columns(path: Path) -> Numbers:
    """The numbers of a text file. Shape: (T, 1 to 3)."""
    try:
        text = read_bounded(path, limit=LIMIT).decode("utf-8-sig", errors="replace")
    except SongError as error:
        raise AudioError("f0_unreadable", path=path, where="its size") from error
    rows: list[list[float]] = []
    for number, line in enumerate(split_lines(text), start=1):
        fields = [field for field in re.split(r"[\s,;]+", line.strip()) if field]
        if not fields or line.lstrip().startswith("#"):
            continue
        values = _numbers(fields)
        if values is None and not rows and fields[0][0].isalpha():
            continue  # a header
        if values is None or len(values) > 3 or (rows and len(values) != len(rows[0])):
            raise AudioError("f0_unreadable", path=path, where=f"line {number}")
        rows.append(values)
    if not rows:
        raise AudioError("f0_empty", path=path)
    return np.array(rows, dtype=np.float64)


def _numbers(fields: list[str]) -> list[float] | None:
    try:
        values = [float(field) for field in fields]
    except ValueError:
        return None
    return values if all(abs(value) < _ABSURD for value in values) else None


def _from_archive(path: Path, member: str) -> tuple[Numbers, float]:
    where = f"its member {member}"
    try:
        state = path.stat()
    except OSError as error:
        raise place_error(error, path) from error
    try:
        archive = _archive(path, state.st_mtime_ns, state.st_size)
        hz = _array(archive, member)
        hop_s = float(_array(archive, _HOP_MEMBER).reshape(-1)[0])
    except PlaceError:
        raise
    except Exception as error:  # zipfile and numpy raise a dozen kinds over a broken archive
        raise AudioError("f0_unreadable", path=path, where=where) from error
    if hz.ndim != 1 or not np.isfinite(hz).all() or not (math.isfinite(hop_s) and hop_s > 0):
        raise AudioError("f0_unreadable", path=path, where=where)
    return hz, hop_s


@lru_cache(maxsize=2)
def _archive(path: Path, changed: int, size: int) -> zipfile.ZipFile:
    """An archive in memory; listing hundreds of members anew for each takes 10 ms."""
    return zipfile.ZipFile(io.BytesIO(read_bounded(path, limit=LIMIT)))


def _array(archive: zipfile.ZipFile, member: str) -> Numbers:
    try:
        info = archive.getinfo(f"{member}.npy")
    except KeyError:
        if member == _HOP_MEMBER:
            return np.array([MAST_HOP_S])
        raise
    if info.file_size > LIMIT:
        raise ValueError("unpacked it is too large")
    with archive.open(info) as stream:
        data = io.BytesIO(stream.read(LIMIT))
    return np.asarray(np.lib.format.read_array(data, allow_pickle=False), dtype=np.float64)
