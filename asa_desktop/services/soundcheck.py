"""What can be told of microphone, room and headphones before somebody sings.

Levels are dBFS by amplitude, as the engine's meter gives them.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from asa_desktop.core.errors import Cancelled, PlaceError
from asa_desktop.engine.messages import Job
from asa_desktop.services.files import write_wav
from asa_desktop.services.paths import private_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from asa_desktop.core.types import FloatArray
    from asa_desktop.engine.snapshot import Snapshot
    from asa_desktop.services.recorder import Cancel, Recorder

    Doubles = NDArray[np.float64]

QUIET_DB = -50.0
"""A room above this is heard behind a soft voice."""

SOFT_DB, HOT_DB = -30.0, -3.0
"""Between these lies a good peak."""

SILENT_DB = -110.0
"""No microphone is as quiet as this: what brings it is switched off or not allowed."""

BLEED_DB = -45.0
BELOW_VOICE_DB = 25.0
"""Bleed this far below the voice does not count as singing."""

LEAD_S, PIECE_S, TAIL_S = 0.8, 3.0, 0.5
_NOISE_DB = -26.0
_LATEST_S = 1.2
_WINDOW = 4096
_BAND_HZ = (80.0, 8000.0)
_SEED = 5
_PATIENCE_S = 30.0
_LONGEST_LOOK_S = 0.1

LevelState = Literal["waiting", "soft", "good", "hot", "dead"]


class Listening:
    """Gathers what the meter says: how quiet the room is, how loud somebody sings.

    Noise is what the quietest tenth of the time stays under, so that it can be told while
    somebody talks.
    """

    def __init__(self, *, seconds: float = 8.0) -> None:
        self._seconds = seconds
        self._heard: deque[tuple[float, float, float]] = deque()
        self._looked_at: float | None = None
        self.listened_s = 0.0
        self.clipped = False
        self.loudest_db = -math.inf

    def add(self, now: float, snapshot: Snapshot) -> None:
        """A look at the meter at `now` seconds of any steady clock; pauses do not count."""
        if self._looked_at is not None:
            self.listened_s += min(max(now - self._looked_at, 0.0), _LONGEST_LOOK_S)
        self._looked_at = now
        self._heard.append((self.listened_s, snapshot.rms_db, snapshot.peak_db))
        while self._heard and self.listened_s - self._heard[0][0] > self._seconds:
            self._heard.popleft()
        self.clipped = self.clipped or snapshot.clipping
        self.loudest_db = max(self.loudest_db, snapshot.peak_db)

    @property
    def noise_db(self) -> float | None:
        """The room's level; None before there is enough to tell."""
        if self.listened_s < 1.5:
            return None
        levels = sorted(rms for _, rms, _ in self._heard)
        return levels[len(levels) // 10]

    @property
    def peak_db(self) -> float:
        """The loudest of the last seconds."""
        return max((peak for _, _, peak in self._heard), default=-math.inf)

    @property
    def voice_db(self) -> float:
        """RMS of the loudest moment of the last seconds."""
        return max((rms for _, rms, _ in self._heard), default=-math.inf)

    @property
    def level(self) -> LevelState:
        """How what was sung comes in; ``dead``: nothing at all does, not even noise."""
        if self.listened_s >= 1.5 and self.loudest_db < SILENT_DB:
            return "dead"
        noise, peak = self.noise_db, self.peak_db
        if noise is None or peak < noise + 20:
            return "waiting"
        if self.clipped or peak > HOT_DB:
            return "hot"
        return "soft" if peak < SOFT_DB else "good"


@dataclass(frozen=True, slots=True)
class Bleed:
    """How much of what was played came back: `level_db` of it, over a room of `noise_db`.

    `share` is how much of all that was heard it makes out, 0 to 1. `level_db` is -inf where
    nothing of it could be told from the room.
    """

    level_db: float
    noise_db: float
    share: float

    def harms(self, *, voice_db: float | None = None) -> bool:
        """Whether it could count as singing; `voice_db` is the singer's RMS where it is known."""
        limit = BLEED_DB if voice_db is None else min(-20.0, voice_db - BELOW_VOICE_DB)
        return self.level_db > max(limit, self.noise_db + 3)


def piece_of(song: Path | None, *, rate: int, gain: float) -> FloatArray:
    """What is played for the check: a loud piece of `song`, a file at `rate`, else soft noise.

    Silence before it shows the room alone. Shape: (n,).
    """
    import numpy as np

    piece = _loud_piece(song, rate) if song is not None else None
    sound = _soft_noise(rate) if piece is None else gain * piece.astype(np.float64)
    if not np.any(np.abs(sound) > 1e-3):
        sound = _soft_noise(rate)
    fade = np.minimum(1, np.arange(len(sound)) / (0.05 * rate))
    sound = sound * fade * fade[::-1]
    before, after = (np.zeros(round(each * rate)) for each in (LEAD_S, TAIL_S))
    return np.concatenate([before, sound, after]).clip(-1, 1).astype(np.float32)


def _soft_noise(rate: int) -> Doubles:
    """Noise with as much power in every octave. Shape: (n,)."""
    import numpy as np

    count = round(PIECE_S * rate)
    white = np.fft.rfft(np.random.default_rng(_SEED).standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / rate)
    pink = np.fft.irfft(white / np.sqrt(np.maximum(hz, 100.0)), count)
    level: Doubles = pink / np.sqrt(np.mean(pink**2)) * 10 ** (_NOISE_DB / 20)
    return level


def check_job(piece: FloatArray, folder: Path, *, rate: int, name: str = "check") -> Job:
    """Play `piece` and record what comes back into `folder`, as a take that nobody keeps.

    Raises `PlaceError` where the piece cannot be written.
    """
    folder = private_folder(folder)
    played, target, part = (folder / f"{name}{end}" for end in (".played.wav", ".flac", ".w64"))
    for old in (target, part):
        old.unlink(missing_ok=True)
    write_wav(played, piece, rate=rate)
    return Job(part=part, target=target, accompaniment=played, end_s=len(piece) / rate)


def measure_bleed(recorder: Recorder, job: Job, *, cancelled: Cancel | None = None) -> Bleed:
    """Play and record a `check_job` over open devices, some six seconds, and compare.

    Raises what `Recorder.record` does, `PlaceError` ``device_lost`` where the device leaves
    meanwhile, and `Cancelled`.
    """
    from asa_desktop.engine.faults import error_of
    from asa_desktop.engine.messages import Finished, Kept, Lost

    recorder.record(job)
    away = stopped = False
    deadline = time.monotonic() + _PATIENCE_S
    try:
        while time.monotonic() < deadline:
            for event in recorder.events(wait_s=0.1):
                away = away or isinstance(event, Lost)
                if isinstance(event, Finished | Kept):
                    if away:
                        raise PlaceError("device_lost")
                    if stopped:
                        raise Cancelled
                    if isinstance(event, Kept):
                        raise error_of(event.fault)
                    return _bleed_of(job, event.path)
            if not stopped and (away or (cancelled is not None and cancelled())):
                stopped = True
                recorder.stop()
    finally:
        for path in (job.part, job.target, job.accompaniment):
            if path is not None:
                with contextlib.suppress(OSError):  # on Windows it may be open for a moment more
                    path.unlink(missing_ok=True)
    raise PlaceError("engine_silent")


def _bleed_of(job: Job, recording: Path) -> Bleed:
    import soundfile

    assert job.accompaniment is not None
    played, rate = soundfile.read(job.accompaniment, dtype="float32")
    heard, _ = soundfile.read(recording, dtype="float32")
    return bleed(played, heard, rate)


def bleed(played: FloatArray, heard: FloatArray, rate: int) -> Bleed:
    """How much of `played` came back in `heard`. Shapes: (n,), (m,); frame 0 is the same moment.

    The two are laid on each other where they correlate best. What `heard` then has in common
    with `played`, by their coherence (Bendat and Piersol, Random Data, ch. 6), is bleed, however
    headphones, air and microphone coloured it; the rest is room.
    """
    import numpy as np

    lead = round((LEAD_S - 0.1) * rate)
    x, y = np.asarray(played, np.float64), np.nan_to_num(np.asarray(heard, np.float64))
    noise_db = _db(float(np.mean(y[:lead] ** 2))) if len(y) >= lead else -120.0
    lag = _lag(x, y, rate)
    both = min(len(x), len(y) - lag)
    start = round(LEAD_S * rate)
    end = min(both, len(x) - round(TAIL_S * rate))
    if end - start < 4 * _WINDOW:
        return Bleed(-math.inf, noise_db, 0.0)
    common, whole = _common_power(x[start:end], y[start + lag : end + lag], rate)
    if common <= 0 or common < 0.02 * whole:
        return Bleed(-math.inf, noise_db, 0.0)
    return Bleed(_db(common), noise_db, min(1.0, common / whole))


def _common_power(x: Doubles, y: Doubles, rate: int) -> tuple[float, float]:
    """Power of `y` that goes with `x`, and all of it, within the band that counts."""
    import numpy as np

    hop, window = _WINDOW // 2, np.hanning(_WINDOW)
    starts = range(0, len(x) - _WINDOW + 1, hop)
    of_x = np.array([np.fft.rfft(window * x[at : at + _WINDOW]) for at in starts])
    of_y = np.array([np.fft.rfft(window * y[at : at + _WINDOW]) for at in starts])
    xx, yy = np.mean(np.abs(of_x) ** 2, axis=0), np.mean(np.abs(of_y) ** 2, axis=0)
    xy = np.mean(np.conj(of_x) * of_y, axis=0)
    coherence = np.abs(xy) ** 2 / np.maximum(xx * yy, 1e-30)
    # Unrelated sounds agree by chance: the mean of that is taken off (half overlapping windows
    # count for about two thirds).
    count = max(2.0, len(starts) * 0.67)
    coherence = np.clip((coherence - 1 / count) / (1 - 1 / count), 0, 1)
    hz = np.fft.rfftfreq(_WINDOW, 1 / rate)
    band = (hz >= _BAND_HZ[0]) & (hz <= _BAND_HZ[1])
    scale = 2 / (_WINDOW * float(np.sum(window**2)))
    common = float(np.sum((coherence * yy)[band]) * scale)
    return common, float(np.sum(yy[band]) * scale)


def _lag(x: Doubles, y: Doubles, rate: int) -> int:
    """By how many frames `y` is behind `x`: the peak of their whitened correlation."""
    import numpy as np

    size = 1 << (len(x) + len(y)).bit_length()
    cross = np.fft.rfft(y, size) * np.conj(np.fft.rfft(x, size))
    hz = np.fft.rfftfreq(size, 1 / rate)
    cross[(hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0
    likeness = np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-12), size)
    return int(np.argmax(np.abs(likeness[: round(_LATEST_S * rate)])))


def _loud_piece(song: Path, rate: int) -> FloatArray | None:
    """The loudest stretch of the song's first two minutes, mono; None where it cannot be read."""
    import numpy as np
    import soundfile

    try:
        with soundfile.SoundFile(song) as file:
            if file.samplerate != rate:
                return None
            sound = file.read(120 * rate, dtype="float32", always_2d=True).mean(axis=1)
    except (soundfile.SoundFileError, OSError):
        return None
    count = round(PIECE_S * rate)
    if len(sound) < count:
        return None
    power = np.concatenate([[0.0], np.cumsum(sound.astype(np.float64) ** 2)])
    starts = np.arange(0, len(sound) - count + 1, rate // 4)
    start = int(starts[np.argmax(power[starts + count] - power[starts])])
    piece: FloatArray = sound[start : start + count]
    return piece


def _db(power: float) -> float:
    return max(-120.0, 10 * math.log10(max(power, 1e-12)))
