from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from asa_desktop.core.errors import PlaceError
from asa_desktop.services.settings import (
    DEVICES,
    KNOWN,
    Settings,
    load_settings,
    save_settings,
)

SAME_FOLDER = hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def test_the_first_start_has_defaults_and_writes_nothing(home: Path) -> None:
    assert load_settings(home / "settings.json") == (Settings(), ())
    assert not home.exists()


@SAME_FOLDER
@given(
    model=text,
    device=st.sampled_from(DEVICES),
    others=st.dictionaries(text.filter(lambda name: name not in KNOWN), json_values, max_size=4),
)
def test_what_is_saved_is_loaded_with_unknown_keys(
    home: Path, model: str, device: str, others: dict[str, Any]
) -> None:
    path = home / "settings.json"
    saved = Settings(model=model, device=device, others=others)
    save_settings(path, saved)
    assert load_settings(path) == (saved, ())


@SAME_FOLDER
@given(content=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_nothing_in_the_file_stops_the_start(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.json"
    path.write_bytes(content)
    loaded, findings = load_settings(path)
    assert loaded.device in DEVICES
    for finding in findings:
        assert finding.code in ("settings_broken", "setting_ignored")
    if any(one.code == "settings_broken" for one in findings):
        assert not path.exists()


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b"\xff\xfe", b"", b'{"model": NaN}', b"[" * 99999]
)
def test_a_broken_file_is_kept_aside_and_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    loaded, (finding,) = load_settings(path)
    assert loaded == Settings()
    assert (finding.code, finding.repaired) == ("settings_broken", True)
    aside = finding.facts["aside"]
    assert isinstance(aside, Path)
    assert aside.read_bytes() == content
    assert load_settings(path) == (Settings(), ())


def test_one_bad_value_does_not_cost_the_others(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('\ufeff{"device": "abacus", "model": "mine", "later": [1]}', encoding="utf-8")
    loaded, (finding,) = load_settings(path)
    assert loaded == Settings(model="mine", others={"later": [1]})
    assert finding.code == "setting_ignored"
    assert finding.facts == {"path": path, "name": "device"}


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(PlaceError):
        load_settings(tmp_path)
