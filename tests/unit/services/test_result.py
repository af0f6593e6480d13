"""The JSON of an analysis: its form, its sameness, and where it may be written."""

import dataclasses
import json
import math
import os
import re
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from fake_analysis import fake_analysis
from hypothesis import given, settings
from hypothesis import strategies as st

from asa_desktop.core.attributes.codes import ATTRIBUTES, PLACE_CODES, REASONS
from asa_desktop.core.errors import PlaceError
from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Attribute,
    AttributePlace,
    Clip,
    ClipScore,
    Overall,
    Pictures,
    PitchTrack,
    SystemScore,
)
from asa_desktop.services.paths import resources
from asa_desktop.services.result import SCHEMA, SCHEMA_FILE, dumps, to_json, write_json


@pytest.fixture(scope="module")
def schema():
    return json.loads((resources() / SCHEMA_FILE).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _blank_pictures():
    none = np.zeros(0, np.float32)
    grid = np.zeros((96, 0), np.float32)
    return Pictures(0.032, PitchTrack(0.032, none, none), grid, grid, none.astype(bool))


def _names(folder):
    return sorted(each.name for each in folder.iterdir())


_scores = st.floats(0, 100) | st.integers(0, 100).map(np.float32)
_times = st.floats(0, 1e5)
_codes = st.sampled_from(["no_pitch", "not_sung", "silence"])


@st.composite
def _clip_scores(draw):
    start = draw(_times)
    clip = Clip(draw(st.integers(0, 99)), start, start + 3.008, draw(st.floats(0, 1)), 0.5)
    score = draw(st.none() | st.just(math.nan) | _scores)
    missing = score is None or math.isnan(score)
    return ClipScore(
        clip,
        score,
        draw(_codes) if missing else None,
        parts=draw(st.dictionaries(st.text(), _scores | st.just(math.nan), max_size=3)),
        channels=draw(st.dictionaries(st.text(), st.floats(), max_size=3)),
    )


_places = st.builds(
    AttributePlace,
    start=_times,
    end=_times,
    code=st.sampled_from(PLACE_CODES),
    value=st.floats() | st.floats(width=32).map(np.float32),
    midi=st.none() | st.floats(0, 127),
)
_attributes = st.builds(
    Attribute,
    score=st.none() | st.just(math.nan) | _scores,
    value=st.none() | st.floats(),
    unit=st.text(),
    confidence=st.floats(),
    places=st.lists(_places, max_size=3).map(tuple),
    detail=st.dictionaries(st.text(), st.floats(), max_size=3),
    reason=st.none() | st.sampled_from(REASONS),
)


@st.composite
def analyses(draw):
    """Any analysis that keeps its own promises; the rest is as wild as types allow."""
    scored = draw(st.booleans())
    bound = st.none() | st.just(math.nan) | _scores
    system = st.builds(
        SystemScore,
        score=bound,
        value=st.none() | st.floats(),
        unit=st.text(),
        detail=st.dictionaries(st.text(), st.floats(), max_size=3),
    )
    return Analysis(
        take=draw(st.text(st.characters(), max_size=20)),
        song=draw(st.text(st.characters(), max_size=20)),
        status="scored" if scored else "not_scored",
        reason=None if scored else draw(_codes),
        overall=Overall(draw(_scores) if scored else None, draw(bound), draw(bound)),
        clips=tuple(draw(st.lists(_clip_scores(), max_size=4))),
        case=draw(st.sampled_from(["in_step", "free", "notes"])) if scored else None,
        alignment=Alignment(draw(st.floats()), draw(st.floats()), draw(st.none() | st.floats())),
        model=draw(st.none() | st.just("rori")),
        features="asa-five-1-0",
        take_pictures=_blank_pictures(),
        systems=draw(st.dictionaries(st.text(), system, max_size=2)),
        attributes=draw(
            st.dictionaries(st.sampled_from(ATTRIBUTES) | st.text(), _attributes, max_size=3)
        ),
        timings=draw(st.dictionaries(st.text(), st.floats(0, 1e3), max_size=2)),
    )


@settings(max_examples=60, deadline=None)
@given(analysis=analyses(), timings=st.booleans())
def test_every_analysis_fits_the_schema(validator, analysis, timings):
    text = dumps(to_json(analysis, timings=timings))
    text.encode("utf-8")
    validator.validate(json.loads(text, parse_constant=pytest.fail))


@pytest.mark.parametrize("case", ["in_step", "free", "notes", None])
def test_a_sung_analysis_fits_the_schema(validator, case):
    validator.validate(json.loads(dumps(to_json(fake_analysis(case=case)))))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda result: result.pop("case"),
        lambda result: result.update(extra=1),
        lambda result: result.update(status="maybe"),
        lambda result: result["overall"].update(score=None),
        lambda result: result["overall"].update(score=101),
        lambda result: result.update(reason="silence"),
        lambda result: result["clips"][0].update(score=None, reason=None),
        lambda result: result["alignment"].pop("key"),
        lambda result: result["systems"].update(usdx={"score": 1}),
        lambda result: result["attributes"].update(tone={"score": 1}),
        lambda result: result["clips"][0].update(parts={"tone": 101}),
    ],
)
def test_the_schema_refuses_other_forms(validator, spoil):
    result = to_json(fake_analysis())
    spoil(result)
    assert not validator.is_valid(result)


def test_the_schema_describes_every_field_and_names_no_host(schema):
    assert schema["$id"] == SCHEMA
    assert SCHEMA.startswith("urn:")
    for name, each in schema["properties"].items():
        assert each.get("description"), name


def test_keys_come_in_the_published_order(schema):
    assert list(to_json(fake_analysis())) == list(schema["properties"])


def test_the_same_analysis_gives_the_same_bytes_whatever_it_took():
    analysis = fake_analysis()
    slower = dataclasses.replace(analysis, timings={"features": 99.0})
    assert dumps(to_json(analysis)) == dumps(to_json(slower))
    assert to_json(slower)["timings"] == {}
    assert to_json(slower, timings=True)["timings"] == {"features": 99.0}


def test_rounding():
    clip = ClipScore(Clip(0, 1 / 3, 3.3413333, 1, 1), np.float32(63.449))
    analysis = dataclasses.replace(
        fake_analysis(),
        clips=(clip,),
        overall=Overall(99.96, -0.01, None),
        alignment=Alignment(-0.00001, 1.00049, -11.98765),
    )
    result = to_json(analysis)
    told = {"start": 0.333, "end": 3.341, "score": 63.4, "reason": None}
    assert result["clips"] == [{**told, "parts": {}, "channels": {}}]
    assert result["overall"] == {"score": 100.0, "low": 0.0, "high": None}
    known = {"offset_s": 0.0, "tempo": 1.0, "key": -11.988}
    assert result["alignment"] == {**known, "confidence": None, "missing": [], "added": []}
    assert "-0.0," not in dumps(result)


def test_attributes_stand_in_their_order_with_their_places():
    place = AttributePlace(1 / 3, np.float32(0.75), "low", 85.21449, 69.0)
    analysis = dataclasses.replace(
        fake_analysis(),
        attributes={
            "tone": Attribute(None, None, "dB", 0.0, reason="no_comparison"),
            "intonation": Attribute(71.04, 23.41, "cents", 0.86, (place,), {"bias": -4.0}),
        },
    )
    found = to_json(analysis)["attributes"]
    assert list(found) == ["intonation", "tone"]
    assert found["intonation"] == {
        "score": 71.0,
        "value": 23.41,
        "unit": "cents",
        "confidence": 0.86,
        "places": [{"start": 0.333, "end": 0.75, "code": "low", "value": 85.214, "midi": 69.0}],
        "detail": {"bias": -4.0},
        "reason": None,
    }
    assert found["tone"]["reason"] == "no_comparison"


def test_results_of_before_parts_were_told_still_fit(validator):
    result = to_json(fake_analysis())
    for clip in result["clips"]:
        del clip["parts"], clip["channels"]
    validator.validate(json.loads(dumps(result)))


@pytest.mark.parametrize(
    "change",
    [
        {"overall": Overall(101.0, None, None)},
        {"overall": Overall(math.nan, None, None)},
        {"overall": Overall(-3.0, None, None)},
        {"reason": "silence"},
        {"status": "not_scored", "reason": "silence"},
        {"clips": (ClipScore(Clip(0, 0, 3, 1, 1), None, None),)},
    ],
)
def test_an_analysis_that_contradicts_itself_is_our_fault(change):
    with pytest.raises(ValueError, match=r"score"):
        to_json(dataclasses.replace(fake_analysis(), **change))


def test_written_text_is_plain_utf8(tmp_path):
    path = tmp_path / "out.json"
    write_json(path, to_json(fake_analysis(song="夜に駆ける", take="take\udcff.wav")))
    raw = path.read_bytes()
    assert "夜に駆ける".encode() in raw
    assert raw.endswith(b"}\n")
    assert b"\r" not in raw
    assert json.loads(raw)["take"] == "take?.wav"


def test_an_earlier_result_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "out.json"
    write_json(path, to_json(fake_analysis(song="one")))
    write_json(path, [to_json(fake_analysis(song="two")), to_json(fake_analysis(song="three"))])
    assert [each["song"] for each in json.loads(path.read_text())] == ["two", "three"]
    write_json(path, to_json(fake_analysis(song="four")))
    assert json.loads(path.read_text())["song"] == "four"
    assert _names(tmp_path) == ["out.json"]


@pytest.mark.parametrize("content", [b"RIFF....WAVE", b'{"mine": 1}', b"[]", b"\xff\xfe"])
def test_a_foreign_file_is_never_replaced(tmp_path, content):
    path = tmp_path / "take.wav"
    path.write_bytes(content)
    with pytest.raises(PlaceError) as caught:
        write_json(path, to_json(fake_analysis()))
    assert (caught.value.code, caught.value.facts) == ("json_not_ours", {"path": path})
    assert path.read_bytes() == content
    assert _names(tmp_path) == ["take.wav"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("none/out.json", "missing_folder"), (".", "is_folder"), ("\0", "missing_file")],
)
def test_bad_places(tmp_path, name, code):
    with pytest.raises(PlaceError) as caught:
        write_json(tmp_path / name, to_json(fake_analysis()))
    assert caught.value.code == code
    assert _names(tmp_path) == []


def test_a_failed_write_leaves_the_old_result(tmp_path, monkeypatch):
    path = tmp_path / "out.json"
    write_json(path, to_json(fake_analysis(song="old")))
    before = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PlaceError) as caught:
        write_json(path, to_json(fake_analysis(song="new")))
    assert caught.value.code == "disk_full"
    assert path.read_bytes() == before
    assert _names(tmp_path) == ["out.json"]


@pytest.mark.skipif(os.name == "nt", reason="no such device")
def test_a_device_is_written_to_and_stays_a_device():
    write_json(Path(os.devnull), to_json(fake_analysis()))
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.json").touch()
    (tmp_path / "link.json").symlink_to("real.json")
    write_json(tmp_path / "link.json", to_json(fake_analysis()))
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["status"] == "scored"


def test_the_documented_example_fits_the_schema(validator):
    page = Path(__file__).parents[3] / "docs" / "json.md"
    example = re.search(r"```json\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    validator.validate(json.loads(example[1]))
