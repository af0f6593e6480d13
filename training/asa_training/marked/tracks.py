"""Features of recordings as they lie in the cache; those that were read last are kept at hand."""

from __future__ import annotations

from collections import OrderedDict

from asa_desktop.core.errors import PlaceError
from asa_desktop.core.features.track import TrackFeatures
from asa_training.prepared.store import Store, read_npz

HELD = 2**30
"""Bytes of features that each process that draws batches keeps at hand."""


def read_track(store: Store, key: str) -> TrackFeatures:
    """The features of a sound. Raises PlaceError as `read_npz`, also for arrays of another kind."""
    place = store.features(key)
    try:
        return TrackFeatures.from_arrays(read_npz(place), store.spec)
    except (KeyError, ValueError) as error:
        raise PlaceError("entry_damaged", path=place) from error


class Tracks:
    """Features by the keys of their sounds: read when asked for, the longest unused let go.

    `most` bounds the bytes that are kept; one recording is kept however long it is.
    """

    def __init__(self, store: Store, *, most: int = HELD) -> None:
        self._store, self._most = store, most
        self._kept: OrderedDict[str, TrackFeatures] = OrderedDict()
        self._held = 0
        self.read = 0

    def of(self, key: str) -> TrackFeatures:
        """The features of one sound. Raises PlaceError as `read_track`."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        track = read_track(self._store, key)
        self.read += 1
        self._held += size_of(track)
        self._kept[key] = track
        while self._held > self._most and len(self._kept) > 1:
            self._held -= size_of(self._kept.popitem(last=False)[1])
        return track


def size_of(track: TrackFeatures) -> int:
    """Bytes of a recording's arrays."""
    arrays = (track.mel, track.chroma, track.tempo, track.activation, track.pitch.hz,
              track.pitch.confidence, track.voicing.frames)  # fmt: skip
    return sum(each.nbytes for each in arrays)
