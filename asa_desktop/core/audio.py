"""Recordings in and out: decode what singers have, average, resample, write FLAC.

A file is judged by its content, never by its suffix, and read in blocks. WAV, FLAC, MP3, Ogg,
Opus and AIFF come through libsndfile; the rest through `audio_foreign`.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core import audio_foreign, audio_headers
from asa_desktop.core.audio_foreign import Broken, Stream
from asa_desktop.core.errors import AudioError, PlaceError, place_error
from asa_desktop.core.types import FloatArray

if TYPE_CHECKING:
    import soundfile

ANALYSIS_RATE = 16_000
MIN_RATE = 8_000
MAX_RATE = 384_000
MAX_CHANNELS = 2
MAX_MINUTES = 60
BLOCK = 1 << 14
_FIRST_ROOM_S = 600  # a header may lie, so no more than this is set aside on its word
_UNKNOWN_FRAMES = 1 << 62


@dataclass(frozen=True)
class Audio:
    """Sound as it is in the file. `samples`: (channels, n) float32, nominally -1 to 1."""

    samples: FloatArray
    rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return float(self.samples.shape[1] / self.rate)


@dataclass(frozen=True)
class Probe:
    """What the header says. `duration_s` is None where only decoding would tell."""

    rate: int
    channels: int
    duration_s: float | None


def decode(path: Path) -> Audio:
    """Read a whole recording, all its channels at its own rate.

    Raises
    ------
    PlaceError
        ``missing_file``, ``is_folder``, ``not_a_file``, ``no_rights``, ...
    AudioError
        ``empty_file``, ``not_audio``, ``damaged``, ``cut_short``, ``no_samples``, ``not_finite``,
        ``too_many_channels``, ``odd_rate``, ``too_long``, ``no_sound_track``, ``unknown_codec``,
        ``needs_formats``.
    """
    with _checked(path) as stream:
        room = min(stream.frames or 0, _FIRST_ROOM_S * stream.rate)
        samples = np.empty((stream.channels, room), np.float32)
        filled = 0
        for block in stream.blocks:
            end = filled + block.shape[1]
            if end > samples.shape[1]:
                samples = _with_room(samples, filled, max(end, 2 * samples.shape[1]))
            samples[:, filled:end] = block
            filled = end
        return Audio(samples[:, :filled], stream.rate)


@contextlib.contextmanager
def decoding(path: Path) -> Iterator[Stream]:
    """The recording block by block, for what must never be held whole. Errors as `decode`."""
    with _checked(path) as stream:
        yield stream


def _with_room(samples: FloatArray, filled: int, room: int) -> FloatArray:
    grown = np.empty((samples.shape[0], room), np.float32)
    grown[:, :filled] = samples[:, :filled]
    return grown


def mono_16k(path: Path) -> FloatArray:
    """Decode, average the channels, resample to 16 kHz (soxr HQ). Shape (n,).

    Works block by block, so the recording at its own rate is never held whole. Errors as `decode`.
    """
    import soxr

    with _checked(path) as stream:
        if stream.rate == ANALYSIS_RATE:
            parts = [block.mean(axis=0, dtype=np.float32) for block in stream.blocks]
            return np.concatenate(parts)
        resampler = soxr.ResampleStream(stream.rate, ANALYSIS_RATE, 1, dtype="float32")
        parts = [
            resampler.resample_chunk(block.mean(axis=0, dtype=np.float32))
            for block in stream.blocks
        ]
        parts.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        return np.concatenate(parts)


def resample_blocks(stream: Stream, *, to: int) -> Iterator[FloatArray]:
    """The blocks of an open recording at another rate (soxr HQ), the last one perhaps empty."""
    if stream.rate == to:
        yield from stream.blocks
        return
    import soxr

    resampler = soxr.ResampleStream(stream.rate, to, stream.channels, dtype="float32")
    for block in stream.blocks:
        yield np.ascontiguousarray(resampler.resample_chunk(block.T).T)
    rest = resampler.resample_chunk(np.zeros((0, stream.channels), np.float32), last=True)
    yield np.ascontiguousarray(rest.T)


def resample(samples: FloatArray, *, rate: int, to: int) -> FloatArray:
    """Resample (n,) or (channels, n) with soxr HQ along the last axis."""
    if rate == to:
        return samples
    import soxr

    turned: FloatArray = soxr.resample(samples.T, rate, to, quality="HQ")
    return np.ascontiguousarray(turned.T, dtype=np.float32)


def probe(path: Path) -> Probe:
    """Rate, channels and length from the header alone. Errors as `decode` has on opening."""
    with _opened(path) as stream:
        seconds = None if stream.frames is None else stream.frames / stream.rate
        return Probe(stream.rate, stream.channels, seconds)


def sha256(path: Path) -> str:
    """Hex digest of the file's bytes."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise place_error(error, path) from error


def write_flac(path: Path, samples: FloatArray, rate: int) -> None:
    """Write (n,) or (channels, n) as 24-bit FLAC: whole and checked, or not at all.

    Goes to a temporary name beside `path`, is flushed to the disk, decoded again and compared,
    and only then takes its name. Samples outside -1..1 are clipped.

    Raises
    ------
    PlaceError
        ``disk_full``, ``no_rights``, ``read_only``, ``missing_file``, ...
    AudioError
        ``not_finite``, or ``write_check_failed`` if what came back differs.
    """
    import soundfile

    wanted = np.atleast_2d(np.asarray(samples, np.float32))
    if not np.isfinite(wanted).all():
        raise AudioError("not_finite", path=path)
    buffer = io.BytesIO()  # encoded in memory: a full disk then shows as a plain OSError
    clipped = np.clip(wanted, -1, 1 - 2**-23)
    soundfile.write(buffer, clipped.T, rate, format="FLAC", subtype="PCM_24")
    part = path.with_name(f".{path.name[:80]}.{os.getpid()}.part")
    try:
        _write_through(part, buffer.getbuffer())
        back, back_rate = soundfile.read(io.BytesIO(part.read_bytes()), dtype="float32")
        if back_rate != rate or not _same(np.atleast_2d(back.T), clipped):
            raise AudioError("write_check_failed", path=path)
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise place_error(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _write_through(part: Path, content: memoryview) -> None:
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _same(back: NDArray[np.float32], wanted: NDArray[np.float32]) -> bool:
    return back.shape == wanted.shape and bool(np.allclose(back, wanted, rtol=0, atol=2**-22))


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable where the system lets a folder be flushed."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _head(path: Path) -> bytes:
    """The first bytes of an ordinary, non-empty file; everything else is told apart here."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise PlaceError("is_folder", path=path)
        if not stat.S_ISREG(mode):  # a pipe or device would block, or never end
            raise PlaceError("not_a_file", path=path)
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise place_error(error, path) from error
    except ValueError as error:  # a NUL in the name
        raise PlaceError("missing_file", path=path) from error
    if not head:
        raise AudioError("empty_file", path=path)
    return head


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Stream]:
    """Open by content and refuse what the header already rules out."""
    kind = audio_headers.kind_of(path, _head(path))
    if kind is None:
        raise AudioError("not_audio", path=path)
    opener = _sndfile if kind == "sndfile" else audio_foreign.opened
    with opener(path) as stream:
        if stream.channels > MAX_CHANNELS:
            raise AudioError("too_many_channels", path=path, channels=stream.channels)
        if not MIN_RATE <= stream.rate <= MAX_RATE:
            raise AudioError("odd_rate", path=path, rate=stream.rate)
        promised = stream.frames
        if promised is not None and promised < 0:  # a header may say anything
            promised = None
        _refuse_too_long(path, promised or 0, stream.rate)
        yield replace(stream, frames=promised)


@contextlib.contextmanager
def _checked(path: Path) -> Iterator[Stream]:
    """As `_opened`, with blocks that are counted, finite and bounded."""
    with _opened(path) as stream:
        yield replace(stream, blocks=_guarded(path, stream))


def _guarded(path: Path, stream: Stream) -> Iterator[FloatArray]:
    done = 0
    try:
        for block in stream.blocks:
            if len(block) != stream.channels:
                raise Broken
            if not np.isfinite(block).all():
                raise AudioError("not_finite", path=path)
            done += block.shape[1]
            _refuse_too_long(path, done, stream.rate)
            yield block
    except Broken as error:
        if done and stream.frames is not None:
            raise _cut_short(path, stream, done) from error
        raise AudioError("damaged", path=path) from error
    if stream.frames is not None and done < stream.frames - stream.slack:
        raise _cut_short(path, stream, done)
    if not done:
        raise AudioError("no_samples", path=path)


def _cut_short(path: Path, stream: Stream, done: int) -> AudioError:
    promised = (stream.frames or 0) / stream.rate
    return AudioError("cut_short", path=path, readable_s=done / stream.rate, promised_s=promised)


def _refuse_too_long(path: Path, frames: int, rate: int) -> None:
    if frames > MAX_MINUTES * 60 * rate:
        raise AudioError("too_long", path=path, minutes=frames / rate / 60, limit=MAX_MINUTES)


@contextlib.contextmanager
def _sndfile(path: Path) -> Iterator[Stream]:
    """Open through libsndfile; what it does not know may still be readable as a foreign format."""
    import soundfile

    try:
        # A plain file object has no name that libsndfile or soundfile could guess from.
        raw = _Nameless(path)
    except OSError as error:
        raise place_error(error, path) from error
    with raw:
        try:
            sound = soundfile.SoundFile(raw)
        except soundfile.LibsndfileError:
            sound = None
        if sound is not None:
            with sound:
                yield _sndfile_stream(path, sound)
            return
    with audio_foreign.opened(path) as stream:
        yield stream


def _sndfile_stream(path: Path, sound: soundfile.SoundFile) -> Stream:
    import soundfile

    frames: int | None = sound.frames
    if sound.frames >= _UNKNOWN_FRAMES:
        frames = None
    elif sound.format in ("WAV", "WAVEX", "AIFF"):
        # libsndfile counts what is there; the header told what should be.
        frames = round(sound.frames / max(1 - audio_headers.missing_share(path), 1e-6))

    def blocks() -> Iterator[FloatArray]:
        while True:
            try:
                block = sound.read(BLOCK, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                raise Broken from error
            if not len(block):
                return
            yield block.T

    return Stream(sound.samplerate, sound.channels, frames, blocks(), slack=sound.samplerate // 10)


class _Nameless:
    """A binary file without a `name`, which soundfile would take the format from."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.read, self.readinto = self._file.read, self._file.readinto
        self.seek, self.tell = self._file.seek, self._file.tell

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
