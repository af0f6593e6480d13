"""What one rendition is to be: everything drawn, nothing computed, all of it in JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

import numpy as np

RENDERER = 1  # raise it when the same plan sounds different: stored renditions are then redone
DEFECTS = ("off_pitch", "drift", "timing", "wrong_notes")
Role = Literal["anchor", "positive", "negative", "probe_good", "probe_poor"]


@dataclass(frozen=True, slots=True)
class Severities:
    """How strong each defect is asked to be, 0 (absent) to 1. They are drawn one by one."""

    off_pitch: float = 0.0
    drift: float = 0.0
    timing: float = 0.0
    wrong_notes: float = 0.0


@dataclass(frozen=True, slots=True)
class Harmless:
    """Edits that no judge minds, drawn from the same distributions whatever the role.

    `transpose_cents` moves the whole take; `vibrato` multiplies the movement inside notes;
    `wobble_cents` is the spread of tiny per-note offsets; `sway_s` bounds a smooth misalignment;
    `formant` scales the spectral envelope (above 1: a smaller head); `restored` renders from a
    copy that was first sung off pitch by the engine and is now put back in tune.
    """

    transpose_cents: float = 0.0
    vibrato: float = 1.0
    wobble_cents: float = 0.0
    sway_s: float = 0.0
    formant: float = 1.0
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Channel:
    """Microphone, room and desk; None leaves a thing out.

    Filters are (kind, Hz, dB, Q). `level_db` is RMS against full scale; `reverb_db` and `noise_db`
    are against the voice; noise falls as frequency to the `noise_colour`.
    """

    level_db: float = -23.0
    filters: tuple[tuple[str, float, float, float], ...] = ()
    low_cut_hz: float | None = None
    high_cut_hz: float | None = None
    reverb_s: float | None = None
    reverb_db: float = -20.0
    noise_db: float | None = None
    noise_colour: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One rendition. `seed` feeds whatever the curves and the channel still draw."""

    role: Role
    engine: str
    seed: int
    severities: Severities = field(default_factory=Severities)
    harmless: Harmless = field(default_factory=Harmless)
    channel: Channel = field(default_factory=Channel)
    renderer: int = RENDERER

    def to_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> Plan:
        """The inverse of `to_json`, also after a trip through text."""
        parts = dict(values)
        channel = dict(parts["channel"])
        channel["filters"] = tuple(tuple(one) for one in channel["filters"])
        parts["severities"] = Severities(**parts["severities"])
        parts["harmless"] = Harmless(**parts["harmless"])
        parts["channel"] = Channel(**channel)
        return Plan(**parts)

    def key(self, source_sha256: str, start: float, end: float) -> str:
        """Sixteen hexadecimal digits that change with the plan or the sound it is made from."""
        text = json.dumps([self.to_json(), source_sha256, start, end], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def draw_plans(
    *, engine: str, seed: int, source_id: str, count: int, probes: int, median_hz: float
) -> list[Plan]:
    """The plans for one source: 2 anchors, a third positives, the rest negatives, then probes.

    Negatives go through the defects in turn, starting anywhere, so that every source shows each;
    severities are spread over (0.05, 1] in strata. Three in ten carry a second or third defect
    whose severity is drawn by itself. A probe pair has severity 0 on both sides: the 'poor' one
    differs from the 'good' one in nothing but its name.
    """
    rng = np.random.default_rng([seed, *hashlib.sha256(source_id.encode()).digest()[:8]])
    anchors = min(2, count)
    positives = min(max(3, round((count - 2) / 3)), count - anchors)
    negatives = count - anchors - positives
    roles: list[Role] = ["anchor"] * anchors + ["positive"] * positives
    asked = [Severities()] * len(roles)
    roles += ["negative"] * negatives
    asked += _negative_severities(rng, negatives)
    for _ in range(probes):
        roles += ["probe_good", "probe_poor"]
        asked += [Severities()] * 2
    return [
        Plan(
            role=role,
            engine=engine,
            seed=int(rng.integers(2**31)),
            severities=severities,
            harmless=draw_harmless(rng, median_hz=median_hz),
            channel=draw_channel(rng),
        )
        for role, severities in zip(roles, asked, strict=True)
    ]


def _negative_severities(rng: np.random.Generator, count: int) -> list[Severities]:
    first = int(rng.integers(len(DEFECTS)))
    strata = rng.permutation(count)
    drawn = []
    for at in range(count):
        main = DEFECTS[(first + at) % len(DEFECTS)]
        strength = 0.05 + 0.95 * (strata[at] + rng.uniform()) / count
        chosen = {main: round(float(strength), 3)}
        others = [name for name in DEFECTS if name != main]
        extra = int(rng.choice([0, 1, 2], p=[0.7, 0.2, 0.1]))
        for name in rng.choice(others, size=extra, replace=False):
            chosen[str(name)] = round(float(rng.uniform(0.05, 1.0)), 3)
        drawn.append(Severities(**chosen))
    return drawn


def draw_harmless(rng: np.random.Generator, *, median_hz: float) -> Harmless:
    """A voice that is not the singer's, in a key of its own, and singing as well as before."""
    transpose = float(rng.uniform(-400, 400))
    if rng.uniform() < 0.15:
        # The octave that stays in a human range.
        transpose += 1200.0 if median_hz < 210 else -1200.0
    return Harmless(
        transpose_cents=round(transpose, 1),
        vibrato=round(float(rng.uniform(0.75, 1.3)), 3),
        wobble_cents=round(float(rng.uniform(0, 7)), 2),
        sway_s=round(float(rng.uniform(0, 0.07)), 4),
        formant=round(float(np.exp(rng.uniform(np.log(0.8), np.log(1.25)))), 3),
        restored=bool(rng.uniform() < 0.4),
    )


def draw_channel(rng: np.random.Generator) -> Channel:
    """A recording chain; nothing about it depends on what was sung."""
    filters = tuple(
        (
            str(rng.choice(["peak", "low_shelf", "high_shelf"])),
            round(float(np.exp(rng.uniform(np.log(120), np.log(6000)))), 1),
            round(float(rng.normal(0, 4)), 2),
            round(float(rng.uniform(0.5, 2.0)), 2),
        )
        for _ in range(int(rng.integers(0, 4)))
    )

    def sometimes(share: float, low: float, high: float) -> float | None:
        value, chosen = rng.uniform(low, high), rng.uniform() < share
        return round(float(value), 2) if chosen else None

    return Channel(
        level_db=round(float(rng.uniform(-32, -16)), 2),
        filters=filters,
        low_cut_hz=sometimes(0.5, 50, 130),
        high_cut_hz=sometimes(0.35, 3800, 7400),
        reverb_s=sometimes(0.5, 0.12, 0.7),
        reverb_db=round(float(rng.uniform(-26, -8)), 2),
        noise_db=sometimes(0.7, -55, -18),
        noise_colour=round(float(rng.uniform(0, 2)), 2),
    )


def severity_names() -> Sequence[str]:
    """The defects in the order in which they are stored."""
    return tuple(one.name for one in fields(Severities))
