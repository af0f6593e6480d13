"""UltraStar files: times worked by hand, every repair reported, anything else refused in words."""

from __future__ import annotations

import contextlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs import read_ultrastar
from asa_desktop.core.songs.melody import NotesFile
from asa_desktop.core.types import NoteKind

DATA = Path(__file__).parents[2] / "data" / "songs"
HEADER = "#TITLE:T\n#ARTIST:A\n#MP3:a.mp3\n"


def read(folder: Path, text: str | bytes, *, voice: str | int | None = None) -> NotesFile:
    path = folder / "song.txt"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_ultrastar(path, voice=voice)


def codes(song: NotesFile) -> list[str]:
    return [notice.code for notice in song.notices]


def facts(song: NotesFile, code: str) -> dict[str, object]:
    return dict(next(notice.facts for notice in song.notices if notice.code == code))


def starts(song: NotesFile) -> list[float]:
    return [note.start for note in song.melody.notes]


def test_times_of_version_1(tmp_path: Path) -> None:
    # 60 / (4 * 120) = 0.125 s a beat, after a gap of 1 s.
    song = read(tmp_path, HEADER + "#BPM:120\n#GAP:1000\n: 8 4 5 la\nE\n")
    (note,) = song.melody.notes
    assert (note.start, note.end, note.midi) == (2.0, 2.5, 65.0)
    assert song.melody.beat_s == 0.125
    assert song.notices == ()


def test_times_of_version_2(tmp_path: Path) -> None:
    text = (
        "#VERSION:2.0.0\n" + HEADER + "#BPM:120\n#GAP:1000\n#START:2000\n#END:6000\n: 8 4 5 la\nE\n"
    )
    song = read(tmp_path, text)
    (note,) = song.melody.notes
    assert (note.start, note.end, song.melody.beat_s) == (5.0, 6.0, 0.5)  # cut at END
    assert (song.start_s, song.end_s) == (2.0, 6.0)


def test_start_is_in_seconds_and_end_in_ms_before_version_2(tmp_path: Path) -> None:
    text = HEADER + "#BPM:120\n#START:1,5\n#END:2500\n: 8 4 0 a\n: 16 4 0 b\n: 24 4 0 c\nE\n"
    song = read(tmp_path, text)
    assert (song.start_s, song.end_s) == (1.5, 2.5)
    assert starts(song) == [2.0]
    assert facts(song, "notes_outside")["count"] == 2


def test_times_of_relative_songs(tmp_path: Path) -> None:
    body = ": 0 4 0 a\n- 6 8\n: 0 4 2 b\n- 4 8\n: 2 2 4 c\nE\n"
    song = read(tmp_path, HEADER + "#RELATIVE:YES\n#BPM:120\n" + body)
    assert starts(song) == [0.0, 1.0, 2.25]  # beats 0, 8 and 8 + 8 + 2
    assert [note.line for note in song.melody.notes] == [0, 1, 2]
    assert song.notices == ()


def test_relative_voices_keep_their_own_offset(tmp_path: Path) -> None:
    body = "P1\n: 0 4 0 a\n- 6 8\nP2\n: 0 4 0 b\n- 8 16\nP1\n: 0 4 0 c\nP2\n: 0 4 0 d\nE\n"
    text = HEADER + "#RELATIVE:yes\n#BPM:120\n" + body
    assert starts(read(tmp_path, text, voice="P1")) == [0.0, 1.0]
    assert starts(read(tmp_path, text, voice=2)) == [0.0, 2.0]


def test_relative_is_for_unversioned_songs_only(tmp_path: Path) -> None:
    text = "#VERSION:1.0.0\n#RELATIVE:yes\n" + HEADER + "#BPM:120\n: 0 4 0 a\n- 4 8\n: 8 4 0 b\nE\n"
    song = read(tmp_path, text)
    assert starts(song) == [0.0, 1.0]
    assert codes(song) == ["relative_ignored"]


def test_tempo_changes(tmp_path: Path) -> None:
    # Beat 8 is at 1 s; from there a beat lasts 60 / (4 * 240) = 0.0625 s.
    body = ": 0 4 0 a\nB 8 240\n: 8 8 0 b\n: 16 4 0 c\n: 24 4 0 d\nE\n"
    song = read(tmp_path, HEADER + "#BPM:120\n" + body)
    assert starts(song) == [0.0, 1.0, 1.5, 2.0]
    assert song.melody.beat_s == 0.0625  # the one most notes are in


def test_a_note_that_a_tempo_change_cuts(tmp_path: Path) -> None:
    song = read(tmp_path, HEADER + "#BPM:120\n: 4 8 0 a\nB 8 60\nE\n")
    assert song.melody.notes[0].end == 1.0 + 4 * 0.25


def test_duet_fixture() -> None:
    anna = read_ultrastar(DATA / "duet.txt")
    assert anna.melody.voice == "Anna"
    assert starts(anna) == [1.0, 1.5, 2.0, 3.5, 4.0]
    assert anna.melody.notes[2].kind is NoteKind.GOLDEN
    assert [line.text for line in anna.lyrics] == ["Come to the", "well"]
    assert anna.lyrics[0].words == ((1.0, "Come"), (1.5, "to"), (2.0, "the"))
    assert codes(anna) == ["voice_taken"]
    assert facts(anna, "voice_taken")["voices"] == ("P1 (Anna)", "P2 (Ben)")
    assert anna.files["VOCALS"] == "well [VOC].ogg"

    ben = read_ultrastar(DATA / "duet.txt", voice="ben")
    assert [n.kind for n in ben.melody.notes] == [
        NoteKind.RAP,
        NoteKind.FREESTYLE,
        NoteKind.GOLDEN_RAP,
    ]
    assert ben.notices == ()
    with pytest.raises(SongError) as caught:
        read_ultrastar(DATA / "duet.txt", voice="P3")
    assert caught.value.code == "no_such_voice"


def test_p3_of_unversioned_songs_is_both(tmp_path: Path) -> None:
    text = HEADER + "#BPM:120\nP 1\n: 0 4 0 a\nP 2\n: 8 4 0 b\nP3\n: 16 4 0 c\nE\n"
    assert starts(read(tmp_path, text, voice=1)) == [0.0, 2.0]
    assert starts(read(tmp_path, text, voice=2)) == [1.0, 2.0]
    assert "both_voices" in codes(read(tmp_path, text))
    assert starts(read(tmp_path, "#VERSION:1.1.0\n" + text, voice=3)) == [2.0]


def test_spaces_in_the_text_are_kept(tmp_path: Path) -> None:
    song = read(tmp_path, HEADER + "#BPM:120\n: 0 2 0 Twen\n: 2 2 0 ty \n: 4 2 0  one\nE\n")
    assert [note.syllable for note in song.melody.notes] == ["Twen", "ty ", " one"]
    assert song.lyrics[0].text == "Twenty one"
    assert [word for _, word in song.lyrics[0].words] == ["Twenty", "one"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_newline_any_case_of_keys_decimal_comma(tmp_path: Path, newline: str) -> None:
    text = "# title : T\n#Artist:A\n#mp3:a.mp3\n#bpm:297,5\n#gap:0,5\n: 4 4 0 la\nE\n"
    song = read(tmp_path, text.replace("\n", newline))
    assert song.melody.notes[0].start == pytest.approx(0.0005 + 4 * 60 / (4 * 297.5))
    assert song.title == "T"
    assert song.notices == ()


BROKEN = {
    "bad_line": ": 0 x 0 la",
    "unknown_note_type": "Q 0 4 0 la",
    "note_without_length": ": 20 0 0 la",
    "line_mended": ":20 4 0 la",
    "line_end_skipped": "- 4",
    "notes_overlap": ": 30 4 0 a\n: 32 4 0 b",
    "notes_unsorted": ": 30 4 0 a\n: 20 4 0 b",
    "no_end_line": None,
}


@pytest.mark.parametrize("code", BROKEN)
def test_every_repair_of_the_body_is_reported(tmp_path: Path, code: str) -> None:
    lines = BROKEN[code]
    end = "" if code == "no_end_line" else "E\n"
    extra = f"{lines}\n" if lines else ""
    song = read(tmp_path, HEADER + "#BPM:120\n" + extra + ": 40 4 0 la\n" + end)
    assert codes(song) == [code]
    if "line" in facts(song, code):
        assert facts(song, code)["line"] == 5
    assert song.melody.notes[-1].start == 5.0


def test_unknown_type_becomes_freestyle_and_text_without_length_stays(tmp_path: Path) -> None:
    song = read(tmp_path, HEADER + "#BPM:120\nQ 0 4 0 la\n: 6 0 0  li\n: 8 4 0  lo\nE\n")
    assert [n.kind for n in song.melody.notes] == [NoteKind.FREESTYLE, NoteKind.NORMAL]
    assert song.lyrics[0].text == "la li lo"


HEADERS = {
    "tag_missing": "#MP3:a.mp3\n#TITLE:T\n#BPM:120\n",
    "tag_twice": HEADER + "#BPM:120\n#TITLE:U\n",
    "tag_unreadable": HEADER + "#BPM:120\n#GAP:soon\n",
    "tag_not_whole": "#VERSION:2.0.0\n" + HEADER + "#BPM:480\n#GAP:0.0\n",
    "encoding_unknown": "#ENCODING:KLINGON\n" + HEADER + "#BPM:120\n",
    "bad_line": "#NONSENSE\n" + HEADER + "#BPM:120\n",
}


@pytest.mark.parametrize("code", HEADERS)
def test_every_repair_of_the_header_is_reported(tmp_path: Path, code: str) -> None:
    song = read(tmp_path, HEADERS[code] + ": 8 4 0 la\nE\n")
    assert codes(song) == [code]
    assert starts(song) == [1.0]


def test_a_flood_of_faults_is_counted(tmp_path: Path) -> None:
    song = read(tmp_path, HEADER + "#BPM:120\n" + "nonsense\n" * 1000 + ": 0 4 0 la\nE\n")
    assert codes(song) == ["bad_line"] * 20 + ["more_of_this"]
    assert facts(song, "more_of_this")["count"] == 980


@pytest.mark.parametrize(
    ("encoding", "tag", "expected"),
    [
        ("utf-8", "", []),
        ("utf-8-sig", "", []),
        ("utf-16", "", []),
        ("cp1252", "#ENCODING:CP1252\n", []),
        ("cp1252", "", ["encoding_guessed"]),
        ("cp1252", "#ENCODING:UTF8\n", ["encoding_guessed"]),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, tag: str, expected: list[str]) -> None:
    text = tag + "#TITLE:Für Elise\n#ARTIST:Café\n#MP3:é.mp3\n#BPM:120\n: 0 4 0 Gruß\nE\n"
    song = read(tmp_path, text.encode(encoding))
    assert (song.title, song.artist, song.files["MP3"]) == ("Für Elise", "Café", "é.mp3")
    assert song.lyrics[0].text == "Gruß"
    assert codes(song) == expected


def test_central_european_code_page(tmp_path: Path) -> None:
    text = "#TITLE:Łódź\n#ARTIST:Ż\n#LANGUAGE:Polish\n#BPM:120\n: 0 4 0 śpij\nE\n"
    song = read(tmp_path, text.encode("cp1250"))
    assert (song.title, song.lyrics[0].text) == ("Łódź", "śpij")
    assert facts(song, "encoding_guessed")["encoding"] == "cp1250"


def test_versioned_songs_are_utf8(tmp_path: Path) -> None:
    text = "#VERSION:1.1.0\n#TITLE:Für\n#ARTIST:A\n#BPM:120\n: 0 4 0 la\nE\n"
    song = read(tmp_path, text.encode("cp1252"))
    assert codes(song) == ["encoding_broken"]
    assert song.title == "F\ufffdr"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("not_ultrastar", "Just a poem\nof two lines\n"),
        ("not_ultrastar", ""),
        ("no_bpm", HEADER + ": 0 4 0 la\nE\n"),
        ("bad_bpm", HEADER + "#BPM:0\n: 0 4 0 la\nE\n"),
        ("bad_bpm", HEADER + "#BPM:fast\n: 0 4 0 la\nE\n"),
        ("bad_bpm", HEADER + "#BPM:" + "9" * 5000 + "\n: 0 4 0 la\nE\n"),
        ("too_new_version", "#VERSION:3.0.0\n" + HEADER + "#BPM:120\n: 0 4 0 la\nE\n"),
        ("no_notes", HEADER + "#BPM:120\nE\n"),
        ("no_notes", HEADER + "#BPM:120\n: 0 0 0 la\nE\n"),
        (
            "too_many_notes",
            HEADER + "#BPM:9000\n" + "".join(f": {i} 1 0 a\n" for i in range(20_001)),
        ),
        ("too_many_lines", HEADER + "\n" * 100_001),
        ("file_too_large", "#TITLE:" + "x" * 5_000_001),
    ],
)
def test_refusals(tmp_path: Path, code: str, text: str) -> None:
    with pytest.raises(SongError) as caught:
        read(tmp_path, text)
    assert caught.value.code == code


_NOTES = st.lists(
    st.tuples(
        st.integers(0, 50),  # beats of rest before it
        st.integers(1, 60),  # beats
        st.integers(-48, 60),
        st.sampled_from(":*FRG"),
        st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8),
        st.booleans(),  # a line ends after it
    ),
    min_size=1,
    max_size=30,
)
_FIT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_FIT
@given(
    notes=_NOTES,
    bpm=st.integers(2500, 200_000).map(lambda n: n / 100),
    gap=st.integers(0, 60_000),
    version=st.sampled_from(["", "1.1.0", "2.0.0"]),
    relative=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_round_trip(tmp_path, notes, bpm, gap, version, relative, newline) -> None:  # type: ignore[no-untyped-def]
    relative = relative and not version
    beat_s = 60 / (bpm * (1 if version == "2.0.0" else 4))
    lines = [f"#VERSION:{version}"] if version else []
    lines += [*HEADER.splitlines(), f"#BPM:{bpm:.2f}".replace(".", ","), f"#GAP:{gap}"]
    lines += ["#RELATIVE:yes"] if relative else []
    beat, offset, expected, line, open_line = 0, 0, [], 0, False
    for rest, length, pitch, kind, text, ends in notes:
        beat += rest
        lines.append(f"{kind} {beat - offset} {length} {pitch} {text}")
        expected.append((gap / 1000 + beat * beat_s, length * beat_s, 60 + pitch, text, line))
        beat += length
        open_line = True
        if ends and open_line:
            lines.append(f"- {beat - offset}" + (f" {beat - offset}" if relative else ""))
            offset = beat if relative else 0
            line, open_line = line + 1, False
    song = read(tmp_path, newline.join([*lines, "E", ""]))
    assert len(song.melody.notes) == len(expected)
    for note, (start, length_s, midi, text, in_line) in zip(
        song.melody.notes, expected, strict=True
    ):
        assert note.start == pytest.approx(start, abs=1e-6)
        assert note.end - note.start == pytest.approx(length_s, abs=1e-6)
        assert (note.midi, note.syllable, note.line) == (midi, text, in_line)
    assert song.melody.beat_s == pytest.approx(beat_s)
    assert not [code for code in codes(song) if code != "tag_not_whole"]


# fmt: off
_PIECES = st.sampled_from([
    *"#:*-FRGPBEQ\n\r\t ", "#BPM:", "#TITLE:x", "#ARTIST:y", "#MP3:", "#RELATIVE:yes",
    "#VERSION:2.0.0", "#GAP:", "#START:", "#END:", "120", "-7", "1,5", "99999999999",
    "\n: 0 4 0 la\n", "- 4 8\n", "P2\n", "B 4 60\n", "\x00", "٣", "\ufeff", "é",
])
# fmt: on


@_FIT
@given(text=st.one_of(st.text(), st.lists(_PIECES, max_size=60).map("".join)))
def test_no_text_brings_it_down(tmp_path: Path, text: str) -> None:
    for head in ("", HEADER + "#BPM:120\n: 0 4 0 la\n"):
        try:
            song = read(tmp_path, (head + text).encode("utf-8", "surrogatepass"))
        except SongError:
            continue
        assert song.melody.notes
        assert all(a.end <= b.start + 1e-6 for a, b in pairwise(song.melody.notes))
        assert {n.line for n in song.melody.notes} <= set(range(len(song.lyrics) or 10**6))


@_FIT
@given(data=st.binary(max_size=400))
def test_no_bytes_bring_it_down(tmp_path: Path, data: bytes) -> None:
    for head in (b"", (HEADER + "#BPM:120\n: 0 4 0 la\n").encode()):
        with contextlib.suppress(SongError):
            assert read(tmp_path, head + data).melody.notes
