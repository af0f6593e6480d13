"""Is what was rendered what was asked for? Measured on the sound, by tracking it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from asa_training.render.engines import RATE, engine
from asa_training.render.plan import DEFECTS, Harmless, Plan
from asa_training.render.rendition import Singer
from asa_training.render.source import Source
from asa_training.segment import FRAME_S, Array, cents_of, find_notes, track_f0

_ONSET_REACH_S = 0.15
_HEARD_DB = 60.0  # bands this far under the take's loudest are not compared


@dataclass(frozen=True, slots=True)
class Check:
    """One rendition, before its channel: cents, seconds and dB against what was asked for.

    `pitch_cents` is the median, `far_share` the share beyond 50 cents of the frames voiced in both;
    `voiced_share` how much of the asked voicing was found; `onset_s` the median distance of the
    notes' starts from the nearest start found (where there is one within 0.15 s, `onset_share`);
    `level_db` the change of level from the source. `voice_db` is what the engine alone does to the
    voice: sung in the plan's key with nothing else changed, the median over voiced frames of the
    RMS difference, over bands of 400 Hz, of the spectrum from the source's.
    """

    pitch_cents: float
    far_share: float
    voiced_share: float
    onset_s: float
    onset_share: float
    level_db: float
    voice_db: float


def check(source: Source, plans: Iterable[Plan]) -> list[Check]:
    """Render the plans anew and track them."""
    return [_check_one(Singer(source, engine(plan.engine)), plan) for plan in plans]


def _check_one(singer: Singer, plan: Plan) -> Check:
    source = singer.source
    sound, truth = singer.dry(plan)
    curves = singer.curves(plan)
    wanted = cents_of(singer.asked_f0(curves))
    gone = np.interp(curves.source_time, np.arange(source.f0.size) * FRAME_S, curves.silence)
    wanted[gone > 0.1] = np.nan
    heard_f0 = track_f0(sound, RATE)[: wanted.size]
    heard = cents_of(heard_f0)
    both = np.isfinite(wanted[: heard.size]) & np.isfinite(heard)
    gaps = np.abs(heard[both] - wanted[: heard.size][both])
    onsets = _onset_gaps(
        np.array([one.start for one in truth.notes if one.held != "dropped"]),
        np.array([one.start for one in find_notes(heard_f0)]),
    )
    return Check(
        pitch_cents=float(np.median(gaps)),
        far_share=float(np.mean(gaps > 50)),
        voiced_share=float(both.sum() / np.isfinite(wanted).sum()),
        onset_s=float(np.median(onsets)) if onsets.size else float("nan"),
        onset_share=onsets.size / max(sum(one.held != "dropped" for one in truth.notes), 1),
        level_db=float(20 * np.log10(np.std(sound) / np.std(source.audio))),
        voice_db=_voice_db(singer, plan.harmless.transpose_cents),
    )


def _voice_db(singer: Singer, transpose_cents: float) -> float:
    source = singer.source
    plain = Plan(
        role="positive",
        engine=singer.engine.name,
        seed=0,
        harmless=Harmless(transpose_cents=transpose_cents),
    )
    sound, _ = singer.dry(plain)
    voiced = source.f0 > 0
    before, after = (_bands_db(one, voiced.size)[voiced] for one in (source.audio, sound))
    gap = after - before
    gap -= gap.mean(axis=1, keepdims=True)
    heard = before > before.max() - _HEARD_DB
    gap = np.where(heard, gap, np.nan)[heard.sum(axis=1) > 2]
    return float(np.median(np.sqrt(np.nanmean(np.square(gap), axis=1))))


def _bands_db(sound: Array, frames: int) -> Array:
    """Level of each 400 Hz in 64 ms around each 5 ms frame. Shape: (T, 20)."""
    half, hop = RATE // 32, round(FRAME_S * RATE)
    padded = np.pad(sound, (half, half + frames * hop))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)[: frames * hop : hop]
    power = np.abs(np.fft.rfft(pieces * np.hanning(2 * half), axis=1)) ** 2
    bands = power[:, : power.shape[1] // 20 * 20].reshape(frames, 20, -1).mean(axis=2)
    return 10 * np.log10(bands + 1e-12)


def _onset_gaps(wanted: Array, found: Array) -> Array:
    if not found.size:
        return np.zeros(0)
    gaps = np.min(np.abs(wanted[:, None] - found), axis=1)
    return gaps[gaps < _ONSET_REACH_S]


def describe(checks: Mapping[str, Sequence[Check]]) -> list[str]:
    """Per engine, the medians over its renditions, as lines to print."""
    lines = []
    for name, found in checks.items():
        middle = {
            key: float(np.nanmedian([getattr(one, key) for one in found]))
            for key in (
                *("pitch_cents", "far_share", "voiced_share"),
                *("onset_s", "onset_share", "voice_db"),
            )
        }
        level = [one.level_db for one in found]
        lines.append(
            f"{name}: {len(found)} renditions, pitch {middle['pitch_cents']:.1f} cents, "
            f"{100 * middle['far_share']:.1f} % of frames beyond 50 cents, "
            f"{100 * middle['voiced_share']:.0f} % of the voicing found, "
            f"onsets {1000 * middle['onset_s']:.0f} ms "
            f"({100 * middle['onset_share']:.0f} % found), "
            f"level {np.median(level):+.1f} dB (spread {np.std(level):.1f}), "
            f"voice {middle['voice_db']:.1f} dB from the source's"
        )
    return lines


def describe_severities(facts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Per defect, the realised severity of whole takes for thirds of the asked, as lines."""
    lines = []
    for name in DEFECTS:
        asked = np.array([one["plan"]["severities"][name] for one in facts])
        realised = np.array([one["realised"][name] for one in facts])
        parts = []
        for low, high in ((0.0, 0.35), (0.35, 0.7), (0.7, 1.0)):
            inside = (asked > low) & (asked <= high)
            if inside.any():
                a, r = float(np.mean(asked[inside])), float(np.mean(realised[inside]))
                parts.append(f"{a:.2f} -> {r:.2f} (n {inside.sum()})")
        stray = float(np.max(realised[asked == 0], initial=0.0))
        lines.append(f"{name}: asked -> realised {', '.join(parts)}; unasked at most {stray:.2f}")
    return lines
