"""Plans drawn from a seed: roles, severities, harmless edits and recording chains."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from asa_training.render.plan import DEFECTS, Channel, Harmless, Plan, Role, Severities

Design = Literal["turn", "grid", "alike"]
DESIGNS: tuple[Design, ...] = ("turn", "grid", "alike")
SWAY_S = 0.08  # the widest smooth misalignment, unless less is asked for
_STEPS = (0.0, 0.5, 1.0)
_LEAST = 0.05  # a weaker defect is none
_LENDING = 0.75  # the share of sources whose straight long notes are given a vibrato


def draw_plans(
    *,
    engines: Sequence[str],
    seed: int,
    source_id: str,
    count: int,
    probes: int,
    median_hz: float,
    design: Design = "turn",
    sway_s: float = SWAY_S,
) -> list[Plan]:
    """The plans for one source: `count` renditions, 2 of them anchors, then pairs of probes.

    Design `turn`, for training: a third are positives, the rest negatives, which go through the
    defects in turn, starting anywhere; severities are spread over (0.05, 1] in strata, and two in
    five carry up to three more defects whose severities are drawn by themselves. Design `grid`,
    for evaluation: all but the anchors carry each defect with probability 1/2 and a severity
    uniform over (0.05, 1], each drawn by itself, so that partial correlations can be computed; one
    that drew none is a positive. Design `alike`, for the scale of the score: off pitch, timing and
    vibrato, all at 0, 0.5 and 1 in turn, so that all that the score counts is spoilt alike.

    A probe pair has severity 0 on both sides: the 'poor' one differs from the 'good' one in
    nothing but its name. `sway_s` bounds the smooth misalignment of every role. Of several
    `engines` each sings an anchor in turn, and whichever falls to it the rest, good or poor.
    """
    place = [seed, *hashlib.sha256(source_id.encode()).digest()[:8]]
    rng, choosing = np.random.default_rng(place), np.random.default_rng([*place, 1])
    anchors = min(2, count)
    roles: list[Role] = ["anchor"] * anchors
    asked = [Severities()] * anchors
    if design != "turn":
        by_itself = design == "grid"
        drawn = [_each_by_itself(rng) if by_itself else _alike(n) for n in range(count - anchors)]
        roles += ["negative" if any_defect(one) else "positive" for one in drawn]
    else:
        positives = min(max(3, round((count - 2) / 3)), count - anchors)
        negatives = count - anchors - positives
        drawn = [Severities()] * positives + _in_turn(rng, negatives)
        roles += ["positive"] * positives
        roles += ["negative"] * negatives
    asked += drawn
    for _ in range(probes):
        roles += ["probe_good", "probe_poor"]
        asked += [Severities()] * 2
    lent = float(rng.uniform(30, 80)) if rng.uniform() < _LENDING else 0.0
    return [
        Plan(
            role=role,
            engine=engines[n % len(engines) if n < anchors else choosing.integers(len(engines))],
            seed=int(rng.integers(2**31)),
            severities=severities,
            harmless=replace(
                draw_harmless(rng, median_hz=median_hz, sway_s=sway_s),
                # One voice, one vibrato: what a source's renditions are lent differs but little.
                lent_vibrato_cents=round(lent * float(rng.uniform(0.85, 1.15)), 1),
            ),
            channel=draw_channel(rng),
        )
        for n, (role, severities) in enumerate(zip(roles, asked, strict=True))
    ]


def any_defect(severities: Severities) -> bool:
    """Whether any defect is asked for."""
    return any(getattr(severities, name) > 0 for name in DEFECTS)


def _in_turn(rng: np.random.Generator, count: int) -> list[Severities]:
    first = int(rng.integers(len(DEFECTS)))
    strata = rng.permutation(count)
    drawn = []
    for at in range(count):
        main = DEFECTS[(first + at) % len(DEFECTS)]
        strength = _LEAST + (1 - _LEAST) * (strata[at] + rng.uniform()) / count
        chosen = {main: round(float(strength), 3)}
        others = [name for name in DEFECTS if name != main]
        extra = int(rng.choice([0, 1, 2, 3], p=[0.6, 0.2, 0.12, 0.08]))
        for name in rng.choice(others, size=extra, replace=False):
            chosen[str(name)] = round(float(rng.uniform(_LEAST, 1.0)), 3)
        drawn.append(Severities(**chosen))
    return drawn


def _each_by_itself(rng: np.random.Generator) -> Severities:
    present = rng.uniform(size=len(DEFECTS)) < 0.5
    strength = rng.uniform(_LEAST, 1.0, size=len(DEFECTS))
    return Severities(
        **{
            name: round(float(value), 3)
            for name, there, value in zip(DEFECTS, present, strength, strict=True)
            if there
        }
    )


def _alike(number: int) -> Severities:
    severity = _STEPS[number % len(_STEPS)]
    return Severities(off_pitch=severity, timing=severity, vibrato=severity)


def draw_harmless(
    rng: np.random.Generator, *, median_hz: float, sway_s: float = SWAY_S
) -> Harmless:
    """A voice that is not the singer's, in a key of its own, and singing as well as before."""
    transpose = float(rng.uniform(-400, 400))
    if rng.uniform() < 0.15:
        # The octave that stays in a human range.
        transpose += 1200.0 if median_hz < 210 else -1200.0
    return Harmless(
        transpose_cents=round(transpose, 1),
        vibrato=round(float(rng.uniform(0.75, 1.3)), 3),
        wobble_cents=round(float(rng.uniform(0, 7)), 2),
        sway_s=round(float(rng.uniform(0, sway_s)), 4),
        formant=round(float(np.exp(rng.uniform(np.log(0.8), np.log(1.25)))), 3),
        restored=bool(rng.uniform() < 0.4),
        swell_db=round(float(rng.uniform(0, 3)), 2),
        tone=round(float(rng.uniform(-0.12, 0.12)), 3),
        trim_s=round(float(rng.uniform(0, 0.03)), 4),
        scoop_cents=round(float(rng.uniform(0, 50)), 1),
        unsteady_cents=round(float(rng.uniform(0, 5)), 2),
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
