"""A corpus of two tiny songs in the layout of PJS, sung by a sine."""

from __future__ import annotations

from pathlib import Path

import mido
import numpy as np
import soundfile
from asa_training.demo.plan import MedleyPlan, SectionPlan

RATE = 16_000
BPM = 240.0
TICKS = 480
STEPS = ("C", "C", "D", "D", "E", "F", "F", "G", "G", "A", "A", "B")
SHARPS = {1, 3, 6, 8, 10}

# (beat, length, midi, syllable); bar 1 is silent, as in the corpus.
FIRST = [
    (4.0, 1.0, 60, "ど"),
    (5.0, 1.0, 64, "み"),
    (6.0, 2.0, 67, "そ"),
    (8.0, 1.0, 65, "ふぁ"),
    (9.0, 1.0, 69, "ら"),
    (10.0, 0.75, 67, "そ"),
    (10.75, 0.25, 71, "し"),
    (12.0, 3.0, 60, "ど"),
]
SECOND = [
    (4.5, 0.5, 67, "や"),
    (5.0, 2 / 3, 71, "ま"),
    (5 + 2 / 3, 1 / 3, 74, "の"),
    (6.0, 1.5, 71, "う"),
    (8.0, 3.0, 67, "え"),
]
PLAN = MedleyPlan(
    slug="tiny",
    title='Tiny "medley"',
    artist="Nobody",
    language="ja",
    bpm=BPM,
    sections=(
        SectionPlan("tiny1", 0, 1, 3, "pop", (3, 5)),
        SectionPlan("tiny2", 7, 1, 2, "shuffle"),
    ),
)
LAGS = {"tiny1": 0.02, "tiny2": 0.0}


def write_corpus(folder: Path) -> Path:
    """Write both songs; the first singer comes 20 ms after the written notes."""
    for name, notes in (("tiny1", FIRST), ("tiny2", SECOND)):
        write_song(folder / name, notes, lag_s=LAGS[name])
    return folder


def write_song(folder: Path, notes: list[tuple[float, float, int, str]], *, lag_s: float) -> None:
    """MIDI, MusicXML, labels and recording of one song."""
    folder.mkdir(parents=True)
    name = folder.name
    _write_midi(folder / f"{name}.mid", notes)
    _write_musicxml(folder / f"{name}.musicxml", notes)
    beat_s = 60.0 / BPM
    sound = np.zeros(int((notes[-1][0] + notes[-1][1] + 2) * beat_s * RATE))
    labels = []
    for beat, length, midi, _ in notes:
        start, seconds = beat * beat_s + lag_s, length * beat_s
        t = np.arange(int(seconds * RATE)) / RATE
        f = 440.0 * 2 ** ((midi - 69) / 12)
        at = round(start * RATE)
        sound[at : at + len(t)] += 0.1 * np.sin(2 * np.pi * f * t)
        labels.append(f"{round(start * 1e7)} {round((start + seconds) * 1e7)} a")
    (folder / f"{name}.lab").write_text("\n".join(labels), encoding="utf-8")
    soundfile.write(folder / f"{name}_song.flac", sound, RATE, subtype="PCM_16")


def _write_midi(path: Path, notes: list[tuple[float, float, int, str]]) -> None:
    file = mido.MidiFile(ticks_per_beat=TICKS)
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM)))
    now = 0
    for beat, length, midi, _ in notes:
        for kind, at in (("note_on", beat), ("note_off", beat + length)):
            tick = round(at * TICKS)
            track.append(mido.Message(kind, note=midi, velocity=80, time=tick - now))
            now = tick
    file.tracks.append(track)
    file.save(path)


def _write_musicxml(path: Path, notes: list[tuple[float, float, int, str]]) -> None:
    rows = []
    for _, _, midi, text in notes:
        alter = "<alter>1</alter>" if midi % 12 in SHARPS else ""
        pitch = f"<step>{STEPS[midi % 12]}</step>{alter}<octave>{midi // 12 - 1}</octave>"
        lyric = f"<lyric><text>{text}</text></lyric>"
        rows.append(f"<note><pitch>{pitch}</pitch>{lyric}</note>")
    body = f"<score-partwise><part><measure>{''.join(rows)}</measure></part></score-partwise>"
    path.write_text(body, encoding="utf-8")
