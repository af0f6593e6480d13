"""A mix taken apart: held to demucs' own way, whatever the mix's form, in bounded memory."""

from __future__ import annotations

import itertools
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from tiny_demucs import (
    ARGUMENTS,
    RATE,
    needs_demucs,
    scaled,
    stand_in,
    tiny_network,
    write_mix,
    write_package,
    write_safetensors,
)

from asa_desktop.core.errors import AsaError, AudioError, Cancelled, PlaceError, SeparationError
from asa_desktop.core.separation import mix as mixes
from asa_desktop.core.separation import parts, weights
from asa_desktop.core.separation.mix import FULL, rate_of_parts, survey, taken_apart
from asa_desktop.core.separation.overlap import Overlap, on_device
from asa_desktop.core.separation.parts import (
    ACCOMPANIMENT,
    VOCAL,
    beside,
    is_done,
    key_of,
    parts_of,
    read_note,
)
from asa_desktop.core.separation.weights import Network, read_network

SOURCES = ("drums", "bass", "other", "vocals")


def apart(path: Path, network: Network, separate: object) -> tuple[np.ndarray, np.ndarray]:
    """Voice and accompaniment as a whole, in steps of 24 bits."""
    pairs = list(taken_apart(path, survey(path), network, separate))
    voices, others = zip(*pairs, strict=True)
    return np.concatenate(voices, axis=1), np.concatenate(others, axis=1)


def steps(path: Path) -> np.ndarray:
    sound, _ = soundfile.read(path, dtype="int32", always_2d=True)
    return sound.T >> 8


# The network over a whole song


@needs_demucs
@pytest.mark.parametrize("frames", [1, 500, 16_537, 16_538, 22_050, 22_051, 100_000])
def test_it_is_what_demucs_does_with_the_whole_song(frames: int) -> None:
    import torch
    from demucs.apply import apply_model

    module = tiny_network()
    network = Network(module, SOURCES, RATE, 2, 22_050, "")
    sound = np.random.default_rng(frames).standard_normal((2, frames)).astype(np.float32)
    with torch.inference_mode():
        whole = apply_model(module, torch.from_numpy(sound)[None], shifts=0, overlap=0.25)
    overlap = Overlap(on_device(network, "cpu"), channels=2, segment=network.segment)
    pieces = [overlap.feed(one) for one in np.array_split(sound, 7, axis=1)]
    streamed = np.concatenate([*pieces, overlap.finish()], axis=1)
    assert streamed.shape == (2, frames)
    np.testing.assert_allclose(streamed, whole[0, 3].numpy(), atol=1e-6)


@given(
    frames=st.integers(0, 400),
    segment=st.integers(4, 60),
    cuts=st.lists(st.integers(0, 400), max_size=6),
)
def test_however_it_comes_the_same_frames_come_back(
    frames: int, segment: int, cuts: list[int]
) -> None:
    sound = np.random.default_rng(frames).standard_normal((1, frames)).astype(np.float32)
    given_to: list[int] = []

    def same(one: np.ndarray) -> np.ndarray:
        given_to.append(one.shape[1])
        return one

    overlap = Overlap(same, channels=1, segment=segment, gain=2.0, offset=0.5)
    ends = [0, *sorted(min(cut, frames) for cut in cuts), frames]
    pieces = [overlap.feed(sound[:, a:b]) for a, b in itertools.pairwise(ends)]
    back = np.concatenate([*pieces, overlap.finish()], axis=1)
    np.testing.assert_allclose(back, sound - 0.5, atol=1e-5)
    assert set(given_to) <= {segment}
    assert overlap.finish().shape == (1, 0)


def test_no_more_than_two_segments_are_held() -> None:
    overlap = Overlap(scaled(1.0), channels=2, segment=1000)
    held = []
    for _ in range(300):
        overlap.feed(np.zeros((2, 700), np.float32))
        held.append(overlap._kept.shape[1] + overlap._sum.shape[1])
    assert max(held) <= 1000 + 1000 + 700 + 500
    assert held[-1] <= held[20] + 700


# Mixes of every form


@pytest.mark.parametrize(
    ("name", "rate", "channels"),
    [("a.wav", 44_100, 2), ("a.wav", 48_000, 2), ("a.wav", 48_000, 1), ("a.flac", 22_050, 1),
     ("a.wav", 8_000, 2), ("a.wav", 96_000, 2)],
)  # fmt: skip
def test_voice_and_accompaniment_add_up_to_the_mix(
    tmp_path: Path, name: str, rate: int, channels: int
) -> None:
    path = write_mix(tmp_path / name, rate=rate, channels=channels, seconds=1.3)
    voice, other = apart(path, stand_in(), scaled(0.4))
    assert np.array_equal(voice + other, steps(path))
    assert np.abs(voice).max() > 0.05 * FULL


def test_the_voice_lies_where_it_lay_at_any_rate(tmp_path: Path) -> None:
    """Resampled there and back: what the network gives back unchanged is the mix, in its place."""
    path = write_mix(tmp_path / "a.wav", rate=48_000, seconds=2.0)
    voice, _ = apart(path, stand_in(), scaled(1.0))
    mix = steps(path).astype(np.float64)
    middle = slice(4_000, -4_000)
    lags = np.correlate(voice[0, 3_990:12_010].astype(np.float64), mix[0, 4_000:12_000], "valid")
    assert lags.argmax() == 10
    # The mix is noise up to its half rate, 24 kHz; the network hears up to 22.05.
    error = np.sqrt(np.mean((mix[0, middle] - voice[0, middle]) ** 2.0))
    assert error < 0.4 * np.sqrt(np.mean(mix[0, middle] ** 2.0))


def test_a_mix_of_mono_gives_mono(tmp_path: Path) -> None:
    path = write_mix(tmp_path / "a.wav", channels=1, rate=16_000)
    seen: list[np.ndarray] = []

    def note(segment: np.ndarray) -> np.ndarray:
        seen.append(segment)
        return segment * np.float32([[1.0], [0.0]])

    voice, _ = apart(path, stand_in(), note)
    assert voice.shape[0] == 1
    assert np.array_equal(seen[0][0], seen[0][1])
    half = np.abs(voice[0, 2000:-2000]).mean() / np.abs(steps(path)[0, 2000:-2000]).mean()
    assert 0.35 < half < 0.6


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(-9, 9)), min_size=1, max_size=50))
def test_neither_part_leaves_the_scale_and_they_add_up(pairs: list[tuple[float, float]]) -> None:
    both = np.array(pairs, np.float32).T
    voice, other = mixes._both(both[:1], both[1:])
    assert np.array_equal(voice + other, mixes._steps(both[:1]))
    for part in (voice, other):
        assert part.min() >= -FULL
        assert part.max() < FULL


def test_rates_that_flac_cannot_have_become_usual_ones(tmp_path: Path) -> None:
    assert [rate_of_parts(one) for one in (8_000, 44_056, 65_535, 192_000)] == [
        8_000, 44_056, 65_535, 192_000,
    ]  # fmt: skip
    assert rate_of_parts(88_201) == 48_000
    path = write_mix(tmp_path / "a.wav", rate=88_201, seconds=0.5)
    known = survey(path)
    voice, other = apart(path, stand_in(), scaled(0.5))
    assert (known.rate, known.frames) == (48_000, voice.shape[1])
    assert abs(known.seconds - 0.5) < 0.001
    assert voice.shape == other.shape


def test_the_network_hears_every_mix_at_one_loudness(tmp_path: Path) -> None:
    levels = []
    for level in (0.3, 0.003):
        path = write_mix(tmp_path / f"{level}.wav", level=level)
        heard: list[float] = []

        def note(segment: np.ndarray, heard: list[float] = heard) -> np.ndarray:
            heard.append(float(segment.mean(axis=0).std()))
            return segment

        apart(path, stand_in(), note)
        levels.append(np.median(heard))
    assert levels == pytest.approx([1.0, 1.0], abs=0.05)


def test_channels_that_cancel_out_are_no_silence(tmp_path: Path) -> None:
    tone = 0.3 * np.sin(np.arange(RATE) / 10)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, -tone], axis=1), RATE)
    known = survey(tmp_path / "a.wav")
    assert known.gain == pytest.approx(0.3 / np.sqrt(2), rel=0.01)


@pytest.mark.parametrize("level", [0.0, 5e-5])
def test_silence_is_told(tmp_path: Path, level: float) -> None:
    soundfile.write(tmp_path / "a.wav", np.full((8_000, 2), level), 8_000, subtype="FLOAT")
    with pytest.raises(SeparationError, match="mix_silent"):
        survey(tmp_path / "a.wav")


# Weights


@needs_demucs
def test_both_forms_of_weights_give_the_same_voice(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "w.safetensors")
    write_package(tmp_path / "w.th")
    segment = np.random.default_rng(0).standard_normal((2, 22_050)).astype(np.float32)
    voices = []
    for name in ("w.safetensors", "w.th"):
        network = read_network(tmp_path / name)
        assert (network.sources, network.rate, network.channels) == (SOURCES, RATE, 2)
        assert network.segment == 22_050
        voices.append(on_device(network, "cpu")(segment))
    assert np.array_equal(*voices)
    assert np.abs(voices[0]).max() > 0


@needs_demucs
def test_our_reading_of_weights_is_demucs_own(tmp_path: Path) -> None:
    from demucs.hf import load_safetensors_model

    write_safetensors(tmp_path / "w.safetensors")
    theirs = load_safetensors_model(tmp_path / "w.safetensors").state_dict()
    ours = read_network(tmp_path / "w.safetensors").module.state_dict()
    assert theirs.keys() == ours.keys()
    assert all(bool((theirs[name] == one).all()) for name, one in ours.items())


def said(error: pytest.ExceptionInfo[AsaError]) -> str:
    return error.value.code


@needs_demucs
@pytest.mark.parametrize(
    "changed",
    [
        {"klass": "os.system"},
        {"klass": "demucs.demucs.Demucs"},
        {"kwargs": "{"},
        {"kwargs": "[]"},
        {"kwargs": json.dumps({"sources": ["vocals"], "depth": 10**9})},
        {"kwargs": json.dumps({"sources": ["vocals"], "channels": 10**9})},
        {"kwargs": json.dumps({"sources": ["vocals"], "channels": float("inf")})},
        {"kwargs": json.dumps({"sources": "vocals"})},
        {"kwargs": json.dumps({"sources": ["vocals"], "t_layers": "many"})},
        {"args": "[" * 5000},
        {"structure": json.dumps({"_class": "os.system"})},
    ],
)
def test_weights_that_name_something_else_are_refused(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    write_safetensors(tmp_path / "w.safetensors", **changed)
    with pytest.raises(SeparationError) as error:
        read_network(tmp_path / "w.safetensors")
    assert said(error) == "weights_unusable"


@needs_demucs
def test_weights_with_other_numbers_are_refused(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "w.th"
    state = tiny_network().state_dict()
    first = next(iter(state))
    broken = [
        {"state": {name: one for name, one in state.items() if name != first}},
        {"state": {**state, first: state[first][:0]}},
        {"state": {**state, first: torch.full_like(state[first], float("nan"))}},
        {"state": {**state, first: state[first].int()}},
        {"state": {**state, first: "text"}},
        {"state": []},
        {"kwargs": {**ARGUMENTS, "sources": ["a", "b", "c", "d"]}},
        {"kwargs": {**ARGUMENTS, "samplerate": 1}},
        {"kwargs": {**ARGUMENTS, "use_train_segment": False}},
        {"klass": "demucs.htdemucs.HTDemucs"},
    ]
    for changed in broken:
        write_package(path, **changed)
        with pytest.raises(SeparationError) as error:
            read_network(path)
        assert said(error) == "weights_unusable", changed.keys()


class Evil:
    """A pickle that would leave a file where it was loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return (Path.touch, (self.path,))


@needs_demucs
def test_nothing_in_a_package_is_executed(tmp_path: Path) -> None:
    write_package(tmp_path / "w.th", extra=Evil(tmp_path / "ran"))
    with pytest.raises(SeparationError, match="weights_unusable"):
        read_network(tmp_path / "w.th")
    (tmp_path / "plain.th").write_bytes(pickle.dumps(Evil(tmp_path / "ran")))
    with pytest.raises(SeparationError, match="weights_unusable"):
        read_network(tmp_path / "plain.th")
    assert not (tmp_path / "ran").exists()


@needs_demucs
def test_a_package_that_would_grow_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.th", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"0" * 1_000_000)
    with pytest.raises(SeparationError, match="packed"):
        read_network(tmp_path / "w.th")


@needs_demucs
@given(st.binary(max_size=200))
def test_any_bytes_are_no_weights(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("weights") / "w"
    path.write_bytes(data)
    with pytest.raises(SeparationError, match="weights_unusable"):
        read_network(path)


@needs_demucs
def test_damaged_weights_are_refused_or_whole(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "w")
    whole = (tmp_path / "w").read_bytes()
    for end in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut").write_bytes(whole[:end])
        with pytest.raises(SeparationError, match="weights_unusable"):
            read_network(tmp_path / "cut")


@needs_demucs
def test_what_is_no_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PlaceError, match="is_folder"):
        read_network(tmp_path)
    with pytest.raises(PlaceError, match="missing_file"):
        read_network(tmp_path / "none")
    (tmp_path / "w").write_bytes(b"x" * 100)
    monkeypatch.setattr(weights, "LARGEST", 99)
    with pytest.raises(SeparationError, match="weights_file_too_large"):
        read_network(tmp_path / "w")


def test_without_demucs_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda name: None)
    with pytest.raises(SeparationError, match="no_demucs"):
        read_network(tmp_path / "w")


# Onto the disk


@needs_demucs
def test_two_checked_recordings_and_a_note(tmp_path: Path) -> None:
    digest = write_safetensors(tmp_path / "w")
    path = write_mix(tmp_path / "a.flac", rate=48_000)
    shares: list[float] = []
    with beside(tmp_path / "out") as folder:
        note = parts_of(path, folder, tmp_path / "w", device="cpu", progress=shares.append)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.flac", "out", "w"]
    assert np.array_equal(
        steps(tmp_path / "out" / VOCAL) + steps(tmp_path / "out" / ACCOMPANIMENT), steps(path)
    )
    assert read_note(tmp_path / "out") == note
    assert (note.weights_sha256, note.rate, note.channels) == (digest, 48_000, 2)
    assert note.key == key_of(note.mix_sha256, digest)
    assert is_done(tmp_path / "out", note.key)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with (tmp_path / "out" / VOCAL).open("ab") as file:
        file.write(b"x")
    assert not is_done(tmp_path / "out", note.key)


@needs_demucs
def test_the_same_mix_gives_the_same_bytes(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "w")
    path = write_mix(tmp_path / "a.wav")
    notes = []
    for name in ("one", "two"):
        with beside(tmp_path / name) as folder:
            notes.append(parts_of(path, folder, tmp_path / "w", device="cpu"))
    assert notes[0] == notes[1]


@needs_demucs
def test_a_stop_leaves_nothing(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "w")
    path = write_mix(tmp_path / "a.wav", seconds=3.0)
    asked = itertools.count()
    with pytest.raises(Cancelled), beside(tmp_path / "out") as folder:
        parts_of(path, folder, tmp_path / "w", device="cpu", stopped=lambda: next(asked) > 2)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.wav", "w"]


def test_what_is_in_the_way_stays(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(PlaceError, match="in_the_way"), beside(tmp_path / "out"):
        pass
    with pytest.raises(PlaceError, match="missing_folder"), beside(tmp_path / "none" / "out"):
        pass
    (tmp_path / "empty").mkdir()
    with beside(tmp_path / "empty") as folder:
        (folder / "new").touch()
    assert (tmp_path / "empty" / "new").exists()
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


def test_a_crowded_disk_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_mix(tmp_path / "a.wav")
    usage = parts.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(parts.shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    with pytest.raises(SeparationError, match="separation_room") as error:
        parts_of(path, tmp_path, tmp_path / "w")
    assert error.value.facts["needed_mb"] == 65


def test_faults_name_the_place_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(AudioError) as error, beside(tmp_path / "out") as folder:
        raise AudioError("write_check_failed", path=folder / VOCAL)
    assert error.value.facts["path"] == tmp_path / "out" / VOCAL


@pytest.mark.parametrize(
    "kept", [b"", b"[]", b"{}", b"\xff", b"[" * 60_000, b'{"key": 3}', b" " * 70_000]
)
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / parts.NOTE).write_bytes(kept)
    assert read_note(tmp_path) is None
