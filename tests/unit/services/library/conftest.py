from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from asa_desktop.services.library import Library, TakeRow


@pytest.fixture
def library(home: Path) -> Iterator[Library]:
    with Library.open() as opened:
        yield opened


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "Täke № 1.FLAC"
    path.write_bytes(b"fLaC and what was sung" * 1000)
    return path


@pytest.fixture
def take(library: Library, recording: Path, tmp_path: Path) -> TakeRow:
    (tmp_path / "song").mkdir()
    song = library.add_song(path=tmp_path / "song", title="On the run")
    person = library.add_person(name="Zoë")
    return library.import_take(song=song.id, person=person.id, file=recording)
