"""What further systems are shown of a take: as sung, moved, warped, or a part of the song."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tracks import track

from asa_desktop.core.assess.evidence import Evidence, within
from asa_desktop.core.assess.on_song import sung_part, systems_of
from asa_desktop.core.placing import Placed
from asa_desktop.core.types import Alignment, Melody, Note, PitchTrack, Song

NOTES = (Note(0.0, 2.0, 57.0), Note(2.0, 4.0, 59.0))
HZ = np.repeat([220.0, 246.94], 63)
SONG = Song(title="Two notes", melody=Melody(NOTES, beat_s=0.5))
NAMES = ("peakBW", "dtw_pitch", "usdx")


def test_who_lies_on_the_songs_clock_is_compared_as_it_is():
    vocal, take = track(HZ), track(HZ * 2 ** (30 / 1200))
    found = systems_of(take, NAMES, song=SONG, reference=vocal)
    assert found["dtw_pitch"].value < 0.1
    assert found["usdx"].value > 8000


def test_who_is_in_step_is_moved_first():
    vocal, late = track(HZ), track(np.concatenate([np.zeros(40), HZ]))
    placed = Placed(track(HZ), "in_step", Alignment())
    found = systems_of(late, NAMES, song=SONG, reference=vocal, placed=placed)
    assert found["usdx"].value > 8000
    assert systems_of(late, NAMES, song=SONG, reference=vocal)["usdx"].value < 8000


def test_who_sings_freely_is_warped_for_those_alone_who_cannot_do_it():
    wrong = track(HZ * 2 ** (np.repeat([0.0, 3.0], 63) / 12))
    placed = Placed(wrong, "free", Alignment())
    found = systems_of(track(HZ), NAMES, song=SONG, reference=track(HZ), placed=placed)
    # The take as it was sung is right; what was laid on the song's clock is not.
    assert found["dtw_pitch"].value < 0.1
    assert found["usdx"].reason is None
    assert found["usdx"].value < 7000


def test_who_is_not_found_in_the_song_has_no_place_on_the_notes():
    found = systems_of(track(HZ), NAMES, song=SONG, reference=track(HZ), in_step=False)
    assert found["usdx"].reason == "needs_alignment"
    assert found["peakBW"].value is not None


def test_without_anything_to_compare_with_reasons_are_told():
    bare = replace(SONG, melody=None)
    found = systems_of(track(HZ), NAMES, song=bare, reference=None, in_step=False)
    assert found["peakBW"].value is not None
    assert found["dtw_pitch"].reason == "needs_reference"
    assert found["usdx"].reason == "needs_notes"


@pytest.mark.parametrize("case", ["in_step", "free"])
def test_what_was_not_attempted_is_not_held_against_the_take(case):
    """The first of two notes was sung, and nothing of the second."""
    first = np.where(np.arange(126) < 63, 220.0, 0.0)
    take = track(first if case == "in_step" else first[:63])
    left_out = Alignment(missing=((2.016, 4.032),), path=((0.0, 0.0), (4.0, 4.0)))
    names = ("dtw_pitch", "usdx")

    def said(alignment: Alignment):
        placed = Placed(track(first), case, alignment)
        return systems_of(take, names, song=SONG, reference=track(HZ), placed=placed)

    part, whole = said(left_out), said(Alignment(path=left_out.path))
    assert part["dtw_pitch"].value < 0.1
    assert part["usdx"].value > 8000
    assert whole["usdx"].value < 6000


def test_a_take_that_ends_early_is_compared_with_what_it_reached():
    found = systems_of(track(HZ[:63]), ("usdx",), song=SONG, reference=track(HZ))
    assert found["usdx"].value > 8000


def test_what_could_not_be_heard_is_not_held_against_the_take():
    away = np.where(np.arange(126) < 63, 220.0, 0.0)
    names = ("dtw_pitch", "usdx")
    gap = ((2.0, 4.032),)
    found = systems_of(track(away), names, song=SONG, reference=track(HZ), gaps=gap)
    assert found["usdx"].value > 9000
    assert found["dtw_pitch"].value < 0.1
    left = systems_of(track(away), names, song=SONG, reference=track(HZ))
    assert left["usdx"].value < 6000


def test_the_part_of_a_song_that_a_take_goes_through():
    sung = [(1.0, 2.0), (3.0, 4.0), (6.0, 7.0), (8.0, 9.0)]
    assert sung_part(Alignment(), sung) == (1.0, 9.0)
    assert sung_part(Alignment(missing=((0.5, 4.5),)), sung) == (6.0, 9.0)
    assert sung_part(Alignment(missing=((7.9, 9.5),)), sung) == (1.0, 7.0)
    on_the_way = Alignment(missing=((2.5, 7.5),))
    assert sung_part(on_the_way, sung) == (1.0, 9.0), "left out, and it counts"
    assert sung_part(Alignment(missing=((0.0, 10.0),)), sung) == (1.0, 9.0)
    assert sung_part(Alignment(), []) == (0.0, 0.0)


def test_a_part_of_the_evidence_begins_anew():
    hop_s = 0.5
    ramp = np.arange(20, dtype=np.float32)
    pitch = PitchTrack(hop_s, ramp, ramp)
    notes = (Note(0.0, 1.0, 60.0), Note(2.0, 3.0, 61.0), Note(5.0, 7.4, 62.0))
    evidence = Evidence(
        pitch=pitch,
        level_db=ramp,
        reference_pitch=pitch,
        melody=Melody(notes, beat_s=0.5),
        offset_s=1.0,
        aligned=True,
    )
    part = within(evidence, start_s=2.6, end_s=7.0)
    assert part.pitch.hz.tolist() == part.level_db.tolist() == list(range(5, 14))
    assert part.reference_pitch.hz.tolist() == list(range(5, 14))
    assert part.offset_s == 1.0 - 2.5
    assert part.melody.notes == notes[1:2], "3 to 4 s; the middle of the last lies beyond"
    free = within(replace(evidence, aligned=False), start_s=2.6, end_s=7.0)
    assert free.pitch is pitch
    assert free.reference_pitch.hz.tolist() == list(range(5, 14))
