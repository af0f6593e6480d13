"""The engine with a microphone whose clock runs 208 ppm fast, as a second sound card's would.

The microphone's stream is opened at 48010 Hz and said to run at 48000: it then hands over 48010
frames in every second of the speakers' clock, through PortAudio and the sound server as they are.
"""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

FAST = 48010 / 48000
PPM = 1e6 * (FAST - 1)


def main(connection: Connection, snapshot: str) -> None:
    """As `asa_desktop.engine.process.main`."""
    import sounddevice

    from asa_desktop.engine.process import main as engine

    plain = sounddevice.InputStream

    def fast(*, samplerate: float, **options: Any) -> Any:
        return plain(samplerate=round(samplerate * FAST), **options)

    sounddevice.InputStream = fast
    engine(connection, snapshot)
