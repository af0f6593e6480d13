"""A sounddevice module without sound: tests turn its streams by hand, as fast as they like."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

Microphone = Callable[[int, int], np.ndarray]


class PortAudioError(Exception):
    """As sounddevice's: words, then PortAudio's number."""


@dataclass
class FakeStream:
    """One stream; `sides` says whether it records, plays or both."""

    sound: FakeSound
    sides: str
    options: dict[str, Any]
    running: bool = False
    frames: int = 0

    def start(self) -> None:
        self.running = True

    def abort(self) -> None:
        self.running = False
        if self.sound.hangs is not None:
            self.sound.hangs.wait()

    def close(self) -> None:
        self.running = False
        if self in self.sound.streams:
            self.sound.streams.remove(self)

    def end(self) -> None:
        """The device goes away as when its server is killed."""
        self.running = False
        self.options["finished_callback"]()

    def turn(self, flags: SimpleNamespace) -> None:
        """One callback."""
        options, sound = self.options, self.sound
        count = options["blocksize"]
        seconds = self.frames / options["samplerate"]
        when = SimpleNamespace(
            inputBufferAdcTime=seconds,
            outputBufferDacTime=seconds + sound.stamp_delay_s,
            currentTime=seconds,
        )
        coming = None
        if self.sides != "out":
            channels = options["channels"][0] if self.sides == "both" else options["channels"]
            coming = np.zeros((count, channels), np.float32)
            coming[:, :] = sound.heard(sound.in_frames, count)[:, None]
        going = None
        if self.sides != "in":
            channels = options["channels"][1] if self.sides == "both" else options["channels"]
            going = np.ones((count, channels), np.float32)
        given = [each for each in (coming, going) if each is not None]
        options["callback"](*given, count, when, flags)
        if going is not None and sound.keeps_played:
            sound.played.append(going)
        if coming is not None:
            sound.in_frames += count
        self.frames += count


@dataclass
class FakeSound:
    """One host API with the devices of `names`, each with so many `inputs`.

    `microphone(first, count)` is what is sung.
    """

    microphone: Microphone = lambda first, count: np.zeros(count, np.float32)
    names: tuple[str, ...] = ("card",)
    inputs: int = 2
    api: str = "Core Audio"
    rate: int = 48000
    stamp_delay_s: float = 0.05
    refusal: PortAudioError | None = None
    streams: list[FakeStream] = field(default_factory=list)
    played: list[np.ndarray] = field(default_factory=list)
    in_frames: int = 0
    loop_frames: int | None = None
    keeps_played: bool = True
    refreshed: int = 0
    hangs: threading.Event | None = None
    PortAudioError = PortAudioError

    def Stream(self, **options: Any) -> FakeStream:  # noqa: N802
        return self._opened("both", options)

    def InputStream(self, **options: Any) -> FakeStream:  # noqa: N802
        return self._opened("in", options)

    def OutputStream(self, **options: Any) -> FakeStream:  # noqa: N802
        return self._opened("out", options)

    def _opened(self, sides: str, options: dict[str, Any]) -> FakeStream:
        if self.refusal is not None:
            raise self.refusal
        self.streams.append(FakeStream(self, sides, options))
        return self.streams[-1]

    def query_hostapis(self) -> tuple[dict[str, Any], ...]:
        return ({"name": self.api},)

    def query_devices(self, kind: str | None = None) -> Any:
        devices = [
            {
                "name": name,
                "hostapi": 0,
                "index": number,
                "max_input_channels": self.inputs,
                "max_output_channels": 2,
                "default_samplerate": float(self.rate),
            }
            for number, name in enumerate(self.names)
        ]
        if kind is None:
            return devices
        if not devices or (kind == "input" and not self.inputs):
            raise ValueError("no device")
        return devices[0]

    def _terminate(self) -> None:
        assert not self.streams, "streams must be closed first"

    def _initialize(self) -> None:
        self.refreshed += 1

    def heard(self, first: int, count: int) -> np.ndarray:
        """What the microphone hears: the singer, and the speakers where a loop is set."""
        sound = self.microphone(first, count).astype(np.float32)
        if self.loop_frames is not None:
            whole = np.concatenate([each[:, 0] for each in self.played] or [np.zeros(0)])
            at = np.arange(first, first + count) - self.loop_frames
            ready = (at >= 0) & (at < len(whole))
            sound[ready] += whole[at[ready]].astype(np.float32)
        return sound

    def pump(self, frames: int, *, xruns: str = "") -> None:
        """Let all running streams turn until `frames` have gone by; `xruns` flags the first."""
        names = ("input_overflow", "input_underflow", "output_overflow", "output_underflow")
        flags = SimpleNamespace(**{name: name == xruns for name in names})
        for done in range(0, frames, self._block()):
            for stream in list(self.streams):
                if stream.running:
                    stream.turn(flags)
            if done == 0:
                flags = SimpleNamespace(**dict.fromkeys(names, False))

    def _block(self) -> int:
        return self.streams[0].options["blocksize"] if self.streams else 512
