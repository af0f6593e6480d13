"""Where this build looks: nowhere, unless both address and key are good."""

from __future__ import annotations

import base64

import pytest
from release_server import KEY

from asa_desktop.services.updates import place

GOOD = base64.b64encode(bytes(KEY.verify_key)).decode()


def test_the_repository_names_no_place_or_a_whole_one() -> None:
    """Half of it would be a switch that does nothing."""
    if place.ADDRESS or place.KEYS:
        found = place.here()
        assert found is not None
        assert len(found.keys) == len(place.KEYS)
    else:
        assert place.here() is None


@pytest.mark.parametrize(
    ("address", "keys", "there"),
    [
        ("https://example.org/releases.json", (GOOD,), True),
        ("https://example.org/releases.json", ("what?", GOOD), True),
        ("https://example.org/releases.json", (), False),
        ("https://example.org/releases.json", ("what?", GOOD[:-8]), False),
        ("http://example.org/releases.json", (GOOD,), False),
        ("http://127.0.0.1/releases.json", (GOOD,), False),
        ("", (GOOD,), False),
    ],
)
def test_a_place_has_an_https_address_and_a_key(
    monkeypatch: pytest.MonkeyPatch, address: str, keys: tuple[str, ...], there: bool
) -> None:
    monkeypatch.setattr(place, "ADDRESS", address)
    monkeypatch.setattr(place, "KEYS", keys)
    found = place.here()
    assert (found is not None) == there
    if found is not None:
        assert found.keys == (bytes(KEY.verify_key),)
        assert (found.host, found.local) == ("example.org", False)
        assert found.signature == "https://example.org/releases.json.sig"
