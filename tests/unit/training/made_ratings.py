"""Rated performances with planted agreement, without any sound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from asa_training.rated.performances import Heard, Rated, Said


def made(songs: Sequence[str] = ("Alpha", "Beta"), *, each: int = 10, seed: int = 1) -> list[Rated]:
    """Singers of known skill; three judges; systems of planted quality, one silent, one partial.

    `near` follows skill closely, `far` is its distance (less is better), `mapped` has a score
    alone, `coin` is noise, `partial` speaks of every other performance, `silent` of none.
    """
    rng = np.random.default_rng(seed)
    found = []
    for song in songs:
        for k in range(each):
            skill = float(rng.uniform(1, 5))
            judges = {name: float(np.clip(skill + 0.4 * rng.normal(), 1, 5)) for name in "abc"}
            near = skill + 0.2 * float(rng.normal())
            said = {
                "near": Said(value=near, score=20 * near, unit="cents"),
                "far": Said(value=7 - near, score=None, unit="cents", better="low"),
                "mapped": Said(score=10 * near + float(rng.normal()), unit="points"),
                "coin": Said(value=float(rng.normal()), unit="share"),
                "partial": Said(value=near, unit="share") if k % 2 else Said(reason="too_short"),
                "silent": Said(reason="no_melody"),
            }
            found.append(
                Rated(
                    song=song,
                    singer=f"{song}{k}",
                    human=float(np.mean(list(judges.values()))),
                    judges=judges,
                    heard=Heard(
                        said=said,
                        rows=2,
                        clips=3,
                        embeddings=_embeddings(rng, skill, song),
                    ),
                )
            )
    return found


def _embeddings(rng: np.random.Generator, skill: float, song: str) -> np.ndarray:
    centre = np.zeros(16)
    centre[0], centre[1] = 3.0 * (song == "Alpha"), skill
    return (centre + 0.1 * rng.normal(size=(3, 16))).astype(np.float32)
