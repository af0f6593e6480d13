"""`asa devices`, `asa calibrate` and `asa demo --sing`, with an engine without sound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile

from asa_desktop.cli import app, demo, sound
from asa_desktop.cli.arguments import parse
from asa_desktop.cli.closing import say_closing
from asa_desktop.core.types import Analysis, Song
from asa_desktop.engine.messages import Measured, Setup
from asa_desktop.services.delays import known_delays
from asa_desktop.services.library import Library
from asa_desktop.services.recorder import Recorder
from tests import fake_engine, material

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sound, "engine", lambda: Recorder.start(main=fake_engine.main))
    return tmp_path


def test_devices_before_and_after_a_calibration(capsys: Captured) -> None:
    assert app.run(["devices"]) == 0
    before = capsys.readouterr().out.splitlines()
    assert before == [
        "   in   out     rate  name",
        "Fake",
        "    2     -    16000  mic  (default microphone)",
        "    -     2    16000  phones  (default headphones)",
        "",
        "No delay is calibrated yet; run `asa calibrate`.",
    ]
    assert not Path("home").exists(), "looking leaves no trace"
    assert app.run(["calibrate"]) == 0
    said = capsys.readouterr().out
    assert "delay: 32.1 ms, spread 0.4 ms, 12 of 12 chirps heard" in said
    assert "kept for mic with phones (Fake, 16000 Hz, 512 frames at a time)" in said
    assert app.run(["devices"]) == 0
    *_, line = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "  mic with phones (Fake, 16000 Hz, 512 frames): 32.1 ms, spread 0.4 ms, by chirps, 2"
    )


def test_devices_as_json(capsys: Captured) -> None:
    app.run(["calibrate", "--by-ear", "--rate", "48000"])
    capsys.readouterr()
    assert app.run(["devices", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in found["devices"]] == ["mic", "phones"]
    (delay,) = found["delays"]
    assert (delay["rate"], delay["method"], delay["delay_s"]) == (48_000, "taps", 0.0321)


def test_no_devices(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recorder, "devices", lambda self, refresh=True: ())
    assert app.run(["devices"]) == 2
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)


def test_a_calibration_that_hears_nothing_keeps_nothing(capsys: Captured) -> None:
    assert app.run(["calibrate", "--input", "deaf"]) == 2
    assert capsys.readouterr().err.startswith("Only 1 of 12 sounds came back")
    assert known_delays() == []


def test_a_take_uses_the_calibrated_delay(capsys: Captured) -> None:
    soundfile.write("song.wav", material.sing(2), material.RATE)
    app.run(["calibrate"])
    app.run(["record", "--song", "song.wav"])
    assert "delay: 32.1 ms, as calibrated" in capsys.readouterr().out
    app.run(["record", "--song", "song.wav", "--block", "1024"])
    assert "not calibrated: run `asa calibrate --block 1024`" in capsys.readouterr().out
    with Library.open() as library:
        assert sorted(take.latency_s for take in library.takes()) == [0.0305, 0.0321]


def test_devices_are_named_again_as_they_were_given() -> None:
    options = parse(
        [
            "record",
            "--song",
            "s",
            "--input",
            "it's",
            "--host-api",
            "ALSA",
            "--channel",
            "2",
            "--rate",
            "48000",
            "--block",
            "256",
        ]
    )
    again = sound.options_of(sound.setup_of(options))
    setup = sound.setup_of(parse(["record", "--song", "s", *_split(again)]))
    assert setup == Setup("it's", "", "ALSA", channel=1, rate=48_000, block=256)
    assert sound.options_of(Setup()) == ""


def _split(text: str) -> list[str]:
    import shlex

    return shlex.split(text)


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch, desk: Path) -> list[Path]:
    """A demo song of two seconds, and an analysis that only notes what it was asked."""
    song = desk / "demo"
    song.mkdir()
    for name in ("accompaniment", "vocal"):
        soundfile.write(song / f"{name}.wav", material.sing(2), material.RATE)
    soundfile.write(desk / "bundled.flac", material.sing(2), material.RATE)
    monkeypatch.setattr(demo.choose, "bundled_take", lambda: (desk / "bundled.flac", song))
    asked: list[Path] = []

    class NoModel:
        model = None

        @classmethod
        def of(cls, song: Song) -> NoModel:
            return cls()

        def analyse(self, take: Path, *, label: str) -> Analysis:
            from tests.unit.cli.test_analyze import result

            asked.append(take)
            return result(take, Song(title="Demo"))

        def report(self, analysis: Analysis, folder: Path) -> Path:
            return folder / "report.html"

    monkeypatch.setattr(demo, "Session", NoModel)
    return asked


@pytest.mark.parametrize("how", [["--sing"], ["--sing", "auto"]])
def test_the_demo_is_sung(analysed: list[Path], capsys: Captured, how: list[str]) -> None:
    assert app.run(["demo", *how]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.startswith("Sing along: the demo song")
    with Library.open() as library:
        (take,) = library.takes()
        assert analysed == [library.audio(take)]
    assert "demo-sung" in printed.out


def test_the_demo_without_sound(
    analysed: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SETUP", Setup(input="gone"))
    assert app.run(["demo", "--sing", "auto"]) == 0
    printed = capsys.readouterr()
    assert [each.name for each in analysed] == ["bundled.flac"]
    assert printed.err.splitlines() == [
        "There is no sound device gone; plug it in, or choose one that `asa devices` lists.",
        "So nothing can be recorded here, and the bundled take is shown instead.",
    ]
    assert app.run(["demo", "--sing"]) == 2
    assert not list(Path("home/library/recordings").glob("*"))


def test_the_demo_alone_opens_nothing(
    analysed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "engine", lambda: pytest.fail("opened"))
    assert app.run(["demo"]) == 0
    assert [each.name for each in analysed] == ["bundled.flac"]


def test_a_delay_that_the_stamps_moved_says_so(capsys: Captured) -> None:
    measured = Measured(
        latency_s=0.064,
        delay_from="chirps",
        stamp_delay_s=0.06,
        clock_ratio=1.0,
        duration_s=5.0,
        sample_rate=48_000,
        device="mic (Fake)",
        xruns=0,
        gaps=(),
        start_s=0.0,
        clipped=0,
    )
    how = {"loudest_db": -12.0, "setup": Setup()}
    say_closing(Path("a.flac"), measured, kept_delay_s=0.032, **how)
    say_closing(Path("a.flac"), measured, kept_delay_s=0.064, **how)
    _, moved, _, kept = capsys.readouterr().out.splitlines()
    assert moved == (
        "delay: 64.0 ms, as calibrated (32.0 ms) and moved by what the time stamps say of this"
        " start"
    )
    assert kept == "delay: 64.0 ms, as calibrated"
