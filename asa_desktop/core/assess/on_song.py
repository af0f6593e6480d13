"""What the further systems say of a take, however it lies to its song."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from asa_desktop.core.assess.evidence import evidence_of, within, without
from asa_desktop.core.assess.measured import NEEDS_ALIGNMENT
from asa_desktop.core.assess.systems import run_systems
from asa_desktop.core.types import Alignment, Song, SystemScore

if TYPE_CHECKING:
    from asa_desktop.core.features.track import TrackFeatures
    from asa_desktop.core.placing import Placed

Stretch = tuple[float, float]


def systems_of(
    take: TrackFeatures,
    names: Sequence[str],
    *,
    song: Song,
    reference: TrackFeatures | None,
    placed: Placed | None = None,
    in_step: bool = True,
    start_s: float = 0.0,
    gaps: Sequence[Stretch] = (),
) -> dict[str, SystemScore]:
    """What the named systems say of the part of the song that the take goes through.

    One in step with the song is compared frame by frame. One that was sung freely is left to the
    systems as it was sung, since its tempo is part of what they judge; only those that cannot
    align it themselves get it laid on the song's clock.

    Parameters
    ----------
    take, reference
        The take as it was recorded, and the song's vocal where it has one.
    placed
        Where it was found in the song; None where nobody looked, or nothing was found.
    in_step
        Without `placed`: whether both lie on one clock, on which the take begins at `start_s`.
    gaps
        Where on that clock nothing was recorded though it may have been sung.

    Raises
    ------
    UsageError
        As `run_systems`.
    """

    def said(track: TrackFeatures, some: Sequence[str], *, aligned: bool) -> dict[str, SystemScore]:
        evidence = evidence_of(
            track, reference, melody=song.melody, offset_s=song.offset_s, aligned=aligned
        )
        if placed is None and not aligned:
            return run_systems(evidence, some)
        begin_s, end_s = part_of(track, song, reference, placed=placed, start_s=start_s)
        evidence = within(evidence, start_s=begin_s, end_s=end_s)
        moved = [(first - begin_s, last - begin_s) for first, last in gaps]
        return run_systems(without(evidence, moved) if aligned else evidence, some)

    if placed is None:
        return said(take, names, aligned=in_step)
    if placed.in_step:
        return said(placed.track, names, aligned=True)
    found = said(take, names, aligned=False)
    helpless = [name for name, each in found.items() if each.reason == NEEDS_ALIGNMENT]
    return found | said(placed.track, helpless, aligned=True) if helpless else found


def part_of(
    take: TrackFeatures,
    song: Song,
    reference: TrackFeatures | None,
    *,
    placed: Placed | None,
    start_s: float,
) -> Stretch:
    """From where to where of the song a take goes that lies on its clock, in seconds."""
    if placed is not None:
        return sung_part(placed.alignment, _sung(song, reference))
    return start_s, take.frames * take.spec.hop_s


def sung_part(alignment: Alignment, sung: Sequence[Stretch]) -> Stretch:
    """From where to where of the song the take goes, in seconds.

    Phrases that are missing at the song's beginning or end were not attempted; one that is left out
    on the way was. `sung` are the song's notes or voiced stretches in time order, (start, end) on
    its clock; with none of them in the take it is all of the song.
    """
    there = [
        (start, end)
        for start, end in sung
        if not any(first <= (start + end) / 2 <= last for first, last in alignment.missing)
    ]
    whole = there or list(sung) or [(0.0, 0.0)]
    return whole[0][0], whole[-1][1]


def _sung(song: Song, reference: TrackFeatures | None) -> list[Stretch]:
    """Where the song is sung: its voice's frames with a pitch, else its notes."""
    if reference is not None:
        hop_s = reference.spec.hop_s
        return [(hop_s * at, hop_s * at + hop_s) for at in reference.pitch.hz.nonzero()[0].tolist()]
    notes = song.melody.notes if song.melody is not None else ()
    return [(note.start + song.offset_s, note.end + song.offset_s) for note in notes]
