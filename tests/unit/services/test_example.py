"""The take that came with the program: found, and never among the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_pictures import analysis

from asa_desktop.core.errors import PlaceError
from asa_desktop.core.songs import load_song
from asa_desktop.services import paths
from asa_desktop.services.example import (
    EXAMPLE,
    bundled_example,
    example_review,
    example_song,
    keep_example,
    marked_example,
)
from asa_desktop.services.library import Library


def test_its_recording_and_its_song_came_along() -> None:
    found = bundled_example()
    assert found.audio.stat().st_size > 100_000
    assert load_song(found.song).vocal is not None


def test_its_absence_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    takes = tmp_path / "demo" / "takes"
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    for make in (lambda: None, lambda: takes.mkdir(parents=True), (takes / "x.flac").touch):
        make()
        with pytest.raises(PlaceError) as caught:
            bundled_example()
        assert caught.value.code == "bundled_missing"


def test_its_analysis_is_kept_apart_for_each_model(tmp_path: Path) -> None:
    before = example_review(tmp_path, model="")
    assert before.take.duration_s == pytest.approx(59.2, abs=0.1)
    assert before.analysis is None
    assert (before.take.id, before.take.song_title) == (EXAMPLE, "PJS Medley")
    made = marked_example(analysis())
    keep_example(tmp_path, made, model="")
    after = example_review(tmp_path, model="").analysis
    assert after is not None
    assert after.overall == made.overall
    assert [one.code for one in after.notices if one.code == "demo_take"] == ["demo_take"]
    assert marked_example(after) is after
    assert example_review(tmp_path, model="another").analysis is None


def test_its_song_is_listed_once_and_stays_off_when_taken_off(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library") as library:
        song = example_song(library)
        assert example_song(library) == song
        assert [one.id for one in library.songs()] == [song.id]
        library.remove_song(song.id)
        assert example_song(library).id == song.id
        assert library.songs() == []
        assert library.takes() == []
        assert library.people() == []
