"""Chords for a melody: the textbook cases, and what must hold for any melody."""

from __future__ import annotations

from asa_training.demo.harmony import MAJOR, Chord, harmonise, merged, voicing
from asa_training.demo.score import ScoreNote
from hypothesis import given, settings
from hypothesis import strategies as st

BARS = 4
melodies = st.lists(
    st.tuples(st.integers(0, 4 * BARS - 1), st.sampled_from((0.5, 1.0)), st.integers(48, 72)),
    min_size=1,
    max_size=24,
    unique_by=lambda note: note[0],
).map(lambda found: tuple(ScoreNote(float(b), d, m, "") for b, d, m in sorted(found)))


def phrase(*bars: tuple[int, ...]) -> tuple[ScoreNote, ...]:
    """Quarter notes, four a bar."""
    pitches = [midi for bar in bars for midi in bar]
    return tuple(ScoreNote(float(i), 1.0, midi, "") for i, midi in enumerate(pitches))


def names(notes: tuple[ScoreNote, ...], *, tonic: int, bars: int) -> list[str]:
    chords = harmonise(notes, tonic=tonic, first_beat=0.0, bars=bars)
    return [chord.name for chord in chords]


def test_broken_chords_get_their_chords() -> None:
    notes = phrase((60, 64, 67, 64), (65, 69, 72, 69), (67, 71, 74, 71), (60, 64, 67, 60))
    found = names(notes, tonic=0, bars=4)
    assert found[:4] == ["C", "C", "F", "F"]
    assert all(name in ("G", "G7") for name in found[4:6])
    assert found[6:] == ["C", "C"]


def test_a_leading_note_to_the_sixth_degree_gets_its_dominant() -> None:
    notes = phrase((60, 64, 67, 64), (68, 71, 74, 71), (69, 72, 76, 72), (60, 64, 67, 60))
    found = names(notes, tonic=0, bars=4)
    assert found[2:4] == ["E7", "E7"]
    assert found[4] == "Am"


def test_silence_is_still_harmonised_to_the_tonic() -> None:
    found = names((), tonic=7, bars=2)
    assert len(found) == 4
    assert found[-1] == "G"


@given(melodies, st.integers(0, 11))
@settings(max_examples=60, deadline=None)
def test_any_melody_ends_on_the_tonic_with_two_chords_a_bar(
    notes: tuple[ScoreNote, ...], tonic: int
) -> None:
    chords = harmonise(notes, tonic=tonic, first_beat=0.0, bars=BARS)
    assert len(chords) == 2 * BARS
    assert chords[-1] == Chord(tonic)


@given(melodies, st.integers(1, 11))
@settings(max_examples=40, deadline=None)
def test_a_transposed_melody_gets_transposed_chords(notes: tuple[ScoreNote, ...], up: int) -> None:
    moved = tuple(ScoreNote(n.beat, n.length, n.midi + up, n.syllable) for n in notes)
    here = harmonise(notes, tonic=0, first_beat=0.0, bars=BARS)
    there = harmonise(moved, tonic=up, first_beat=0.0, bars=BARS)
    assert [Chord((c.root + up) % 12, c.shape) for c in here] == list(there)


@given(
    st.lists(st.sampled_from(((0, 4, 7), (5, 9, 0), (7, 11, 2), (9, 0, 4))), min_size=8, max_size=8)
)
@settings(max_examples=40, deadline=None)
def test_a_melody_of_plain_triads_stays_in_the_key_and_mostly_on_chord_tones(
    slots: list[tuple[int, int, int]],
) -> None:
    slots[-1] = (0, 4, 7)
    notes = tuple(
        ScoreNote(2 * i + 0.5 * k, 0.5, 60 + pitch, "")
        for i, triad in enumerate(slots)
        for k, pitch in enumerate((*triad, triad[0]))
    )
    chords = harmonise(notes, tonic=0, first_beat=0.0, bars=BARS)
    assert all(set(chord.classes) <= MAJOR for chord in chords)
    held = [note.midi % 12 in chords[int(note.beat // 2)].classes for note in notes]
    assert sum(held) / len(held) >= 0.75


@given(
    st.integers(0, 11),
    st.sampled_from(("", "m", "7", "m7", "dim")),
    st.lists(st.integers(55, 73), max_size=4),
)
def test_a_voicing_holds_the_chord_within_its_range(
    root: int, shape: str, before: list[int]
) -> None:
    chord = Chord(root, shape)
    notes = voicing(chord, tuple(before), low=55, high=76)
    assert {note % 12 for note in notes} == set(chord.classes)
    assert list(notes) == sorted(set(notes))
    assert notes[0] >= 55
    assert notes[-1] <= 76


def test_repeated_chords_are_joined() -> None:
    c, g = Chord(0), Chord(7)
    spans = [(0.0, 2.0, c), (2.0, 2.0, c), (4.0, 2.0, g), (6.0, 2.0, c)]
    assert merged(spans) == [(0.0, 4.0, c), (4.0, 2.0, g), (6.0, 2.0, c)]
