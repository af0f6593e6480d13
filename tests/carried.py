"""What the tests find in the project: real recordings and the bundled models."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SINGING = Path(__file__).parent / "data" / "singing"
SUNG = ("nit_029", "pjs001", "vocadito_1")
SPOKEN = "francium_speech"


def bundled_models() -> list[Path]:
    """The model folders that the checkout carries."""
    return sorted(card.parent for card in (ROOT / "models").glob("*/card.json"))
