from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from asa_desktop.core.errors import PlaceError
from asa_desktop.services.settings import (
    BLOCKS,
    DEVICES,
    KNOWN,
    MOTIONS,
    THEMES,
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


views = st.dictionaries(text, st.dictionaries(text, json_values, max_size=3), max_size=3)
gains = st.floats(0, 1)
choices = st.builds(
    Settings,
    model=text,
    device=st.sampled_from(DEVICES),
    theme=st.sampled_from(THEMES),
    reduced_motion=st.sampled_from(MOTIONS),
    window=st.binary(max_size=60).map(lambda packed: base64.b64encode(packed).decode()),
    rail_collapsed=st.booleans(),
    last_page=text,
    singer=text,
    input=text,
    output=text,
    host_api=text,
    input_channel=st.integers(0, 31),
    output_channel=st.integers(0, 31),
    block=st.just(0) | st.integers(*BLOCKS),
    accompaniment_volume=gains,
    voice_volume=gains,
    octave_folding=st.booleans(),
    views=views,
    others=st.dictionaries(text.filter(lambda name: name not in KNOWN), json_values, max_size=4),
)


def test_the_first_start_has_defaults_and_writes_nothing(home: Path) -> None:
    assert load_settings(home / "settings.json") == (Settings(), ())
    assert not home.exists()


@SAME_FOLDER
@given(saved=choices)
def test_what_is_saved_is_loaded_with_unknown_keys(home: Path, saved: Settings) -> None:
    path = home / "settings.json"
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


@SAME_FOLDER
@given(name=st.sampled_from(KNOWN), value=json_values)
def test_whatever_a_setting_holds_the_program_gets_a_sound_one(
    tmp_path: Path, name: str, value: Any
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({name: value}), encoding="utf-8")
    loaded, findings = load_settings(path)
    if findings:
        assert loaded == Settings()
    save_settings(path, loaded)
    assert load_settings(path) == (loaded, ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("reduced_motion", True),
        ("window", "no base64!"),
        ("window", "A" * 5000),
        ("rail_collapsed", 1),
        ("input", 3),
        ("input", "x" * 5000),
        ("input_channel", -1),
        ("input_channel", True),
        ("output_channel", 1.0),
        ("block", 32),
        ("block", 1 << 20),
        ("accompaniment_volume", 1.1),
        ("voice_volume", "loud"),
        ("voice_volume", False),
        ("octave_folding", None),
        ("views", [1]),
        ("views", {"songs": 3}),
        ("views", {"songs": {"text": "x" * (1 << 20)}}),
    ],
)
def test_what_cannot_be_used_is_said_and_left(tmp_path: Path, name: str, value: Any) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({name: value, "singer": "Ada"}), encoding="utf-8")
    loaded, (finding,) = load_settings(path)
    assert loaded == Settings(singer="Ada")
    assert (finding.code, finding.facts["name"]) == ("setting_ignored", name)


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(PlaceError):
        load_settings(tmp_path)
