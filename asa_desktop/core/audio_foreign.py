"""Sound that libsndfile cannot read: m4a, aac, mp4, webm, wma and the sound of a video.

PyAV where it is installed (its wheel holds GPL codecs, so the packages come without it), else an
ffmpeg on the PATH as a subprocess.
"""

from __future__ import annotations

import contextlib
import shutil
import struct
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from asa_desktop.core.errors import AudioError
from asa_desktop.core.types import FloatArray

FFMPEG_TIMEOUT_S = 300
_MAX_SECONDS = 3700  # just above the longest take, so that a longer one is seen to be longer
_BLOCK = 1 << 18


class Broken(Exception):  # noqa: N818 - never leaves core.audio
    """The decoder gave up in the middle; what came before it is sound."""


@dataclass(frozen=True)
class Stream:
    """Sound being decoded: blocks of shape (channels, n) float32.

    `frames` is the promised length, None where the container does not tell; up to `slack` frames
    less are no fault (padding of lossy codecs).
    """

    rate: int
    channels: int
    frames: int | None
    blocks: Iterator[FloatArray]
    slack: int = 0


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Stream]:
    """Open through PyAV or ffmpeg.

    Raises
    ------
    AudioError
        ``needs_formats`` if neither is there, ``no_sound_track``, ``unknown_codec``, ``damaged``.
    """
    try:
        import av
    except ImportError:
        program = shutil.which("ffmpeg")
        if program is None:
            raise AudioError("needs_formats", path=path) from None
        with _through_ffmpeg(path, program) as stream:
            yield stream
        return
    with _through_av(path, av) as stream:
        yield stream


@contextlib.contextmanager
def _through_av(path: Path, av: Any) -> Iterator[Stream]:
    try:
        # Only the named file: no address or playlist inside it is followed.
        container = av.open(str(path.absolute()), options={"protocol_whitelist": "file"})
    except (av.FFmpegError, ValueError) as error:
        raise AudioError("damaged", path=path) from error
    with container:
        if not container.streams.audio:
            raise AudioError("no_sound_track", path=path)
        track = container.streams.audio[0]
        codec = track.codec_context
        if codec is None or not codec.sample_rate or not codec.channels:
            name = codec.name if codec is not None else ""
            raise AudioError("unknown_codec", path=path, codec=name)
        seconds = _promised_seconds(container, track)
        frames = None if seconds is None else round(seconds * codec.sample_rate)
        slack = codec.sample_rate if frames is None else codec.sample_rate // 2 + frames // 50
        blocks = _av_blocks(av, container, track)
        yield Stream(codec.sample_rate, codec.channels, frames, blocks, slack=slack)


def _promised_seconds(container: Any, track: Any) -> float | None:
    if container.format.name in ("aac", "ac3", "amr"):
        return None  # raw streams: the length is guessed from the bit rate
    if track.duration is not None and track.time_base is not None:
        return float(track.duration * track.time_base)
    # A film may outlast its sound; without pictures the container's microseconds are the sound's.
    if container.duration is not None and not container.streams.video:
        return float(container.duration / 1_000_000)
    return None


def _av_blocks(av: Any, container: Any, track: Any) -> Iterator[FloatArray]:
    codec = track.codec_context
    resampler = av.AudioResampler(format="fltp", layout=codec.layout.name, rate=codec.sample_rate)
    try:
        for frame in container.decode(track):
            for piece in resampler.resample(frame):
                yield piece.to_ndarray()
        for piece in resampler.resample(None):
            yield piece.to_ndarray()
    # It is a ValueError where rate or channels change in the middle.
    except (av.FFmpegError, ValueError) as error:
        raise Broken from error


@contextlib.contextmanager
def _through_ffmpeg(path: Path, program: str) -> Iterator[Stream]:
    """Let ffmpeg write an AU stream of floats: the simplest header that tells rate and channels."""
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe"]
    command += ["-i", f"file:{path.absolute()}", "-map", "0:a:0", "-t", str(_MAX_SECONDS)]
    command += ["-f", "au", "-c:a", "pcm_f32be", "pipe:1"]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints
        )
        watchdog = threading.Timer(FFMPEG_TIMEOUT_S, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            header = process.stdout.read(24)
            if len(header) < 24 or header[:4] != b".snd":
                process.wait()
                raise _ffmpeg_refusal(path, complaints)
            offset, _, _, rate, channels = struct.unpack(">5I", header[4:])
            process.stdout.read(offset - 24)
            yield Stream(rate, channels, None, _au_blocks(process, channels))
        finally:
            watchdog.cancel()
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _ffmpeg_refusal(path: Path, complaints: IO[bytes]) -> AudioError:
    complaints.seek(0)
    text = complaints.read(10_000).decode("utf-8", "replace")
    if "matches no streams" in text:
        return AudioError("no_sound_track", path=path)
    if "Decod" in text and "not found" in text:
        return AudioError("unknown_codec", path=path, codec="")
    return AudioError("damaged", path=path)


def _au_blocks(process: subprocess.Popen[bytes], channels: int) -> Iterator[FloatArray]:
    assert process.stdout is not None
    width = 4 * channels
    while chunk := process.stdout.read(_BLOCK // width * width):
        whole = len(chunk) // width * width
        yield np.frombuffer(chunk[:whole], ">f4").astype(np.float32).reshape(-1, channels).T
    if process.wait():
        raise Broken
