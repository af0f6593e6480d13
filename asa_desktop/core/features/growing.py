"""The features of a recording that may still grow.

What does not hang on the whole recording (spectra, pitch activation) is computed once, block by
block, always in the same blocks; what does (level, voicing, tempo, the path of the pitch) is
computed whenever it is asked for. So the pieces in which the sound came change nothing.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.features import channels
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import Activation, Progress, TrackFeatures
from asa_desktop.core.notes.fine import FineTrack, Memo, fine_track
from asa_desktop.core.pitch import track_pitch
from asa_desktop.core.types import FloatArray, PitchTrack
from asa_desktop.core.vad import find_voice

Kind = TypeVar("Kind", bound=np.generic)

_BLOCK = 32
_AT_ONCE = 512
_CONTEXT = 2
"""Frames around a stretch that the pitch network may look at."""
_QUIET_DB = 45.0
_LEAST_POWER = 10**-7.5
_BEFORE = 32
"""Frames that a stretch of pitch is followed from before it is shown."""


class GrowingTrack:
    """Takes in sound and gives features of what has come so far.

    Parameters
    ----------
    activation
        The pitch network.
    ahead
        Whether to run it on all that is loud as soon as it has come; else on the voiced frames,
        when `features` is called.
    """

    def __init__(self, spec: FeatureSpec, activation: Activation, *, ahead: bool = False) -> None:
        self.spec = spec
        self.length = 0
        """Samples that have come."""
        self._activation = activation
        self._ahead = ahead
        self._blocks = 0
        self._loudest = 0.0
        self._samples = _Rows(np.float32)
        self._power = _Rows(np.float32, spec.rows)
        self._chroma = _Rows(np.float32, spec.rows)
        self._pitches = _Rows(np.float32, channels.CREPE_BINS)
        self._known = _Rows(np.bool_)
        self._fine: Memo = {}

    @property
    def ready(self) -> int:
        """Frames that no further sound can change."""
        return self._blocks * _BLOCK

    def feed(self, samples: FloatArray) -> None:
        """Take in what follows: mono at `spec.rate`. Shape: (n,), n of any size."""
        end = self.length + len(samples)
        self._samples.of(end)[self.length :] = samples
        self.length = end
        reach = self.spec.chroma_fft // 2
        while (self.ready + _BLOCK - 1) * self.spec.hop + reach <= end:
            frames = range(self.ready, self.ready + _BLOCK)
            self._spectra(frames)
            self._blocks += 1
            if self._ahead:
                self._run_network(self._loud(frames))

    def features(
        self, *, fine: bool = False, progress: Progress = lambda done: None
    ) -> TrackFeatures:
        """All features, as of a recording that ends here. Progress is told as 0 to 1."""
        spec, samples = self.spec, self._samples.of(self.length)
        voicing = find_voice(samples, spec)
        progress(0.05)
        count = len(voicing.frames)
        self._spectra(range(self.ready, count))
        onsets = 1 + self.length // spec.onset_hop
        level = channels.decibels(self._power.of(onsets), spec, gain=voicing.gain).T
        progress(0.2)
        tempo = channels.tempogram_of(level, spec)
        progress(0.3)
        self._run_network(
            voicing.frames & ~self._known.of(count),
            progress=lambda done: progress(0.3 + 0.6 * done),
        )
        raw = np.where(voicing.frames[:, None], self._pitches.of(count), np.float32(0)).T
        pitch = track_pitch(raw, spec.hop_s)
        return TrackFeatures(
            spec=spec,
            mel=np.ascontiguousarray(level[:, :: spec.hop // spec.onset_hop]),
            chroma=np.ascontiguousarray(self._chroma.of(count).T),
            tempo=tempo[:, :count],
            activation=np.ascontiguousarray(raw, dtype=np.float16),
            pitch=pitch,
            voicing=voicing,
            fine=self._fine_track(pitch, voicing.frames) if fine else None,
        )

    def _fine_track(self, pitch: PitchTrack, voiced: NDArray[np.bool_]) -> FineTrack:
        samples = self._samples.of(self.length)
        return fine_track(samples, guide=pitch, voiced=voiced, memo=self._fine)

    def pitch(self, frames: range) -> PitchTrack:
        """F0 of these frames as it looks by now; frames not yet `ready` have none."""
        first = max(frames.start - _BEFORE, 0)
        last = max(min(frames.stop, self.ready), first)
        known = self._known.of(last)[first:, None]
        raw = np.where(known, self._pitches.of(last)[first:], np.float32(0)).T
        found = track_pitch(raw, self.spec.hop_s)
        shown = slice(frames.start - first, None)
        return PitchTrack(found.hop_s, found.hz[shown], found.confidence[shown])

    def _spectra(self, frames: range) -> None:
        """Mel and chroma of frames whose sound has come; around it there is silence."""
        if not frames:
            return
        spec, samples = self.spec, self._samples.of(self.length)
        for first in range(frames.start, frames.stop, _BLOCK):
            part = range(first, min(first + _BLOCK, frames.stop))
            rows = self._chroma.of(part.stop)
            rows[part.start :] = channels.chroma_frames(samples, spec, frames=part)
            each = spec.hop // spec.onset_hop
            last = min(part.stop * each, 1 + self.length // spec.onset_hop)
            fine = range(part.start * each, last)
            power = channels.mel_power(samples, spec, hop=spec.onset_hop, frames=fine)
            self._power.of(last)[fine.start :] = power

    def _loud(self, frames: range) -> NDArray[np.bool_]:
        """Which of all frames up to these are among these and loud enough to be sung."""
        hop = self.spec.hop
        sound = self._samples.of(frames.stop * hop)[frames.start * hop :].reshape(-1, hop)
        power = np.mean(np.square(sound), axis=1)
        self._loudest = max(self._loudest, float(power.max()))
        wanted = np.zeros(frames.stop, dtype=np.bool_)
        wanted[frames.start :] = power > max(self._loudest * 10 ** (-_QUIET_DB / 10), _LEAST_POWER)
        return wanted

    def _run_network(
        self, wanted: NDArray[np.bool_], *, progress: Progress = lambda done: None
    ) -> None:
        """Fill in the activation of the wanted frames, and remember the final ones."""
        count, hop = len(wanted), self.spec.hop
        known, pitches = self._known.of(count), self._pitches.of(count)
        samples = self._samples.of(self.length)
        for first in range(0, count, _AT_ONCE):
            last = min(first + _AT_ONCE, count)
            frames = np.flatnonzero(wanted[first:last]) + first
            if len(frames):
                # A stretch with what lies around it, so that nothing is computed on the whole.
                start = max(int(frames[0]) - _CONTEXT, 0)
                sound = samples[start * hop : (int(frames[-1]) + _CONTEXT) * hop]
                inside = np.zeros(1 + len(sound) // hop, dtype=np.bool_)
                inside[frames - start] = True
                found = self._activation(sound, hop, inside)
                pitches[frames] = found[:, frames - start].T
                known[frames] = (frames + _CONTEXT) * hop <= self.length
            progress(last / count)


class _Rows(Generic[Kind]):
    """An array that grows at its end, by doubling."""

    def __init__(self, kind: type[Kind], width: int = 0) -> None:
        self._array: NDArray[Kind] = np.zeros((1024, width) if width else (1024,), dtype=kind)

    def of(self, count: int) -> NDArray[Kind]:
        """The first `count` rows, to read and to write; rows never written are zero."""
        if count > len(self._array):
            room = max(count, 2 * len(self._array))
            grown = np.zeros((room, *self._array.shape[1:]), dtype=self._array.dtype)
            grown[: len(self._array)] = self._array
            self._array = grown
        return self._array[:count]
