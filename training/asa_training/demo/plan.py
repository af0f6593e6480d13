"""Which songs make the medley, in which order and feel. Editorial choices live here alone."""

from __future__ import annotations

from dataclasses import dataclass

BEATS_A_BAR = 4


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One song of the medley.

    Attributes
    ----------
    song
        Its name in the corpus.
    tonic
        Pitch class of its (major) key, 0 = C.
    first_bar, bars
        What is taken of it, in bars of its own score.
    feel
        A key of `arrange.FEELS`.
    lines
        How many notes each lyric line holds; empty: a new line after each rest of half a beat.
    """

    song: str
    tonic: int
    first_bar: int
    bars: int
    feel: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MedleyPlan:
    """The whole medley. A link of one bar leads into each section but the first."""

    slug: str
    title: str
    artist: str
    language: str
    bpm: float
    sections: tuple[SectionPlan, ...]
    seed: int = 20
    intro_bars: int = 2
    ending_bars: int = 2


# Chosen from the 98 songs because tempo (130) is the same, each key is close to the next
# (E, D, G, C), and the singer agrees with the written notes (see `measure`).
PJS_MEDLEY = MedleyPlan(
    slug="pjs-medley",
    title="PJS Medley",
    artist="Junya Koguchi and Shinnosuke Takamichi (PJS corpus)",
    language="ja",
    bpm=130.0,
    sections=(
        SectionPlan("pjs063", 4, 1, 7, "pop", (11, 11, 6)),
        SectionPlan("pjs009", 2, 1, 8, "light", (7, 11, 8, 11)),
        SectionPlan("pjs100", 7, 1, 5, "drive", (9, 10, 10, 7, 8)),
        SectionPlan("pjs031", 0, 1, 4, "shuffle", (9, 6, 9)),
    ),
)
