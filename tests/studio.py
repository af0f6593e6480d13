"""The engine at work in a virtual room: what the end-to-end tests of recording share."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import soundfile
import soxr
from room import Room

from asa_desktop.engine.messages import Event
from asa_desktop.services.recorder import Main, Recorder, engine_main

Kind = TypeVar("Kind", bound=Event)


@contextlib.contextmanager
def studio(room: Room, *, main: Main = engine_main) -> Iterator[Recorder]:
    """An engine in a process of its own whose devices are those of `room`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in room.environ.items():
            patch.setenv(name, value)
        with Recorder.start(main=main) as recorder:
            yield recorder


def until(
    recorder: Recorder, kind: type[Kind], *, most_s: float = 60.0, seen: list[Event] | None = None
) -> Kind:
    """Wait for an event of `kind`; the others on the way go to `seen`."""
    deadline = time.monotonic() + most_s
    said: list[Event] = []
    while time.monotonic() < deadline:
        for event in recorder.events(wait_s=0.1):
            if isinstance(event, kind):
                return event
            said.append(event)
            if seen is not None:
                seen.append(event)
    raise AssertionError(f"no {kind.__name__} within {most_s:.0f} s, but {said}")


def at_rate(source: Path, rate: int, *, seconds: float) -> np.ndarray:
    """The beginning of a recording, mono at `rate`. Shape: (n,)."""
    sound, own = soundfile.read(source, dtype="float32", always_2d=True)
    turned = soxr.resample(sound.mean(axis=1), own, rate)
    return np.asarray(turned[: round(seconds * rate)], np.float32)


def written(path: Path, sound: np.ndarray, rate: int) -> Path:
    """`sound` as a file that the engine plays as it is."""
    soundfile.write(path, sound, rate, subtype="FLOAT")
    return path
