"""What a take is laid beside, and where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sung_tune import TUNE, sung
from tracks import track

from asa_desktop.core.alignment.warp import Warp
from asa_desktop.core.attributes import rhythm, sides
from asa_desktop.core.attributes.measure import measure_alone
from asa_desktop.core.types import SungNote

EVERYWHERE = sides.Part(0.0, 1e9)


def with_fine(fine):
    """Coarse features whose pitch nobody looks at, with this fine track."""
    return replace(track([220.0] * 430), fine=fine)


def test_notes_that_nobody_sang_are_not_asked_for():
    slip = SungNote(1.0, 1.09, 80.0)
    notes = sorted([*TUNE, slip], key=lambda note: note.start)
    fine = sung(notes)
    assert any(abs(note.midi - 80) < 1 for note in fine.notes), "the tracker reports it"
    found = sides.beside_vocal(
        with_fine(fine), with_fine(fine), placed=None, part=EVERYWHERE, own_key=True
    )
    assert all(abs(each.note.midi - 80) > 1 for each in found.notes)
    assert len(found.notes) == len(TUNE)


def test_notes_of_another_part_and_of_gaps_are_left_out():
    fine = with_fine(sung(TUNE))
    part = sides.Part(3.0, 9.0, gaps=((5.0, 6.0),))
    found = sides.beside_vocal(fine, fine, placed=None, part=part, own_key=True)
    starts = [each.note.start for each in found.notes]
    assert starts
    assert all(2.5 < start < 9 for start in starts)
    assert not any(4.4 < start < 6 for start in starts)


def test_a_missing_fine_track_is_not_passed_over():
    bare = track([220.0] * 100)
    fine = with_fine(sung(TUNE))
    for take, reference in ((bare, fine), (fine, bare)):
        with pytest.raises(ValueError, match="fine"):
            sides.beside_vocal(take, reference, placed=None, part=EVERYWHERE, own_key=True)
    with pytest.raises(ValueError, match="fine"):
        measure_alone(bare)


@pytest.mark.parametrize(("known", "late_ms"), [(True, 160), (False, 0)])
def test_a_delay_that_is_not_known_is_nobodys_lateness(monkeypatch, known, late_ms):
    at = np.array([0.0, 14.0], np.float32)
    warp = Warp(at, at + np.float32(0.16), (), (), 0.0, 0.9)
    monkeypatch.setattr(sides, "_near", lambda take, reference: warp)
    late = [replace(n, start=n.start + 0.16, end=n.end + 0.16) for n in TUNE]
    found = sides.beside_vocal(
        with_fine(sung(late)),
        with_fine(sung(TUNE)),
        placed=None,
        part=EVERYWHERE,
        own_key=False,
        delay_known=known,
    )
    assert rhythm.rhythm(found).attribute.detail["late_ms"] == pytest.approx(late_ms, abs=5)
