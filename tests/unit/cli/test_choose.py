"""Song, model and places to write, by what was typed."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest
import soundfile

from asa_desktop.cli import choose
from asa_desktop.cli.arguments import STDOUT
from asa_desktop.core.errors import AsaError, AudioError, ModelError, PlaceError, SongError
from asa_desktop.services import paths
from tests import material


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that came with two songs, a take of one, and two models."""
    bundle = tmp_path / "bundle"
    for song in ("medley", "on-the-run"):
        folder = bundle / "demo" / song
        folder.mkdir(parents=True)
        soundfile.write(folder / "vocal.wav", material.sing(0.5), material.RATE)
        soundfile.write(folder / "accompaniment.wav", material.hiss(0.5), material.RATE)
    (bundle / "demo" / "takes").mkdir()
    soundfile.write(bundle / "demo" / "takes" / "medley.flac", material.sing(0.5), material.RATE)
    for model in ("alto", "rori-3"):
        (bundle / "models" / model).mkdir(parents=True)
        (bundle / "models" / model / "card.json").write_text("{}")
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(paths, "resources", lambda: bundle)
    monkeypatch.setattr(paths, "models", lambda: bundle / "models")
    return bundle


def wanted(**given: object) -> Namespace:
    nothing = dict.fromkeys(("song", "reference", "accompaniment", "json", "report"))
    return Namespace(**{**nothing, "takes": [Path("take.wav")], **given})


def code(error: pytest.ExceptionInfo[AsaError]) -> str:
    return error.value.code


def test_a_song_by_its_id_or_folder(bundle: Path) -> None:
    assert choose.load("medley").vocal == bundle / "demo" / "medley" / "vocal.wav"
    assert choose.load(str(bundle / "demo" / "on-the-run")).vocal is not None


def test_a_folder_goes_before_an_id(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("medley").mkdir()
    soundfile.write("medley/mix.wav", material.sing(0.5), material.RATE)
    assert choose.load("medley").vocal is None


def test_an_unknown_song_lists_the_bundled(bundle: Path) -> None:
    with pytest.raises(SongError) as caught:
        choose.load("medly")
    assert caught.value.facts["known"] == ("medley", "on-the-run")


def test_a_reference_and_an_accompaniment_make_a_song(bundle: Path) -> None:
    vocal = bundle / "demo" / "medley" / "vocal.wav"
    band = vocal.with_name("accompaniment.wav")
    song = choose.song_of(wanted(reference=vocal, accompaniment=band))
    assert (song.title, song.vocal, song.accompaniment) == ("vocal", vocal, band)
    song = choose.song_of(wanted(song="on-the-run", accompaniment=band))
    assert song.accompaniment == band
    assert choose.song_of(wanted()).vocal is None


@pytest.mark.parametrize("part", ["reference", "accompaniment"])
def test_its_parts_are_looked_at_first(bundle: Path, tmp_path: Path, part: str) -> None:
    text = tmp_path / "text.wav"
    text.write_text("la la la")
    with pytest.raises(AudioError):
        choose.song_of(wanted(**{part: text}))


def test_the_bundled_take_belongs_to_its_song(bundle: Path) -> None:
    take, song = choose.bundled_take()
    assert (take.name, song.name) == ("medley.flac", "medley")
    take.unlink()
    with pytest.raises(PlaceError) as caught:
        choose.bundled_take()
    assert code(caught) == "bundled_missing"


def test_models_by_id_path_and_default(bundle: Path, tmp_path: Path) -> None:
    assert choose.model_folder(None) == bundle / "models" / "rori-3"
    assert choose.model_folder("alto") == bundle / "models" / "alto"
    own = tmp_path / "home" / "models" / "mine"
    own.mkdir(parents=True)
    (own / "card.json").write_text("{}")
    assert choose.model_folder("mine") == own
    assert choose.model_folder(str(own)) == own
    with pytest.raises(ModelError) as caught:
        choose.model_folder("tenor")
    assert caught.value.facts["known"] == ("alto", "mine", "rori-3")


def test_a_model_of_the_users_does_not_take_a_bundled_ones_place(
    bundle: Path, tmp_path: Path
) -> None:
    own = tmp_path / "home" / "models" / "rori-3"
    own.mkdir(parents=True)
    (own / "card.json").write_text("{}")
    assert choose.model_folder("rori-3") == bundle / "models" / "rori-3"


def test_without_any_model(bundle: Path) -> None:
    for card in bundle.rglob("card.json"):
        card.unlink()
    with pytest.raises(ModelError) as caught:
        choose.model_folder(None)
    assert code(caught) == "no_model"


def test_json_targets(bundle: Path, tmp_path: Path) -> None:
    assert choose.targets_of(wanted(json=STDOUT)).json_to_stdout
    new = tmp_path / "new.json"
    assert choose.targets_of(wanted(json=new)).json == new
    other = tmp_path / "other.json"
    other.write_text('{"mine": 1}')
    for target, wrong in (
        (other, "json_not_ours"),
        (tmp_path / "none" / "a.json", "missing_folder"),
        (bundle, "is_folder"),
    ):
        with pytest.raises(PlaceError) as caught:
            choose.targets_of(wanted(json=target))
        assert code(caught) == wrong


def test_a_report_folder_for_each_take(tmp_path: Path) -> None:
    takes = [Path("a/take.wav"), Path("b/Take.flac"), Path("take-2.wav"), Path(".wav")]
    folder = tmp_path / "report"
    one = choose.targets_of(wanted(takes=takes[:1], report=folder))
    assert one.reports == (folder,)
    many = choose.targets_of(wanted(takes=takes, report=folder)).reports
    names = [each.name for each in many if each is not None]
    assert len({name.casefold() for name in names}) == len(takes)
    assert names[0] == "take"
    assert all(each is not None and each.parent == folder for each in many)
    assert not folder.exists(), "nothing is made before there is something to write"


def test_report_places_that_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    for folder, wrong in (
        (file, "report_place_taken"),
        (file / "below", "report_place_taken"),
        (mine, "report_folder_not_ours"),
        (Path("nul\0"), "missing_file"),
    ):
        with pytest.raises(PlaceError) as caught:
            choose.targets_of(wanted(report=folder))
        assert code(caught) == wrong
