"""MIDI and KAR: the tempo map by hand, which track is the melody, words, and broken files."""

from __future__ import annotations

import contextlib
from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs import read_midi
from asa_desktop.core.songs.melody import NotesFile

Event = tuple[int, mido.Message | mido.MetaMessage]
TPB = 480
_FIT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def notes(*played: tuple[int, int, int], channel: int = 0) -> list[Event]:
    """Events of (tick, ticks, pitch)."""
    events: list[Event] = []
    for start, length, pitch in played:
        on = mido.Message("note_on", note=pitch, velocity=90, channel=channel)
        off = mido.Message("note_off", note=pitch, channel=channel)
        events += [(start, on), (start + length, off)]
    return events


def meta(tick: int, kind: str, **values: object) -> Event:
    return tick, mido.MetaMessage(kind, **values)


def words(kind: str, *entries: tuple[int, str]) -> list[Event]:
    return [meta(tick, kind, text=text) for tick, text in entries]


def write(path: Path, *tracks: list[Event], kind: int = 1, tpb: int = TPB) -> Path:
    file = mido.MidiFile(type=kind, ticks_per_beat=tpb)
    for events in tracks:
        track, at = mido.MidiTrack(), 0
        for tick, message in sorted(events, key=lambda event: event[0]):
            track.append(message.copy(time=tick - at))
            at = tick
        file.tracks.append(track)
    file.save(path)
    return path


def codes(song: NotesFile) -> list[str]:
    return [notice.code for notice in song.notices]


def pitches(song: NotesFile) -> list[float]:
    return [note.midi for note in song.melody.notes]


def name(text: str) -> Event:
    return meta(0, "track_name", name=text)


TUNE = tuple((i * TPB, TPB, 60 + i) for i in range(8))
CHORDS = tuple((i * TPB, TPB, p) for i in range(8) for p in (48, 52, 55))


def test_tempo_map_by_hand(tmp_path: Path) -> None:
    # 120 a minute: a quarter is 0.5 s; from the third quarter on 60 a minute: 1 s.
    tempos = [meta(0, "set_tempo", tempo=500_000), meta(2 * TPB, "set_tempo", tempo=1_000_000)]
    tune = notes((0, TPB, 60), (TPB, 2 * TPB, 62), (3 * TPB, TPB, 64), (4 * TPB, TPB, 65))
    song = read_midi(write(tmp_path / "a.mid", tempos, tune))
    spans = [(note.start, note.end) for note in song.melody.notes]
    assert spans == [(0.0, 0.5), (0.5, 2.0), (2.0, 3.0), (3.0, 4.0)]
    assert song.melody.beat_s == pytest.approx(0.125)  # of 0.5, 0.5, 1, 1 the lower middle
    assert song.notices == ()


def test_default_tempo_and_film_frames(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", notes((TPB, TPB, 60)))
    assert read_midi(path).melody.notes[0].start == 0.5
    data = bytearray(path.read_bytes())
    data[12:14] = bytes([256 - 25, 40])  # 25 frames of 40 ticks: a millisecond a tick
    path.write_bytes(data)
    note = read_midi(path).melody.notes[0]
    assert (note.start, note.end) == (pytest.approx(0.48), pytest.approx(0.96))


def test_a_track_called_melody(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.mid",
        [name("Backing Vocals"), *notes(*((t, n, p + 20) for t, n, p in TUNE))],
        [name("Melody"), *notes(*TUNE)],
        [name("Lead Guitar"), *notes(*CHORDS)],
    )
    song = read_midi(path)
    assert (pitches(song), song.melody.voice) == ([p for _, _, p in TUNE], "Melody")
    assert song.notices == ()
    assert read_midi(path, track="lead guitar").melody.voice == "Lead Guitar"
    assert pitches(read_midi(path, track=1)) == [p + 20 for _, _, p in TUNE]
    with pytest.raises(SongError) as caught:
        read_midi(path, track="Zither")
    assert caught.value.code == "no_such_voice"
    assert caught.value.facts["voices"] == ("1 (Backing Vocals)", "2 (Melody)", "3 (Lead Guitar)")


def test_the_track_that_goes_with_the_words(tmp_path: Path) -> None:
    other = tuple((t + TPB // 2, TPB // 4, 72) for t, _, _ in TUNE)
    sung = [(t, "la ") for t, _, _ in TUNE]
    path = write(tmp_path / "a.kar", notes(*other), notes(*TUNE, channel=3), words("lyrics", *sung))
    song = read_midi(path)
    assert pitches(song) == [p for _, _, p in TUNE]
    assert song.notices == ()


def test_the_most_voice_like_track_is_a_guess(tmp_path: Path) -> None:
    low = tuple((t, n, p - 36) for t, n, p in TUNE)
    path = write(tmp_path / "a.mid", notes(*CHORDS), notes(*low), notes(*TUNE))
    song = read_midi(path)
    assert pitches(song) == [p for _, _, p in TUNE]
    assert codes(song) == ["track_guessed"]
    assert song.notices[0].facts["track"] == "3"


def test_drums_are_no_melody(tmp_path: Path) -> None:
    song = read_midi(write(tmp_path / "a.mid", notes(*TUNE), notes(*TUNE, channel=9)))
    assert (len(song.melody.notes), song.notices) == (8, ())
    with pytest.raises(SongError) as caught:
        read_midi(write(tmp_path / "b.mid", notes(*TUNE, channel=9)))
    assert caught.value.code == "no_notes"


def test_channels_of_type_0_are_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", notes(*TUNE) + notes(*CHORDS, channel=4), kind=0)
    assert pitches(read_midi(path)) == [p for _, _, p in TUNE]
    assert codes(read_midi(path, track=5)) == ["notes_overlap"]
    assert pitches(read_midi(path, track=5)) == [55.0] * 8  # the top of each chord


def test_kar_words(tmp_path: Path) -> None:
    head = [(0, t) for t in ("@KMIDI KARAOKE FILE", "@LGERM", "@TAbendlied", "@THaussänger")]
    sung = [(0, "\\Der "), (TPB, "Mond "), (2 * TPB, "/auf"), (3 * TPB, "ge"), (4 * TPB, "gan"),
            (5 * TPB, "gen")]  # fmt: skip
    path = write(tmp_path / "a.kar", words("text", *head, *sung), notes(*TUNE))
    song = read_midi(path)
    assert (song.title, song.artist, song.language) == ("Abendlied", "Haussänger", "German")
    assert [line.text for line in song.lyrics] == ["Der Mond", "aufgegangen"]
    assert song.lyrics[1].words == ((1.0, "aufgegangen"),)
    assert [n.syllable for n in song.melody.notes][:6] == [
        "Der ",
        "Mond ",
        "auf",
        "ge",
        "gan",
        "gen",
    ]
    assert [n.line for n in song.melody.notes] == [0, 0, 1, 1, 1, 1, 1, 1]
    assert codes(song) == ["encoding_guessed"]  # the ä, as mido writes Latin-1


def test_lyric_events_with_line_ends(tmp_path: Path) -> None:
    sung = [(0, "One "), (TPB, "two\r"), (2 * TPB, "three")]
    remarks = words("text", (0, "Verse 1"), (TPB, "a remark"))
    song = read_midi(write(tmp_path / "a.mid", words("lyrics", *sung) + remarks, notes(*TUNE)))
    assert [line.text for line in song.lyrics] == ["One two", "three"]


def test_text_events_without_kar_signs_are_no_words(tmp_path: Path) -> None:
    song = read_midi(write(tmp_path / "a.mid", [*words("text", (0, "Verse")), *notes(*TUNE)]))
    assert song.lyrics == ()


def test_lines_at_rests_without_words(tmp_path: Path) -> None:
    tune = [(0, TPB, 60), (TPB, TPB, 62), (3 * TPB, TPB, 64)]
    song = read_midi(write(tmp_path / "a.mid", notes(*tune)))
    assert [note.line for note in song.melody.notes] == [0, 0, 1]


def test_unclosed_notes_and_useless_tempo(tmp_path: Path) -> None:
    on = mido.Message("note_on", note=64, velocity=80)
    track = [meta(0, "set_tempo", tempo=0), (0, on), (TPB, mido.Message("note_on", note=65))]
    song = read_midi(write(tmp_path / "a.mid", track))
    assert codes(song) == ["notes_unclosed", "tempo_ignored"]
    assert song.notices[0].facts["count"] == 2
    assert song.melody.notes[0].start == 0.0


@pytest.mark.parametrize("data", [b"", b"MThd", b"not midi at all", b"RIFF0000RMIDdata0000"])
def test_broken_files(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(data)
    with pytest.raises(SongError) as caught:
        read_midi(path)
    assert caught.value.code == "bad_midi"


def test_separate_songs_and_size(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mid", notes(*TUNE), notes(*TUNE), kind=2)
    with pytest.raises(SongError) as caught:
        read_midi(path)
    assert caught.value.code == "separate_songs"
    path.write_bytes(b"MThd" + bytes(1_000_000))
    with pytest.raises(SongError) as caught:
        read_midi(path)
    assert caught.value.code == "file_too_large"


@_FIT
@given(
    cut=st.integers(0, 400),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
)
def test_damage_brings_nothing_down(
    tmp_path: Path, cut: int, changes: list[tuple[int, int]]
) -> None:
    sung = words("lyrics", *((t, "/la") for t, _, _ in TUNE))
    path = write(tmp_path / "a.mid", [meta(0, "set_tempo", tempo=400_000)], notes(*TUNE), sung)
    data = bytearray(path.read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    path.write_bytes(data[: len(data) - cut] if cut < 60 else data)
    with contextlib.suppress(SongError):
        assert read_midi(path).melody.beat_s > 0


@_FIT
@given(
    tune=st.lists(
        st.tuples(st.integers(0, 2000), st.integers(1, 2000), st.integers(30, 90)), min_size=1
    ),
    tempo=st.integers(100_000, 2_000_000),
)
def test_round_trip(tmp_path: Path, tune: list[tuple[int, int, int]], tempo: int) -> None:
    at, played = 0, []
    for rest, length, pitch in tune:
        played.append((at + rest, length, pitch))
        at += rest + length
    song = read_midi(write(tmp_path / "a.mid", [meta(0, "set_tempo", tempo=tempo)], notes(*played)))
    tick_s = tempo / 1e6 / TPB
    assert pitches(song) == [pitch for _, _, pitch in played]
    for note, (start, length, _) in zip(song.melody.notes, played, strict=True):
        assert note.start == pytest.approx(start * tick_s, abs=1e-6)
        assert note.end == pytest.approx((start + length) * tick_s, abs=1e-6)
