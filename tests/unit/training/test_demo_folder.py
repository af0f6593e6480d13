"""The made folder as a reader and a listener find it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import demo_corpus
import numpy as np
import pytest
import soundfile
from asa_training.demo import __main__ as command
from asa_training.demo.build import build_medley
from asa_training.demo.mixing import TAIL_S
from asa_training.demo.ogg import checksum, with_serial
from asa_training.demo.on_the_run import copy_on_the_run, without_missing
from asa_training.demo.timeline import Timeline
from asa_training.demo.voice import active_rms

from asa_desktop.core.errors import PlaceError
from asa_desktop.core.songs.ultrastar import read_ultrastar

Made = tuple[Path, Timeline]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = Path(tmp_path_factory.mktemp("demo"))
    demo_corpus.write_corpus(place / "corpus")
    return place


@pytest.fixture(scope="module")
def made(place: Path) -> Made:
    return build_medley(demo_corpus.PLAN, place / "corpus", place / "out")


def db(amplitude: float) -> float:
    return 20 * float(np.log10(amplitude))


def test_it_holds_what_a_song_needs(made: Made) -> None:
    folder, _ = made
    assert sorted(path.name for path in folder.iterdir()) == [
        "LICENSE.md",
        "accompaniment.ogg",
        "lyrics.lrc",
        "notes.txt",
        "song.toml",
        "vocal.flac",
    ]
    card = tomllib.loads((folder / "song.toml").read_text("utf-8"))
    assert card == {
        "title": 'Tiny "medley"',
        "artist": "Nobody",
        "language": "ja",
        "offset": 0.0,
    }
    licence = (folder / "LICENSE.md").read_text("utf-8")
    for word in ("tiny1, tiny2", "CC BY-SA 4.0", "What was changed", "at most 20 ms"):
        assert word in licence


def test_both_sounds_are_as_long_as_the_medley(made: Made) -> None:
    folder, timeline = made
    seconds = timeline.beats * timeline.beat_s + TAIL_S
    for name in ("accompaniment.ogg", "vocal.flac"):
        info = soundfile.info(folder / name)
        assert info.frames / info.samplerate == pytest.approx(seconds, abs=1e-3)
    assert soundfile.info(folder / "accompaniment.ogg").channels == 2
    assert soundfile.info(folder / "vocal.flac").channels == 1


def test_levels_balance_without_clipping(made: Made) -> None:
    folder, timeline = made
    backing, rate = soundfile.read(folder / "accompaniment.ogg")
    vocal, vocal_rate = soundfile.read(folder / "vocal.flac")
    assert db(np.abs(backing).max()) <= -1.0
    assert db(np.abs(vocal).max()) + db(np.abs(backing).max()) < 0
    assert np.abs(backing).max() + np.abs(vocal).max() < 1.0
    for section in timeline.sections:
        notes = timeline.notes_of(section)
        sung = vocal[round(notes[0].start * vocal_rate) : round(notes[-1].end * vocal_rate)]
        under = backing[round(notes[0].start * rate) : round(notes[-1].end * rate)]
        balance = db(active_rms(sung, vocal_rate)) - db(float(np.sqrt(np.mean(under**2))))
        assert -1.0 < balance < 4.0


def test_the_voice_starts_exactly_on_its_notes(made: Made) -> None:
    """Also where the singer came late: his lag is taken off."""
    folder, timeline = made
    vocal, rate = soundfile.read(folder / "vocal.flac")
    loud = np.flatnonzero(np.abs(vocal) > 0.02) / rate
    starts = [timeline.notes_of(section)[0].start for section in timeline.sections]
    assert loud[0] == pytest.approx(starts[0], abs=0.002)
    second = loud[loud > starts[1] - 0.5]
    assert second[0] == pytest.approx(starts[1], abs=0.002)
    for note in timeline.melody:
        middle = vocal[round((note.start + 0.01) * rate) : round((note.end - 0.01) * rate)]
        spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 16))
        hz = spectrum.argmax() * rate / (1 << 16)
        assert 69 + 12 * np.log2(hz / 440) == pytest.approx(note.midi, abs=0.5)


def test_the_notes_file_says_the_same_to_a_reader(made: Made) -> None:
    folder, timeline = made
    read = read_ultrastar(folder / "notes.txt")
    assert read.files["VOCALS"] == "vocal.flac"
    assert read.files["INSTRUMENTAL"] == "accompaniment.ogg"
    assert read.notices == ()
    assert len(read.melody.notes) == len(timeline.melody)
    for got, meant in zip(read.melody.notes, timeline.melody, strict=True):
        assert got.start == pytest.approx(meant.start, abs=0.001)
        assert got.end == pytest.approx(meant.end, abs=0.001)
        assert (got.midi, got.syllable, got.line) == (meant.midi, meant.syllable, meant.line)


def test_the_lyrics_are_timed_by_the_line(made: Made) -> None:
    folder, timeline = made
    rows = (folder / "lyrics.lrc").read_text("utf-8").splitlines()[3:]
    assert [row.split("]")[1] for row in rows] == ["どみそ", "ふぁらそしど", "やまのう", "え"]
    first = timeline.melody[0].start
    assert rows[0].startswith(f"[00:{first:05.2f}]")


def test_made_again_it_is_the_same_to_the_byte(made: Made, place: Path) -> None:
    folder, _ = made
    again, _ = build_medley(demo_corpus.PLAN, place / "corpus", place / "again")
    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name
    assert not list(place.rglob("*.part"))


def test_a_corpus_that_lacks_a_song_is_named_before_anything_is_written(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PlaceError) as caught:
        build_medley(demo_corpus.PLAN, tmp_path, tmp_path / "out")
    assert caught.value.facts["path"] == tmp_path / "tiny1"
    assert not (tmp_path / "out").exists()
    status = command.main(["--corpus", str(place), "--out", str(tmp_path / "out")])
    assert status == 2
    assert "missing_file" in capsys.readouterr().err


def test_the_command_measures_what_it_made(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyworld")
    monkeypatch.setattr(command, "PJS_MEDLEY", demo_corpus.PLAN)
    options = ["--corpus", str(place / "corpus"), "--out", str(place / "measured"), "--measure"]
    assert command.main(options) == 0
    printed = capsys.readouterr().out
    numbers = json.loads(printed[printed.index("{") :])
    assert numbers["mix_peak_db"] < 0
    for section in numbers["sections"]:
        assert abs(section["cents"]) < 5
        assert section["notes_within_50"] == 1.0
        assert section["chord_tones"] > 0.6


def test_a_new_serial_number_leaves_the_sound_alone(made: Made, tmp_path: Path) -> None:
    folder, _ = made
    stream = (folder / "accompaniment.ogg").read_bytes()
    other = with_serial(stream, 77)
    assert other != stream
    assert with_serial(other, 1) == stream
    (tmp_path / "other.ogg").write_bytes(other)
    before, _ = soundfile.read(folder / "accompaniment.ogg")
    after, _ = soundfile.read(tmp_path / "other.ogg")
    assert np.array_equal(before, after)
    # The check value of the CRC catalogue's entry with this polynomial, no reflection, start 0
    # (CRC-32/CKSUM complements it).
    assert checksum(b"123456789") == 0x89A1897F
    with pytest.raises(ValueError, match="no Ogg page"):
        with_serial(b"RIFF" + stream, 1)


def test_on_the_run_is_copied_without_the_missing_pictures(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    text = "#TITLE:On the run\n#ARTIST:Joshua Morin\n#MP3:audio.ogg\n#COVER:cover.jpg\n"
    text += "#BACKGROUND:background.jpg\n#BPM:297,5\n#GAP:11250\n: 0 3 9 So\n: 6 4 11  far\nE"
    (source / "song.txt").write_text(text, "utf-8")
    (source / "license.txt").write_text("by-sa", "utf-8")
    (source / "audio.ogg").write_bytes(b"sound")
    folder = copy_on_the_run(source, tmp_path / "out")
    assert (folder / "audio.ogg").read_bytes() == b"sound"
    assert (folder / "license.txt").read_text("utf-8") == "by-sa"
    kept = (folder / "song.txt").read_text("utf-8")
    assert "COVER" not in kept
    assert "BACKGROUND" not in kept
    assert [row for row in text.splitlines() if ".jpg" not in row] == kept.splitlines()
    assert read_ultrastar(folder / "song.txt").title == "On the run"
    (folder / "cover.jpg").write_bytes(b"picture")
    assert "#COVER:cover.jpg" in without_missing(text, folder)
    (source / "license.txt").unlink()
    with pytest.raises(PlaceError):
        copy_on_the_run(source, tmp_path / "out2")
