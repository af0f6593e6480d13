"""What is asked of a take only where something speaks against it: is it the accompaniment, which
the microphone heard, is it speech, is it another song?
"""

from __future__ import annotations

import math

import numpy as np

from asa_desktop.core import align, bleed, judge, placing
from asa_desktop.core.assess.drawn import drawn_pitch
from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.placing import NOT_ALIGNED, Placed
from asa_desktop.core.run import Run, accompaniment_levels
from asa_desktop.core.types import PitchTrack, Song

_DOUBTFUL = (judge.NO_VOICE, judge.NOISE, judge.BLEED, judge.INSTRUMENT, judge.SPEECH, NOT_ALIGNED)
_HARDLY_PITCHED = 0.75
_LEAST_SUNG_S = 2.0
_ALONG = 0.75
"""Tune in step with the vocal (`align.tune`) from which a take follows it beyond doubt; below, the
alignment decides. Measured: other songs 0.73 at most, with a sentence spoken at least 0.82."""
_ALONG_NOTES = 0.55
"""The same beside notes, which have no words to be found by, so that it is nearly all there is.
Measured: seven in ten of other songs and of speech have less, one in twelve of poor singers with
every defect at 0.75 and one in ten at 1, none at 0.5."""
_SURE_ON_NOTES = 0.25
"""Confidence from which a take is found beside notes though it is not in step with them: other
songs and speech 0.23 at most on ten seconds."""
_NO_TUNE = (0.62, 0.78)
"""Tune along an alignment with notes under which nothing was aligned: on a short take, and on one
that is long enough to tell (`placing.told_by`). The path was chosen by pitch, so that on ten
seconds most other songs have more, and on 60 s half of them; of poor singers 46 of 48 have more on
ten, and on 60 s all, 0.80 at least."""


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
    run: Run, song: Song, own: TrackFeatures, reference: TrackFeatures, placed: Placed | None
) -> str | None:
    """Why a take that sounds like singing is not this song's after all, or None.

    `own` is the take on its own clock. One that was found (`placed`) is of this song; one in step
    is looked for in it where it does not plainly sing along. Its words may still be spoken.
    """
    if np.count_nonzero(reference.pitch.hz > 0) * reference.spec.hop_s < _LEAST_SUNG_S:
        return None
    tempo, laid = 1.0, own
    if placed is not None:
        tempo, laid = placed.alignment.tempo, placed.track
    elif (align.tune(own.pitch, reference.pitch) or 0.0) >= _ALONG:
        return None
    else:
        from asa_desktop.core.alignment.find import align as find
        from asa_desktop.core.alignment.warp import on_reference_clock

        with run.timed("align"):
            warp = find(own, reference)
            followed = placing.follows(warp, own, reference)
        if not followed:
            return better_reason(run, song, own, not_this(own))
        tempo, laid = warp.tempo, on_reference_clock(own, warp, frames=reference.frames)
    said = judge.said(own.pitch, tune=_tune(laid, reference.pitch), tempo=tempo)
    return better_reason(run, song, own, judge.SPEECH) if said else None


def beside_notes(run: Run, song: Song, own: TrackFeatures, placed: Placed | None) -> str | None:
    """As `beside_vocal`, with the song's notes alone.

    They have no words, and an alignment with them goes by pitch. So speech and other songs are told
    by the tune alone, and in doubt a take is scored: better that than to send a poor singer away.
    """
    if song.melody is None:
        return None
    laid, clock = own if placed is None else placed.track, song.offset_s
    wanted = drawn_pitch(song.melody, hop_s=laid.spec.hop_s, offset_s=clock, frames=laid.frames)
    least = _ALONG_NOTES
    if placed is not None and not placed.in_step:
        least = float(np.interp(placing.told_by(own, song.melody), (0, 1), _NO_TUNE))
    if _tune(laid, wanted) >= least:
        return None
    if placed is None:
        from asa_desktop.core.alignment.find import align_to_notes

        with run.timed("align"):
            confidence = align_to_notes(own, song.melody, offset_s=clock).confidence
        if confidence >= _SURE_ON_NOTES:
            return None
    return better_reason(run, song, own, not_this(own))


def not_this(own: TrackFeatures) -> str:
    """What to call a take in which nothing of the song was found."""
    return judge.SPEECH if judge.held(own.pitch) < judge.MOSTLY_GLIDING else NOT_ALIGNED


def _tune(laid: TrackFeatures, wanted: PitchTrack) -> float:
    """`align.tune`; beyond doubt where too little is shared to doubt anything."""
    found = align.tune(laid.pitch, wanted)
    return math.inf if found is None else found
