"""One recording through the program's own analysis, with what its models saw of the clips."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core import take_timing
from asa_desktop.core.analysis import assess, place
from asa_desktop.core.assess.embedding import Memo
from asa_desktop.core.assess.on_song import systems_of
from asa_desktop.core.audio import ANALYSIS_RATE
from asa_desktop.core.errors import UsageError
from asa_desktop.core.features.track import TrackFeatures, track_features
from asa_desktop.core.models import TRIPLETS
from asa_desktop.core.run import activation_of, begin
from asa_desktop.core.types import Analysis, FloatArray, Song, SystemScore, TakeTiming

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model

ALL, NONE = "all", "none"

Arrays = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Analysed:
    """What was found out about one take.

    `analyses` holds one for each model, or one without any. `systems` is what the further systems
    say, `embeddings` the scored clips as the first model that has any sees them (clips, E),
    `pitched_s` for how long there was a pitch.
    """

    analyses: tuple[Analysis, ...]
    systems: Mapping[str, SystemScore]
    embeddings: FloatArray | None
    pitched_s: float


class Analyser:
    """Some models, or none, and the systems to run, for as many takes as there are."""

    def __init__(self, *, models: Sequence[Model], systems: Sequence[str]) -> None:
        self.models = tuple(models)
        self.systems = tuple(systems)
        # One and the same for all takes: pictures of two models cannot be laid on each other.
        self._pictured = next((one for one in models if one.card.system in TRIPLETS), None)
        self._cache = MemoryCache()

    def analyse(
        self, samples: FloatArray, name: str, song: Song, *, timing: TakeTiming | None = None
    ) -> Analysed:
        """As `core.analyse`, of sound at 16 kHz; features of the song's files are kept.

        A take that nobody recorded in step with the song is looked for in it first. The further
        systems speak of a take without a scored clip, too, and without any model.

        Raises
        ------
        AudioError, PlaceError
            When a recording of the song cannot be read.
        """
        timing = timing or TakeTiming()
        samples = take_timing.on_song_clock(samples, timing, rate=ANALYSIS_RATE)
        tracks: dict[str, TrackFeatures] = {}
        found: list[Analysis] = []
        said: Mapping[str, SystemScore] = {}
        embeddings: FloatArray | None = None
        for model in self.models or (None,):
            run = begin(model, cache=self._cache, progress=None, timing=timing)
            run.align = not timing.delay_from
            run.memo = seen = _Seen()
            key = run.spec.track_key
            if key not in tracks:
                tracks[key] = track_features(samples, run.spec, activation_of(run), fine=True)
            found.append(assess(run, name, song, tracks[key]))
            if len(found) == 1 and self.systems:
                placed = place(run, song, tracks[key]) if run.align else None
                reference = run.reference[0] if run.reference is not None else None
                said = systems_of(
                    tracks[key],
                    self.systems,
                    song=song,
                    reference=reference,
                    placed=placed if placed is not None and placed.reason is None else None,
                    in_step=not run.align,
                    start_s=timing.start_s,
                    gaps=take_timing.unheard(timing),
                )
            if model is not None and model is self._pictured:
                embeddings = seen.embeddings
        pitch = next(iter(tracks.values())).pitch
        pitched_s = float(np.sum(pitch.hz > 0) * pitch.hop_s)
        return Analysed(tuple(found), said, embeddings, pitched_s)


class _Seen(Memo):
    """Keeps the embeddings that were computed, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[FloatArray] = []

    def put(self, key: bytes, found: FloatArray) -> None:
        """Remember one embedding."""
        super().put(key, found)
        self._found.append(found)

    @property
    def embeddings(self) -> FloatArray | None:
        """All of them, None where there is none. Shape: (clips, E)."""
        return np.stack(self._found) if self._found else None


class MemoryCache:
    """The newest arrays of references; what a manifest asks for next is of the same song."""

    def __init__(self, *, most: int = 64) -> None:
        self._most = most
        self._kept: OrderedDict[str, Arrays] = OrderedDict()

    def get(self, key: str) -> Arrays | None:
        """What was put under this key, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: str, arrays: Arrays) -> None:
        """Keep arrays; the longest unused go."""
        self._kept[key] = arrays
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def system_names(asked: str) -> tuple[str, ...]:
    """The systems that a command names: ``all``, ``none``, or names with commas between.

    Raises
    ------
    UsageError
        ``unknown_system`` for a name that no system has.
    """
    from asa_desktop.core.assess.systems import SYSTEMS

    if asked == ALL:
        return tuple(SYSTEMS)
    if asked == NONE:
        return ()
    names = tuple(dict.fromkeys(name.strip() for name in asked.split(",") if name.strip()))
    for name in names:
        if name not in SYSTEMS:
            raise UsageError("unknown_system", name=name, known=(ALL, NONE, *SYSTEMS))
    return names
