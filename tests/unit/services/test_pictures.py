"""What is kept of an analysis draws the same review again."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from tracks import SPEC, track

from asa_desktop.core.analysis import pictures
from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Attribute,
    AttributePlace,
    Clip,
    ClipScore,
    Melody,
    Note,
    NoteKind,
    Notice,
    Overall,
    SystemScore,
    TakeTiming,
)
from asa_desktop.services.pictures import load_pictures, picture_store, save_pictures


def analysis(seconds: float = 9.0, *, reference: bool = True) -> Analysis:
    frames = round(seconds / SPEC.hop_s)
    rng = np.random.default_rng(1)
    hz = np.where(rng.random(frames) < 0.7, 220 * 2 ** rng.random(frames), 0)
    clips = tuple(
        ClipScore(
            Clip(at, at * SPEC.clip_s, (at + 1) * SPEC.clip_s, 0.8, 0.7),
            None if at % 5 == 3 else 61.25 + at % 7,
            "not_sung" if at % 5 == 3 else None,
            0.5,
            {"intonation": 40.5, "likeness": 70.0},
            {"f0": 6.25, "tempo": -0.5},
        )
        for at in range(frames // SPEC.clip_frames)
    )
    return Analysis(
        take="take 1.flac",
        song="Grüße ♥",
        status="scored",
        reason=None,
        overall=Overall(61.123, 55.0, None),
        clips=clips,
        case="in_step",
        alignment=Alignment(0.25, 1.0, -11.98),
        model="rori-1",
        features=SPEC.key,
        take_pictures=pictures(track(hz)),
        reference_pictures=pictures(track(hz[: frames - 4], seed=2)) if reference else None,
        melody=Melody((Note(0.5, 1.0, 60.0, "la", NoteKind.GOLDEN, 2),), 0.18, Path("a/b.txt")),
        systems={"usdx": SystemScore(44.0, 4400.0, "points", {"x": 1.0})},
        attributes={
            "intonation": Attribute(
                62.5,
                23.4,
                "cents",
                0.9,
                (AttributePlace(1.0, 1.5, "low", 85.0, 69.0), AttributePlace(4, 5, "high", 30.0)),
                {"bias": -4.0},
            ),
            "tone": Attribute(None, None, "dB", 0.0, reason="no_comparison"),
        },
        notices=(Notice("odd", {"file": "x.txt"}),),
        timing=TakeTiming(0.125, 1.00001, 2.0, ((1.0, 2.5),), "chirps"),
        timings={"total": 1.5},
    )


@pytest.mark.parametrize("reference", [True, False])
def test_it_comes_back_as_it_was(tmp_path, reference):
    store = picture_store(tmp_path)
    kept = analysis(reference=reference)
    save_pictures(store, "one", kept)
    back = load_pictures(store, "one")
    assert back is not None
    for each in dataclasses.fields(Analysis):
        if "pictures" not in each.name:
            assert getattr(back, each.name) == getattr(kept, each.name), each.name
    pairs = [(back.take_pictures, kept.take_pictures)]
    if reference:
        pairs.append((back.reference_pictures, kept.reference_pictures))
    for found, wanted in pairs:
        np.testing.assert_array_equal(found.pitch.hz, wanted.pitch.hz)
        np.testing.assert_array_equal(found.voiced, wanted.voiced)
        np.testing.assert_allclose(found.pitch.confidence, wanted.pitch.confidence, atol=1e-3)
        np.testing.assert_allclose(found.mel, wanted.mel, atol=0.2)
        np.testing.assert_allclose(found.chroma, wanted.chroma, atol=0.002)
        assert found.hop_s == wanted.hop_s
    assert (back.reference_pictures is None) == (not reference)


def test_what_was_kept_before_attributes_opens_without_them(tmp_path):
    store = picture_store(tmp_path)
    save_pictures(store, "one", analysis())
    arrays = store.get("one")
    assert arrays is not None
    rest = json.loads(bytes(arrays["rest"]))
    del rest["attributes"]
    for clip in rest["clips"]:
        del clip["parts"], clip["channels"]
    store.put("one", {**arrays, "rest": np.frombuffer(json.dumps(rest).encode(), np.uint8)})
    back = load_pictures(store, "one")
    assert back is not None
    assert back.attributes == {}
    assert all(each.parts == {} == each.channels for each in back.clips)
    assert [each.score for each in back.clips] == [each.score for each in analysis().clips]


def test_what_is_not_there_or_damaged_is_none(tmp_path):
    store = picture_store(tmp_path)
    assert load_pictures(store, "one") is None
    save_pictures(store, "one", analysis())
    arrays = store.get("one")
    assert arrays is not None
    for spoil in (
        {"rest": np.frombuffer(b"{}", np.uint8)},
        {"rest": np.frombuffer(b"not json", np.uint8)},
        {"take_mel": arrays["take_mel"][:, :-1]},
        {"take_mel": arrays["take_mel"].astype(np.float32)},
    ):
        store.put("one", {**arrays, **spoil})
        assert load_pictures(store, "one") is None
    without = {name: array for name, array in arrays.items() if name != "take_hz"}
    store.put("one", without)
    assert load_pictures(store, "one") is None
    (file,) = (path for path in tmp_path.rglob("*.npz"))
    file.write_bytes(file.read_bytes()[:5000])
    assert load_pictures(store, "one") is None
    save_pictures(store, "one", analysis())
    assert load_pictures(store, "one") is not None


def test_a_song_takes_a_few_megabytes_and_the_oldest_go(tmp_path):
    one = analysis(240)
    store = picture_store(tmp_path, limit_bytes=8_000_000)
    save_pictures(store, "one", one)
    assert store.size_bytes() < 3_500_000
    for name in ("two", "three"):
        save_pictures(store, name, one)
    assert store.size_bytes() <= 8_000_000
    assert load_pictures(store, "one") is None
    assert load_pictures(store, "three") is not None
