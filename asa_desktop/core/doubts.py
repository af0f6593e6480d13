"""What is asked of a take only where something speaks against it: is it the accompaniment, which
the microphone heard, is it speech, is it another song?
"""

from __future__ import annotations

import numpy as np

from asa_desktop.core import align, bleed, judge
from asa_desktop.core.assess.drawn import drawn_pitch
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.placing import NOT_ALIGNED, Placed
from asa_desktop.core.run import Run, accompaniment_levels
from asa_desktop.core.types import PitchTrack, Song

_DOUBTFUL = (judge.NO_VOICE, judge.NOISE, judge.BLEED, judge.INSTRUMENT, judge.SPEECH, NOT_ALIGNED)
_HARDLY_PITCHED = 0.75
_LEAST_SHARED = 90
_SURE_ON_NOTES = 0.25
"""Where the agreement is at chance, too: other songs 0.19 at most, the wanted one at least 0.52."""


def better_reason(run: Run, song: Song, take: TrackFeatures, reason: str | None) -> str | None:
    """`reason`, or that the take is the song's accompaniment, where it may be that."""
    if reason not in (None, *_DOUBTFUL) or song.accompaniment is None:
        return reason
    voiced = take.voicing.frames
    if reason is None and np.mean(take.pitch.hz[voiced] > 0) >= _HARDLY_PITCHED:
        return None
    with run.timed("bleed"):
        theirs = accompaniment_levels(run, song.accompaniment)
        alike = bleed.likeness(take.mel, theirs, hop_s=run.spec.hop_s)
    return judge.BLEED if alike > bleed.ALIKE else reason


def beside_vocal(
    run: Run, song: Song, take: TrackFeatures, reference: TrackFeatures, placed: Placed | None
) -> str | None:
    """Why a take that sounds like singing is not this song's after all, or None.

    One that was found to follow the song (`placed`) does; one in step is only looked for in it
    where it agrees with it by chance.
    """
    reason, agreement = _by_pitch(take.pitch, reference.pitch)
    if reason is None and agreement < judge.ASTRAY and placed is None:
        from asa_desktop.core.alignment.find import align as find
        from asa_desktop.core.alignment.warp import SURE

        with run.timed("align"):
            follows = find(take, reference).confidence >= SURE
        reason = _not_this(take, follows)
    return None if reason is None else better_reason(run, song, take, reason)


def beside_notes(run: Run, song: Song, take: TrackFeatures, placed: Placed | None) -> str | None:
    """As `beside_vocal`, with the song's notes alone."""
    if song.melody is None:
        return None
    clock = song.offset_s
    wanted = drawn_pitch(song.melody, hop_s=take.spec.hop_s, offset_s=clock, frames=take.frames)
    reason, agreement = _by_pitch(take.pitch, wanted)
    if reason is None and agreement < judge.ASTRAY and placed is None:
        from asa_desktop.core.alignment.find import align_to_notes

        with run.timed("align"):
            found = align_to_notes(take, song.melody, offset_s=clock).confidence
        reason = NOT_ALIGNED if found < _SURE_ON_NOTES else None
    return None if reason is None else better_reason(run, song, take, reason)


def _not_this(take: TrackFeatures, follows: bool) -> str | None:
    """Of a take whose pitch agrees by chance: its words may still be the song's, spoken."""
    if not follows:
        return NOT_ALIGNED
    return judge.SPEECH if judge.held(take.pitch) < judge.LESS_HELD else None


def _by_pitch(take: PitchTrack, wanted: PitchTrack) -> tuple[str | None, float]:
    """Whether it is speech by its pitch, and its agreement; 1 where too little is shared."""
    cents = align.key_cents(take, wanted)
    agreement = align.agreement(take, wanted, cents=cents or 0.0)
    reason = judge.SPEECH if judge.spoken(take, agreement=agreement) else None
    count = min(len(take.hz), len(wanted.hz))
    shared = np.count_nonzero((take.hz[:count] > 0) & (wanted.hz[:count] > 0))
    return reason, agreement if shared >= _LEAST_SHARED else 1.0
