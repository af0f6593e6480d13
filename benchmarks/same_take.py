"""How far a score moves under what is not singing: `python -m benchmarks.same_take DATA`.

Takes of real pairs (one singer against another on the same song) are made softer, brighter and
roomier, resampled, compressed to MP3, delayed by silence, and sung an octave lower and three
semitones higher by the WORLD vocoder; beside them what the vocoder does alone. Printed are the
points by which the score moves, the greatest of each row, and how many moved by more than two.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from asa_desktop.core import analyse, load_model
from asa_desktop.core.types import Song
from asa_desktop.services.paths import bundled_models
from benchmarks.alignment import PAIRS

Sound = NDArray[np.float64]
Changed = tuple[Sound, int, str]

_MOST_POINTS = 2.0
_SEED = 0


def _brighter(sound: Sound, rate: int) -> Changed:
    from scipy.signal import butter, sosfilt

    return sound + sosfilt(butter(1, 2000, "high", fs=rate, output="sos"), sound), rate, "wav"


def _roomier(sound: Sound, rate: int) -> Changed:
    """A tail that falls by 60 dB in 0.4 s, 14 dB under the voice."""
    from scipy.signal import oaconvolve

    times = np.arange(int(0.4 * rate)) / rate
    tail = np.random.default_rng(_SEED).normal(size=len(times)) * 10 ** (-3 * times / 0.4)
    tail *= 10 ** (-14 / 20) / np.linalg.norm(tail)
    tail[0] = 1.0
    return 0.5 * oaconvolve(sound, tail)[: len(sound)], rate, "wav"


def _resampled(sound: Sound, rate: int) -> Changed:
    import soxr

    return soxr.resample(sound, rate, 44_100), 44_100, "wav"


def _vocoded(semitones: float) -> Callable[[Sound, int], Changed]:
    def sung(sound: Sound, rate: int) -> Changed:
        import pyworld

        f0, times = pyworld.harvest(sound, rate)
        envelope = pyworld.cheaptrick(sound, f0, times, rate)
        breath = pyworld.d4c(sound, f0, times, rate)
        return pyworld.synthesize(f0 * 2 ** (semitones / 12), envelope, breath, rate), rate, "wav"

    return sung


CHANGES: dict[str, Callable[[Sound, int], Changed]] = {
    "20 dB softer": lambda sound, rate: (0.1 * sound, rate, "wav"),
    "6 dB brighter": _brighter,
    "in a room": _roomier,
    "at 44.1 kHz": _resampled,
    "MP3": lambda sound, rate: (sound, rate, "mp3"),
    "3 s later": lambda sound, rate: (np.concatenate([np.zeros(3 * rate), sound]), rate, "wav"),
    "vocoder alone": _vocoded(0),
    "an octave lower": _vocoded(-12),
    "3 semitones higher": _vocoded(3),
}


def main(data: Path) -> None:
    """Print the table."""
    model = load_model(bundled_models()[0], device="cpu")
    moved: dict[str, list[float | None]] = {name: [] for name in CHANGES}
    with tempfile.TemporaryDirectory() as folder:
        for one, other, part in PAIRS[::2]:
            take = data / "makam" / one / f"{part}.flac"
            song = Song(title=part, vocal=data / "makam" / other / f"{part}.flac")
            plain = analyse(take, song, model=model, align=True).overall.score
            sound, rate = soundfile.read(take)
            for name, change in CHANGES.items():
                changed, new_rate, kind = change(sound, rate)
                path = Path(folder) / f"take.{kind}"
                soundfile.write(path, changed, new_rate)
                score = analyse(path, song, model=model, align=True).overall.score
                lost = plain is None or score is None
                moved[name].append(None if lost else score - plain)
    print(f"{'':20} greatest  over {_MOST_POINTS:.0f}  points by which the score moves")
    for name, points in moved.items():
        known = [each for each in points if each is not None]
        over = sum(abs(each) > _MOST_POINTS for each in known) + len(points) - len(known)
        row = " ".join("   -" if each is None else f"{each:+4.1f}" for each in points)
        print(f"{name:20} {max(map(abs, known), default=0):8.1f} {over:7}  {row}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
