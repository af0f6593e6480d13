"""Poor singers, who must be scored all the same: real singing with every defect at once.

What is sung is the piece; how it is sung is the renderer's (`asa_training.render`). Half A and
half B share no singer and no seed. Nothing here is real untrained singing: the corpora have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from asa_training.corpus import Recording
from asa_training.render.channel import record
from asa_training.render.draw import draw_channel, draw_harmless
from asa_training.render.engines import engine
from asa_training.render.plan import Channel, Plan, Severities
from asa_training.render.rendition import Singer
from asa_training.render.source import Source
from asa_training.segment import FRAME_S, find_notes

from benchmarks.planted_pieces import SECONDS, SEEDS, Piece
from benchmarks.planted_sounds import RATE, Array
from benchmarks.planted_takes import Take, spoken

SEVERITIES = (0.5, 0.75, 1.0)
_ENGINES = ("world", "psola")
_REST_S = 0.2


def poor(sung: list[Piece], half: str) -> Iterator[Take]:
    """Each piece sung badly in every way, over the accompaniment in step or brought along without.

    Joined sentences are kept apart by up to 1.5 s of silence more than the song has there.
    """
    rng = np.random.default_rng(SEEDS[half] + 40)
    for song, piece in enumerate(sung):
        source = _source(piece)
        for number, severity in enumerate(SEVERITIES):
            name = _ENGINES[(song + number) % 2]
            plan = _plan(piece, severity, name, rng)
            dry, _ = Singer(source, engine(name)).dry(plan)
            sound = record(dry, plan.channel, plan.seed)
            yield Take(f"poor, {severity:g}", f"{piece.name} by {name}", sound, song)
            plan = _plan(piece, severity, name, rng)
            dry, _ = Singer(source, engine(name)).dry(plan)
            sound = record(_joined(dry, source, rng), plan.channel, plan.seed)
            row = f"joined sentences, {severity:g}"
            yield Take(row, f"{piece.name} by {name}", sound, song, align=True, band=False)
        for row, made in (
            ("short notes", _short_notes(piece)),
            ("much vibrato", piece.sung(vibrato=float(rng.uniform(2.5, 4)))),
            ("a sentence spoken", _partly_spoken(piece, rng)),
        ):
            sound = record(made / np.std(made), Channel(), int(rng.integers(1 << 30)))
            for align in (False, True):
                yield Take(row, piece.name, sound, song, align=align, band=not align)


def _source(piece: Piece) -> Source:
    frames = min(len(piece.f0), int(len(piece.sound) / RATE / FRAME_S))
    f0 = piece.f0[:frames]
    recording = Recording(
        id=piece.name,
        path=Path(),
        place="",
        corpus="",
        singer="",
        song="",
        part="",
        licence="",
        split=None,
    )
    audio = piece.sound[: round(frames * FRAME_S * RATE)]
    return Source(piece.name, recording, "", 0.0, SECONDS, audio, f0, find_notes(f0))


def _plan(piece: Piece, severity: float, name: str, rng: np.random.Generator) -> Plan:
    """All that can be wrong with pitch and time, at once; voice, key and room by chance."""
    wrong = ("off_pitch", "drift", "timing", "wrong_notes", "scoops", "vibrato", "held", "unsteady")
    median_hz = float(np.median(piece.f0[piece.f0 > 0]))
    return Plan(
        role="negative",
        engine=name,
        seed=int(rng.integers(2**31)),
        severities=Severities(**dict.fromkeys(wrong, severity)),
        harmless=draw_harmless(rng, median_hz=median_hz),
        channel=draw_channel(rng),
    )


def _joined(dry: Array, source: Source, rng: np.random.Generator) -> Array:
    """The sentences of a rendition, each after a rest of its own."""
    rests = [
        (one.end + other.start) / 2
        for one, other in pairwise(source.notes)
        if other.start - one.end >= _REST_S
    ]
    parts = np.split(dry, [round(rest * RATE) for rest in rests])
    pauses = [np.zeros(round(rng.uniform(0, 1.5) * RATE)) for _ in parts]
    return np.concatenate([each for pair in zip(pauses, parts, strict=True) for each in pair])


def _short_notes(piece: Piece) -> Array:
    """Every note broken off at its half."""
    open_ = np.ones(len(piece.sound))
    for note in find_notes(piece.f0):
        first, last = round((note.start + note.end) / 2 * RATE), round(note.end * RATE)
        open_[first:last] = 0.0
    fade = np.hanning(320)
    return piece.sound * np.convolve(open_, fade / fade.sum(), "same")


def _partly_spoken(piece: Piece, rng: np.random.Generator) -> Array:
    """A quarter to a third of the take spoken, in the song's own time."""
    first = round(rng.uniform(0.1, 0.6) * len(piece.sound))
    part = slice(first, first + round(rng.uniform(0.25, 0.33) * len(piece.sound)))
    talk = spoken(piece, rng, speed=1.0)[: len(piece.sound)]
    out = piece.sound / np.std(piece.sound)
    out[part] = (talk / np.std(talk))[part]
    return out
