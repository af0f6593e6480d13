"""`asa analyze` with a fake analysis: order, faults among many, where results go."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asa_desktop.cli import analyze, app
from asa_desktop.core.errors import AudioError, PlaceError
from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Notice,
    Overall,
    Pictures,
    PitchTrack,
    Song,
    TakeTiming,
)
from tests import material

NOTHING = np.zeros(0, np.float32)
FLAT = np.zeros((96, 0), np.float32)
PICTURES = Pictures(0.032, PitchTrack(0.01, NOTHING, NOTHING), FLAT, FLAT, NOTHING > 0)


def result(take: Path, song: Song) -> Analysis:
    return Analysis(
        take=take.name,
        song=song.title,
        status="not_scored",
        reason="no_reference",
        overall=Overall(None, None, None),
        clips=(),
        case=None,
        alignment=Alignment(),
        model=None,
        features="f",
        take_pictures=PICTURES,
        timings={"total": 1.0},
    )


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Takes a.wav, b.wav, c.wav in the current folder; b fails when it is read. The takes asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    for name in "abc":
        soundfile.write(f"{name}.wav", material.sing(0.2), material.RATE)
    asked: list[Path] = []

    def analyse(take: Path, song: Song, **how: object) -> Analysis:
        asked.append(take)
        if take.name == "b.wav":
            raise AudioError("damaged", path=take)
        return result(take, song)

    monkeypatch.setattr(analyze, "analyse", analyse)
    return asked


Captured = pytest.CaptureFixture[str]


def test_one_object_or_a_list(asked: list[Path], capsys: Captured) -> None:
    assert app.run(["analyze", "a.wav", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["take"] == "a.wav"
    assert app.run(["analyze", "a.wav", "c.wav", "--json"]) == 0
    assert [each["take"] for each in json.loads(capsys.readouterr().out)] == ["a.wav", "c.wav"]


def test_a_fault_among_many(asked: list[Path], capsys: Captured) -> None:
    assert app.run(["analyze", "a.wav", "gone.wav", "b.wav", "c.wav", "--json"]) == 2
    printed = capsys.readouterr()
    assert [each["take"] for each in json.loads(printed.out)] == ["a.wav", "c.wav"]
    assert [line.split('"')[1] for line in printed.err.splitlines()] == ["gone.wav", "b.wav"]
    assert [take.name for take in asked] == ["a.wav", "b.wav", "c.wav"]


@pytest.mark.parametrize("takes", [["b.wav"], ["b.wav", "gone.wav"], ["gone.wav", "lost.wav"]])
def test_where_all_fail_nothing_is_written(
    asked: list[Path], capsys: Captured, takes: list[str]
) -> None:
    assert app.run(["analyze", *takes, "--json", "out.json", "--report", "report"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == len(takes)
    assert not Path("out.json").exists()
    assert not Path("report").exists()


def test_a_fault_of_the_song_ends_it_at_once(
    asked: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def analyse(take: Path, song: Song, **how: object) -> Analysis:
        asked.append(take)
        raise AudioError("damaged", path=Path("vocal.wav"))

    monkeypatch.setattr(analyze, "analyse", analyse)
    assert app.run(["analyze", "a.wav", "c.wav"]) == 2
    assert len(asked) == 1
    assert "vocal.wav" in capsys.readouterr().err


def test_the_table_and_the_file_together(asked: list[Path], capsys: Captured) -> None:
    assert app.run(["analyze", "a.wav", "--json", "out.json", "--report", "report"]) == 0
    printed = capsys.readouterr().out
    assert "not scored: this song has no original voice and no notes" in printed
    assert "report.html" in printed
    assert json.loads(Path("out.json").read_text("utf-8"))["timings"] == {}
    assert Path("report/report.html").exists()


def test_timings_on_demand(asked: list[Path], capsys: Captured) -> None:
    assert app.run(["analyze", "a.wav", "--json", "--timings"]) == 0
    assert json.loads(capsys.readouterr().out)["timings"] == {"total": 1.0}


def test_what_was_repaired_is_said(
    asked: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices = (Notice("no_end_line", {"file": "n.txt"}), Notice("parts_missing", {"parts": ("a",)}))
    monkeypatch.setattr(analyze.choose, "song_of", lambda options: Song(title="S", notices=notices))
    assert app.run(["analyze", "a.wav"]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[:2] == [
        "n.txt has no E at its end; it was read to the last line.",
        "The song comes without a.",
    ]
    assert printed.err == ""
    assert app.run(["analyze", "a.wav", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)
    assert printed.err.splitlines() == ["n.txt has no E at its end; it was read to the last line."]


def test_the_model_is_loaded_once_and_only_where_it_is_needed(
    asked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[tuple[Path, str]] = []

    def load(folder: Path, *, device: str) -> None:
        loaded.append((folder, device))

    monkeypatch.setattr(analyze, "load_model", load)
    monkeypatch.setattr(analyze.choose, "model_folder", lambda name: Path(name or "default"))
    assert app.run(["analyze", "a.wav", "c.wav"]) == 0
    assert loaded == []
    assert app.run(["analyze", "a.wav", "c.wav", "--reference", "c.wav"]) == 0
    assert loaded == [(Path("default"), "auto")]
    assert app.run(["analyze", "a.wav", "--model", "m", "--device", "cpu"]) == 0
    assert loaded[1:] == [(Path("m"), "cpu")]


def test_no_room_for_the_result(
    asked: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: object) -> None:
        raise PlaceError("disk_full", path=path)

    monkeypatch.setattr(analyze, "write_json", full)
    assert app.run(["analyze", "a.wav", "--json", "out.json"]) == 2
    assert capsys.readouterr().err.startswith('The disk is full, so "out.json"')


def test_stopped_in_the_middle(
    asked: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def analyse(take: Path, song: Song, *, progress: Callable[[str, float], None], **_: object):  # type: ignore[no-untyped-def]
        progress("take", 0.5)
        raise KeyboardInterrupt

    monkeypatch.setattr(analyze, "analyse", analyse)
    assert app.run(["analyze", "a.wav", "c.wav", "--json", "out.json"]) == 130
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "Stopped.\n")
    assert not Path("out.json").exists()


# How the take lies to its song


@pytest.fixture
def timings(asked: list[Path], monkeypatch: pytest.MonkeyPatch) -> list[TakeTiming]:
    """What the analysis of each take was told; a.wav is a take with a comment of ours."""
    told: list[TakeTiming] = []

    def analyse(take: Path, song: Song, *, timing: TakeTiming, **how: object) -> Analysis:
        told.append(timing)
        return replace(result(take, song), timing=timing)

    monkeypatch.setattr(analyze, "analyse", analyse)
    with soundfile.SoundFile("sung.flac", "w", material.RATE, 1, "PCM_24") as sound:
        sound.comment = '{"asa":{"latency_s":0.032,"start_s":2.0,"delay_from":"chirps"}}'
        sound.write(material.sing(0.2))
    with soundfile.SoundFile("odd.flac", "w", material.RATE, 1, "PCM_24") as sound:
        sound.comment = '{"asa":{"latency_s":"soon"}}'
        sound.write(material.sing(0.2))
    return told


def test_the_takes_own_comment_is_used(timings: list[TakeTiming], capsys: Captured) -> None:
    assert app.run(["analyze", "a.wav", "sung.flac", "--json"]) == 0
    assert timings == [TakeTiming(), TakeTiming(0.032, start_s=2.0, delay_from="chirps")]
    one, other = json.loads(capsys.readouterr().out)
    assert (one["timing"]["latency_s"], one["timing"]["delay_from"]) == (0, "")
    assert (other["timing"]["latency_s"], other["timing"]["delay_from"]) == (0.032, "chirps")
    assert app.run(["analyze", "sung.flac"]) == 0
    assert "delay: 32.0 ms, as calibrated" in capsys.readouterr().out


def test_a_delay_by_hand_comes_first(timings: list[TakeTiming], capsys: Captured) -> None:
    assert app.run(["analyze", "a.wav", "sung.flac", "--delay", "50.5"]) == 0
    assert [each.latency_s for each in timings] == [0.0505, 0.0505]
    assert [each.start_s for each in timings] == [0.0, 2.0]
    assert {each.delay_from for each in timings} == {"given"}
    assert "delay: 50.5 ms, as given with --delay" in capsys.readouterr().out


@pytest.mark.parametrize("delay", ["soon", "nan", "6000", "-2000", ""])
def test_a_delay_that_cannot_be_is_refused(asked: list[Path], delay: str) -> None:
    assert app.run(["analyze", "a.wav", "--delay", delay]) == 2
    assert asked == []


def test_a_comment_that_cannot_be_is_passed_over(
    timings: list[TakeTiming], capsys: Captured
) -> None:
    assert app.run(["analyze", "odd.flac"]) == 0
    assert timings == [TakeTiming()]
    assert "odd.flac: what was noted in it about its delay" in capsys.readouterr().err
