"""The packs beside the program: each installs, and its models score as they did when made."""

from __future__ import annotations

from pathlib import Path

import pytest
from asa_training.golden import compared
from asa_training.recipe import RECIPE, read_recipe
from asa_training.weights import MOST_BYTES

from asa_desktop.core.models import load_model
from asa_desktop.services.model_install import install_pack

PACKS = sorted((Path(__file__).parents[3] / "training/packs").glob("*.zip"))


def test_there_are_some():
    assert PACKS


@pytest.mark.parametrize("pack", PACKS, ids=lambda path: path.stem)
def test_a_pack_installs_and_its_models_score_as_when_made(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    for one in install_pack(pack):
        model = load_model(one.folder, device="cpu")
        assert model.card.id == one.id
        assert (one.folder / "weights.safetensors").stat().st_size < MOST_BYTES["one"]
        golden = read_recipe(one.folder / RECIPE).golden
        lines, missed = compared(golden, model)
        assert len(lines) > 3
        assert missed == 0, "\n".join(lines)
