"""One interface for all that can sing a recording again with another pitch, time and voice."""

from __future__ import annotations

from typing import Any, Protocol

from asa_desktop.core.errors import UsageError
from asa_training.segment import Array

RATE = 16_000
ENGINES = ("world", "vocoder", "psola")  # psola is held out for testing


class Engine(Protocol):
    """`prepare` once per recording, `render` once per rendition. Same input, same samples."""

    name: str

    def prepare(self, audio: Array, f0: Array) -> Any:
        """Analyse 16 kHz `audio` (N,) whose F0 on 5 ms frames is `f0` (T,), 0 where unvoiced."""

    def render(self, source: Any, *, f0: Array, source_time: Array, formant: float) -> Array:
        """Sing `source` anew, returning as many samples as it has.

        `f0` (T,) is the wanted F0 in Hz on output frames of 5 ms, 0 where unvoiced;
        `source_time` (T,) the rising source second that each output frame takes its sound from;
        `formant` scales the envelope's frequencies.
        """


def engine(name: str) -> Engine:
    """The engine of that name; UsageError `unknown_engine` otherwise."""
    if name == "world":
        from asa_training.render.world import World

        return World()
    if name == "vocoder":
        from asa_training.render.vocoder import Vocoder

        return Vocoder()
    if name == "psola":
        from asa_training.render.psola import Psola

        return Psola()
    raise UsageError("unknown_engine", engine=name, known=ENGINES)
