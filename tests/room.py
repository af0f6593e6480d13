"""A room with a singer in it: a private PulseAudio server whose microphone hears what tests feed.

Everything sounds on one null sink, and so on one clock. Its four channels are the two speakers,
the singer's voice and a spare; the microphones are views of its monitor. A judge records all
four channels in one stream, which tells when the voice sounded relative to the song.

What was learnt from measuring: an output stream has to stand on the null sink itself. Through a
remapped sink the round trip differs from start to start (32 to 43 ms) and jumps by 10 ms within
a run without any flag; directly it was 32.00 ms in every start. So the voice is a stream on the
same sink too, on a channel that no stereo stream reaches.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
import pytest
from hearing import RAMP_PERIOD, Break, RampCheck, first_break, offset_of, ramp
from room_layout import (
    ALWAYS,
    CHANNELS,
    FEEDS,
    LAYOUT,
    PCMS,
    PROTOCOL,
    SERVER,
    SONG,
    SONG_RIGHT,
    SPARE,
    VOICE,
    missing,
    require_audio,
)

__all__ = [
    "RAMP_PERIOD",
    "SONG",
    "SONG_RIGHT",
    "SPARE",
    "VOICE",
    "Break",
    "Judge",
    "RampCheck",
    "Room",
    "first_break",
    "missing",
    "offset_of",
    "ramp",
    "require_audio",
    "stall",
]


def stall(pid: int, seconds: float) -> None:
    """Let a process hang for a moment."""
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)


class Judge:
    """A recording of everything in the room. Use as a context manager, or start and stop it."""

    def __init__(self, room: Room, path: Path, *, channels: Iterable[int] = range(4)) -> None:
        self.path = path
        self.channels = tuple(channels)
        names = ",".join(CHANNELS[channel] for channel in self.channels)
        self._process = room.spawn(
            [
                *["parec", "--device=speakers.monitor", "--raw", str(path)],
                *[f"--rate={room.rate}", "--format=float32le", "--latency-msec=100"],
                *[f"--channels={len(self.channels)}", f"--channel-map={names}", "--no-remix"],
            ]
        )
        deadline = time.monotonic() + 5.0
        while not (path.exists() and path.stat().st_size):
            assert self._process.poll() is None, "the judge could not record"
            assert time.monotonic() < deadline, "the judge heard nothing for 5 s"
            time.sleep(0.01)

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, after_s: float = 0.3) -> None:
        """End the recording `after_s` from now, so that what sounds now is in it."""
        if self._process.poll() is None:
            time.sleep(after_s)
            self._process.terminate()
            self._process.wait(5.0)

    @property
    def sound(self) -> np.ndarray:
        """What was heard. Shape: (n, channels), mapped from the file, float32."""
        width = len(self.channels)
        n = self.path.stat().st_size // (4 * width)
        return np.memmap(self.path, dtype="<f4", mode="r", shape=(n, width))


class Room:
    """A PulseAudio server in a folder of its own; all processes end with the one that made it.

    `environ` is what child processes need: PortAudio in them lists the names of `PCMS`. The
    default devices are mic and speakers. `extras` are devices of `LAYOUT` to be loaded too:
    `bleedmic` hears voice and song, half of each; `desk` is an interface of four channels, the
    voice on its third; `sparemic` hears the spare channel; `headset` is a second output that can
    be taken away while the room stays (its delay wavers).

    >>> with Room() as room, room.judge(tmp_path / "all.raw") as judge:   # doctest: +SKIP
    ...     engine = subprocess.Popen([...], env=room.environ)
    ...     voice = room.play(SINGING / "pjs001.flac")
    ...     voice.wait()
    >>> heard = judge.sound[:, VOICE]                                     # doctest: +SKIP
    """

    def __init__(self, *, rate: int = 48000, extras: Iterable[str] = ()) -> None:
        self.rate = rate
        self.extras = tuple(extras)
        self.folder = Path()
        self._server: subprocess.Popen[bytes] | None = None
        self._children: list[subprocess.Popen[bytes]] = []
        self._modules: dict[str, str] = {}

    def __enter__(self) -> Room:
        require_audio()
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
        try:
            self._write_settings()
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process of the room and remove its folder."""
        for child in [*self._children, *([self._server] if self._server else [])]:
            if child.poll() is None:
                child.kill()
            child.wait(5.0)
        self._children.clear()
        self._server = None
        if self.folder != Path():
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def environ(self) -> dict[str, str]:
        """The environment for child processes that shall live in this room."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
        return ours | {
            "XDG_RUNTIME_DIR": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "PULSE_SERVER": f"unix:{self.folder / 'native'}",
            "PULSE_CLIENTCONFIG": str(self.folder / "client.conf"),
            "ALSA_CONFIG_PATH": str(self.folder / "alsa.conf"),
        }

    # What sounds

    def play(
        self, sound: Path, device: str = "micfeed", *, latency_ms: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Play a file that libsndfile reads; the process ends when all of it has sounded.

        `micfeed` is the singer's mouth and `spare` the fourth channel, both for mono files; any
        other name is a sink, where a mono file would sound on all channels, the voice's too.
        """
        sink, channel = FEEDS.get(device, (device, ""))
        where = [f"--channel-map={channel}", "--channels=1", "--no-remix"] if channel else []
        how = [f"--latency-msec={latency_ms}"] if latency_ms else []
        return self.spawn(["paplay", f"--device={sink}", *where, *how, str(sound)])

    def feed_raw(
        self,
        blocks: Iterable[np.ndarray],
        device: str = "micfeed",
        *,
        rate: int | None = None,
        latency_ms: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Play mono blocks, int16 or float32, as they are drawn from an iterator.

        `rate` other than the room's is another clock: 47990 into 48000 gives 208 ppm more
        samples than were fed. The process ends when all of it has sounded.
        """
        drawn = iter(blocks)
        first = next(drawn)
        sink, channel = FEEDS.get(device, (device, "mono"))
        sort = "s16le" if first.dtype == np.int16 else "float32le"
        how = [f"--latency-msec={latency_ms}"] if latency_ms else []
        process = self.spawn(
            ["pacat", "--playback", "--raw", f"--device={sink}", f"--channel-map={channel}"]
            + ["--channels=1", f"--rate={rate or self.rate}", f"--format={sort}", *how]
            + (["--no-remix"] if channel != "mono" else []),
            stdin=subprocess.PIPE,
        )
        assert process.stdin is not None
        threading.Thread(target=_pour, args=(process.stdin, first, drawn), daemon=True).start()
        return process

    def judge(self, path: Path, *, channels: Iterable[int] = range(4)) -> Judge:
        """Begin to record what sounds in the room, to `path` as raw float32."""
        return Judge(self, path, channels=channels)

    # What goes wrong

    def unload(self, name: str) -> None:
        """Take a device of `LAYOUT` away. Whoever used it is moved to another one silently.

        Not the speakers, on which everything stands: the headset is there to be lost.
        """
        assert name != "speakers", "everything stands on the speakers: unload the headset"
        self.pactl("unload-module", self._modules.pop(name))

    def load(self, name: str) -> None:
        """Bring a device of `LAYOUT` (back)."""
        self._modules[name] = self.pactl(
            "load-module", *LAYOUT[name].format(rate=self.rate).split()
        )

    def suspend(self, name: str, away: bool = True) -> None:
        """Suspend a source or sink, or wake it up."""
        kind = "sink" if name in self._names("sinks") else "source"
        self.pactl(f"suspend-{kind}", name, "1" if away else "0")

    def move(self, target: str, *, pid: int | None = None) -> int:
        """Move recording or playing streams (of one process) to `target`; how many there were."""
        kind = "sink" if target in self._names("sinks") else "source"
        streams, verb = {
            "sink": ("sink-inputs", "move-sink-input"),
            "source": ("source-outputs", "move-source-output"),
        }[kind]
        own = {index for index, owner in self.streams(streams).items() if pid in (None, owner)}
        for index in own:
            self.pactl(verb, index, target)
        return len(own)

    def stall_server(self, seconds: float) -> None:
        """Let the server hang for a moment, as on a machine that is too busy for it."""
        assert self._server is not None
        stall(self._server.pid, seconds)

    def kill_server(self) -> None:
        """End the server as a crash would."""
        assert self._server is not None
        os.kill(self._server.pid, signal.SIGKILL)
        self._server.wait(5.0)
        (self.folder / "native").unlink(missing_ok=True)

    def restart_server(self) -> None:
        """Start the server anew: the same socket, the same devices."""
        if self._server is not None and self._server.poll() is None:
            self.kill_server()
        self._start()

    # Underneath

    def spawn(
        self, command: list[str], *, stdin: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        """Start a process of the room: it is killed when the room closes or the caller dies."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*_TIED, *command], env=self.environ, stdin=stdin, stdout=log, stderr=log
            )
        self._children.append(process)
        return process

    def pactl(self, *arguments: str) -> str:
        """What `pactl` answers; an AssertionError with its words where it fails."""
        done = subprocess.run(
            ["pactl", *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        assert done.returncode == 0, f"pactl {' '.join(arguments)}: {done.stderr.strip()}"
        return done.stdout.strip()

    def streams(self, kind: str = "source-outputs") -> dict[str, int]:
        """The recording streams (or the `sink-inputs`) by index, and whose process each is."""
        found: dict[str, int] = {}
        index = ""
        for line in self.pactl("list", kind).splitlines():
            if "#" in line and not line.startswith((" ", "\t")):
                index = line.rsplit("#", 1)[1]
            elif "application.process.id" in line:
                found[index] = int(line.split('"')[1])
        return found

    def _names(self, kind: str) -> set[str]:
        return {line.split("\t")[1] for line in self.pactl("list", "short", kind).splitlines()}

    def _write_settings(self) -> None:
        pcms = "\n".join(
            f'pcm.{pcm} {{ type pulse device "{name}" }}' for pcm, name in PCMS.items()
        )
        (self.folder / "alsa.conf").write_text(f"</usr/share/alsa/alsa.conf>\n{pcms}\n")
        (self.folder / "client.conf").write_text("autospawn = no\n")

    def _start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*_TIED, *_EAGER, *SERVER, "-L", f"{PROTOCOL} socket={self.folder}/native"],
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_up()
        self._modules.clear()
        for name in (*ALWAYS, *self.extras):
            self.load(name)
        self.pactl("set-default-sink", "speakers")
        self.pactl("set-default-source", "mic")

    def _wait_until_up(self, most_s: float = 15.0) -> None:
        assert self._server is not None
        deadline = time.monotonic() + most_s
        while True:
            asked = subprocess.run(
                ["pactl", "info"], env=self.environ, capture_output=True, check=False
            )
            if asked.returncode == 0:
                return
            if self._server.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "log").read_text(errors="replace")
                pytest.fail(f"the PulseAudio server did not start:\n{said}", pytrace=False)
            time.sleep(0.05)


# setpriv lets the kernel end a child when the thread that made it ends, however that happens.
_TIED = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
_EAGER = ["nice", "-n", "-10"]  # where that is not allowed, nice only says so
_PREFIX = "asa-room-"


def _sweep() -> None:
    """Remove the folders of rooms whose makers were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _pour(pipe: IO[bytes], first: np.ndarray, rest: Iterable[np.ndarray]) -> None:
    """Write blocks to a pipe until they end or nobody reads any more."""
    try:
        with pipe:
            pipe.write(first.tobytes())
            for block in rest:
                pipe.write(block.tobytes())
    except (BrokenPipeError, OSError):
        return
