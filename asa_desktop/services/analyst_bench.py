"""What the analysis worker's jobs need, and how each but the following of a take is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.services.analyst_messages import (
    Analyse,
    Analysed,
    Event,
    Follow,
    Playback,
    Prepare,
    Prepared,
    PreparePlayback,
    Task,
)
from asa_desktop.services.featurestore import FeatureStore

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model
    from asa_desktop.core.types import Song

Tell = Callable[[str, float], None]
"""Told a stage and the share of it that is done; what it raises ends the job."""


class Bench:
    """What the jobs need and what is kept between them: libraries, the last model, features."""

    def __init__(self, features: Path, *, device: str = "auto") -> None:
        import torch

        self.store = FeatureStore(features)
        self._device = device
        self._cores = torch.get_num_threads()
        self._model: tuple[str, Model] | None = None

    def done(self, task: Task, tell: Tell) -> Event:
        """Carry out one job; its last event. `tell` may raise to end it."""
        match task:
            case Prepare():
                return self._prepared(task, tell)
            case Analyse():
                return self._analysed(task, tell)
            case PreparePlayback():
                from asa_desktop.core.audio import probe
                from asa_desktop.services.playback import prepared

                told = partial(tell, "decode")
                path = prepared(task.path, rate=task.rate, cache=task.cache, progress=told)
                return Playback(task.job, path, probe(path).duration_s or 0.0)
            case Follow():
                raise TypeError("a take is followed step by step")

    def _prepared(self, task: Prepare, tell: Tell) -> Event:
        import numpy as np

        from asa_desktop.core.analysis import prepare_reference
        from asa_desktop.core.live_analysis import LiveAnalysis
        from asa_desktop.core.run import begin

        model, song = self.model(task.model), self.song(task.song)
        run = begin(model, cache=self.store, progress=tell, timing=None)
        prepare_reference(run, song)
        # What is loaded or set up at its first use, before there is a singer who waits.
        trial = LiveAnalysis(replace(song, vocal=None, accompaniment=None), model=model)
        trial.feed((0.1 * np.sin(np.arange(4 * 16_000) * 0.17)).astype(np.float32))
        trial.finish("trial")
        return Prepared(task.job)

    def _analysed(self, task: Analyse, tell: Tell) -> Event:
        from asa_desktop.core.analysis import analyse

        found = analyse(
            task.take,
            self.song(task.song),
            model=self.model(task.model),
            cache=self.store,
            progress=tell,
            timing=task.timing,
            align=task.align,
            systems=("all",),
        )
        return Analysed(task.job, found)

    def song(self, song: Song | Path) -> Song:
        """The song itself, or what lies in its folder."""
        if isinstance(song, Path):
            from asa_desktop.core import load_song

            return load_song(song)
        return song

    def model(self, folder: Path | None) -> Model | None:
        """The model in a folder, loaded anew when its files have changed."""
        if folder is None:
            return None
        from asa_desktop.core.models import CARD, WEIGHTS, load_model

        try:
            dates = [(folder / name).stat().st_mtime_ns for name in (CARD, WEIGHTS)]
        except OSError:
            dates = []  # what is wrong is said by whoever loads it
        mark = repr((folder, dates))
        if self._model is None or self._model[0] != mark:
            self._model = (mark, load_model(folder, device=self._device))
        return self._model[1]

    def share_cores(self) -> None:
        """Leave half of the cores to the sound and the window."""
        self._use(max(1, self._cores // 2))

    def take_cores(self) -> None:
        """Use all cores: nobody is singing."""
        self._use(self._cores)

    def _use(self, count: int) -> None:
        import torch

        if torch.get_num_threads() != count:
            torch.set_num_threads(count)
