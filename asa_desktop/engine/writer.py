"""From the ring to the part: every quarter of a second, and to the disk itself each second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from asa_desktop.core.errors import AsaError, PlaceError
from asa_desktop.engine.part import PartWriter
from asa_desktop.engine.ring import Overrun, Ring

WRITE_S = 0.25
SYNC_S = 1.0
_CHUNK = 1 << 15


@dataclass
class _Stretch:
    """Frames of the ring from `start` to `end` (None: still growing)."""

    ring: Ring
    start: int
    take_start: int
    place: int
    end: int | None = None


class TakeWriter:
    """Writes a take while it is sung. A fault of the disk ends the writing and is kept.

    Take frames follow one another without a break: where the device was away `resume` may put
    silence between.
    """

    def __init__(self, part: PartWriter, *, rate: int) -> None:
        self.fault: AsaError | None = None
        self.overruns: list[tuple[int, int]] = []
        self._part = part
        self._rate = rate
        self._stretch: _Stretch | None = None
        self._ended = False
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    @property
    def frames(self) -> int:
        """Frames of the take that are in the file."""
        return self._part.frames

    def begin(self, ring: Ring, start: int) -> None:
        """Write the ring's frames from `start` on."""
        with self._lock:
            self._stretch = _Stretch(ring, start, self._part.frames, start)

    def pause(self, end: int) -> int:
        """Write up to the ring's frame `end` and no further; the take frame that comes next."""
        with self._lock:
            stretch = self._stretch
            if stretch is None:
                return self._part.frames
            stretch.end = max(end, stretch.place)
            self._drain()
            self._stretch = None
            return self._part.frames

    def take_frame(self, ring_frame: int) -> int:
        """The take frame that a frame of the ring became or becomes."""
        stretch = self._stretch
        if stretch is None:
            return self._part.frames
        return stretch.take_start + ring_frame - stretch.start

    def ring_frame(self, take_frame: int) -> int:
        """The ring's frame that a frame of the present stretch is."""
        stretch = self._stretch
        return 0 if stretch is None else stretch.start + take_frame - stretch.take_start

    def silence(self, frames: int) -> None:
        """Put silence behind what there is, before the next `begin`."""
        with self._lock:
            self._try(lambda: self._part.silence(frames))

    def finish(self, end: int | None) -> None:
        """Write up to the ring's frame `end` (None: all that came), flush, and stop."""
        with self._lock:
            if self._stretch is not None:
                self._stretch.end = self._stretch.ring.total if end is None else end
                self._drain()
            self._ended = True
        self._wake.set()
        self._thread.join()
        self._try(self._part.sync)
        self._part.close()

    def _work(self) -> None:
        synced = time.monotonic()
        while not self._wake.wait(WRITE_S) and self.fault is None:
            with self._lock:
                if self._ended:
                    return
                self._drain()
            if time.monotonic() - synced >= SYNC_S:
                synced = time.monotonic()
                self._try(self._part.sync)

    def _drain(self) -> None:
        stretch = self._stretch
        if stretch is None or self.fault is not None:
            return
        end = stretch.ring.total if stretch.end is None else min(stretch.end, stretch.ring.total)
        while stretch.place < end and self.fault is None:
            self._write_some(stretch, min(_CHUNK, end - stretch.place))

    def _write_some(self, stretch: _Stretch, count: int) -> None:
        try:
            block = stretch.ring.read(stretch.place, count)
        except Overrun:
            # The disk stood still for longer than the ring holds: what is gone stays in its place.
            gone = stretch.ring.oldest + self._rate - stretch.place
            self.overruns.append((self._part.frames, self._part.frames + gone))
            self._try(lambda: self._part.silence(gone))
            stretch.place += gone
            return
        self._try(lambda: self._part.append(block))
        stretch.place += count

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except AsaError as error:
            self.fault = self.fault or error
        except OSError as error:  # what the part did not foresee is the disk's fault too
            why = error.strerror or type(error).__name__
            self.fault = self.fault or PlaceError("io_failed", path=self._part.path, why=why)
