"""From a song and the choices that were made to all that the engine needs to record a take."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core.errors import PlaceError
from asa_desktop.core.types import PitchTrack, Song
from asa_desktop.engine.messages import DEFAULT_BLOCK, Setup
from asa_desktop.services.files import sha256_of
from asa_desktop.services.playback import parts_of, prepare_in_worker
from asa_desktop.services.taking import Delay, Heard

if TYPE_CHECKING:
    from asa_desktop.services.featurestore import FeatureStore
    from asa_desktop.services.library import DelayRow
    from asa_desktop.services.settings import Settings

PLAYBACK = "playback"
"""The folder of the cache that holds recordings as the engine plays them."""

LARGER_BLOCKS = (1024, 2048)

_AFTER_LAST_NOTE_S = 2.0
_TAKE_BYTES = 6.0  # a frame as a part and once more as the FLAC that it becomes


@dataclass(frozen=True, slots=True)
class Ready:
    """A song's recordings as files at the engine's rate.

    `end_s` is where the song ends in its recordings, None where it ends when it is stopped.
    `backing_sings` says that the voice is in the backing and cannot be turned down.
    """

    backing: Path | None = None
    voice: Path | None = None
    backing_sings: bool = False
    end_s: float | None = None

    def heard(
        self,
        *,
        backing_gain: float,
        voice_gain: float,
        start_s: float = 0.0,
        end_s: float | None = None,
    ) -> Heard:
        """What plays; `end_s` None is the song's own end."""
        return Heard(
            backing=self.backing,
            voice=self.voice,
            backing_gain=backing_gain,
            voice_gain=voice_gain,
            start_s=start_s,
            end_s=self.end_s if end_s is None else end_s,
        )


def make_ready(
    song: Song,
    *,
    rate: int,
    cache: Path,
    with_voice: bool = True,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Ready:
    """The song's recordings made ready for `rate`; `cache` is the user's cache folder.

    Without `with_voice` the voice is left out where there is something else to hear: it cannot be
    turned up then. Raises as `prepare_in_worker`.
    """
    parts = parts_of(song)
    wanted = {
        "backing": parts.backing,
        "voice": parts.voice if with_voice or parts.backing is None else None,
    }
    files = {name: file for name, file in wanted.items() if file is not None}
    playable = prepare_in_worker(
        tuple(files.values()),
        rate=rate,
        cache=cache / PLAYBACK,
        progress=progress,
        cancelled=cancelled,
    )
    found = dict(zip(files, playable, strict=True))
    lengths = tuple(each.seconds for each in playable)
    return Ready(
        backing=found["backing"].path if "backing" in found else None,
        voice=found["voice"].path if "voice" in found else None,
        backing_sings=parts.backing_sings,
        end_s=end_of(song, lengths),
    )


def end_of(song: Song, lengths: tuple[float, ...]) -> float | None:
    """Where the song ends in its recordings; by its notes where there are none."""
    ends = [max(lengths)] if lengths else []
    if song.end_s is not None:
        ends.append(song.offset_s + song.end_s)
    if not ends and song.melody is not None and song.melody.notes:
        last = max(note.end for note in song.melody.notes)
        ends.append(song.offset_s + last + _AFTER_LAST_NOTE_S)
    return min(ends, default=None)


def larger_block(settings: Settings) -> int:
    """The next size of a block, in frames, with which a busy machine drops less sound; 0: none."""
    now = settings.block or DEFAULT_BLOCK
    return next((each for each in LARGER_BLOCKS if each > now), 0)


def setup_of(settings: Settings) -> Setup:
    """The devices that were chosen, as the engine is asked for them."""
    return Setup(
        input=settings.input,
        output=settings.output,
        host_api=settings.host_api,
        channel=settings.input_channel,
        output_channel=settings.output_channel,
        block=settings.block or DEFAULT_BLOCK,
    )


def calibrated(known: DelayRow | None) -> Delay:
    """What a take is shifted by: the calibrated delay, else what the time stamps say."""
    return Delay() if known is None else Delay(known.delay_s, known.method, known.stamp_delay_s)


def hours_left(folder: Path, *, rate: int) -> float | None:
    """For how many hours of singing the disk of `folder` has room; None where it does not tell."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        free = shutil.disk_usage(place).free
    except OSError:
        return None
    return free / (_TAKE_BYTES * rate * 3600)


def kept_pitch(song: Song, store: FeatureStore) -> PitchTrack | None:
    """The original voice's F0, where an analysis has kept it; nothing is computed.

    On the vocal file's own clock; 0 Hz where nothing is sung.
    """
    if song.vocal is None:
        return None
    import numpy as np

    from asa_desktop.core.features.spec import FeatureSpec

    spec = FeatureSpec()
    try:
        arrays = store.get(f"{sha256_of(song.vocal)}-{spec.track_key}")
    except PlaceError:
        return None
    if arrays is None or not {"hz", "confidence", "voiced"} <= arrays.keys():
        return None
    hz, voiced = np.asarray(arrays["hz"], np.float32), np.asarray(arrays["voiced"], bool)
    if hz.ndim != 1 or voiced.shape != hz.shape:
        return None
    return PitchTrack(
        hop_s=spec.hop_s,
        hz=np.where(voiced & np.isfinite(hz), hz, 0).astype(np.float32),
        confidence=np.asarray(arrays["confidence"], np.float32),
    )
