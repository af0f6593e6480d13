"""A folder to CSV: rows and clips, what cannot be read, and taking up a stopped run."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from asa_training.rated.folder_scores import CLIPS, _again, columns, score_folder, shared_by_all
from asa_training.rated.growing_table import GrowingTable
from asa_training.rated.takes import takes_in
from asa_training.writing import write_text

from asa_desktop.core.errors import AudioError, PlaceError, UsageError
from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Clip,
    ClipScore,
    Melody,
    Overall,
    Pictures,
    PitchTrack,
    Song,
    SystemScore,
)

RUN = {
    "song": "Tune", "reference": "abc", "notes": "", "accompaniment": "", "model": "rori-1",
    "weights": "def",
}  # fmt: skip
NONE = np.zeros(0, np.float32)
PICTURES = Pictures(0.032, PitchTrack(0.032, NONE, NONE), NONE, NONE, NONE.astype(bool))


def analysis(score: float) -> Analysis:
    clips = (
        ClipScore(Clip(0, 0.0, 3.008, 1.0, 0.9), score, cosine=0.5),
        ClipScore(Clip(1, 3.008, 6.016, 0.1, 0.0), None, reason="not_sung"),
    )
    return Analysis(
        take="t",
        song="Tune",
        status="scored",
        reason=None,
        overall=Overall(score, None, None),
        clips=clips,
        case="in_step",
        alignment=Alignment(key=-2.0),
        model="rori-1",
        features="k",
        take_pictures=PICTURES,
        systems={"peaks": SystemScore(score=None, value=score / 3, unit="cents")},
    )


class Analyser:
    """Scores a take by its first byte, and remembers whom it was asked about."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, take: Path) -> Analysis:
        self.asked.append(take.name)
        first = take.read_bytes()[0]
        if first == 0:
            raise AudioError("not_audio", path=take)
        return analysis(float(first))


@pytest.fixture
def folder(tmp_path):
    takes = tmp_path / "takes"
    (takes / "class").mkdir(parents=True)
    (takes / "a.wav").write_bytes(b"\x50a")
    (takes / "b.flac").write_bytes(b"\x00b")
    (takes / "class" / "c.wav").write_bytes(b"\x28c")
    (takes / ".hidden.wav").write_bytes(b"\x28h")
    (takes / "notes.txt").write_text("no recording")
    return takes


def score(folder, analyse, **over):
    how = {"run": RUN, "systems": ("peaks",)} | over
    out = folder.parent / "scores.csv"
    return list(score_folder(takes_in([folder]), folder, out, analyse, **how))


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_a_take_and_a_row_a_clip(folder):
    analyse = Analyser()
    score(folder, analyse)
    assert analyse.asked == ["a.wav", "b.flac", "c.wav"]
    a, b, c = rows_of(folder.parent / "scores.csv")
    assert (a["take"], a["status"], a["overall"], a["song"]) == ("a.wav", "scored", "80", "Tune")
    assert (a["clips"], a["clips_scored"], a["key_semitones"]) == ("2", "1", "-2")
    assert float(a["peaks:value"]) == pytest.approx(80 / 3, rel=1e-5)
    assert (a["peaks:score"], a["peaks:reason"], a["low"]) == ("", "", "")
    assert (b["status"], b["reason"], b["overall"]) == ("failed", "not_audio", "")
    assert len(b["sha256"]) == 64
    assert (c["take"], c["overall"]) == ("class/c.wav", "40")
    clips = rows_of(folder.parent / "scores.clips.csv")
    assert [(row["take"], row["clip"], row["score"], row["reason"]) for row in clips] == [
        ("a.wav", "0", "80", ""),
        ("a.wav", "1", "", "not_sung"),
        ("class/c.wav", "0", "40", ""),
        ("class/c.wav", "1", "", "not_sung"),
    ]


def test_what_is_there_is_not_looked_at_again(folder):
    score(folder, Analyser())
    (folder / "b.flac").unlink()
    (folder / "d.wav").write_bytes(b"\x3cd")
    analyse = Analyser()
    assert [row["take"] for row in score(folder, analyse)] == ["d.wav"]
    assert analyse.asked == ["d.wav"]
    found = [(row["take"], row["overall"]) for row in rows_of(folder.parent / "scores.csv")]
    assert found == [("a.wav", "80"), ("class/c.wav", "40"), ("d.wav", "60")]


def test_a_take_with_new_bytes_has_one_row_and_the_clips_of_these(folder):
    score(folder, Analyser())
    (folder / "z.wav").write_bytes(b"\x51a")
    (folder / "a.wav").write_bytes(b"\x51a")
    score(folder, Analyser())
    found = [(row["take"], row["overall"]) for row in rows_of(folder.parent / "scores.csv")]
    assert sorted(found) == [
        ("a.wav", "81"), ("b.flac", ""), ("class/c.wav", "40"), ("z.wav", "81"),
    ]  # fmt: skip
    clips = rows_of(folder.parent / "scores.clips.csv")
    for take in ("a.wav", "z.wav"):
        assert [row["score"] for row in clips if row["take"] == take] == ["81", ""]


def test_clips_are_copied_by_their_bytes(tmp_path):
    table, clips = (
        GrowingTable(tmp_path / "t.csv", columns(())),
        GrowingTable(tmp_path / "t.clips.csv", CLIPS),
    )
    rows = [{"take": "a.wav", "sha256": digest} for digest in ("old", "new")]
    table.keep(rows)
    clips.keep({**row, "clip": row["sha256"]} for row in rows)
    _row, copied = _again(table, clips, "z.wav", "new")
    assert [each["clip"] for each in copied] == ["new"]


def test_a_failed_take_is_tried_and_said_again(folder):
    score(folder, Analyser())
    analyse = Analyser()
    assert [row["status"] for row in score(folder, analyse)] == ["failed"]
    assert analyse.asked == ["b.flac"]
    (row,) = [row for row in rows_of(folder.parent / "scores.csv") if row["take"] == "b.flac"]
    assert row["reason"] == "not_audio"


def test_two_tables_in_one_folder_keep_their_clips(folder):
    takes = takes_in([folder])
    for name in ("one.csv", "two.csv", "clips.csv"):
        out = folder.parent / name
        list(score_folder(takes[:1], folder, out, Analyser(), run=RUN, systems=()))
    for name in ("one", "two", "clips"):
        assert len(rows_of(folder.parent / f"{name}.csv")) == 1
        assert len(rows_of(folder.parent / f"{name}.clips.csv")) == 2


def test_a_file_in_place_of_a_folder_has_its_name(folder):
    take = folder / "a.wav"
    (row,) = score_folder([take], take, folder / "s.csv", Analyser(), run=RUN, systems=())
    assert row["take"] == "a.wav"


def test_a_run_is_known_by_the_bytes_it_stands_on(tmp_path):
    notes, music = tmp_path / "notes.txt", tmp_path / "music.ogg"
    notes.write_text("1")
    music.write_bytes(b"1")
    song = Song("Tune", melody=Melody((), 0.1, source=notes), accompaniment=music)

    def shared(weights):
        card = SimpleNamespace(id="rori-1", weights_sha256=weights)
        return shared_by_all(song, SimpleNamespace(card=card))

    seen = [shared("a" * 64), shared("b" * 64)]
    notes.write_text("2")
    seen.append(shared("b" * 64))
    music.write_bytes(b"2")
    seen.append(shared("b" * 64))
    assert len({tuple(each.values()) for each in seen}) == 4
    assert set(seen[0]) == set(RUN) <= set(columns(()))
    assert set(shared_by_all(Song("Tune"), None).values()) == {"Tune", ""}


def test_the_same_bytes_under_another_name_are_not_analysed_twice(folder):
    (folder / "z.wav").write_bytes((folder / "a.wav").read_bytes())
    analyse = Analyser()
    score(folder, analyse)
    assert "z.wav" not in analyse.asked
    z = rows_of(folder.parent / "scores.csv")[-1]
    assert (z["take"], z["overall"]) == ("z.wav", "80")
    assert [row["clip"] for row in rows_of(folder.parent / "scores.clips.csv")[-2:]] == ["0", "1"]


@pytest.mark.parametrize("cut", [1, 7, 40, 90])
def test_a_run_that_was_stopped_anywhere_comes_to_the_same_end(folder, cut):
    score(folder, Analyser())
    out, clips = folder.parent / "scores.csv", folder.parent / "scores.clips.csv"
    whole = out.read_bytes(), clips.read_bytes()
    out.write_bytes(whole[0][:-cut])
    score(folder, Analyser())
    assert (out.read_bytes(), clips.read_bytes()) == whole


def test_a_stop_between_clips_and_row_leaves_no_clips_twice(folder):
    class StoppedError(Exception):
        pass

    def stops(take):
        if take.name == "c.wav":
            raise StoppedError
        return Analyser()(take)

    with pytest.raises(StoppedError):
        score(folder, stops)
    clips = folder.parent / "scores.clips.csv"
    clips.write_text(clips.read_text() + "class/c.wav,abc,0,0,3,1,1,40,.5,\n")
    score(folder, Analyser())
    assert [row["take"] for row in rows_of(clips)] == ["a.wav"] * 2 + ["class/c.wav"] * 2


def test_the_table_of_another_run_is_left_alone(folder):
    score(folder, Analyser())
    before = (folder.parent / "scores.csv").read_bytes()
    for over in ({"run": {**RUN, "song": "Other"}}, {"systems": ("peaks", "more")}):
        with pytest.raises(UsageError, match="table_of_another_run"):
            score(folder, Analyser(), **over)
    assert (folder.parent / "scores.csv").read_bytes() == before
    (folder.parent / "scores.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="table_of_another_run"):
        score(folder, Analyser())


def test_a_fault_of_something_else_ends_the_run(folder):
    def no_reference(take):
        raise AudioError("not_audio", path=Path("vocal.wav"))

    with pytest.raises(AudioError):
        score(folder, no_reference)


def test_a_take_whose_bytes_cannot_be_read_is_tried_again(folder):
    gone = folder / "gone.wav"
    takes = [*takes_in([folder]), gone]
    out = folder.parent / "scores.csv"

    def missing(take):
        if take == gone and not gone.exists():
            raise PlaceError("missing_file", path=take)
        return Analyser()(take)

    list(score_folder(takes, folder, out, missing, run=RUN, systems=()))
    assert (rows_of(out)[-1]["reason"], rows_of(out)[-1]["sha256"]) == ("missing_file", "")
    gone.write_bytes(b"\x14g")
    list(score_folder(takes, folder, out, missing, run=RUN, systems=()))
    assert [row["take"] for row in rows_of(out)].count("gone.wav") == 1
    assert rows_of(out)[-1]["overall"] == "20"


def test_the_columns_hold_three_for_each_system():
    assert columns(("x", "y"))[-6:] == (
        "x:value", "x:score", "x:reason", "y:value", "y:score", "y:reason",
    )  # fmt: skip


def test_names_with_commas_quotes_and_line_ends_survive(tmp_path):
    path = tmp_path / "t.csv"
    table = GrowingTable(path, ("a", "b"))
    table.keep([])
    rows = [{"a": 'x,"y"', "b": "one\ntwo"}, {"a": "é", "b": ""}]
    table.add(rows)
    assert GrowingTable(path, ("a", "b")).rows == rows


def test_takes_are_found_in_order_and_missing_ones_said(folder, tmp_path):
    names = [take.name for take in takes_in([folder, folder / "a.wav"])]
    assert names == ["a.wav", "b.flac", "c.wav"]
    with pytest.raises(PlaceError, match="missing_file"):
        takes_in([folder / "no.wav"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(PlaceError, match="no_recordings"):
        takes_in([tmp_path / "empty"])


def test_a_file_is_whole_or_not_there(tmp_path):
    from asa_training.writing import write_whole

    path = tmp_path / "deep" / "t.csv"
    write_text(path, "é\n")
    assert path.read_text("utf-8") == "é\n"

    def breaks(stream):
        stream.write(b"half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_whole(path, breaks)
    assert path.read_text("utf-8") == "é\n"
    assert [each.name for each in path.parent.iterdir()] == ["t.csv"]
    with pytest.raises(PlaceError):
        write_text(path / "below.csv", "x")
