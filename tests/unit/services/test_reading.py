"""Files read in another process: results, faults, and a reader that dies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from asa_desktop.core.errors import AudioError, Cancelled, PlaceError
from asa_desktop.services.reading import looked_at


def look(path: Path) -> int:
    if path.name == "bad":
        raise AudioError("not_audio", path=path)
    if path.name == "deadly":
        os._exit(11)
    if path.name == "huge":
        raise MemoryError
    return os.getpid()


def test_each_gets_its_answer_and_the_deadly_one_takes_nobody_along() -> None:
    told: list[tuple[int, int]] = []
    names = ("one", "bad", "deadly", "huge", "two")
    found = looked_at(
        [Path(name) for name in names], look, progress=lambda done, of: told.append((done, of))
    )
    first, bad, deadly, huge, last = found
    assert isinstance(first, int)
    assert isinstance(last, int)
    assert len({first, last, os.getpid()}) == 3  # two processes, neither ours
    assert isinstance(bad, AudioError)
    assert (bad.code, bad.facts["path"]) == ("not_audio", Path("bad"))
    assert isinstance(deadly, AudioError)
    assert (deadly.code, deadly.facts["path"]) == ("decoder_died", Path("deadly"))
    assert isinstance(huge, PlaceError)
    assert told == [(1, 5), (2, 5), (4, 5), (5, 5)]


def test_it_stops_when_asked() -> None:
    with pytest.raises(Cancelled):
        looked_at([Path("one")], look, cancelled=lambda: True)


def test_nothing_is_read_for_nothing() -> None:
    assert looked_at([], look) == []
