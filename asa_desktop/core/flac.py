"""FLAC written as it comes, and read back before it counts: for what is never held whole."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile
from numpy.typing import NDArray

from asa_desktop.core.errors import AudioError, place_error
from asa_desktop.core.guarded import GuardedFile

_BLOCK = 1 << 16
_SHIFT = 8  # libsndfile takes 24 bits as the upper ones of 32


class CheckedFlac:
    """A new 24-bit FLAC file at `path`; after `finish` it is whole, on the disk and compared.

    Where that is not reached the file goes when the block ends. Raises PlaceError
    (``disk_full``, ``in_the_way``, ...) and AudioError ``write_check_failed``.
    """

    def __init__(self, path: Path, *, rate: int, channels: int) -> None:
        self.path, self._rate, self._channels = path, rate, channels
        self._written = hashlib.sha256()
        self._finished = False
        try:
            self._file = GuardedFile(path)
        except OSError as error:
            raise place_error(error, path) from error
        self._sound = soundfile.SoundFile(
            self._file, "w", rate, channels, subtype="PCM_24", format="FLAC"
        )

    def write(self, steps: NDArray[np.int32]) -> None:
        """Take in more: steps of 24 bits, shape (channels, n)."""
        frames = np.ascontiguousarray(steps.T, dtype=np.int32) << _SHIFT
        try:
            self._sound.write(frames)
            self._file.check()
        except OSError as error:
            raise place_error(error, self.path) from error
        except soundfile.LibsndfileError as error:
            raise AudioError("write_check_failed", path=self.path) from error
        self._written.update(frames.tobytes())

    def finish(self) -> str:
        """Close the file, read it back and compare; its sha256."""
        try:
            self._sound.close()
            self._file.sync()
            self._file.close()
            if self._read_back() != self._written.digest():
                raise AudioError("write_check_failed", path=self.path)
            with self.path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise place_error(error, self.path) from error
        except soundfile.LibsndfileError as error:
            raise AudioError("write_check_failed", path=self.path) from error
        self._finished = True
        return digest

    def _read_back(self) -> bytes:
        digest = hashlib.sha256()
        with soundfile.SoundFile(self.path) as sound:
            if (sound.samplerate, sound.channels) != (self._rate, self._channels):
                return b""
            while len(block := sound.read(_BLOCK, dtype="int32", always_2d=True)):
                digest.update(block.tobytes())
        return digest.digest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._finished:
            return
        with contextlib.suppress(soundfile.LibsndfileError):
            self._sound.close()
        with contextlib.suppress(OSError):
            self._file.close()
            self.path.unlink(missing_ok=True)
