"""Clips: whole windows, end to end, and why one cannot be judged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tracks import track

from asa_desktop.core.clips import NO_PITCH, NOT_SUNG, REFERENCE_SILENT, cut_clips, unfit

HOP_S = 0.032


def share(count: int, part: float) -> np.ndarray:
    """`count` frames of which the first `part` hold."""
    return np.arange(count) < round(part * count)


@given(frames=st.integers(0, 400))
def test_clips_are_whole_windows_end_to_end(frames):
    clips = cut_clips(track(np.full(frames, 220.0)))
    assert len(clips) == frames // 94
    for index, clip in enumerate(clips):
        assert clip.index == index
        assert clip.start == pytest.approx(index * 94 * HOP_S)
        assert clip.end - clip.start == pytest.approx(3.008)
        assert (clip.voiced, clip.pitched) == (1.0, 1.0)


def test_shares_are_of_the_clips_own_frames():
    hz = np.concatenate([220.0 * share(94, 0.5), 220.0 * share(94, 0.25)])
    voiced = np.concatenate([share(94, 0.75), np.zeros(94)])
    first, second = cut_clips(track(hz, voiced=voiced))
    assert first.voiced == pytest.approx(70 / 94)
    assert (first.pitched, second.voiced) == (0.5, 0.0)
    assert second.pitched == pytest.approx(24 / 94)


@pytest.mark.parametrize(
    ("voiced", "pitched", "reference", "reason"),
    [
        (0.5, 0.5, 1.0, None),
        (0.48, 0.48, 1.0, NOT_SUNG),
        (0.0, 0.0, 0.0, NOT_SUNG),
        (1.0, 0.24, 1.0, NO_PITCH),
        (1.0, 0.26, 1.0, None),
        (1.0, 1.0, 0.26, None),
        (1.0, 1.0, 0.24, REFERENCE_SILENT),
    ],
)
def test_why_a_clip_cannot_be_judged(voiced, pitched, reference, reason):
    take = track(220.0 * share(94, pitched), voiced=share(94, voiced))
    (clip,) = cut_clips(take)
    assert unfit(clip, take, track(220.0 * share(94, reference))) == reason


def test_past_the_end_of_the_reference_nothing_is_judged():
    take = track(np.full(188, 220.0))
    first, second = cut_clips(take)
    for frames, reason in ((188, None), (187, REFERENCE_SILENT)):
        reference = track(np.full(frames, 220.0))
        assert unfit(first, take, reference) is None
        assert unfit(second, take, reference) == reason
    assert unfit(second, take, None) is None
