"""Renditions that nobody rendered: images that stray from the anchor's as severity grows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from asa_training.features import ACCOMPANIMENT, GRID, Rendition
from asa_training.grades import COLUMNS
from tracks import track

FRAMES = 200
WINDOWS = (FRAMES - 94) // GRID + 1
ANCHOR_SEED = 77


def made(
    name: str,
    *,
    role: str = "negative",
    source: str = "s0",
    severity: float = 0.0,
    defect: str = "off_pitch",
    strays: float | None = None,
    singer: str = "one",
) -> Rendition:
    """One rendition whose channels leave the anchor's for a ramp by `strays` (its severity).

    A tenth of what they leave for is noise of their own.
    """
    base = track(np.full(FRAMES, 220.0), seed=ANCHOR_SEED + hash_of(source))
    own = track(np.full(FRAMES, 220.0), seed=hash_of(name) + 1000)
    share = np.float32(severity if strays is None else strays)

    def away(each: str) -> np.ndarray:
        here, noise = getattr(base, each), getattr(own, each)
        ramp = np.linspace(noise.min(), noise.max(), len(here), dtype=np.float32)[:, None]
        return ((1 - share) * here + share * (0.9 * ramp + 0.1 * noise)).astype(here.dtype)

    parts = {each: away(each) for each in ("mel", "chroma", "tempo", "activation")}
    rows = np.zeros((WINDOWS, len(COLUMNS)), np.float32)
    rows[:, COLUMNS.index(defect)] = severity
    return Rendition(
        name=f"{source}/{name}.flac",
        source=source,
        singer=singer,
        song=source,
        role=role,
        asked={defect: severity} if severity else {},
        severity=rows,
        features=replace(base, **parts),
    )


def accompaniment(source: str = "s0") -> Rendition:
    """Music that strays from the source's anchor half-way, without a pitch."""
    music = made(ACCOMPANIMENT, role=ACCOMPANIMENT, source=source, strays=0.5, singer="")
    silent = replace(music.features.pitch, hz=np.zeros(FRAMES, np.float32))
    return replace(music, song="", features=replace(music.features, pitch=silent))


def small_scene(source: str = "s0", *, singer: str = "one") -> list[Rendition]:
    """An anchor, an accompaniment, two good performances and three poor ones."""
    return [
        made("anchor", role="anchor", source=source, singer=singer),
        accompaniment(source),
        *(
            made(f"good{n}", role="positive", source=source, strays=0.03, singer=singer)
            for n in range(2)
        ),
        *(
            made(f"poor{n}", source=source, severity=severity, singer=singer)
            for n, severity in enumerate((0.5, 0.8, 1.0))
        ),
    ]


def hash_of(text: str) -> int:
    """The same number for the same text in every process."""
    return sum(ord(sign) * 31**place for place, sign in enumerate(text)) % 10_007


def scene(
    source: str = "s0", *, singer: str = "one", defects: tuple[str, ...] = ("off_pitch",)
) -> list[Rendition]:
    """An anchor, three good performances, poor ones of every severity, and a probe."""
    renditions = [made("anchor", role="anchor", source=source, singer=singer)]
    renditions += [
        made(f"good{n}", role="positive", source=source, strays=0.03, singer=singer)
        for n in range(3)
    ]
    renditions += [
        made(f"{defect}{n}", source=source, severity=value, defect=defect, singer=singer)
        for defect in defects
        for n, value in enumerate((0.25, 0.45, 0.5, 0.55, 0.75, 0.95, 1.0))
    ]
    renditions += [
        made(f"{role}{n}", role=role, source=source, strays=0.03, singer=singer)
        for role in ("probe_good", "probe_poor")
        for n in range(2)
    ]
    return renditions
