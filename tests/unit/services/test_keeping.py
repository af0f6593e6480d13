"""An analysis comes back out of the library as it went in."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from test_pictures import analysis

from asa_desktop.core.errors import LibraryError
from asa_desktop.services.keeping import keep_analysis, open_review, timing_of
from asa_desktop.services.library import Library, TakeRow


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library.open(tmp_path / "library")
    yield made
    made.close()


@pytest.fixture
def take(library: Library, tmp_path: Path) -> TakeRow:
    sung = tmp_path / "sung.wav"
    soundfile.write(sung, np.zeros(16_000, np.float32), 16_000)
    song = library.add_song(path=tmp_path / "song", title="Five notes")
    person = library.add_person(name="Alex")
    return library.import_take(
        song=song.id, person=person.id, file=sung, latency_s=0.042, delay_from="chirps"
    )


def test_what_was_found_is_listed_and_drawn_again(
    library: Library, take: TakeRow, tmp_path: Path
) -> None:
    before = open_review(library, take.id, cache=tmp_path / "cache")
    assert before.analysis is None
    assert before.audio.is_file()
    assert before.song == tmp_path / "song"
    found = dataclasses.replace(analysis(), timing=timing_of(take))
    row = keep_analysis(library, take.id, found, cache=tmp_path / "cache")
    after = open_review(library, take.id, cache=tmp_path / "cache")
    assert after.analysis is not None
    assert after.analysis.clips == found.clips
    np.testing.assert_array_equal(
        after.analysis.take_pictures.pitch.hz, found.take_pictures.pitch.hz
    )
    assert after.take.score == row.score == found.overall.score
    assert row.latency_s == 0.042
    assert [one.score for one in library.clips(analysis=row.id)] == [
        one.score for one in found.clips
    ]
    assert json.loads(library.document(row.id))["status"] == found.status


def test_a_take_that_was_shifted_wants_a_new_analysis(
    library: Library, take: TakeRow, tmp_path: Path
) -> None:
    found = dataclasses.replace(analysis(), timing=timing_of(take))
    keep_analysis(library, take.id, found, cache=tmp_path / "cache")
    library.set_latency(take.id, latency_s=0.1)
    assert open_review(library, take.id, cache=tmp_path / "cache").analysis is None


def test_without_its_pictures_it_is_analysed_again(
    library: Library, take: TakeRow, tmp_path: Path
) -> None:
    found = dataclasses.replace(analysis(), timing=timing_of(take))
    keep_analysis(library, take.id, found, cache=tmp_path / "cache")
    assert open_review(library, take.id, cache=tmp_path / "elsewhere").analysis is None


def test_no_such_take(library: Library, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="take_unknown"):
        open_review(library, 7, cache=tmp_path)
