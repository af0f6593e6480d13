"""Small analyses whose truth is planted: how far off each note is, and when nothing is sung."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Attribute,
    AttributePlace,
    Clip,
    ClipScore,
    Melody,
    Note,
    Notice,
    Overall,
    Pictures,
    PitchTrack,
)

HOP_S = 0.032
FRAMES = 94
CLIP_S = FRAMES * HOP_S
TUNE = (60, 64, 67, 72, 69)
SHARP_CENTS = 40.0


def melody(clips: int) -> Melody:
    """One note a clip, from its fourth to its last second but a quarter."""
    notes = tuple(
        Note(k * CLIP_S + 0.3, (k + 1) * CLIP_S - 0.2, float(TUNE[k % len(TUNE)]))
        for k in range(clips)
    )
    return Melody(notes, beat_s=0.25)


def pictures(clips: int, *, cents: float, silent: tuple[int, ...] = ()) -> Pictures:
    """A voice that is `cents` off on every note, and silent in some clips."""
    count = clips * FRAMES
    times = np.arange(count) * HOP_S
    midi = np.full(count, np.nan)
    for k, note in enumerate(melody(clips).notes):
        if k not in silent:
            midi[(times >= note.start) & (times < note.end)] = note.midi + cents / 100
    sung = np.isfinite(midi)
    hz = np.where(sung, 440 * 2 ** ((np.nan_to_num(midi, nan=69) - 69) / 12), 0)
    rows = np.arange(96)[:, None]
    at = np.nan_to_num(midi, nan=0) % 12 * 8
    chroma = np.where(sung, np.exp(-0.5 * ((rows - at) / 2) ** 2), 1.0)
    mel = np.where(sung, np.linspace(20, -40, 96)[:, None], -60.0)
    return Pictures(
        hop_s=HOP_S,
        pitch=PitchTrack(HOP_S, hz.astype(np.float32), sung.astype(np.float32)),
        chroma=chroma.astype(np.float32),
        mel=mel.astype(np.float32),
        voiced=sung,
    )


def scores(clips: int, *, silent: tuple[int, ...] = ()) -> tuple[ClipScore, ...]:
    """Clip k has the score 90 - 10 k (not below 10); the silent ones have none."""
    found = []
    for k in range(clips):
        there = k not in silent
        clip = Clip(k, k * CLIP_S, (k + 1) * CLIP_S, 0.8 * there, 0.8 * there)
        if there:
            found.append(ClipScore(clip, float(max(90 - 10 * k, 10)), cosine=0.5))
        else:
            found.append(ClipScore(clip, None, "not_sung"))
    return tuple(found)


def analysis(clips: int = 8, *, silent: tuple[int, ...] = (2,), key: float = 0.0) -> Analysis:
    """A take 40 cents sharp throughout, `key` semitones above its original."""
    each = scores(clips, silent=silent)
    known = [one.score for one in each if one.score is not None]
    return Analysis(
        take="take.flac",
        song="Five notes",
        status="scored",
        reason=None,
        overall=Overall(float(np.mean(known)), 40.0, 60.0),
        clips=each,
        case="in_step",
        alignment=Alignment(key=key),
        model="rori",
        features="five",
        take_pictures=pictures(clips, cents=SHARP_CENTS + 100 * key, silent=silent),
        reference_pictures=pictures(clips, cents=0.0),
        melody=melody(clips),
    )


def without_reference(clips: int = 8) -> Analysis:
    """The same take of a song with neither voice nor notes."""
    nothing = Overall(None, None, None)
    return replace(
        analysis(clips),
        status="not_scored",
        reason="no_reference",
        overall=nothing,
        clips=tuple(
            replace(one, score=None, cosine=None, reason="no_reference") for one in scores(clips)
        ),
        case=None,
        model=None,
        reference_pictures=None,
        melody=None,
        notices=(Notice("demo_take"),),
    )


def places() -> dict[str, tuple[AttributePlace, ...]]:
    """What is planted in the clips: nothing in the first and the third."""
    clip = CLIP_S

    def place(
        k: int, code: str, value: float, at: float = 0.3, long: float = 2.0
    ) -> AttributePlace:
        start = k * clip + at
        return AttributePlace(start, start + long, code, value, float(TUNE[k % len(TUNE)]))

    return {
        "intonation": (
            place(1, "high", 42.0),
            place(3, "low", 85.0),
            place(5, "wrong_note", -310.0, long=1.2),
            place(6, "missed_note", 0.0),
            place(7, "high", 61.0),
        ),
        "rhythm": (place(4, "late", 140.0, long=0.3), place(7, "short", 260.0, at=2.0, long=0.5)),
        "vibrato": (place(3, "no_vibrato", 0.08), place(6, "slow_vibrato", 3.9)),
        "dynamics": (place(5, "flat_level", 5.2),),
        "steadiness": (place(7, "unsteady", 38.0), place(4, "scoop", 120.0, long=0.3)),
        "tone": (),
    }


def assessed(clips: int = 8) -> Analysis:
    """The take of `analysis` with made-up attributes; nobody measured them."""
    found = places()
    attributes = {
        "intonation": Attribute(62.0, 41.0, "cents", 0.95, found["intonation"]),
        "rhythm": Attribute(81.0, 64.0, "ms", 0.9, found["rhythm"]),
        "vibrato": Attribute(44.0, 0.31, "share", 0.3, found["vibrato"]),
        "dynamics": Attribute(70.0, 3.1, "dB", 0.8, found["dynamics"]),
        "steadiness": Attribute(55.0, 22.0, "cents", 0.85, found["steadiness"]),
        "tone": Attribute(None, None, "dB", 0.0, reason="no_comparison"),
    }
    known = analysis(clips)
    told = tuple(
        one
        if one.score is None
        else replace(
            one,
            parts={
                "intonation": max(one.score - 25, 0.0),
                "rhythm": min(one.score + 20, 100.0),
                "steadiness": one.score,
                "likeness": min(one.score + 6, 100.0),
            },
            channels={"f0": (100 - one.score) / 5, "spec": 3.2, "tempo": 0.1, "chroma": -0.4},
        )
        for one in known.clips
    )
    return replace(known, attributes=attributes, clips=told)
