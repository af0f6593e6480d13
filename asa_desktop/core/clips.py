"""Clips: windows of 94 frames on the song's clock, and which of them can be judged."""

from __future__ import annotations

import numpy as np

from asa_desktop.core.features.track import TrackFeatures
from asa_desktop.core.types import Clip

NOT_SUNG = "not_sung"
NO_PITCH = "no_pitch"
REFERENCE_SILENT = "reference_silent"

PITCHED_SHARE = 0.25
"""Of a clip's frames; webrtc's detector takes noise for voice, a pitch tracker does not."""


def cut_clips(take: TrackFeatures) -> tuple[Clip, ...]:
    """All whole windows of a take, in order, without overlap."""
    spec = take.spec
    pitched = take.pitch.hz > 0
    clips = []
    for index in range(take.frames // spec.clip_frames):
        window = slice(index * spec.clip_frames, (index + 1) * spec.clip_frames)
        clips.append(
            Clip(
                index=index,
                start=window.start * spec.hop_s,
                end=window.stop * spec.hop_s,
                voiced=float(np.mean(take.voicing.frames[window])),
                pitched=float(np.mean(pitched[window])),
            )
        )
    return tuple(clips)


def unfit(clip: Clip, take: TrackFeatures, reference: TrackFeatures | None) -> str | None:
    """Why a clip cannot be scored, as a reason code, or None where it can."""
    if clip.voiced < take.spec.clip_voiced:
        return NOT_SUNG
    if clip.pitched < PITCHED_SHARE:
        return NO_PITCH
    if reference is None:
        return None
    first = clip.index * take.spec.clip_frames
    window = slice(first, first + take.spec.clip_frames)
    whole = reference.frames >= first + take.spec.clip_frames
    if not whole or float(np.mean(reference.pitch.hz[window] > 0)) < PITCHED_SHARE:
        return REFERENCE_SILENT
    return None
