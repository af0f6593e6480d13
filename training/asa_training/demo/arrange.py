"""Writes the parts: from chords and a feel to strikes of instruments, all from tables."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from asa_training.demo.harmony import SLOT_BEATS, Chord, merged, voicing
from asa_training.demo.plan import BEATS_A_BAR
from asa_training.demo.timeline import Stretch, Timeline

Hits = tuple[tuple[float, float], ...]  # (beat in the bar, velocity)
DRUMS = ("kick", "snare", "rim", "hat", "open_hat", "shaker", "crash", "tom", "stick")
PIANO_RANGE = (55, 73)
PAD_RANGE = (57, 76)
PLUCK_RANGE = (67, 84)
BASS_LOW = 33
HUMAN_S = 0.004
HUMAN_VELOCITY = 0.06


@dataclass(frozen=True, slots=True)
class Strike:
    """One note or hit. `midi` of a drum numbers its variant; `nudge_s` moves it off the grid."""

    part: str
    beat: float
    length: float
    midi: int
    velocity: float
    nudge_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Feel:
    """One bar of accompaniment.

    `drums` holds hits by part; `bass` (beat, length, degree of the chord or "octave"); `piano`
    (beat, length, velocity); `pluck` (beat, index into the chord); `pad` and `pluck_velocity`
    are levels.
    """

    drums: dict[str, Hits]
    bass: tuple[tuple[float, float, int], ...]
    piano: tuple[tuple[float, float, float], ...]
    pluck: tuple[tuple[float, int], ...]
    pad: float = 0.5
    pluck_velocity: float = 0.4
    fill: Hits = field(default=((2.5, 0.5), (2.75, 0.55), (3.0, 0.65), (3.25, 0.6), (3.5, 0.8)))


OCTAVE = 9  # a degree beyond any chord


def _every(step: float, velocities: tuple[float, ...]) -> Hits:
    count = round(BEATS_A_BAR / step)
    return tuple((i * step, velocities[i % len(velocities)]) for i in range(count))


SWING: Hits = tuple((beat + part, v) for beat in range(4) for part, v in ((0.0, 0.6), (2 / 3, 0.4)))

FEELS = {
    "pop": Feel(
        drums={
            "kick": ((0.0, 1.0), (1.5, 0.7), (2.0, 0.9)),
            "snare": ((1.0, 0.9), (3.0, 1.0)),
            "hat": _every(0.5, (0.6, 0.35)),
        },
        bass=((0, 1.4, 0), (1.5, 0.45, 0), (2, 0.9, 0), (3, 0.45, 2), (3.5, 0.45, OCTAVE)),
        piano=((0, 1.4, 0.7), (1.5, 0.45, 0.5), (2, 0.9, 0.6), (3, 0.9, 0.5)),
        pluck=tuple((0.5 * i, (0, 1, 2, 3, 2, 1, 2, 3)[i]) for i in range(8)),
    ),
    "light": Feel(
        drums={
            "kick": ((0.0, 0.85), (2.5, 0.6)),
            "rim": ((1.0, 0.7), (3.0, 0.75)),
            "shaker": _every(0.25, (0.6, 0.3, 0.45, 0.3)),
        },
        bass=((0, 1.9, 0), (2, 1.4, 2), (3.5, 0.45, 0)),
        piano=((0, 1.9, 0.6), (2, 1.9, 0.55)),
        pluck=tuple((0.5 * i, (0, 2, 1, 3, 2, 3, 1, 2)[i]) for i in range(8)),
        pad=0.6,
        pluck_velocity=0.6,
    ),
    "drive": Feel(
        drums={
            "kick": ((0.0, 1.0), (1.0, 0.85), (2.0, 0.95), (3.0, 0.85)),
            "snare": ((1.0, 0.9), (3.0, 0.95)),
            "hat": _every(0.25, (0.5, 0.2, 0.3, 0.25)),
            "open_hat": ((0.5, 0.45), (1.5, 0.45), (2.5, 0.45), (3.5, 0.45)),
        },
        bass=tuple((0.5 * i, 0.4, OCTAVE if i in (3, 7) else 0) for i in range(8)),
        piano=((0.5, 0.4, 0.6), (1.5, 0.4, 0.55), (2.5, 0.4, 0.6), (3.5, 0.4, 0.5)),
        pluck=((0.0, 3), (0.75, 2), (1.5, 1), (2.0, 3), (2.75, 2), (3.5, 1)),
        pad=0.6,
    ),
    "shuffle": Feel(
        drums={
            "kick": ((0.0, 1.0), (2.0, 0.9), (2 + 2 / 3, 0.6)),
            "snare": ((1.0, 0.85), (3.0, 0.9)),
            "hat": SWING,
        },
        bass=((0, 0.9, 0), (1, 0.9, 1), (2, 0.9, 2), (3, 0.6, 1), (3 + 2 / 3, 0.3, OCTAVE)),
        piano=tuple((beat + 2 / 3, 0.3, 0.6) for beat in range(4)),
        pluck=tuple((beat + part, i) for beat in range(4) for part, i in ((0.0, 0), (2 / 3, 2))),
        fill=((2.0, 0.5), (2 + 2 / 3, 0.6), (3.0, 0.7), (3 + 1 / 3, 0.6), (3 + 2 / 3, 0.8)),
    ),
}


def arrange(timeline: Timeline, *, seed: int) -> list[Strike]:
    """All strikes of the accompaniment in time order. The same seed gives the same list."""
    strikes: list[Strike] = []
    for stretch in timeline.stretches:
        if stretch.role == "intro":
            strikes += _intro(stretch)
        elif stretch.role == "ending":
            strikes += _ending(stretch)
        else:
            strikes += _bars(stretch, fill=stretch.role == "link")
        if stretch.role in ("section", "ending"):
            strikes.append(Strike("crash", stretch.beat, 1.0, 0, 0.5))
    strikes += _pads(timeline)
    strikes.sort(key=lambda strike: (strike.beat, strike.part, strike.midi))
    return _humanised(strikes, np.random.default_rng(seed))


def _bars(stretch: Stretch, *, fill: bool) -> list[Strike]:
    feel = FEELS[stretch.feel]
    strikes: list[Strike] = []
    for bar in range(len(stretch.chords) * SLOT_BEATS // BEATS_A_BAR):
        beat = stretch.beat + bar * BEATS_A_BAR
        filled = feel.fill if fill else ()
        strikes += _drum_bar(feel, beat, filled)
        strikes += _pitched_bar(feel, stretch, beat)
    return strikes


def _drum_bar(feel: Feel, beat: float, fill: Hits) -> list[Strike]:
    ends = fill[0][0] if fill else BEATS_A_BAR
    strikes = [
        Strike(part, beat + at, 0.25, index, velocity)
        for part, hits in feel.drums.items()
        for index, (at, velocity) in enumerate(hits)
        if at < ends
    ]
    for index, (at, velocity) in enumerate(fill):
        part = "snare" if index < 2 else "tom"
        strikes.append(Strike(part, beat + at, 0.25, max(index - 2, 0), velocity))
    return strikes


def _pitched_bar(feel: Feel, stretch: Stretch, beat: float) -> list[Strike]:
    strikes: list[Strike] = []
    for at, length, degree in feel.bass:
        chord, left = _chord_at(stretch, beat + at)
        strikes.append(
            Strike("bass", beat + at, min(length, left), _bass_note(chord, degree), 0.85)
        )
    for at, length, velocity in feel.piano:
        chord, left = _chord_at(stretch, beat + at)
        strikes += _struck(chord, beat + at, min(length, left), velocity)
    for at, index in feel.pluck:
        chord, _ = _chord_at(stretch, beat + at)
        midi = _ladder(chord, PLUCK_RANGE)[index]
        strikes.append(Strike("pluck", beat + at, 0.5, midi, feel.pluck_velocity))
    return strikes


def _intro(stretch: Stretch) -> list[Strike]:
    """Chords alone, then four stick clicks in the tempo: the singer enters after the fourth."""
    strikes: list[Strike] = []
    for slot, chord in enumerate(stretch.chords):
        beat = stretch.beat + slot * SLOT_BEATS
        strikes.append(Strike("bass", beat, SLOT_BEATS - 0.1, _bass_note(chord, 0), 0.75))
        strikes += _struck(chord, beat, SLOT_BEATS - 0.1, 0.65)
        strikes += _rising(chord, beat, step=0.5, length=0.5, velocity=0.5)
    count_in = stretch.beat + stretch.beats - BEATS_A_BAR
    strikes += [Strike("stick", count_in + i, 0.25, i, 0.9) for i in range(BEATS_A_BAR)]
    strikes += [Strike("shaker", i, 0.25, 0, 0.4) for i in np.arange(stretch.beat, count_in)]
    return [*strikes, Strike("kick", stretch.beat, 0.25, 0, 0.8)]


def _ending(stretch: Stretch) -> list[Strike]:
    """The feel goes on to the last bar, which is one held chord with a rising arpeggio."""
    bars = len(stretch.chords) * SLOT_BEATS // BEATS_A_BAR
    before = (bars - 1) * BEATS_A_BAR // SLOT_BEATS
    running = Stretch("section", stretch.feel, stretch.beat, stretch.chords[:before])
    strikes = _bars(running, fill=True)
    beat, chord = stretch.beat + running.beats, stretch.chords[-1]
    strikes.append(Strike("bass", beat, BEATS_A_BAR, _bass_note(chord, 0), 0.9))
    strikes += _struck(chord, beat, BEATS_A_BAR, 0.75)
    strikes += _rising(chord, beat, step=1 / 3, length=2.0, velocity=0.6)
    strikes += [Strike("kick", beat, 0.25, 0, 1.0), Strike("crash", beat, 1.0, 1, 0.6)]
    return strikes


def _pads(timeline: Timeline) -> list[Strike]:
    spans = [
        (stretch.beat + slot * SLOT_BEATS, float(SLOT_BEATS), chord)
        for stretch in timeline.stretches
        for slot, chord in enumerate(stretch.chords)
    ]
    strikes: list[Strike] = []
    previous: tuple[int, ...] = ()
    for beat, length, chord in merged(spans):
        previous = voicing(chord, previous, low=PAD_RANGE[0], high=PAD_RANGE[1])
        feel = next(s.feel for s in timeline.stretches if s.beat <= beat < s.beat + s.beats)
        level = FEELS[feel].pad
        strikes += [Strike("pad", beat, length, midi, level) for midi in previous]
    return strikes


def _struck(chord: Chord, beat: float, length: float, velocity: float) -> list[Strike]:
    """The chord on the piano."""
    notes = voicing(chord, (), low=PIANO_RANGE[0], high=PIANO_RANGE[1])
    return [Strike("piano", beat, length, midi, velocity) for midi in notes]


def _rising(
    chord: Chord, beat: float, *, step: float, length: float, velocity: float
) -> list[Strike]:
    """Four plucked notes upwards."""
    rungs = _ladder(chord, PLUCK_RANGE)[:4]
    return [
        Strike("pluck", beat + step * i, length, midi, velocity) for i, midi in enumerate(rungs)
    ]


def _chord_at(stretch: Stretch, beat: float) -> tuple[Chord, float]:
    """The chord at `beat` and how many beats it still lasts, its repetitions included."""
    slot = int((beat - stretch.beat + 1e-9) // SLOT_BEATS)
    end = slot
    while end + 1 < len(stretch.chords) and stretch.chords[end + 1] == stretch.chords[slot]:
        end += 1
    return stretch.chords[slot], stretch.beat + (end + 1) * SLOT_BEATS - beat


def _ladder(chord: Chord, span: tuple[int, int]) -> list[int]:
    """The chord's notes from the bottom of `span` upwards; at least four for any chord."""
    return [midi for midi in range(span[0], span[1] + 1) if midi % 12 in chord.classes]


def _bass_note(chord: Chord, degree: int) -> int:
    root = BASS_LOW + (chord.root - BASS_LOW) % 12
    if degree == OCTAVE:
        return root + 12 if root + 12 <= 52 else root
    return root + (chord.classes[degree] - chord.root) % 12


def _humanised(strikes: list[Strike], rng: np.random.Generator) -> list[Strike]:
    """Nudge the pitched parts a little; drums stay on the grid."""
    moved: list[Strike] = []
    for strike in strikes:
        shift, swell = rng.uniform(-1.0, 1.0, 2)
        pitched = strike.part not in DRUMS
        # Rounded, so that equal notes are rendered once.
        velocity = round(strike.velocity * (1.0 + HUMAN_VELOCITY * swell), 2)
        nudge = HUMAN_S * float(shift) if pitched else 0.0
        moved.append(Strike(strike.part, strike.beat, strike.length, strike.midi, velocity, nudge))
    return moved
