"""What every test stands on: a home of its own, few threads, the carried recordings, a model."""

from __future__ import annotations

import os

# Before torch or numpy are imported: a test gets no faster with more, and machines are shared.
os.environ.setdefault("OMP_NUM_THREADS", "1" if "PYTEST_XDIST_WORKER" in os.environ else "2")
# Threads that spin while they wait make everything ten times slower where a core is taken.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import hashlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import numpy as np
import pytest
from carried import SINGING, SUNG, bundled_models
from figures import note, noted
from material import read_card, untrained_model, write_card

if TYPE_CHECKING:
    from asa_desktop.core.features.track import TrackFeatures
    from asa_desktop.core.networks.crepe import Crepe
    from asa_desktop.core.networks.runner import Model

hypothesis.settings.register_profile("asa", deadline=None, max_examples=40)
hypothesis.settings.load_profile("asa")


def pytest_configure() -> None:
    """A run that a shell began in the background ignores Ctrl-C, and so would all it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes hands what its tests measured to the one that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = noted()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of the side-by-side run has ended; one that crashed hands nothing over."""
    for line in getattr(node, "workeroutput", {}).get("measured", ()):
        note(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests measured."""
    if noted():
        terminalreporter.section("measured")
        for line in noted():
            terminalreporter.write_line(line)


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


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that loads and knows nothing. Not to be written to: copy it."""
    return untrained_model(tmp_path_factory.mktemp("models") / "untrained")


@pytest.fixture(scope="session")
def settled(
    tmp_path_factory: pytest.TempPathFactory,
    untrained: Path,
    features_of: Callable[[str], TrackFeatures],
) -> Path:
    """As `untrained`, but with norms and centre set by the carried singing.

    Fresh weights give all clips the same embedding; these tell clips apart, though not as people.
    """
    import torch
    from safetensors.torch import save

    from asa_desktop.core.models import load_model

    fresh = load_model(untrained, device="cpu")
    images = np.stack([features_of(stem).image(at) for stem in SUNG for at in range(0, 160, 20)])
    with torch.no_grad():
        tower, batch = fresh.tower, torch.from_numpy(images)
        for norm in (each for each in tower.modules() if isinstance(each, torch.nn.BatchNorm2d)):
            norm.momentum = None  # the plain mean over what it sees
        torch.manual_seed(0)
        tower.train()(batch)
        tower.dense.bias -= tower.eval()(batch).mean(dim=0)
    weights = save({name: value.contiguous() for name, value in tower.state_dict().items()})
    folder = tmp_path_factory.mktemp("models") / "settled"
    card = {**read_card(untrained), "id": "settled"}
    card["weights"] = {"sha256": hashlib.sha256(weights).hexdigest()}
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(weights)
    write_card(folder, card)
    return folder


@pytest.fixture(scope="session")
def model(settled: Path) -> Model:
    """The bundled model where there is one, else the settled one."""
    from asa_desktop.core.models import load_model

    return load_model(next(iter(bundled_models()), settled), device="cpu")
