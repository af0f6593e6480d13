"""The network over sound of any length: overlapping segments, faded into each other as they come.

What demucs' own `apply_model` does with a whole song in memory (segments of the network's length,
three quarters of it apart, weighted by a triangle; no random shifts, so that the same mix gives
the same voice), with no more than two segments held. A test holds it to `apply_model`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core.errors import SeparationError
from asa_desktop.core.separation.weights import quiet_of_warnings
from asa_desktop.core.types import FloatArray

if TYPE_CHECKING:
    from asa_desktop.core.separation.weights import Network

OVERLAP = 0.25
Separate = Callable[[FloatArray], FloatArray]
"""From a segment of sound to the voice in it, both (channels, segment)."""


def on_device(network: Network, device: str) -> Separate:
    """The network as a function of one segment. Raises `PlaceError` ``no_device``.

    The function raises SeparationError ``separation_memory``.
    """
    import torch

    from asa_desktop.core.networks.runner import pick_device

    where = pick_device(device)
    module = network.module.to(where)

    def separate(segment: FloatArray) -> FloatArray:
        try:
            with torch.inference_mode(), quiet_of_warnings():
                sound = torch.from_numpy(np.ascontiguousarray(segment, np.float32))[None].to(where)
                voice = module(sound)[0, network.voice]
                return np.asarray(voice.float().cpu().numpy(), np.float32)
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise SeparationError("separation_memory") from error
        except RuntimeError as error:
            if "allocate" not in str(error) and "memory" not in str(error):
                raise
            raise SeparationError("separation_memory") from error

    return separate


class Overlap:
    """Feed it sound of shape (channels, n) in any pieces; the voice comes back in order.

    Parameters
    ----------
    separate
        What a segment of exactly `segment` frames is given to.
    gain
        The sound is divided by it before, and the voice multiplied with it: networks are trained
        on songs of one loudness. `offset` is taken off before and is no part of the voice.
    """

    def __init__(
        self,
        separate: Separate,
        *,
        channels: int,
        segment: int,
        gain: float = 1.0,
        offset: float = 0.0,
    ) -> None:
        self._separate, self._segment = separate, segment
        self._gain, self._offset = np.float32(gain), np.float32(offset)
        self._stride = int((1 - OVERLAP) * segment)
        self._kept = np.zeros((channels, 0), np.float32)
        """Sound from frame `_kept_from` on: the open segment's, and half a segment before."""
        self._kept_from = self._next = 0
        self._sum = np.zeros((channels, segment), np.float32)
        self._weights = np.zeros(segment, np.float32)
        up = np.arange(1, segment // 2 + 1, dtype=np.float32)
        down = np.arange(segment - segment // 2, 0, -1, dtype=np.float32)
        self._fade = np.concatenate([up, down]) / max(up.max(initial=0), down.max())

    def feed(self, sound: FloatArray) -> FloatArray:
        """Take in more; the voice that is complete by now. Shapes: (channels, n)."""
        self._kept = np.concatenate([self._kept, (sound - self._offset) / self._gain], axis=1)
        ready = []
        while self._next + self._segment <= self._kept_from + self._kept.shape[1]:
            ready.append(self._through(self._segment, self._stride))
        return self._joined(ready)

    def finish(self) -> FloatArray:
        """The rest of the voice: as many frames as were fed and not given back yet."""
        end = self._kept_from + self._kept.shape[1]
        ready = []
        while self._next < end:
            left = end - self._next
            ready.append(self._through(min(left, self._segment), min(left, self._stride)))
        return self._joined(ready)

    def _joined(self, ready: list[FloatArray]) -> FloatArray:
        if not ready:
            return np.zeros((self._sum.shape[0], 0), np.float32)
        return np.concatenate(ready, axis=1) * self._gain

    def _through(self, length: int, done: int) -> FloatArray:
        """One segment of `length` frames, the last ones shorter than the network's, added to what
        the one before left; the first `done` frames are complete then."""
        voice = self._separate(self._padded(length))
        before = (self._segment - length) // 2
        voice = voice[:, before : before + length]
        self._sum[:, :length] += self._fade[:length] * voice
        self._weights[:length] += self._fade[:length]
        ready: FloatArray = self._sum[:, :done] / self._weights[:done]
        self._sum = np.concatenate([self._sum[:, done:], np.zeros_like(self._sum[:, :done])], 1)
        self._weights = np.concatenate([self._weights[done:], np.zeros(done, np.float32)])
        self._next += done
        self._forget(self._next - self._segment // 2)
        return ready

    def _padded(self, length: int) -> FloatArray:
        """A short one lies in the middle of what is around it: sound, and silence past its end."""
        start = self._next - (self._segment - length) // 2
        first, last = max(start, self._kept_from), start + self._segment
        sound = self._kept[:, first - self._kept_from : max(last - self._kept_from, 0)]
        left = first - start
        right = self._segment - left - sound.shape[1]
        return np.pad(sound, ((0, 0), (left, right)))

    def _forget(self, frame: int) -> None:
        gone = min(max(frame - self._kept_from, 0), self._kept.shape[1])
        self._kept = self._kept[:, gone:].copy()
        self._kept_from += gone
