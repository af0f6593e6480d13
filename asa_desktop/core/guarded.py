"""A file for libsndfile to write to, whose faults we hear of."""

from __future__ import annotations

import contextlib
import errno
import io
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class GuardedFile:
    """A new file that keeps the first `OSError` instead of raising it.

    Called from C, an exception would be printed and lost, and a short write would be taken for
    success here and end in an assertion there. So after a fault everything is nodded through,
    until `check` or `sync` raises it.
    """

    def __init__(self, path: Path) -> None:
        self.fault: OSError | None = None
        self._file = path.open("x+b", buffering=0)

    def check(self) -> None:
        """Raise the fault if there was one."""
        if self.fault is not None:
            raise self.fault

    def sync(self) -> None:
        """Flush to the disk. Raises any fault until now."""
        self.check()
        os.fsync(self._file.fileno())
        if hasattr(os, "posix_fadvise"):  # so that reading back reads the disk, where it can
            with contextlib.suppress(OSError):
                os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def write(self, content: bytes) -> int:
        rest = memoryview(content)
        try:
            while rest and self.fault is None:
                written = self._file.write(rest)
                if not written:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                rest = rest[written:]
        except OSError as error:
            self.fault = error
        return len(content)

    def read(self, count: int = -1) -> bytes:
        try:
            return self._file.read(count) or b""
        except OSError as error:
            self.fault = self.fault or error
            return b""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        try:
            return self._file.seek(offset, whence)
        except OSError as error:
            self.fault = self.fault or error
            return 0

    def tell(self) -> int:
        return self.seek(0, io.SEEK_CUR)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Close the file, whatever became of it. Raises `OSError`."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
