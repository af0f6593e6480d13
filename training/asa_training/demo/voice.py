"""Cuts the sung sections out of the recordings and lays them on the medley's clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.errors import SongError
from asa_training.demo.timeline import Stretch, Timeline

LEAD_S = 0.40
TAIL_S = 0.60
FADE_S = 0.04
ACTIVE_DB = -40.0


def lay_voice(
    timeline: Timeline, *, seconds: float, active_db: float
) -> tuple[NDArray[np.float64], int]:
    """The vocal track: mono, shape (N,), and its sample rate.

    Nothing is stretched or tuned: each section is cut, faded, brought to `active_db` (RMS of its
    sung part, dBFS) and moved so that its notes fall on the written ones.
    """
    import soundfile

    track: NDArray[np.float64] | None = None
    rate = 0
    for section in timeline.sections:
        assert section.piece is not None
        sound, rate_here = _read(soundfile, section.piece.recording)
        if track is None:
            rate = rate_here
            track = np.zeros(round(seconds * rate))
        elif rate_here != rate:
            raise SongError("demo_song_unfit", song=section.piece.name, what="rate")
        cut, start = _cut(timeline, section, sound, rate)
        cut = cut * 10.0 ** (active_db / 20.0) / active_rms(cut, rate)
        cut = cut[: len(track) - start]
        track[start : start + len(cut)] += cut
    assert track is not None
    return track, rate


def _read(soundfile: object, path: Path) -> tuple[NDArray[np.float64], int]:
    sound, rate = soundfile.read(path, dtype="float64", always_2d=True)  # type: ignore[attr-defined]
    return sound.mean(axis=1), int(rate)


def _cut(
    timeline: Timeline, section: Stretch, sound: NDArray[np.float64], rate: int
) -> tuple[NDArray[np.float64], int]:
    """The section's stretch of the recording, and the sample of the medley where it belongs."""
    assert section.piece is not None
    notes = timeline.notes_of(section)
    # Medley time minus recording time. The singer's own lag is taken off.
    shift = (section.beat - section.source_beat) * timeline.beat_s - section.piece.lag_s
    begin = max(round((notes[0].start - LEAD_S - shift) * rate), 0)
    end = min(round((notes[-1].end + TAIL_S - shift) * rate), len(sound))
    cut = sound[begin:end].copy()
    fade = min(int(FADE_S * rate), len(cut) // 2)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / fade)
    cut[:fade] *= ramp
    cut[len(cut) - fade :] *= ramp[::-1]
    return cut, begin + round(shift * rate)


def active_rms(sound: NDArray[np.float64], rate: int) -> float:
    """RMS over the 50 ms blocks that lie within 40 dB of the loudest block."""
    size = rate // 20
    blocks = sound[: len(sound) // size * size].reshape(-1, size)
    power = (blocks**2).mean(axis=1)
    active = power > power.max() * 10.0 ** (ACTIVE_DB / 10.0)
    return float(np.sqrt(power[active].mean()))
