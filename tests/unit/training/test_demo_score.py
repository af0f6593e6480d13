"""Reading a song of the corpus, and laying songs on one clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import demo_corpus
import pytest
from asa_training.demo.plan import PJS_MEDLEY, MedleyPlan
from asa_training.demo.score import read_piece
from asa_training.demo.timeline import Timeline, lay_out

from asa_desktop.core.errors import SongError


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return demo_corpus.write_corpus(tmp_path / "corpus")


def laid_out(corpus: Path, plan: MedleyPlan = demo_corpus.PLAN) -> Timeline:
    return lay_out(plan, {s.song: read_piece(corpus / s.song) for s in plan.sections})


def test_notes_syllables_tempo_and_lag_are_read(corpus: Path) -> None:
    piece = read_piece(corpus / "tiny1")
    assert piece.bpm == demo_corpus.BPM
    assert [(n.midi, n.syllable) for n in piece.notes] == [
        (m, s) for _, _, m, s in demo_corpus.FIRST
    ]
    assert [n.beat for n in piece.notes] == pytest.approx([b for b, _, _, _ in demo_corpus.FIRST])
    assert piece.lag_s == pytest.approx(0.02, abs=1e-4)


def test_without_labels_the_lag_is_nought(corpus: Path) -> None:
    (corpus / "tiny1" / "tiny1.lab").unlink()
    assert read_piece(corpus / "tiny1").lag_s == 0.0


@pytest.mark.parametrize("name", ["tiny1.mid", "tiny1.musicxml", "tiny1_song.flac"])
def test_a_missing_file_is_named(corpus: Path, name: str) -> None:
    (corpus / "tiny1" / name).unlink()
    with pytest.raises(SongError) as caught:
        read_piece(corpus / "tiny1")
    assert caught.value.code == "demo_song_broken"
    assert name in str(caught.value.facts["part"])


@pytest.mark.parametrize("name", ["tiny1.mid", "tiny1.musicxml"])
def test_garbage_is_refused(corpus: Path, name: str) -> None:
    (corpus / "tiny1" / name).write_bytes(b"\x00garbage")
    with pytest.raises(SongError, match="demo_song_broken"):
        read_piece(corpus / "tiny1")


def test_midi_and_lyrics_that_disagree_are_refused(corpus: Path) -> None:
    path = corpus / "tiny1" / "tiny1.musicxml"
    path.write_text(path.read_text("utf-8").replace("<octave>4", "<octave>3", 1), "utf-8")
    with pytest.raises(SongError, match="syllables"):
        read_piece(corpus / "tiny1")


def test_every_note_keeps_its_place_within_its_section(corpus: Path) -> None:
    timeline = laid_out(corpus)
    # Intro of 2 bars, section of 3, link of 1, section of 2, ending of 2.
    assert [(s.role, s.beat, s.beats) for s in timeline.stretches] == [
        ("intro", 0, 8),
        ("section", 8, 12),
        ("link", 20, 4),
        ("section", 24, 8),
        ("ending", 32, 8),
    ]
    beat_s = 60.0 / demo_corpus.BPM
    expected = [(b + 4) * beat_s for b, _, _, _ in demo_corpus.FIRST]
    expected += [(b + 20) * beat_s for b, _, _, _ in demo_corpus.SECOND]
    assert [n.start for n in timeline.melody] == pytest.approx(expected, abs=1e-3)
    assert len(timeline.notes_of(timeline.sections[1])) == len(demo_corpus.SECOND)


def test_lines_follow_the_plan_or_else_the_rests(corpus: Path) -> None:
    lines = [note.line for note in laid_out(corpus).melody]
    assert lines == [0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3]


def test_the_chords_belong_to_the_keys_and_turn_to_the_next(corpus: Path) -> None:
    intro, first, link, second, ending = laid_out(corpus).stretches
    assert [c.name for c in intro.chords] == ["C", "F", "G7", "G7"]
    assert {c.name for c in first.chords} <= {"C", "Dm", "Em", "F", "G", "G7", "Am"}
    assert [c.name for c in link.chords] == ["Am7", "D7"]
    assert second.chords[-1].name == "G"
    assert [c.name for c in ending.chords] == ["C", "D7", "G", "G"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"lines": (3, 4)}, "lines"),
        ({"first_bar": 9}, "bars"),
    ],
)
def test_a_plan_that_contradicts_the_song_is_refused(
    corpus: Path, change: dict[str, object], what: str
) -> None:
    first = replace(demo_corpus.PLAN.sections[0], **change)
    plan = replace(demo_corpus.PLAN, sections=(first, demo_corpus.PLAN.sections[1]))
    with pytest.raises(SongError) as caught:
        laid_out(corpus, plan)
    assert caught.value.facts == {"song": "tiny1", "what": what}


def test_another_tempo_is_refused(corpus: Path) -> None:
    with pytest.raises(SongError, match="tempo"):
        laid_out(corpus, replace(demo_corpus.PLAN, bpm=120.0))


def test_the_real_plan_is_sound() -> None:
    from asa_training.demo.arrange import FEELS

    songs = [section.song for section in PJS_MEDLEY.sections]
    assert len(set(songs)) == len(songs)
    for section in PJS_MEDLEY.sections:
        assert section.feel in FEELS
        assert 0 <= section.tonic < 12
