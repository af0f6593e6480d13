"""From a take and a song to an Analysis, on real singing."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import soundfile
from carried import SINGING, SPOKEN, SUNG, bundled_models
from material import TUNE, sing

from asa_desktop.core import analyse
from asa_desktop.core.errors import AudioError, Cancelled, PlaceError
from asa_desktop.core.types import Analysis, Melody, Note, Song

RATE = 16_000


class Cache:
    """Keeps arrays in a dictionary and counts what it is asked."""

    def __init__(self) -> None:
        self.kept: dict[str, Mapping[str, np.ndarray]] = {}
        self.puts = 0

    def get(self, key: str) -> Mapping[str, np.ndarray] | None:
        return self.kept.get(key)

    def put(self, key: str, arrays: Mapping[str, np.ndarray]) -> None:
        self.kept[key] = arrays
        self.puts += 1


def flac(folder: Path, name: str, samples: np.ndarray) -> Path:
    path = folder / f"{name}.flac"
    soundfile.write(path, samples, RATE)
    return path


def carried(stem: str) -> Path:
    return SINGING / f"{stem}.flac"


def song(stem: str = "pjs001") -> Song:
    return Song(title="A song", vocal=carried(stem))


def same(one: Analysis, other: Analysis) -> bool:
    """Equal but for the clock."""

    def plain(value: object) -> object:
        if isinstance(value, np.ndarray):
            return (value.shape, value.tobytes())
        if dataclasses.is_dataclass(value):
            return [plain(getattr(value, each.name)) for each in dataclasses.fields(value)]
        if isinstance(value, Mapping):
            return {name: plain(each) for name, each in value.items()}
        return [plain(each) for each in value] if isinstance(value, tuple) else value

    return plain(dataclasses.replace(one, timings={})) == plain(
        dataclasses.replace(other, timings={})
    )


@pytest.fixture(scope="module")
def known(model):
    """A cache that knows the songs' vocals, so that each is computed once."""
    return Cache()


@pytest.fixture(scope="module")
def scored(model, known) -> Analysis:
    return analyse(carried("pjs001"), song(), model=model, cache=known)


def test_a_take_against_a_vocal(scored, model):
    assert (scored.status, scored.reason, scored.case) == ("scored", None, "in_step")
    assert (scored.take, scored.song) == ("pjs001.flac", "A song")
    assert scored.model == model.card.id
    assert scored.features == model.card.features.key
    assert len(scored.clips) == 2
    known = [each.score for each in scored.clips if each.score is not None]
    assert known
    assert min(known) - 10 < scored.overall.score < max(known) + 10
    assert scored.reference_pictures is not None
    for picture in (scored.take_pictures, scored.reference_pictures):
        frames = len(picture.voiced)
        assert picture.mel.shape == picture.chroma.shape == (96, frames)
        assert len(picture.pitch.hz) == frames
    assert len(scored.take_pictures.voiced) == 1 + round(8.5 * RATE) // 512
    assert {"take_decode", "take_features", "score", "total"} <= set(scored.timings)


def test_the_same_take_gives_the_same_analysis(scored, model, known):
    assert same(scored, analyse(carried("pjs001"), song(), model=model, cache=known))
    assert same(scored, analyse(carried("pjs001"), song(), model=model, cache=None))


@pytest.mark.parametrize("stem", SUNG)
def test_a_take_as_its_own_reference_gets_the_highest_score(stem, model, known):
    itself = analyse(carried(stem), song(stem), model=model, cache=known)
    assert itself.overall.score > 97
    likeness = [each.parts["likeness"] for each in itself.clips if each.score is not None]
    assert np.mean(likeness) == pytest.approx(model.card.score_map(1.0), abs=2)
    assert all(each.cosine is None or each.cosine > 0.995 for each in itself.clips)
    assert itself.alignment.key == pytest.approx(0, abs=0.05)


def test_another_song_is_turned_away_in_step_too(model, known):
    found = analyse(carried("pjs001"), song("nit_029"), model=model, cache=known)
    assert (found.status, found.reason) == ("not_scored", "not_aligned")
    assert found.overall.score is None


@pytest.mark.parametrize("semitones", [-12, 3])
def test_another_key_is_told_and_forgiven(tmp_path, model, semitones):
    vocal = flac(tmp_path, "vocal", sing(7.0))
    plain = analyse(vocal, Song(title="Tune", vocal=vocal), model=model)
    moved = flac(tmp_path, "moved", sing(7.0, tune=[each + semitones for each in TUNE]))
    found = analyse(moved, Song(title="Tune", vocal=vocal), model=model)
    assert found.alignment.key == pytest.approx(semitones, abs=0.1)
    assert plain.alignment.key == pytest.approx(0, abs=0.05)
    wrong = flac(tmp_path, "wrong", sing(7.0, tune=TUNE[::-1]))
    other = analyse(wrong, Song(title="Tune", vocal=vocal), model=model)
    # The key costs far less than other notes do.
    assert _cosine(found) > _cosine(other)


@pytest.mark.parametrize(("semitones", "late_s"), [(-2, 0.0), (-14, 0.25)])
def test_over_an_accompaniment_a_key_and_an_entry_are_wrong_and_told(
    tmp_path, model, semitones, late_s
):
    vocal = flac(tmp_path, "vocal", sing(7.0))
    hum = flac(tmp_path, "hum", 0.01 * np.random.default_rng(2).standard_normal(7 * 16000))
    low = np.concatenate(
        [np.zeros(round(16000 * late_s)), sing(7.0, tune=[each + semitones for each in TUNE])]
    )
    sung = flac(tmp_path, "low", low)
    accompanied = Song(title="Tune", vocal=vocal, accompaniment=hum)
    found = analyse(sung, accompanied, model=model)
    free = analyse(sung, Song(title="Tune", vocal=vocal), model=model)
    assert found.attributes["intonation"].detail["whole"] == pytest.approx(-200, abs=20)
    assert found.attributes["rhythm"].detail["late_ms"] == pytest.approx(1000 * late_s, abs=40)
    assert found.attributes["intonation"].score < 30
    assert free.attributes["intonation"].detail["whole"] == pytest.approx(0, abs=10)
    assert free.attributes["intonation"].score > 80


def _cosine(analysis: Analysis) -> float:
    return float(np.mean([each.cosine for each in analysis.clips if each.cosine is not None]))


# Progress, cancelling


def test_stages_are_told_in_order(model):
    told: list[tuple[str, float]] = []
    analyse(carried("pjs001"), song(), model=model, progress=lambda *stage: told.append(stage))
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["take", "reference", "score"]
    for stage in ("take", "reference", "score"):
        shares = [share for name, share in told if name == stage]
        assert shares == sorted(shares)
        assert all(0 <= share <= 1 for share in shares)
    assert len(told) > 20


@pytest.mark.parametrize("stage", ["take", "reference", "score"])
def test_a_run_can_be_cancelled_at_any_stage(model, stage):
    def progress(name: str, share: float) -> None:
        if name == stage and (share > 0.4 or name == "score"):
            raise Cancelled

    cache = Cache()
    with pytest.raises(Cancelled):
        analyse(carried("pjs001"), song(), model=model, cache=cache, progress=progress)
    # What was kept is whole: a run on it gives what a run from nothing gives.
    again = analyse(carried("pjs001"), song(), model=model, cache=cache)
    assert again.status == "scored"


# The cache


def test_a_known_reference_is_not_computed_again(scored, model):
    cache = Cache()
    analyse(carried("pjs001"), song(), model=model, cache=cache)
    assert cache.puts == 2
    told: list[str] = []
    again = analyse(
        carried("pjs001"),
        song(),
        model=model,
        cache=cache,
        progress=lambda stage, _share: told.append(stage),
    )
    assert "reference" not in told
    assert cache.puts == 2
    assert same(again, scored)


def test_the_cache_goes_by_content_not_by_name(tmp_path, model, known):
    copy = tmp_path / "copy.flac"
    copy.write_bytes(carried("pjs001").read_bytes())
    before = known.puts
    analyse(carried("pjs001"), Song(title="A copy", vocal=copy), model=model, cache=known)
    assert known.puts == before


@pytest.mark.parametrize(
    "spoil",
    [
        lambda arrays: {},
        lambda arrays: {name: array[..., :-1] for name, array in arrays.items()},
        lambda arrays: {name: np.zeros(()) for name in arrays},
        lambda arrays: {name: np.array(["x"] * 3) for name in arrays},
        lambda arrays: {
            name: np.full_like(array, np.nan) if array.dtype.kind == "f" else array[:0]
            for name, array in arrays.items()
        },
    ],
    ids=["empty", "cut", "points", "text", "nan"],
)
def test_a_corrupt_cache_is_computed_anew(scored, model, known, spoil):
    cache = Cache()
    cache.kept = {key: spoil(dict(arrays)) for key, arrays in known.kept.items()}
    again = analyse(carried("pjs001"), song(), model=model, cache=cache)
    assert same(again, scored)
    assert cache.puts == 2, "what is mended is kept"


# Songs without a vocal, takes that are not singing


def test_without_vocal_and_notes_there_are_pictures_and_a_reason(model):
    found = analyse(carried("pjs001"), Song(title="Bare"), model=model)
    assert (found.status, found.reason, found.case) == ("not_scored", "no_reference", None)
    assert found.overall.score is None
    assert {each.reason for each in found.clips} == {"no_reference"}
    assert found.take_pictures.pitch.hz.any()
    assert found.reference_pictures is None


def test_without_a_model_there_are_pictures_and_a_reason():
    found = analyse(carried("pjs001"), song(), model=None)
    assert (found.status, found.reason) == ("not_scored", "no_model")
    assert found.reference_pictures is not None
    assert found.alignment.key is not None


def test_notes_alone_are_scored_by_the_game(tmp_path, model):
    notes = tuple(
        Note(0.8 * index, 0.8 * index + 0.72, float(TUNE[index % len(TUNE)]), line=index // 4)
        for index in range(8)
    )
    tune = Song(title="Notes", melody=Melody(notes=notes, beat_s=0.18))
    right = analyse(flac(tmp_path, "right", sing(6.5)), tune, model=model)
    assert (right.status, right.case, right.model) == ("scored", "notes", None)
    assert right.overall.score > 80
    assert right.systems["cents"].value < 35
    assert right.alignment.key == pytest.approx(0, abs=0.3)
    wrong = analyse(flac(tmp_path, "wrong", sing(6.5, tune=TUNE[::-1])), tune, model=None)
    assert wrong.overall.score < right.overall.score - 30
    bare = analyse(carried("pjs001"), Song(title="No notes", melody=Melody((), 0.1)), model=None)
    assert bare.reason == "no_reference"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: np.zeros(6 * RATE), "silence"),
        (lambda: 0.1 * np.random.default_rng(0).standard_normal(6 * RATE), "noise"),
        (lambda: sing(2.0), "too_short"),
    ],
)
def test_what_is_not_singing_is_not_scored(tmp_path, model, known, make, reason):
    take = flac(tmp_path, "take", make())
    for against in (song(), Song(title="Bare")):
        found = analyse(take, against, model=model, cache=known)
        assert (found.status, found.reason) == ("not_scored", reason)
        assert all(each.score is None and each.reason for each in found.clips)
        assert found.overall.score is None


def test_speech_is_not_scored(model, known):
    found = analyse(carried(SPOKEN), song(), model=model, cache=known)
    assert (found.status, found.reason) == ("not_scored", "speech")


def test_a_silent_reference_is_the_reason(tmp_path, model):
    silent = Song(title="Silent", vocal=flac(tmp_path, "vocal", np.zeros(9 * RATE)))
    found = analyse(carried("pjs001"), silent, model=model)
    assert (found.status, found.reason) == ("not_scored", "reference_silent")


def test_recordings_that_cannot_be_read_are_said(tmp_path, model):
    (tmp_path / "take.flac").write_bytes(b"not sound at all" * 50)
    with pytest.raises(AudioError):
        analyse(tmp_path / "take.flac", song(), model=model)
    with pytest.raises(PlaceError):
        analyse(carried("pjs001"), Song(title="Gone", vocal=tmp_path / "gone.flac"), model=model)


@pytest.mark.slow
def test_another_process_with_more_threads_says_the_same(settled, scored):
    """Sums are taken in another order there, no more."""
    program = (
        "import sys, torch; torch.set_num_threads(2)\n"
        "from pathlib import Path; from asa_desktop.core import analyse, load_model\n"
        "from asa_desktop.core.types import Song\n"
        "vocal, take, model = map(Path, sys.argv[1:])\n"
        "song = Song(title='', vocal=vocal)\n"
        "print(analyse(take, song, model=load_model(model, device='cpu')).overall.score)"
    )
    folder = next(iter(bundled_models()), settled)
    arguments = [str(each) for each in (carried("pjs001"), carried("pjs001"), folder)]
    found = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    assert float(found.stdout) == pytest.approx(scored.overall.score, abs=0.05)
