"""LRC lyrics: stamps by hand, offsets, repeated and word stamps, broken files."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asa_desktop.core.errors import SongError
from asa_desktop.core.songs import read_lrc
from asa_desktop.core.songs.lrc import LyricsFile

WORDS = Path(__file__).parents[2] / "data" / "songs" / "words.lrc"
_FIT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(folder: Path, text: str | bytes) -> LyricsFile:
    path = folder / "lyrics.lrc"
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return read_lrc(path)


def test_fixture_by_hand() -> None:
    song = read_lrc(WORDS)
    assert (song.title, song.artist, song.language) == ("Lantern", "House Singers", "English")
    # Half a second earlier than stamped, as [offset:+500] says.
    assert [(line.start, line.text) for line in song.lines] == [
        (10.0, "Light the lantern"),
        (20.0, "carry it on"),
        (30.0, "carry it on"),
        (61.5, ""),
    ]
    assert song.lines[1].words == ((20.0, "carry"), (20.5, "it"), (21.75, "on"))
    assert song.lines[2].words == ((30.0, "carry"), (30.5, "it"), (31.75, "on"))
    assert [(n.code, n.facts["line"]) for n in song.notices] == [("lyric_line_skipped", 8)]


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("[00:01]", 1.0),
        ("[01:02.5]", 62.5),
        ("[01:02.50]", 62.5),
        ("[01:02.050]", 62.05),
        ("[01:02:50]", 62.5),
        ("[100:00,25]", 6000.25),
    ],
)
def test_stamps(tmp_path: Path, stamp: str, seconds: float) -> None:
    assert read(tmp_path, f"{stamp}la").lines[0].start == pytest.approx(seconds)


def test_words_before_the_first_word_stamp(tmp_path: Path) -> None:
    (line,) = read(tmp_path, "[00:01.00]One <00:02.00>two <00:03.00>").lines
    assert line.words == ((1.0, "One"), (2.0, "two"))
    assert line.text == "One two"


def test_offset_never_leads_before_the_start(tmp_path: Path) -> None:
    assert read(tmp_path, "[offset:5000]\n[00:01.00]<00:01.50>a").lines[0].start == 0.0
    assert read(tmp_path, "[offset:-1000]\n[00:01.00]a").lines[0].start == 2.0


def test_repairs_are_reported(tmp_path: Path) -> None:
    song = read(tmp_path, "[offset:soon]\n[00:01.00]a\n[9999:00]b\nno stamp\n")
    codes = [notice.code for notice in song.notices]
    assert codes == ["lyric_line_skipped", "tag_unreadable", "lyrics_outside"]
    assert [line.text for line in song.lines] == ["a"]


def test_encodings(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read(tmp_path, "[00:01]Gruß".encode(encoding)).lines[0].text == "Gruß"
    song = read(tmp_path, "[00:01]Gruß".encode("cp1252"))
    assert song.lines[0].text == "Gruß"
    assert [notice.code for notice in song.notices] == ["encoding_guessed"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("lyrics_without_times", ""),
        ("lyrics_without_times", "A poem\nof two lines\n"),
        ("too_many_lines", "[00:01]la\n" * 20_001),
        ("file_too_large", " " * 5_000_001),
    ],
)
def test_refusals(tmp_path: Path, code: str, text: str) -> None:
    with pytest.raises(SongError) as caught:
        read(tmp_path, text)
    assert caught.value.code == code


_PIECES = st.sampled_from([*"[]<>:.0159\n ", "[00:01.5]", "<00:02>", "[offset:", "[ti:x]", "é"])


@_FIT
@given(text=st.one_of(st.text(), st.lists(_PIECES, max_size=50).map("".join)))
def test_no_text_brings_it_down(tmp_path: Path, text: str) -> None:
    with contextlib.suppress(SongError):
        starts = [line.start for line in read(tmp_path, text).lines]
        assert starts == sorted(starts)
        assert all(start >= 0 for start in starts)


@_FIT
@given(
    lines=st.lists(
        st.tuples(st.integers(0, 359_999), st.text("abc äß", min_size=1, max_size=9)), min_size=1
    )
)
def test_round_trip(tmp_path: Path, lines: list[tuple[int, str]]) -> None:
    ordered = sorted(lines, key=lambda line: line[0])
    text = "".join(f"[{t // 6000:02}:{t // 100 % 60:02}.{t % 100:02}]{w}\n" for t, w in ordered)
    read_back = [(line.start, line.text) for line in read(tmp_path, text).lines]
    assert read_back == [(pytest.approx(t / 100), " ".join(w.split())) for t, w in ordered]
