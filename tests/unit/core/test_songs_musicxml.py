"""MusicXML: ties, chords, repeats and tempo by hand; bombs and broken files refused."""

from __future__ import annotations

import contextlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs import read_musicxml
from asa_desktop.core.songs.melody import NotesFile

ROUND = Path(__file__).parents[2] / "data" / "songs" / "round.musicxml"
_FIT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def note(step: str, duration: int, *, extra: str = "", octave: int = 4) -> str:
    pitch = (
        "<rest/>" if step == "R" else f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    )
    return f"<note>{pitch}<duration>{duration}</duration>{extra}</note>"


def sung(text: str, syllabic: str = "single", *, more: str = "") -> str:
    return f"<lyric><syllabic>{syllabic}</syllabic><text>{text}</text>{more}</lyric>"


def sheet(*measures: str, head: str = "") -> str:
    body = "".join(
        f"<measure number='{i}'>{'<attributes><divisions>1</divisions></attributes>' if i == 1 else ''}{m}</measure>"  # noqa: E501
        for i, m in enumerate(measures, start=1)
    )
    return f"<score-partwise>{head}<part id='P1'>{body}</part></score-partwise>"


def read(folder: Path, text: str | bytes, *, part: str | int | None = None) -> NotesFile:
    path = folder / "a.musicxml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_musicxml(path, part=part)


def codes(song: NotesFile) -> list[str]:
    return [notice.code for notice in song.notices]


def pitches(song: NotesFile) -> list[float]:
    return [note.midi for note in song.melody.notes]


def starts(song: NotesFile) -> list[float]:
    return [note.start for note in song.melody.notes]


def bar(repeat: str = "", ending: str = "", number: str = "1") -> str:
    signs = f"<ending number='{number}' type='{ending}'/>" if ending else ""
    signs += f"<repeat direction='{repeat}'/>" if repeat else ""
    return f"<barline>{signs}</barline>"


def test_fixture_by_hand() -> None:
    song = read_musicxml(ROUND)
    # A quarter is 1 s (the sound's 60, not the printed 120), from the second ending on 0.5 s.
    # On returning to the start the tempo stands there again.
    assert pitches(song) == [60, 66, 67, 60, 66, 62]
    assert starts(song) == [0.0, 1.0, 4.0, 8.0, 9.0, 12.0]
    assert [n.end - n.start for n in song.melody.notes] == [1.0, 2.0, 2.0, 1.0, 2.0, 1.0]
    assert song.melody.beat_s == 0.25
    assert (song.title, song.artist, song.melody.voice) == ("Small Round", "House Singers", "Voice")
    assert [line.text for line in song.lyrics] == ["Morning", "comes", "Evening", "goes"]
    assert [n.line for n in song.melody.notes] == [0, 0, 1, 2, 2, 3]
    assert [n.syllable for n in song.melody.notes][:2] == ["Morn", "ing "]
    assert sorted(codes(song)) == ["graces_left_out", "notes_overlap"]


def test_another_part_may_be_chosen() -> None:
    song = read_musicxml(ROUND, part="piano")
    assert pitches(song) == [48, 43, 48, 48]
    assert read_musicxml(ROUND, part=2).melody == song.melody
    with pytest.raises(SongError) as caught:
        read_musicxml(ROUND, part="Oboe")
    assert (caught.value.code, caught.value.facts["voices"]) == (
        "no_such_voice",
        ("1 (Voice)", "2 (Piano)"),
    )


def test_compressed_score(tmp_path: Path) -> None:
    container = "<container><rootfiles><rootfile full-path='in/a.xml'/></rootfiles></container>"
    path = tmp_path / "a.mxl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("in/a.xml", ROUND.read_bytes())
    assert read_musicxml(path).melody.notes == read_musicxml(ROUND).melody.notes


def test_timewise_is_the_same(tmp_path: Path) -> None:
    text = (
        "<score-timewise><measure><part id='P1'><attributes><divisions>1</divisions></attributes>"
        + note("C", 2)
        + "</part></measure><measure><part id='P1'>"
        + note("D", 2)
        + "</part></measure></score-timewise>"
    )
    song = read(tmp_path, text)
    assert (pitches(song), starts(song)) == ([60, 62], [0.0, 1.0])


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        (["A", "B" + bar("backward"), "C"], "ABABC"),
        (["A", bar("forward") + "B", "C" + bar("backward"), "D"], "ABCBCD"),
        (
            ["A", bar(ending="start") + "B" + bar("backward", "stop"), "C"],
            "ABAC",
        ),
        (
            [
                bar("forward") + "A",
                bar(ending="start") + "B" + bar("backward", "stop"),
                bar(ending="start", number="2") + "C" + bar(ending="stop", number="2"),
                bar("forward") + "D" + bar("backward"),
                "E",
            ],
            "ABACDDE",
        ),
        (
            [
                bar("forward") + "A",
                bar(ending="start", number="1, 2") + "B" + bar("backward", "stop"),
                bar(ending="start", number="3") + "C" + bar(ending="stop", number="3"),
                "D",
            ],
            "ABABACD",
        ),
        (
            [
                "A",
                bar(ending="start") + "B" + bar("backward", "stop"),
                bar(ending="start", number="2") + "C" + bar("backward", "stop", "2"),
                "D",
            ],
            "ABACD",
        ),
        (
            [
                "A",
                bar(ending="start") + "B" + bar("backward", "stop"),
                bar(ending="start", number="2") + "C" + bar(ending="stop", number="2"),
                "D" + bar("backward"),
                "E",
            ],
            "ABACDDE",
        ),
        (["A", bar(ending="start", number="2") + "B", bar("forward") + "C"], "AC"),
    ],
)
def test_repeats_are_played(tmp_path: Path, measures: list[str], expected: str) -> None:
    for letter in "ABCDE":
        measures = [m.replace(letter, note(letter, 1)) if letter in m else m for m in measures]
    song = read(tmp_path, sheet(*measures))
    assert "".join("C D EF G A B"[int(p) - 60] for p in pitches(song)) == expected
    assert starts(song) == [0.5 * i for i in range(len(expected))]


def test_jumps_are_told(tmp_path: Path) -> None:
    song = read(tmp_path, sheet(note("C", 1) + "<direction><sound dacapo='yes'/></direction>"))
    assert codes(song) == ["jumps_not_followed"]


def test_voices_backup_forward_and_unpitched(tmp_path: Path) -> None:
    other = note("E", 4, extra="<voice>2</voice>", octave=5)
    measure = (
        note("C", 1, extra="<voice>1</voice>" + sung("a"))
        + "<note><unpitched/><duration>1</duration><voice>1</voice></note>"
        + note("D", 2, extra="<voice>1</voice>" + sung("b"))
        + "<backup><duration>4</duration></backup>"
        + other
        + "<forward><duration>4</duration></forward>"
    )
    song = read(tmp_path, sheet(measure, note("G", 1)))
    assert starts(song) == [0.0, 0.5, 1.0, 4.0]
    assert [n.kind.value for n in song.melody.notes] == ["normal", "rap", "normal", "normal"]
    assert codes(song) == ["voices_left_out"]


def test_transposing_parts_sound_as_they_are_sung(tmp_path: Path) -> None:
    shift = "<attributes><transpose><chromatic>-2</chromatic><octave-change>-1</octave-change></transpose></attributes>"  # noqa: E501
    assert pitches(read(tmp_path, sheet(shift + note("C", 1)))) == [46.0]


def test_printed_tempo_counts_where_no_sound_is_given(tmp_path: Path) -> None:
    mark = (
        "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>"
        "<per-minute>40</per-minute></metronome></direction-type></direction>"
    )
    song = read(tmp_path, sheet(mark + note("C", 1) + note("D", 1)))
    assert starts(song) == [0.0, 1.0]  # 40 dotted quarters are 60 quarters a minute


def test_lyric_lines_end_where_the_score_says(tmp_path: Path) -> None:
    text = (
        note("C", 1, extra=sung("one", more="<end-line/>"))
        + note("D", 1, extra=sung("two", "begin"))
        + note("E", 1, extra=sung("fold", "end"))
        + note("R", 1)
        + note("F", 1, extra=sung("か"))
        + note("G", 1, extra=sung("な"))
    )
    song = read(tmp_path, sheet(text))
    assert [line.text for line in song.lyrics] == ["one", "twofold", "かな"]
    assert song.lyrics[2].words == ((2.0, "か"), (2.5, "な"))
    assert song.melody.notes[0].syllable == "one "


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<score-partwise>&b;</score-partwise>"
)
FILE_ENTITY = (
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><score-partwise>&a;</score-partwise>'
)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("unsafe_xml", BOMB),
        ("unsafe_xml", FILE_ENTITY),
        ("unsafe_xml", "<a>" * 100 + "</a>" * 100),
        (
            "unsafe_xml",
            sheet(note("C", 1)).replace(
                "</score", "".join(f"<part id='{i}'/>" for i in range(200)) + "</score"
            ),
        ),
        ("bad_musicxml", ""),
        ("bad_musicxml", "<score-partwise>"),
        ("bad_musicxml", "<html></html>"),
        ("bad_musicxml", '<?xml version="1.0" encoding="klingon"?><score-partwise/>'),
        ("bad_musicxml", sheet("<attributes><divisions>0</divisions></attributes>")),
        ("bad_musicxml", sheet(note("C", 1).replace(">1<", ">1e300<"))),
        ("bad_musicxml", sheet(note("X", 1))),
        ("bad_musicxml", "PK\x03\x04 no archive"),
        ("no_notes", "<score-partwise/>"),
        ("no_notes", sheet(note("R", 4))),
        ("file_too_large", " " * 10_000_001),
    ],
)
def test_refusals(tmp_path: Path, code: str, text: str) -> None:
    with pytest.raises(SongError) as caught:
        read(tmp_path, text)
    assert caught.value.code == code


def test_packed_bombs(tmp_path: Path) -> None:
    path = tmp_path / "a.mxl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b" " * 10_000_001)
    with pytest.raises(SongError) as caught:
        read_musicxml(path)
    assert caught.value.code == "unsafe_xml"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.md", b"no score")
    with pytest.raises(SongError) as caught:
        read_musicxml(path)
    assert caught.value.code == "bad_musicxml"


@_FIT
@given(
    changes=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, 5000),
    keep=st.booleans(),
)
def test_damage_brings_nothing_down(
    tmp_path: Path, changes: list[tuple[int, int]], cut: int, keep: bool
) -> None:
    data = bytearray(ROUND.read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    with contextlib.suppress(SongError):
        assert read(tmp_path, bytes(data if keep else data[:cut])).melody.notes


_TAGS = st.sampled_from(
    ["note", "pitch", "step", "octave", "duration", "backup", "forward", "chord", "rest", "lyric",
     "text", "barline", "measure", "sound", "attributes", "divisions", "tie", "voice", "transpose"]
)  # fmt: skip
_TREES = st.recursive(
    st.sampled_from(["", "C", "4", "-3", "1e400", "nan", "start"]),
    lambda inner: st.tuples(_TAGS, st.lists(inner, max_size=4)).map(
        lambda t: f"<{t[0]} type='start' tempo='inf' number='1'>{''.join(t[1])}</{t[0]}>"
    ),
    max_leaves=25,
)


@_FIT
@given(tree=_TREES)
def test_no_score_brings_it_down(tmp_path: Path, tree: str) -> None:
    with contextlib.suppress(SongError):
        assert read(tmp_path, sheet(note("C", 1), tree, tree + note("D", 2))).melody.notes


@_FIT
@given(
    tune=st.lists(
        st.tuples(st.integers(0, 8), st.integers(1, 16), st.sampled_from("CDEFGAB")), min_size=1
    )
)
def test_round_trip(tmp_path: Path, tune: list[tuple[int, int, str]]) -> None:
    measures, at, expected = [], 0, []
    for rest, length, step in tune:
        measures.append((note("R", rest) if rest else "") + note(step, length))
        expected.append(((at + rest) * 0.5, length * 0.5))
        at += rest + length
    song = read(tmp_path, sheet(*measures))
    assert [(n.start, n.end - n.start) for n in song.melody.notes] == expected
