"""A song's recordings as files that the engine can play: any format, at the stream's rate.

What libsndfile reads at that rate is played as it lies there. All else is decoded once into the
cache, which may be lost at any time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from asa_desktop.core.errors import AsaError, AudioError, Cancelled, PlaceError, place_error
from asa_desktop.core.types import Song
from asa_desktop.services.files import TEMPORARY, replacing, sha256_of
from asa_desktop.services.paths import private_folder
from asa_desktop.services.processes import end, ending, spawned

if TYPE_CHECKING:
    import soundfile

    from asa_desktop.core.audio_foreign import Stream
    from asa_desktop.core.types import FloatArray

log = logging.getLogger(__name__)

LIMIT_BYTES = 4 * 1024**3
_STALE_S = 3600.0
_LONGEST_FRAMES = 1 << 40  # a stream of unknown length promises more
_SUFFIX = ".flac"

Progress = Callable[[float], None]
Cancel = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Parts:
    """What is heard while singing: `backing`, and the original `voice` where it lies apart.

    `backing_sings` says that the voice is in the backing already and cannot be turned down.
    """

    backing: Path | None = None
    voice: Path | None = None
    backing_sings: bool = False


@dataclass(frozen=True, slots=True)
class Playable:
    """A file that the engine can play, and its length."""

    path: Path
    seconds: float


def parts_of(song: Song) -> Parts:
    """The accompaniment with the voice apart, else the mix, else the voice alone, else nothing."""
    if song.accompaniment is not None:
        return Parts(song.accompaniment, song.vocal)
    if song.mix is not None:
        return Parts(song.mix, backing_sings=True)
    return Parts(voice=song.vocal)


def prepared(
    file: Path,
    *,
    rate: int,
    cache: Path,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
    limit_bytes: int = LIMIT_BYTES,
) -> Path:
    """The file itself where the engine can play it at `rate`, else a FLAC in the folder `cache`.

    Works block by block. Foreign files may harm whoever decodes them: see `prepare_in_worker`.

    Raises
    ------
    AudioError
        As `core.audio.decode`.
    PlaceError
        For `file` as `core.audio.decode`, for the cache ``disk_full``, ``no_rights``, ...
    Cancelled
        When `cancelled` said so; then nothing is left.
    """
    from asa_desktop.core.audio import decoding

    with decoding(file) as stream:
        if _plays_as_it_is(file, rate):
            return file
        target = private_folder(cache) / f"{sha256_of(file)[:40]}-{rate}{_SUFFIX}"
        if not _is_whole(target, rate):
            _write(target, stream, rate, progress or (lambda share: None), cancelled)
        with contextlib.suppress(OSError):
            os.utime(target)  # its last use, by which the oldest are found
    _thin(cache, limit_bytes, keep=target)
    return target


def prepare_in_worker(
    files: Sequence[Path],
    *,
    rate: int,
    cache: Path,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> tuple[Playable, ...]:
    """`prepared` for each file, in a process of its own that a broken file may take down.

    Raises
    ------
    AsaError
        As `prepared`; also `AudioError` ``decoder_died``, naming the file that was worked on.
    """
    if not files:
        return ()
    process, connection = spawned(_work, tuple(files), rate, cache, name="asa-decode")
    done: list[Playable] = []
    try:
        while len(done) < len(files):
            if cancelled is not None and cancelled():
                raise Cancelled
            if not connection.poll(0.1):
                continue
            told = connection.recv()
            if isinstance(told, AsaError):
                raise told
            if isinstance(told, Playable):
                done.append(told)
            elif progress is not None:
                progress((len(done) + told) / len(files))
    except (EOFError, OSError) as error:
        facts = ending(process).facts
        raise AudioError("decoder_died", path=files[len(done)], **facts) from error
    except BaseException:
        process.terminate()
        raise
    finally:
        connection.close()
        end(process)
    return tuple(done)


def _work(connection: Connection, files: Sequence[Path], rate: int, cache: Path) -> None:
    try:
        for file in files:
            path = prepared(file, rate=rate, cache=cache, progress=connection.send)
            connection.send(Playable(path, _seconds(path)))
    except AsaError as error:
        connection.send(error)
    except MemoryError:
        connection.send(PlaceError("out_of_memory"))


def _seconds(path: Path) -> float:
    import soundfile

    return float(soundfile.info(path).duration)


def _plays_as_it_is(file: Path, rate: int) -> bool:
    import soundfile

    try:
        found = soundfile.info(file)
    except (soundfile.SoundFileError, OSError, TypeError):
        return False
    fits = found.samplerate == rate and found.channels <= 2
    return bool(fits and 0 < found.frames < _LONGEST_FRAMES)


def _is_whole(target: Path, rate: int) -> bool:
    return target.is_file() and _plays_as_it_is(target, rate)


def _write(
    target: Path, stream: Stream, rate: int, progress: Progress, cancelled: Cancel | None
) -> None:
    import soundfile

    try:
        with replacing(target) as file:
            sink = _Sink(file)
            with soundfile.SoundFile(
                sink, "w", rate, stream.channels, format="FLAC", subtype="PCM_24"
            ) as sound:
                for share, block in _resampled(stream, rate):
                    if cancelled is not None and cancelled():
                        raise Cancelled
                    _append(sound, block)
                    sink.raise_fault()
                    progress(share)
            sink.raise_fault()
    except OSError as error:
        raise place_error(error, target) from error


def _append(sound: soundfile.SoundFile, block: FloatArray) -> None:
    import numpy as np

    sound.write(np.clip(block, -1, 1 - 2**-23))


def _resampled(stream: Stream, rate: int) -> Iterator[tuple[float, FloatArray]]:
    """Blocks of shape (n, channels) at `rate`, each with the share that is done."""
    import numpy as np
    import soxr

    resampler = soxr.ResampleStream(stream.rate, rate, stream.channels, dtype="float32")
    done = 0
    for block in stream.blocks:
        done += block.shape[1]
        share = min(1.0, done / stream.frames) if stream.frames else 0.0
        yield share, resampler.resample_chunk(np.ascontiguousarray(block.T))
    last = np.zeros((0, stream.channels), np.float32)
    yield 1.0, resampler.resample_chunk(last, last=True)


class _Sink:
    """A file for libsndfile, whose callbacks cannot raise: a full disk is remembered instead."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._fault: OSError | None = None
        self.tell, self.read = file.tell, file.read

    def write(self, content: bytes) -> int:
        with self._remembering():
            self._file.write(content)
        return len(content)

    def seek(self, offset: int, whence: int) -> int:
        with self._remembering():  # what was buffered is written before
            return self._file.seek(offset, whence)
        return 0

    def flush(self) -> None:
        pass

    @contextlib.contextmanager
    def _remembering(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._fault = self._fault or error

    def raise_fault(self) -> None:
        if self._fault is not None:
            raise self._fault


def _thin(cache: Path, limit_bytes: int, *, keep: Path) -> None:
    """Remove the longest unused files above the limit, and what a killed process left."""
    entries = []
    for path in cache.iterdir():
        with contextlib.suppress(OSError):  # another process may have thinned it
            status = path.stat()
            if path.suffix == TEMPORARY and time.time() - status.st_mtime > _STALE_S:
                path.unlink()
            elif path.suffix == _SUFFIX:
                entries.append((status.st_mtime, status.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= limit_bytes:
            return
        if path != keep:
            with contextlib.suppress(OSError):  # it may be playing just now
                path.unlink()
                total -= size
