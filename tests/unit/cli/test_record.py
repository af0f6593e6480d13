"""`asa record` from its words to the take, with an engine without sound."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asa_desktop.cli import app, record, sound
from asa_desktop.cli.progress import ProgressLine
from asa_desktop.services.library import Library
from asa_desktop.services.recorder import Recorder
from tests import fake_engine, material

Captured = pytest.CaptureFixture[str]
posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
pytestmark = pytest.mark.alone
LONG_S = 120


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a song of four seconds in two parts and one of two minutes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sound, "engine", lambda: Recorder.start(main=fake_engine.main))
    song = tmp_path / "song"
    song.mkdir()
    for name in ("accompaniment", "vocal"):
        soundfile.write(song / f"{name}.wav", material.sing(4), material.RATE)
    (song / "lyrics.lrc").write_text("[00:00.50]la la\n[00:02.00]lo lo\n")
    soundfile.write(tmp_path / "long.flac", np.zeros(LONG_S * material.RATE), material.RATE)
    return tmp_path


@pytest.fixture
def interrupt_soon() -> Iterator[None]:
    """Ctrl-C as soon as the take has begun, which its part shows."""
    parts = Path("home/library/parts")
    over = threading.Event()

    def wait() -> None:
        while not over.wait(0.02):
            if any(part.stat().st_size > 3 * material.RATE for part in parts.glob("*.w64")):
                os.kill(os.getpid(), signal.SIGINT)
                return

    thread = threading.Thread(target=wait)
    thread.start()
    yield
    over.set()
    thread.join()


def takes() -> list[Path]:
    return sorted(Path("home/library/recordings").glob("*"))


def parts() -> list[Path]:
    return sorted(Path("home/library/parts").glob("*"))


def test_a_take_into_a_file(desk: Path, capsys: Captured) -> None:
    assert app.run(["record", "--song", "song", "--out", "me.flac"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    first, *rest = printed.out.splitlines()
    assert first == (
        "Recording over song (0:04) from mic at 16000 Hz, heard over phones; Ctrl-C ends the take."
    )
    assert rest == [
        f'take: "{desk / "me.flac"}" (0:04)',
        "delay: 30.5 ms by the system's own word, which may be far off; not calibrated:"
        " run `asa calibrate`",
        f"next: asa analyze {sound.quoted(str(desk / 'me.flac'))} --song song",
    ]
    assert soundfile.info("me.flac").duration == pytest.approx(4, abs=0.3)
    assert parts() == []
    assert not Path("home/library/library.sqlite").exists()


def test_a_take_into_the_library(capsys: Captured) -> None:
    assert app.run(["record", "--song", "song", "--singer", "Zoë", "--delay", "12.5"]) == 0
    printed = capsys.readouterr().out
    assert "Recording Zoë over song (0:04)" in printed
    assert "delay: 12.5 ms, as given with --delay" in printed
    with Library.open() as library:
        (take,) = library.takes()
        assert (take.song_title, take.singer, take.source) == ("song", "Zoë", "recorded")
        assert take.latency_s == pytest.approx(0.0125)
        assert take.duration_s == pytest.approx(4, abs=0.3)
        assert (take.sample_rate, take.device) == (16_000, "mic (Fake)")
        assert takes() == [library.audio(take).relative_to(Path.cwd())]
        assert str(library.audio(take)) in printed
    assert parts() == []


def test_whoever_sang_last_sings_again(capsys: Captured) -> None:
    with Library.open() as library:
        library.add_person(name="Aaron")
    app.run(["record", "--song", "song", "--singer", "Zoë"])
    app.run(["record", "--song", "song"])
    with Library.open() as library:
        assert [take.singer for take in library.takes()] == ["Zoë", "Zoë"]


@posix
@pytest.mark.usefixtures("interrupt_soon")
def test_ctrl_c_ends_the_take_and_is_a_success(capsys: Captured) -> None:
    assert app.run(["record", "--song", "long.flac", "--out", "me.flac"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "next: asa analyze" in printed.out
    assert 1 < soundfile.info("me.flac").duration < LONG_S / 2
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_part_of_a_song(capsys: Captured) -> None:
    arguments = ["--song", "long.flac", "--start", "100", "--seconds", "3"]
    assert app.run(["record", *arguments, "--out", "me.wav"]) == 0
    assert "(0:03)" in capsys.readouterr().out
    assert soundfile.info("me.wav").duration == pytest.approx(3, abs=0.3)


def test_without_a_song(capsys: Captured) -> None:
    assert app.run(["record", "--out", "me.flac", "--seconds", "2"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Recording (0:02) from mic")
    assert printed.endswith(f"next: asa analyze {sound.quoted(str(Path.cwd() / 'me.flac'))}\n")


def test_what_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = []
    real = record.begin_take
    monkeypatch.setattr(
        record, "begin_take", lambda *a, **k: jobs.append(real(*a, **k)) or jobs[-1]
    )
    Path("voice").mkdir()
    soundfile.write("voice/vocal.wav", material.sing(2), material.RATE)
    options = ["--vocal-volume", "25", "--volume", "50"]
    for song, given in (("song", []), ("song", options), ("voice", [])):
        app.run(["record", "--song", song, *given, "--out", f"{len(jobs)}.flac", "--seconds", "1"])
    heard = [
        (
            job.accompaniment and job.accompaniment.name,
            job.vocal and job.vocal.name,
            job.accompaniment_gain,
            job.vocal_gain,
        )
        for job in jobs
    ]
    assert heard == [
        ("accompaniment.wav", None, 1.0, 0.0),
        ("accompaniment.wav", "vocal.wav", 0.5, 0.25),
        (None, "vocal.wav", 1.0, 1.0),
    ]


def test_another_rate_is_prepared_for(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["--song", "song", "--rate", "22050", "--out", "me.flac"]
    assert app.run(["record", *arguments]) == 0
    (made,) = Path("home/cache/playback").iterdir()
    assert soundfile.info(made).samplerate == 22_050
    assert soundfile.info("me.flac").samplerate == 22_050


def test_a_device_that_leaves_is_told_at_once_and_in_the_end(capsys: Captured) -> None:
    assert app.run(["record", "--song", "song", "--input", "leaves", "--out", "me.flac"]) == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "At 0:01 the sound device went away; plug it in or choose it in the system again and the"
        " take goes on, or end it with Ctrl-C.",
        "The sound is back after 2.5 s, and the take goes on.",
    ]
    assert "gap: from 0:01 to 0:01 of the recording the sound device went away (2.5 s)" in (
        printed.out
    )
    assert "dropouts: 2" in printed.out
    assert "asa calibrate --input leaves" in printed.out


@pytest.mark.parametrize(
    ("microphone", "sentence"),
    [
        ("clips", "too loud: 7 places clipped"),
        ("soft", "very soft: the loudest moment was -48.0 dB"),
        ("silent", "silent: nothing was heard from silent (Fake)"),
    ],
)
def test_the_level_is_judged(capsys: Captured, microphone: str, sentence: str) -> None:
    app.run(["record", "--song", "song", "--input", microphone, "--out", "me.flac"])
    assert sentence in capsys.readouterr().out


def test_a_full_disk_keeps_the_part(capsys: Captured) -> None:
    assert app.run(["record", "--song", "song", "--input", "full", "--out", "me.flac"]) == 2
    full, kept = capsys.readouterr().err.splitlines()
    part = next(each for each in parts() if each.suffix == ".w64")
    assert full.startswith("The disk is full")
    assert kept.startswith(f'What was sung (0:02) is safe at "{Path.cwd() / part}"')
    assert not Path("me.flac").exists()


def test_a_dead_engine_leaves_a_part_that_the_next_start_offers(capsys: Captured) -> None:
    assert app.run(["record", "--song", "song", "--input", "dies"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("The sound engine ended by itself; what was sung until then is kept at")
    assert app.run(["record", "--song", "song"]) == 0
    assert capsys.readouterr().err.startswith("Takes that were broken off: 1;")
    assert app.run(["check", "--repair"]) in (0, 2)
    with Library.open() as library:
        assert len(library.takes()) == 2
    assert [each for each in parts() if each.suffix == ".w64"] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--song", "song", "--out", "there.flac"], "in the way"),
        (["--song", "song", "--out", "me.mp3"], "ends in .flac or .wav"),
        (["--song", "song", "--out", "nowhere/me.flac"], "There is no folder"),
        (["--song", "nosong", "--out", "me.flac"], "There is no song"),
        (
            ["--song", "song", "--input", "gone", "--out", "me.flac"],
            "There is no sound device gone",
        ),
        (["--song", "song", "--start", "5", "--out", "me.flac"], "4.0 s long"),
        (["--song", "text.flac", "--out", "me.flac"], "text.flac"),
        ([], "name a song with --song"),
        (["--song", ""], "empty name"),
        (["--song", "song", "--rate", "7"], "--rate"),
        (["--song", "song", "--volume", "nan"], "--volume"),
        (["--song", "song", "--channel", "0"], "--channel"),
    ],
)
def test_refused_before_the_song(
    capsys: Captured, arguments: list[str], sentence: str, desk: Path
) -> None:
    Path("there.flac").write_text("somebody's take")
    Path("text.flac").write_text("no sound, but long enough to be looked at closely")
    before = {each.name for each in desk.iterdir()}
    assert app.run(["record", *arguments]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert sentence in said
    assert Path("there.flac").read_text() == "somebody's take"
    assert {each.name for each in desk.iterdir()} - before <= {"home"}
    assert takes() == parts() == []


def test_a_disk_that_is_too_small(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    from asa_desktop.services import taking

    room = shutil_usage(60 * 1024**2)
    monkeypatch.setattr(taking.shutil, "disk_usage", lambda folder: room)
    assert app.run(["record", "--song", "song", "--out", "me.flac"]) == 2
    assert "has 63 MB left, and this take may need 67" in capsys.readouterr().err
    assert parts() == []


def shutil_usage(free: int) -> object:
    from types import SimpleNamespace

    return SimpleNamespace(free=free)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_living_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(record, "ProgressLine", lambda: ProgressLine(terminal))
    app.run(["record", "--song", "long.flac", "--seconds", "20", "--out", "me.flac"])
    shown = terminal.getvalue()
    assert " of 0:20  [" in shown
    assert "A#4 -50" in shown
    assert "\n" not in shown
    assert shown.endswith(" \r"), "wiped in the end"
