"""`analyse` in instalments: a take is worked through while it is being sung.

What is computed block by block stays; what hangs on the whole take (its level, its key, the path
of its pitch) is found anew each time somebody asks, and in the end comes out as if the whole take
had been given to `analyse`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core import take_timing
from asa_desktop.core.analysis import assess, prepare_reference
from asa_desktop.core.assess.embedding import Memo
from asa_desktop.core.audio import ANALYSIS_RATE
from asa_desktop.core.features.growing import GrowingTrack
from asa_desktop.core.run import FeatureCache, Progress, activation_of, begin
from asa_desktop.core.types import Analysis, FloatArray, PitchTrack, Song, TakeTiming

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model


class LiveAnalysis:
    """One take of one song, as it grows.

    Parameters
    ----------
    model, cache, progress, timing, systems
        As `analyse`; the further systems are asked at the end alone. What is not known while
        singing (gaps, the clock's rate) is told `finish`.

    Raises
    ------
    AudioError, PlaceError
        When the song's vocal cannot be read; it is worked through first, unless it is in the
        cache.
    """

    def __init__(
        self,
        song: Song,
        *,
        model: Model | None,
        cache: FeatureCache | None = None,
        progress: Progress | None = None,
        timing: TakeTiming | None = None,
        systems: Iterable[str] = (),
    ) -> None:
        self._song, self._systems = song, tuple(systems)
        self._run = begin(model, cache=cache, progress=progress, timing=timing)
        self._run.memo = Memo()
        prepare_reference(self._run, song)
        self._track = GrowingTrack(self._run.spec, activation_of(self._run), ahead=True)
        self._lead = take_timing.lead(self._run.timing, rate=ANALYSIS_RATE)
        self._to_skip = max(-self._lead, 0)
        self._heard = 0
        if self._lead > 0:
            self._track.feed(np.zeros(self._lead, np.float32))

    @property
    def heard(self) -> int:
        """Samples that were fed."""
        return self._heard

    @property
    def clips(self) -> int:
        """Clips whose sound has come."""
        return self._track.ready // self._run.spec.clip_frames

    @property
    def frames(self) -> int:
        """Frames on the song's clock that no further sound can change."""
        return self._track.ready

    def feed(self, samples: FloatArray) -> None:
        """Take in what was sung next: mono at 16 kHz. Shape: (n,), n of any size."""
        self._heard += len(samples)
        skipped = min(self._to_skip, len(samples))
        self._to_skip -= skipped
        self._track.feed(samples[skipped:])

    def pitch(self, frames: range) -> PitchTrack:
        """F0 of these frames on the song's clock; at their end it may still change."""
        return self._track.pitch(frames)

    def so_far(self, take: str) -> Analysis:
        """The analysis as if the take ended here.

        What may still change in the clips that it scores: all that hangs on the level and the key
        of the whole take, by some points at its beginning and by tenths after a minute; whether
        it is singing at all; and the last two clips, for the tempo looks ahead.
        """
        return self._analysed(take, explain=False)

    def _analysed(self, take: str, *, explain: bool) -> Analysis:
        run = self._run
        run.explain = explain
        run.timings.clear()
        with run.timed("total"):
            with run.timed("take_features"):
                ours = self._track.features(fine=True, progress=lambda done: run.tell("take", done))
            found = assess(run, take, self._song, ours)
        return replace(found, timings=dict(run.timings))

    def fits(self, timing: TakeTiming) -> bool:
        """Whether what was computed holds for this timing, too.

        It does unless the delay or the start is another, or the clocks went apart so far that the
        take has to be resampled: then `analyse` has to do it all again.
        """
        in_step = take_timing.in_step(timing, seconds=self._heard / ANALYSIS_RATE)
        return in_step and take_timing.lead(timing, rate=ANALYSIS_RATE) == self._lead

    def finish(self, take: str, *, timing: TakeTiming | None = None) -> Analysis:
        """The analysis of the whole take: what `analyse` says of it.

        Parameters
        ----------
        timing
            What is known of it now; it has to fit (see `fits`).
        """
        if timing is not None:
            if not self.fits(timing):
                raise ValueError("another timing: analyse the take anew")
            self._run.timing = timing
        if self._track.length == 0:  # as `on_song_clock` leaves it
            self._track.feed(np.zeros(ANALYSIS_RATE // 10, np.float32))
        self._run.systems = self._systems
        return self._analysed(take, explain=True)
