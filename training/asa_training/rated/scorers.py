"""What every system says of a performance: sound through the program's analysis, F0 as it is.

A performance may be several recordings. A model's score is the mean over all its scored clips, as
published; another system's value is the mean over the recordings, each weighing as long as it is
sung, so that it does not hang on which model looks on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from asa_desktop.core.assess.evidence import Evidence
from asa_desktop.core.errors import AsaError
from asa_desktop.core.songs.notes_files import read_notes
from asa_desktop.core.songs.places import NOTES, suffix
from asa_desktop.core.take_timing import read_timing
from asa_desktop.core.types import Analysis, FloatArray, Melody, Song, SystemScore
from asa_training.manifest import Manifest, Performance, Row, is_f0
from asa_training.manifest.places import split_place
from asa_training.rated.analysing import Analyser
from asa_training.rated.combining import nearest, of_model, over_recordings, scored_clips
from asa_training.rated.performances import Heard, Said
from asa_training.rated.singing import Sung, lines, of_analysis, of_pitch

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found out about one recording, and for how many seconds it is sung."""

    said: Mapping[str, SystemScore]
    analyses: tuple[Analysis, ...]
    embeddings: FloatArray | None
    sung_s: float
    sung: Sung


class Scorer:
    """All models and systems, on the performances of one manifest.

    Parameters
    ----------
    models
        Loaded models; each becomes a line of its own, named after its card.
    systems
        Names out of `core.assess.systems`.
    """

    def __init__(
        self, manifest: Manifest, *, models: Sequence[Model], systems: Sequence[str]
    ) -> None:
        from asa_desktop.core.assess.systems import SYSTEMS

        self._manifest = manifest
        self._models = tuple(models)
        self._systems = {name: SYSTEMS[name] for name in systems}
        self._analyser = Analyser(models=models, systems=systems)
        self._channels = _Channels(manifest)

    def __call__(self, performance: Performance) -> Heard:
        """Score one performance; where a recording of it cannot be read, `fault` is the code."""
        try:
            found = [self._recording(row) for row in performance.rows]
        except AsaError as fault:
            return Heard(said={}, rows=len(performance.rows), fault=fault.code)
        of_models = [[each.analyses[k] for each in found if each.analyses]
                     for k in range(len(self._models))]  # fmt: skip
        said: dict[str, Said] = {}
        for model, analyses in zip(self._models, of_models, strict=True):
            said |= of_model(model.card.id, analyses)
        for name, system in self._systems.items():
            said[name] = over_recordings(
                [each.said.get(name) for each in found],
                [each.sung_s for each in found],
                unit=system.unit,
                better=system.better,
            )
        said |= lines([each.sung for each in found], [each.sung_s for each in found])
        embedded = [each.embeddings for each in found if each.embeddings is not None]
        return Heard(
            said=said,
            rows=len(found),
            clips=max((scored_clips(analyses) for analyses in of_models), default=0),
            embeddings=np.concatenate(embedded) if embedded else None,
        )

    def _recording(self, row: Row) -> _Found:
        if is_f0(row.path):
            return self._of_f0(row)
        timing, _notices = read_timing(self._manifest.file(row))
        samples = self._manifest.voice_16k(row)
        found = self._analyser.analyse(samples, row.path, self._song(row), timing=timing)
        return _Found(
            said=found.systems,
            analyses=found.analyses,
            embeddings=found.embeddings,
            sung_s=found.pitched_s,
            sung=of_analysis(found.analyses[0]),
        )

    def _of_f0(self, row: Row) -> _Found:
        """An F0 track by itself, against each F0 reference, and against the notes.

        Of several references the one that suits best counts, system by system.
        """
        from asa_desktop.core.assess.systems import run_systems

        pitch = self._manifest.open_f0(row)
        tracks = [self._manifest.open_f0(place) for place in row.reference if is_f0(place)]
        melody = self._melody(row)
        alone = [name for name, each in self._systems.items() if each.needs <= {"pitch"}]
        beside = [name for name in self._systems if name not in alone]
        evidence = [Evidence(pitch=pitch, reference_pitch=track) for track in tracks]
        if melody is not None or not tracks:
            evidence.append(Evidence(pitch=pitch, melody=melody))
        better = {name: each.better for name, each in self._systems.items()}
        each = [run_systems(one, beside) for one in evidence]
        return _Found(
            said={**run_systems(evidence[0], alone), **nearest(each, better)},
            analyses=(),
            embeddings=None,
            sung_s=float(np.sum(pitch.hz > 0) * pitch.hop_s),
            sung=of_pitch(pitch, tracks, melody),
        )

    def _song(self, row: Row) -> Song:
        """What a row is compared with, as a song: its first reference of sound, its first notes."""
        voices = [each for each in row.reference if not is_f0(each) and not _is_notes(each)]
        return Song(
            title=row.song,
            vocal=self._channels.file(voices[0]) if voices else None,
            accompaniment=self._channels.file(row.accompaniment) if row.accompaniment else None,
            melody=self._melody(row),
        )

    def _melody(self, row: Row) -> Melody | None:
        notes = [place for place in row.reference if _is_notes(place)]
        return read_notes(self._manifest.file(notes[0])).melody if notes else None


class _Channels:
    """Places as files that the analysis can open: a single channel is written out once."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._written: dict[str, Path] = {}

    def file(self, place: str) -> Path:
        """The file of a place of sound."""
        if not split_place(place)[1]:
            return self._manifest.file(place)
        if place not in self._written:
            from asa_desktop.core.audio import ANALYSIS_RATE, write_flac

            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="asa-train-")
            path = Path(self._folder.name) / f"{len(self._written)}.flac"
            write_flac(path, self._manifest.voice_16k(place)[None], ANALYSIS_RATE)
            self._written[place] = path
        return self._written[place]


def _is_notes(place: str) -> bool:
    return not is_f0(place) and suffix(Path(place)) in NOTES
