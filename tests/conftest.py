"""What every test stands on: a home of its own, few threads, the carried recordings, a model."""

from __future__ import annotations

import os

# Before torch or numpy are imported: a test gets no faster with more, and machines are shared.
os.environ.setdefault("OMP_NUM_THREADS", "2")

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from material import untrained_model

if TYPE_CHECKING:
    import numpy as np

    from asa_desktop.core.features.track import TrackFeatures
    from asa_desktop.core.networks.crepe import Crepe
    from asa_desktop.core.networks.runner import Model

hypothesis.settings.register_profile("asa", deadline=None, max_examples=40)
hypothesis.settings.load_profile("asa")

ROOT = Path(__file__).resolve().parents[1]
SINGING = Path(__file__).parent / "data" / "singing"
SUNG = ("nit_029", "pjs001", "vocadito_1")
SPOKEN = "francium_speech"


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> object:
    """No test sees or touches the library of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASA_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        yield


@pytest.fixture(scope="session")
def crepe() -> Crepe:
    """The small pitch network on the CPU."""
    import torch

    from asa_desktop.core.networks.crepe import load_crepe

    return load_crepe("tiny", torch.device("cpu"))


@pytest.fixture(scope="session")
def sound() -> Callable[[str], np.ndarray]:
    """The samples of a carried recording by its stem, mono at 16 kHz. Shape: (n,)."""
    from asa_desktop.core.audio import mono_16k

    return lambda stem: mono_16k(SINGING / f"{stem}.flac")


@pytest.fixture(scope="session")
def features_of(crepe: Crepe, sound: Callable[[str], np.ndarray]) -> Callable[[str], TrackFeatures]:
    """The features of a carried recording by its stem, computed once a session."""
    from functools import cache

    from asa_desktop.core.features.spec import FeatureSpec
    from asa_desktop.core.features.track import track_features

    return cache(lambda stem: track_features(sound(stem), FeatureSpec(), crepe.activation))


def bundled_models() -> list[Path]:
    """The model folders that the checkout carries."""
    return sorted(card.parent for card in (ROOT / "models").glob("*/card.json"))


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that loads and knows nothing. Not to be written to: copy it."""
    return untrained_model(tmp_path_factory.mktemp("models") / "untrained")


@pytest.fixture(scope="session")
def model(untrained: Path) -> Model:
    """The bundled model where there is one, else the untrained one."""
    from asa_desktop.core.models import load_model

    return load_model(next(iter(bundled_models()), untrained), device="cpu")
