"""Who sings where nobody says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from asa_desktop.services.library import Library
from asa_desktop.services.singers import FIRST_SINGER, likely_singer, singer


def test_pupils_whose_takes_were_brought_in_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "take.flac"
    soundfile.write(file, np.zeros(4800), 48_000)
    with Library.open(tmp_path / "library") as library:
        assert singer(library).name == FIRST_SINGER
        song = library.add_song(path=tmp_path, title="Song").id
        pupil = library.add_person(name="Pupil").id
        library.import_take(song=song, person=pupil, file=file)
        assert likely_singer(library) == FIRST_SINGER
        teacher = library.add_person(name="Teacher").id
        library.add_take(song=song, person=teacher, file=file)
        library.add_person(name="Another")
        assert likely_singer(library) == "Teacher"
        assert singer(library).id == teacher
        assert singer(library, " Pupil ").id == pupil
