"""`asa separate` as it is typed: question, answers, results, and one sentence for each fault."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tiny_demucs import needs_demucs, quick_worker, write_mix, write_safetensors
from weights_server import WeightsServer, serving_weights

from asa_desktop.cli import separate as command
from asa_desktop.cli.app import DONE, NOT_POSSIBLE, run
from asa_desktop.cli.arguments import parse
from asa_desktop.core.separation import weights as core_weights
from asa_desktop.core.separation.parts import ACCOMPANIMENT, VOCAL
from asa_desktop.core.songs import load_song
from asa_desktop.services.paths import places
from asa_desktop.services.separation import new_song
from asa_desktop.services.separation.weights import are_there, kept_weights


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


CONTENT = b"weights" * 9_000


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeightsServer]:
    """What stands for the weights is on this machine, and the worker has no network to run."""
    monkeypatch.setattr(core_weights, "find_spec", lambda name: object())
    quick = functools.partial(new_song.separate_into, main=quick_worker)
    monkeypatch.setattr(command.new_song, "separate_into", quick)
    with serving_weights(CONTENT) as made:
        monkeypatch.setattr(command, "usual", made.source)
        yield made


class Terminal(io.StringIO):
    """Somebody types at it."""

    def isatty(self) -> bool:
        return True


def typed(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))


def test_a_mix_becomes_a_song(
    server: WeightsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mix = write_mix(tmp_path / "Zoë - Hum.wav", rate=48_000)
    assert run(["separate", str(mix), "--out", "hum", "--yes", "--device", "cpu"]) == DONE
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        f'voice: "{Path("hum") / VOCAL}"',
        f'accompaniment: "{Path("hum") / ACCOMPANIMENT}"',
        "`asa analyze TAKE --song hum` scores a take against this voice.",
    ]
    song = load_song(tmp_path / "hum")
    assert (song.title, song.artist) == ("Hum", "Zoë")
    parts = [soundfile.read(tmp_path / "hum" / name, dtype="int32")[0]
             for name in (VOCAL, ACCOMPANIMENT)]  # fmt: skip
    whole, _ = soundfile.read(mix, dtype="int32")
    assert np.array_equal((parts[0] >> 8) + (parts[1] >> 8), whole >> 8)
    # Again: nothing is fetched, nothing computed.
    assert run(["separate", str(mix), "--out", "hum", "--device", "cpu"]) == DONE
    assert "these parts were there already" in capsys.readouterr().out
    assert len(server.asked) == 1


def test_nothing_is_fetched_without_a_yes(
    server: WeightsServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_mix(tmp_path / "a.wav")
    for answer in ("", "n", "no", "yess"):
        typed(monkeypatch, answer)
        assert run(["separate", "a.wav", "--out", "b"]) == NOT_POSSIBLE
        out = capsys.readouterr().out
        assert server.address in out
        assert "0 MB" in out
        assert "MIT" in out
        assert "scientific purposes" in out
        assert out.endswith("Nothing was fetched.\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))  # nobody is asked where nobody sits
    assert run(["separate", "a.wav", "--out", "b"]) == NOT_POSSIBLE
    assert "asa separate --fetch" in capsys.readouterr().err
    assert server.asked == []
    assert not (tmp_path / "b").exists()


def test_a_yes_fetches(
    server: WeightsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "y")
    assert run(["separate", "--fetch"]) == DONE
    path = kept_weights(places(), server.source())
    assert capsys.readouterr().out.endswith(f'weights: "{path}"\n')
    assert are_there(places(), server.source())


@pytest.mark.parametrize(
    ("trouble", "said"),
    [("other", "is not what was asked for"), ("cut 900", "what has come is kept"),
     ("status 404", "(status 404)")],
)  # fmt: skip
def test_a_fetch_that_fails_says_why(
    server: WeightsServer, trouble: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.trouble = trouble
    assert run(["separate", "--fetch", "--yes"]) == NOT_POSSIBLE
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1
    server.trouble = ""
    assert run(["separate", "--fetch", "--yes"]) == DONE


def test_what_is_wrong_with_the_mix_is_said_before_anything_is_fetched(
    server: WeightsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.wav").write_text("la la la")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    write_mix(tmp_path / "a.wav")
    for words, said in (
        (["none.wav", "--out", "b"], "no song"),
        (["pjs-medley", "--out", "b"], "no mix to separate"),
        (["a.wav", "--out", "full"], "in the way"),
        (["a.wav", "--out", "none/b"], "no folder"),
    ):
        assert run(["separate", *words, "--yes"]) == NOT_POSSIBLE
        assert said in capsys.readouterr().err
    assert server.asked == []


def test_a_file_of_weights_needs_no_network(server: WeightsServer, tmp_path: Path) -> None:
    write_mix(tmp_path / "a.wav")
    (tmp_path / "w").write_bytes(b"mine")
    assert run(["separate", "a.wav", "--out", "b", "--weights", "w", "--device", "cpu"]) == DONE
    assert server.asked == []


@pytest.mark.slow
@needs_demucs
def test_all_of_it_with_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Weights over the wire, the worker with torch, parts that add up; then broken weights."""
    write_safetensors(tmp_path / "tiny.safetensors")
    mix = write_mix(tmp_path / "a.wav")
    with serving_weights((tmp_path / "tiny.safetensors").read_bytes()) as server:
        monkeypatch.setattr(command, "usual", server.source)
        assert run(["separate", "a.wav", "--out", "b", "--yes", "--device", "cpu"]) == DONE
    parts = [soundfile.read(tmp_path / "b" / name, dtype="int32")[0] >> 8
             for name in (VOCAL, ACCOMPANIMENT)]  # fmt: skip
    assert np.array_equal(sum(parts), soundfile.read(mix, dtype="int32")[0] >> 8)
    assert parts[0].any()
    (tmp_path / "w").write_bytes(b"no weights")
    capsys.readouterr()
    assert run(["separate", "a.wav", "--out", "c", "--weights", "w"]) == NOT_POSSIBLE
    assert "no weights for separating" in capsys.readouterr().err


def test_the_same_weights_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the address changes: the bytes are known by their sha256 from wherever they come."""
    monkeypatch.setattr(core_weights, "find_spec", lambda name: object())
    seen = []
    monkeypatch.setattr(command.weights, "fetched", lambda home, source, **how: seen.append(source))
    monkeypatch.setattr(command.weights, "are_there", lambda home, source: bool(seen))
    mirror = "https://example.org/mirror/htdemucs.safetensors"
    assert run(["separate", "--fetch", "--yes", "--weights-from", mirror]) == DONE
    assert (seen[0].address, seen[0].sha256) == (mirror, command.usual().sha256)


def test_the_example_of_the_help_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["separate", "--help"])
    example = re.search(r"^  asa (separate .*)$", capsys.readouterr().out, re.MULTILINE)
    assert example is not None
    options = parse(example[1].split())
    from asa_desktop.cli.choose import song_place
    from asa_desktop.services.separation.new_song import plan_of

    assert plan_of(song_place(options.mix)).mix.is_file()
    assert not options.out.exists()


def test_without_demucs_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(core_weights, "find_spec", lambda name: None)
    assert run(["separate", str(write_mix(tmp_path / "a.wav")), "--out", "b"]) == NOT_POSSIBLE
    out, err = capsys.readouterr()
    assert out == ""
    assert "pip install demucs" in err
    assert len(err.splitlines()) == 1
