"""Analyses made from nothing: a sung melody with vibrato, slides and breaths, and its pictures."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Case,
    Clip,
    ClipScore,
    Melody,
    Note,
    Overall,
    Pictures,
    PitchTrack,
)

HOP_S = 0.032
CLIP_S = 94 * HOP_S
_TUNE = (62, 64, 65, 67, 69, 67, 65, 64, 62, 57, 60, 62, 65, 70, 69, 67)
REASONS = {"too_little_voice": "too little singing in this clip", "no_pitch": "no pitch was found"}


def reason_text(code: str) -> str:
    """Words for the codes used here."""
    return REASONS.get(code, f"worded: {code}")


def fake_melody(seconds: float) -> Melody:
    """Notes of half a second to a second, with a breath after every eighth."""
    notes, start, index = [], 1.0, 0
    while start < seconds - 2:
        length = (0.5, 0.75, 1.0, 0.5)[index % 4]
        midi = float(_TUNE[index % len(_TUNE)])
        notes.append(Note(start, start + length - 0.06, midi, syllable="la"))
        start += length + (1.6 if index % 8 == 7 else 0.0)
        index += 1
    return Melody(tuple(notes), beat_s=0.125)


def fake_pictures(melody: Melody, seconds: float, *, seed: int, off: float) -> Pictures:
    """A voice that sings the melody; `off` scales how far it strays (0: hardly, 1: a lot)."""
    rng = np.random.default_rng(seed)
    count = int(seconds / HOP_S)
    times = np.arange(count) * HOP_S
    midi = np.full(count, np.nan)
    for note in melody.notes:
        inside = (times >= note.start) & (times < note.end)
        since = times[inside] - note.start
        slide = -1.2 * np.exp(-since / 0.05)
        vibrato = 0.25 * np.sin(2 * np.pi * 5.6 * since) * np.clip(since - 0.25, 0, 0.3) / 0.3
        stray = off * rng.normal(0, 0.6) - off * 0.5 * since
        midi[inside] = note.midi + slide + vibrato + stray + rng.normal(0, 0.04, len(since))
    sung = np.isfinite(midi)
    hz = np.where(sung, 440 * 2 ** ((np.nan_to_num(midi, nan=69) - 69) / 12), 0)
    return Pictures(
        hop_s=HOP_S,
        pitch=PitchTrack(HOP_S, hz.astype(np.float32), np.where(sung, 0.9, 0.1).astype(np.float32)),
        chroma=_chroma(hz, sung, rng),
        mel=_mel(hz, sung, rng),
        voiced=sung,
    )


def _chroma(hz: np.ndarray, sung: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    rows = np.abs(rng.normal(0, 0.04, (96, len(hz))))
    for harmonic, weight in ((1, 1.0), (3, 0.5), (5, 0.3)):
        semitones = 12 * np.log2(np.where(sung, hz, 440) * harmonic / 261.6256)
        away = np.arange(96)[:, None] / 8 - semitones[None, :]
        away -= 12 * np.round(away / 12)
        rows += weight * sung * np.exp(-0.5 * (away / 0.35) ** 2)
    return (rows / np.maximum(rows.max(axis=0), 0.3)).astype(np.float32)


def _mel(hz: np.ndarray, sung: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    centres = np.concatenate([np.arange(1, 33) * 31.0, 1000 * 6.4 ** (np.arange(64) / 55)])
    level = rng.normal(-36, 2, (96, len(hz)))
    for harmonic in range(1, 25):
        width = 25 + centres * 0.03
        away = (centres[:, None] - hz[None, :] * harmonic) / width[:, None]
        partial = 34 - 2.2 * harmonic - 30 * np.minimum(away**2, 3)
        level = np.where(sung & (partial > level), partial, level)
    return np.clip(level, -40, 40).astype(np.float32)


def fake_clips(pictures: Pictures, seconds: float, *, seed: int) -> tuple[ClipScore, ...]:
    """Clips end to end; those with few sung frames have no score."""
    rng = np.random.default_rng(seed)
    scores = []
    for index in range(int(seconds / CLIP_S)):
        window = slice(index * 94, (index + 1) * 94)
        voiced = float(pictures.voiced[window].mean())
        clip = Clip(index, index * CLIP_S, (index + 1) * CLIP_S, voiced, voiced)
        if voiced < 0.5:
            scores.append(ClipScore(clip, None, "too_little_voice"))
        elif index % 9 == 5:
            scores.append(ClipScore(clip, None, "no_pitch"))
        else:
            scores.append(ClipScore(clip, float(rng.uniform(28, 96)), cosine=0.5))
    return tuple(scores)


def fake_analysis(
    seconds: float = 20.0,
    *,
    seed: int = 1,
    case: Case | None = "in_step",
    key: float | None = 0.0,
    melody: bool = True,
    song: str = "Morning medley",
    take: str = "take-3.flac",
) -> Analysis:
    """A scored analysis, or with `case` None one that is not scored."""
    tune = fake_melody(seconds)
    sung = fake_pictures(tune, seconds, seed=seed, off=1.0)
    original = fake_pictures(tune, seconds, seed=seed + 1, off=0.1)
    clips = fake_clips(sung, seconds, seed=seed)
    known = [each.score for each in clips if each.score is not None]
    scored = case is not None and bool(known)
    mean = float(np.mean(known)) if scored else None
    return Analysis(
        take=take,
        song=song,
        status="scored" if scored else "not_scored",
        reason=None if scored else "nothing_to_compare",
        overall=Overall(mean, mean and mean - 4, mean and mean + 4),
        clips=clips if scored else (),
        case=case,
        alignment=Alignment(offset_s=0.0, tempo=1.0, key=key),
        model=None if case in (None, "notes") else "rori",
        features="asa-five-1-0123456789ab",
        take_pictures=sung,
        reference_pictures=original if case in ("in_step", "free") else None,
        melody=tune if melody else None,
        timings={"features": 1.25},
    )
