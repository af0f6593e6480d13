"""A simple accompaniment to a source, made from its notes: chords, a bass, the singer's tuning.

The notes come from the singing, so there is no bar line to know. A steady beat is laid where most
onsets meet it, the key is the major scale that holds most of what is sung, and the chords are
those of `asa_training.demo.harmony`. It stands for what a karaoke track tells of key and time, not
for how one is arranged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from asa_training.demo import synth
from asa_training.demo.harmony import MAJOR, SLOT_BEATS, harmonise, voicing
from asa_training.demo.score import ScoreNote
from asa_training.render.engines import RATE
from asa_training.segment import Array, SungNote

_LOW_MIDI = 33  # 55 Hz, over which a note's cents are
_SLOWEST_S, _FASTEST_S = 60 / 72, 60 / 132
_CHORDS, _BASS_LOW = (55, 73), 33
_TAIL_S = 2.0


@dataclass(frozen=True, slots=True)
class Setting:
    """What was read off the notes.

    `beat_s` seconds a beat, the first at `first_s`; `tonic` pitch class, 0 is C; `tuning_cents`
    is how far the singer's semitones lie from A4 = 440 Hz, -50 to 50.
    """

    beat_s: float
    first_s: float
    tonic: int
    tuning_cents: float


def accompany(notes: tuple[SungNote, ...], seconds: float) -> Array:
    """The accompaniment: 16000 samples a second for `seconds`, RMS 0.1; silent without notes."""
    import soxr

    samples = round(seconds * RATE)
    if not notes:
        return np.zeros(samples)
    setting = read_setting(notes)
    # Written slower or faster than it is to sound, so that playing it back brings the tuning too.
    speed = 2 ** (setting.tuning_cents / 1200)
    written = np.zeros(round((seconds * speed + _TAIL_S) * synth.RATE))
    for start_s, sound in _strikes(notes, setting, seconds, speed):
        first = round(start_s * synth.RATE)
        piece = sound[: max(0, written.size - first)]
        written[first : first + piece.size] += piece
    played = soxr.resample(written, synth.RATE * speed, RATE)[:samples]
    played = np.pad(played, (0, samples - played.size))
    return played * (0.1 / max(float(np.sqrt(np.mean(np.square(played)))), 1e-9))


def read_setting(notes: tuple[SungNote, ...]) -> Setting:
    """Beat, key and tuning of one or more notes."""
    beat_s, first_s = _beat(np.array([one.start for one in notes]))
    lengths = np.array([one.end - one.start for one in notes])
    cents = np.array([one.cents for one in notes])
    turns = np.sum(lengths * np.exp(2j * np.pi * cents / 100))
    tuning = float(np.angle(turns) * 100 / (2 * np.pi))
    classes = np.zeros(12)
    for midi, length in zip(_midi(cents, tuning), lengths, strict=True):
        classes[midi % 12] += length
    scale = np.array([step in MAJOR for step in range(12)])
    # Third and fifth break the tie between keys that hold the same notes.
    weights = scale + 0.3 * np.isin(np.arange(12), (0, 4, 7)) + 0.2 * (np.arange(12) == 0)
    fits = [float(np.dot(np.roll(weights, tonic), classes)) for tonic in range(12)]
    return Setting(beat_s, first_s, int(np.argmax(fits)), tuning)


def _midi(cents: Array, tuning: float) -> list[int]:
    return [round(_LOW_MIDI + (one - tuning) / 100) for one in cents]


def _beat(onsets: Array) -> tuple[float, float]:
    """Seconds a beat and when the first one falls: where the half beats meet most onsets."""
    lengths = np.linspace(_FASTEST_S, _SLOWEST_S, 80)
    turns = np.exp(2j * np.pi * onsets[None, :] / (lengths[:, None] / 2)).sum(axis=1)
    best = int(np.argmax(np.abs(turns)))
    beat_s = float(lengths[best])
    late = float(np.angle(turns[best]) / (2 * np.pi)) * beat_s / 2
    return beat_s, late % (beat_s / 2)


def _strikes(
    notes: tuple[SungNote, ...], setting: Setting, seconds: float, speed: float
) -> list[tuple[float, Array]]:
    """(start in written seconds, sound at 44.1 kHz) of everything that is played."""
    beat_s = setting.beat_s
    cents = np.array([one.cents for one in notes])
    scored = tuple(
        ScoreNote((one.start - setting.first_s) / beat_s, (one.end - one.start) / beat_s, midi, "")
        for one, midi in zip(notes, _midi(cents, setting.tuning_cents), strict=True)
    )
    bars = max(1, int(np.ceil((seconds - setting.first_s) / (2 * SLOT_BEATS * beat_s))))
    chords = harmonise(scored, tonic=setting.tonic, first_beat=0.0, bars=bars)
    length = round(SLOT_BEATS * beat_s * speed, 3)
    played: list[tuple[float, Array]] = []
    hand: tuple[int, ...] = ()
    for slot, chord in enumerate(chords):
        start = (setting.first_s + slot * SLOT_BEATS * beat_s) * speed
        hand = voicing(chord, hand, low=_CHORDS[0], high=_CHORDS[1])
        root = _BASS_LOW + (chord.root - _BASS_LOW) % 12
        played.append((start, synth.bass(root, length, 0.7)))
        for beat in range(SLOT_BEATS):
            at = start + beat * beat_s * speed
            loud = 0.5 if beat == 0 else 0.35
            played += [(at, 0.5 * synth.piano(midi, length / SLOT_BEATS, loud)) for midi in hand]
        played += [(start, 0.3 * synth.pad(midi, length, 0.4)) for midi in hand]
    return played
