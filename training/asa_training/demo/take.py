"""The bundled take: the demo song's vocal, sung less well by a renderer, in another voice.

It is labelled as rendered wherever it is shown. Four stretches differ, so that the first review
has something to show: sung well, off pitch, with wrong notes, drifting.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

from asa_desktop.core.audio import mono_16k, sha256, write_flac
from asa_desktop.core.errors import AsaError
from asa_training.corpus import Recording
from asa_training.render.channel import record
from asa_training.render.engines import RATE, engine
from asa_training.render.plan import Channel, Harmless, Plan, Severities
from asa_training.render.rendition import Singer
from asa_training.render.source import Source
from asa_training.segment import FRAME_S, Array, find_notes, track_f0

STRETCHES = (
    Severities(),
    Severities(off_pitch=0.45, timing=0.2),
    Severities(wrong_notes=0.45),
    Severities(drift=0.5, off_pitch=0.1),
)
VOICE = Harmless(formant=1.13, wobble_cents=5.0, sway_s=0.03, vibrato=0.9)
ROOM = Channel(level_db=-22.0, low_cut_hz=90.0, reverb_s=0.25, reverb_db=-22.0, noise_db=-58.0)
_REACH_S = 6.0


def render_take(vocal: Path, *, seed: int) -> Array:
    """The take, (N,) at 16 kHz, as long as the vocal and in step with it."""
    sound = mono_16k(vocal).astype(np.float64)
    f0 = track_f0(sound, RATE)
    recording = Recording(
        id=vocal.parent.name,
        path=vocal,
        place=vocal.name,
        corpus="pjs",
        singer="pjs_male",
        song=vocal.parent.name,
        part="",
        licence="CC BY-SA 4.0",
        split=None,
    )
    pieces = []
    for number, (first, last) in enumerate(pairwise(cuts(f0, len(STRETCHES)))):
        stretch = sound[_sample(first) : _sample(last) if last < f0.size else None]
        source = Source(
            id=f"{recording.id}-{number}",
            recording=recording,
            sha256=sha256(vocal),
            start=first * FRAME_S,
            end=last * FRAME_S,
            audio=stretch,
            f0=f0[first:last],
            notes=find_notes(f0[first:last]),
        )
        plan = Plan(
            role="negative",
            engine="world",
            seed=seed + number,
            severities=STRETCHES[number],
            harmless=VOICE,
        )
        dry, _truth = Singer(source, engine("world")).dry(plan)
        pieces.append(np.pad(dry, (0, max(0, stretch.size - dry.size)))[: stretch.size])
    return record(np.concatenate(pieces), ROOM, seed)


def cuts(f0: Array, count: int) -> list[int]:
    """Frames that part a voice into `count` stretches, in the longest silence near each place."""
    silent = (f0 == 0).astype(np.float64)
    spread = np.convolve(silent, np.ones(200), mode="same")
    reach = round(_REACH_S / FRAME_S)
    places = [0]
    for number in range(1, count):
        middle = number * f0.size // count
        low = max(middle - reach, places[-1] + 1)
        places.append(low + int(np.argmax(spread[low : middle + reach])))
    return [*places, f0.size]


def _sample(frame: int) -> int:
    return round(frame * FRAME_S * RATE)


def main(arguments: list[str] | None = None) -> int:
    """``python -m asa_training.demo.take --song FOLDER --out FILE``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--song", type=Path, required=True, help="the demo song's folder")
    parser.add_argument("--out", type=Path, required=True, help="the take, a .flac")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    try:
        take = render_take(options.song / "vocal.flac", seed=options.seed)
        write_flac(options.out, take.astype(np.float32), RATE)
    except AsaError as error:
        print(error, file=sys.stderr)
        return 2
    print(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
