"""What is to be recorded, and what is heard meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asa_desktop import words
from asa_desktop.cli.progress import ProgressLine
from asa_desktop.core.errors import UsageError
from asa_desktop.core.types import Song
from asa_desktop.engine.messages import Opened, Setup
from asa_desktop.services.paths import places
from asa_desktop.services.playback import parts_of
from asa_desktop.services.rehearsal import Ready, make_ready
from asa_desktop.services.taking import Heard


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be recorded: over which song (`place` is where it lies), on what, to where."""

    song: Song | None
    place: Path | None
    setup: Setup
    out: Path | None = None
    singer: str = ""
    start_s: float = 0.0
    seconds: float | None = None
    volume: float = 1.0
    vocal_volume: float | None = None
    delay_s: float | None = None


def heard_of(wish: Wish, opened: Opened) -> tuple[Heard, float | None]:
    """What is played, made ready, and where in it the take ends (None: when it is stopped).

    Raises `UsageError` ``start_beyond``, and what `prepare_in_worker` does.
    """
    song = wish.song or Song(title="")
    voice_gain = wish.vocal_volume
    if voice_gain is None:
        voice_gain = wish.volume if parts_of(song).backing is None else 0.0
    ready = _ready(song, opened.rate, with_voice=voice_gain > 0)
    end_s = ready.end_s
    if end_s is not None and wish.start_s >= end_s:
        raise UsageError("start_beyond", start_s=wish.start_s, length_s=end_s)
    if wish.seconds is not None:
        asked = wish.start_s + wish.seconds
        end_s = asked if end_s is None else min(end_s, asked)
    heard = ready.heard(
        backing_gain=wish.volume, voice_gain=voice_gain, start_s=wish.start_s, end_s=end_s
    )
    return heard, end_s


def _ready(song: Song, rate: int, *, with_voice: bool) -> Ready:
    line = ProgressLine()
    try:
        return make_ready(
            song,
            rate=rate,
            cache=places().cache,
            with_voice=with_voice,
            progress=lambda share: line.show(f"{words.sentence('preparing')} {share:4.0%}"),
        )
    finally:
        line.clear()
