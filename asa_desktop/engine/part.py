"""The growing file of a take: mono 24-bit W64, written so that a kill at any moment loses nothing.

W64 is Sony's RIFF with 64-bit sizes: chunks of a 16-byte name, an 8-byte size that counts its own
24-byte head too, and their content. libsndfile reads what is there where the sizes promise more,
but stops where they promise less; so a growing part promises more than it holds, and is whole
without its head ever being written again (which a full copy-on-write disk would refuse).
It is written without libsndfile, which keeps back samples and asserts on a full disk.

A note beside it (`<part>.json`) says whose take of which song it is and what it should become, so
that the next start can finish what a kill broke off.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.errors import AudioError, place_error
from asa_desktop.engine.beside import sync_folder, write_json

SUFFIX = ".w64"
NOTE = ".json"
BLOCK = 1 << 16
"""Frames that are handled at once, so that three hours take no more memory than a second."""

_FRAME = 3
_FULL_SCALE = 1 << 23
_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
_RIFF = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")
_HEAD = struct.Struct("<16sQ16s16sQHHIIHH16sQ")
_PROMISED = 1 << 31  # no more than any file system can seek to
_MOST_RATE, _MOST_BYTES = 1 << 24, 1 << 62  # what the head can say, of what can be


def _head(rate: int, data_bytes: int) -> bytes:
    form = (1, 1, rate, rate * _FRAME, _FRAME, 8 * _FRAME)
    whole = _HEAD.size + data_bytes
    chunks = (b"fmt " + _TAIL, 40, *form, b"data" + _TAIL, 24 + data_bytes)
    return _HEAD.pack(_RIFF, whole, b"wave" + _TAIL, *chunks)


class PartWriter:
    """Writes one part, for one thread. All methods may raise `PlaceError`.

    Parameters
    ----------
    path
        A new file in a folder that is there; ``in_the_way`` if something is there already.
    rate
        Samples a second.
    """

    def __init__(self, path: Path, *, rate: int) -> None:
        self.path = path
        self.rate = rate
        self.frames = 0
        """Whole frames in the file, also after a write that failed half-way."""
        self._promised = _PROMISED
        self._handle = _made(path, _head(rate, _PROMISED))

    def append(self, block: NDArray[np.float32]) -> None:
        """Write samples, shape (n,), full scale 1; louder is clipped, what is no number is 0.

        Where the disk refuses, what went in before stays: `frames` says how much.
        """
        for start in range(0, len(block), BLOCK):
            self._write(_packed(block[start : start + BLOCK]))

    def silence(self, frames: int) -> None:
        """Write `frames` zeros, for the time that a device was away."""
        zeros = bytes(min(frames, BLOCK) * _FRAME)
        while frames > 0:
            self._write(memoryview(zeros)[: frames * _FRAME])
            frames -= BLOCK

    def sync(self) -> None:
        """Make all that was written outlast a power cut; once a second.

        A part that somebody deleted or moved away in the meantime is put back where it was.
        """
        try:
            os.fsync(self._handle)
        except OSError as error:
            raise place_error(error, self.path) from error
        if not self._is_in_place():
            with contextlib.suppress(OSError):
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.move(self.path)

    def move(self, path: Path) -> None:
        """Copy all of it to `path` and go on there; the old file stays."""
        try:
            handle = _copied(self._handle, path)
            self._handle, old = handle, self._handle
            self.path = path
            os.lseek(handle, 0, os.SEEK_END)
            os.close(old)
        except OSError as error:
            raise place_error(error, path) from error

    def close(self) -> None:
        """Say in the head how long it became, and close; raises nothing, so `sync` before."""
        if self._handle < 0:
            return
        self._promise(self.frames * _FRAME)
        handle, self._handle = self._handle, -1
        with contextlib.suppress(OSError):
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, content: bytes | memoryview) -> None:
        rest = memoryview(content)
        whole = self.frames * _FRAME + len(rest)
        if whole > self._promised:
            self._promise(2 * whole)
        try:
            while rest:
                rest = rest[_some(self._handle, rest) :]
        except OSError as error:
            self._end_with_a_frame(whole - len(rest))
            raise place_error(error, self.path) from error
        self.frames = whole // _FRAME

    def _end_with_a_frame(self, data_bytes: int) -> None:
        self.frames = data_bytes // _FRAME
        end = _HEAD.size + self.frames * _FRAME
        with contextlib.suppress(OSError):  # readers pass over a torn frame
            os.ftruncate(self._handle, end)
        with contextlib.suppress(OSError):
            os.lseek(self._handle, end, os.SEEK_SET)

    def _promise(self, data_bytes: int) -> None:
        """Rewrite the head; where the disk refuses, the sound is there all the same."""
        with contextlib.suppress(OSError):
            try:
                os.lseek(self._handle, 0, os.SEEK_SET)
                os.write(self._handle, _head(self.rate, data_bytes))
                self._promised = data_bytes
            finally:
                os.lseek(self._handle, _HEAD.size + self.frames * _FRAME, os.SEEK_SET)

    def _is_in_place(self) -> bool:
        try:
            return os.path.samestat(self.path.stat(), os.fstat(self._handle))
        except OSError:
            return False


def _made(path: Path, start: bytes) -> int:
    """A new file that begins with `start` and outlasts a power cut; its handle."""
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        handle = os.open(path, flags, 0o600)
        try:
            while start:
                start = start[_some(handle, start) :]
            os.fsync(handle)
            sync_folder(path.parent)
        except BaseException:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise place_error(error, path) from error
    return handle


def _copied(source: int, path: Path) -> int:
    os.lseek(source, 0, os.SEEK_SET)
    try:
        handle = _made(path, os.read(source, _HEAD.size))
        try:
            while block := os.read(source, BLOCK * _FRAME):
                rest = memoryview(block)
                while rest:
                    rest = rest[_some(handle, rest) :]
            os.fsync(handle)
        except BaseException:
            os.close(handle)
            path.unlink(missing_ok=True)
            raise
    finally:
        os.lseek(source, 0, os.SEEK_END)
    return handle


def _some(handle: int, content: bytes | memoryview) -> int:
    written = os.write(handle, content)
    if written == 0:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return written


def _packed(block: NDArray[np.float32]) -> bytes:
    """Samples as 24-bit little-endian bytes."""
    numbers = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    most = 1 - 1 / _FULL_SCALE
    whole = np.rint(np.clip(numbers, -1, most) * _FULL_SCALE).astype("<i4")
    return whole.view(np.uint8).reshape(-1, 4)[:, :_FRAME].tobytes()


def part_info(path: Path) -> tuple[int, int]:
    """Rate and frames of a part, by the file's length, whatever its head promises.

    Raises
    ------
    AudioError
        ``not_a_part``.
    PlaceError
        ``missing_file``, ``no_rights`` and the like.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD.size)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise place_error(error, path) from error
    if len(head) < _HEAD.size:
        raise AudioError("not_a_part", path=path)
    fields = _HEAD.unpack(head)
    rate, data_bytes = int(fields[7]), int(fields[-1]) - 24
    possible = 0 < rate <= _MOST_RATE and 0 <= data_bytes <= _MOST_BYTES
    if not possible or head != _head(rate, data_bytes):
        raise AudioError("not_a_part", path=path)
    return rate, (size - _HEAD.size) // _FRAME


def read_blocks(path: Path, *, start: int = 0) -> Iterator[NDArray[np.float32]]:
    """The samples of a part, full scale 1, at most `BLOCK` at once. Raises as `part_info`.

    `start` is the frame to begin with, so that a part can be followed while it grows.
    """
    for block in read_pcm(path, start=start):
        yield (block / np.float32(1 << 31)).astype(np.float32)


def read_pcm(path: Path, *, start: int = 0) -> Iterator[NDArray[np.int32]]:
    """The samples of a part, exactly: 24 bits at the top of 32. Raises as `part_info`."""
    _, whole = part_info(path)
    left = whole - start
    try:
        with path.open("rb") as file:
            file.seek(_HEAD.size + start * _FRAME)
            while left > 0 and (content := file.read(min(left, BLOCK) * _FRAME)):
                frames = len(content) // _FRAME
                wide = np.zeros((frames, 4), np.uint8)
                wide[:, 1:] = np.frombuffer(content, np.uint8, frames * _FRAME).reshape(-1, _FRAME)
                yield wide.view("<i4")[:, 0].astype(np.int32)
                left -= frames
    except OSError as error:
        raise place_error(error, path) from error


def part_note_path(part: Path) -> Path:
    """Where the note of a part lies."""
    return part.with_name(part.name + NOTE)


def write_part_note(part: Path, note: Mapping[str, Any]) -> None:
    """Keep `note` beside `part`: the take's row as far as it is known, and its ``target``.

    Before the first sample, and again whenever what it says has changed. Raises `PlaceError`.
    """
    write_json(part_note_path(part), note)


def read_part_note(part: Path) -> dict[str, Any] | None:
    """The note beside `part`, or None where it is missing or damaged."""
    try:
        note = json.loads(part_note_path(part).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return note if isinstance(note, dict) else None
