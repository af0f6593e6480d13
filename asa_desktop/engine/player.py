"""What is played: up to two stems, read ahead by a thread, mixed inside the callback."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile

from asa_desktop.core.errors import AudioError, PlaceError
from asa_desktop.core.types import FloatArray

AHEAD_S = 4.0
_FIRST_S = 0.5
_BLOCK = 8192


class Stem(Protocol):
    """Stereo sound that can be read forward; short reads mean that it has ended."""

    frames: int

    def read(self, count: int) -> FloatArray: ...

    def close(self) -> None: ...


class ArrayStem:
    """Sound that is there already, such as chirps. `samples`: (n,)."""

    def __init__(self, samples: FloatArray) -> None:
        self.frames = len(samples)
        self._stereo = np.repeat(samples[:, None], 2, axis=1)
        self._at = 0

    def read(self, count: int) -> FloatArray:
        block = self._stereo[self._at : self._at + count]
        self._at += len(block)
        return block

    def close(self) -> None:
        pass


class FileStem:
    """A file at the stream's rate, mono or stereo, from `start` frames on; before 0 is silence.

    Raises `PlaceError` ``missing_file``, and `AudioError` ``not_audio``, ``rate_differs`` or
    ``damaged``: whoever asks has prepared it.
    """

    def __init__(self, path: Path, *, rate: int, start: int = 0) -> None:
        if not path.exists():
            raise PlaceError("missing_file", path=path)
        try:
            self._file = soundfile.SoundFile(path)
        except soundfile.LibsndfileError as error:
            raise AudioError("not_audio", path=path) from error
        if self._file.samplerate != rate:
            found = self._file.samplerate
            self._file.close()
            raise AudioError("rate_differs", path=path, rate=found, wanted=rate)
        start = min(start, self._file.frames)
        self._silent = max(0, -start)
        self.frames = self._file.frames - start
        try:
            self._file.seek(max(0, start))
        except soundfile.LibsndfileError as error:  # it is cut off before this place
            self._file.close()
            raise AudioError("damaged", path=path) from error

    def read(self, count: int) -> FloatArray:
        if silent := min(self._silent, count):
            self._silent -= silent
            return np.concatenate((np.zeros((silent, 2), np.float32), self.read(count - silent)))
        try:
            block: FloatArray = self._file.read(count, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError:
            return np.zeros((0, 2), np.float32)  # damaged: silent from here, the singer goes on
        return np.repeat(block, 2, axis=1) if block.shape[1] == 1 else block[:, :2]

    def close(self) -> None:
        self._file.close()


class Player:
    """Stems that sound together, each at its gain.

    The callback takes frames by `mix`; a thread keeps `AHEAD_S` ready. Where the disk was too
    slow those frames stay silent and are counted in `starved`: the song never moves against the
    recording.
    """

    def __init__(
        self, stems: tuple[Stem, ...], gains: tuple[float, ...], *, rate: int, frames: int
    ) -> None:
        self.frames = frames
        self.position = 0
        self.starved = 0
        self.gains = gains
        self._sounding = gains
        self._stems = stems
        self._room = int(AHEAD_S * rate)
        self._kept = np.zeros((len(stems), self._room, 2), np.float32)
        self._filled = 0
        self._more = threading.Event()
        self._closed = False
        self._jump = 0
        while self._filled < min(int(_FIRST_S * rate), frames):
            self._fill_once()
        self._thread = threading.Thread(target=self._read_ahead, name="player", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        return self.position >= self.frames

    def mix(self, out: FloatArray) -> None:
        """Put the next ``len(out)`` frames into `out` (n, 2). Called from the callback."""
        count = len(out)
        out.fill(0)
        if self._jump:
            self.position = max(0, self.position + self._jump)
            self._jump = 0
        ready = min(self._filled - self.position, count, self.frames - self.position)
        wanted = min(count, self.frames - self.position)
        if ready > 0:
            self._add(out, ready)
        if ready < wanted:
            self.starved += 1
        self.position += count

    def _add(self, out: FloatArray, ready: int) -> None:
        before, now = self._sounding, self.gains
        self._sounding = now
        at = self.position % self._room
        first = min(ready, self._room - at)
        for stem, (old, new) in enumerate(zip(before, now, strict=True)):
            if old == 0 and new == 0:
                continue
            # A step in volume would click, so it is spread over the block.
            ramp = np.linspace(old, new, ready, dtype=np.float32)[:, None] if old != new else new
            kept = self._kept[stem]
            if first == ready:
                out[:ready] += kept[at : at + ready] * ramp
            else:
                both = np.concatenate((kept[at:], kept[: ready - first]))
                out[:ready] += both * ramp

    def skip(self, frames: int) -> None:
        """Go on so many frames further on with the next block; a few back where negative."""
        self._jump += frames

    def close(self) -> None:
        """End the reading; the callback must have let go of the player."""
        self._closed = True
        self._more.set()
        self._thread.join()
        for stem in self._stems:
            stem.close()

    def _read_ahead(self) -> None:
        while not self._closed and self._filled < self.frames:
            self._pass_over(self.position - self._filled)
            if self._filled - self.position > self._room - 2 * _BLOCK:
                self._more.wait(0.1)
                continue
            self._fill_once()

    def _pass_over(self, count: int) -> None:
        """Skip what the callback wanted before it was read."""
        if count > 0:
            for stem in self._stems:
                stem.read(count)
            self._filled += count

    def _fill_once(self) -> None:
        count = min(_BLOCK, self.frames - self._filled)
        at = self._filled % self._room
        first = min(count, self._room - at)
        for kept, stem in zip(self._kept, self._stems, strict=True):
            block = np.zeros((count, 2), np.float32)
            read = stem.read(count)
            block[: len(read)] = read
            kept[at : at + first] = block[:first]
            kept[: count - first] = block[first:]
        self._filled += count
