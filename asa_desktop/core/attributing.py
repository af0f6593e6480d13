"""The attributes of a take on its way through an analysis, and the scores that are made of them."""

from __future__ import annotations

from dataclasses import replace

from asa_desktop.core import placing, take_timing
from asa_desktop.core.assess import on_song, overall
from asa_desktop.core.attributes import sides
from asa_desktop.core.attributes.beside import Beside
from asa_desktop.core.attributes.measure import measure, measure_alone
from asa_desktop.core.found import LACKING, Found, Sung
from asa_desktop.core.run import Run
from asa_desktop.core.types import Song


def with_attributes(run: Run, song: Song, sung: Sung, found: Found) -> Found:
    """The same, with the attributes of a take that could be scored, and scores made of them.

    A take that only lacks a model has attributes and no score.
    """
    if found.overall is None and found.reason not in LACKING:
        return found
    with run.timed("attributes"):
        beside = _beside(run, song, sung, found)
        measured = measure(beside) if beside is not None else measure_alone(sung.own)
    attributes = {name: each.attribute for name, each in measured.items()}
    found = replace(found, attributes=attributes)
    if beside is None:  # what a take is by itself does not tell how near it came to the song
        return found
    by_network = found.model is not None
    clips = tuple(overall.of_clip(each, measured, by_network=by_network) for each in found.clips)
    found = replace(found, clips=clips)
    if found.overall is None:
        return found
    return replace(found, overall=overall.of_take(attributes, clips) or found.overall)


def _beside(run: Run, song: Song, sung: Sung, found: Found) -> Beside | None:
    """The take beside what it is compared with, note by note."""
    placed = sung.placed
    start_s, end_s = on_song.part_of(
        sung.track, song, found.reference, placed=placed, start_s=run.timing.start_s
    )
    part = sides.Part(start_s, end_s, take_timing.unheard(run.timing))
    if found.reference is not None:
        return sides.beside_vocal(
            sung.own,
            found.reference,
            placed=placed,
            part=part,
            own_key=own_key(placed, accompanied=song.accompanied),
            delay_known=run.timing.delay_from != "stamps",
        )
    if song.melody is not None:
        return sides.beside_notes(
            sung.own, song.melody, offset_s=song.offset_s, placed=placed, part=part
        )
    return None


def own_key(placed: placing.Placed | None, *, accompanied: bool) -> bool:
    """Whether the key is the singer's: not where it was sung over an accompaniment."""
    return not accompanied or (placed is not None and not placed.in_step)
