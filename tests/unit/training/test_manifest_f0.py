"""F0 tracks without sound, and the sound of one channel."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from asa_training.manifest import Manifest, Row, is_f0, open_f0, voice_16k
from asa_training.sentences import say
from carried import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asa_desktop.core.audio import mono_16k
from asa_desktop.core.errors import AsaError, AudioError, PlaceError

SINGING = ROOT / "tests" / "data" / "singing"
HOP = 128 / 44_100


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("f0data/51_mel1_per101559_fail.f0s.txt", True),
        ("f0_hz.npz#51_mel1_ref101559", True),
        ("vocadito_1_f0.csv", True),
        ("take.f0.csv", True),
        ("f0_hz.npz", False),
        ("take.wav#right", False),
        ("marks.csv", False),
        ("a#b.flac", False),
    ],
)
def test_f0_is_told_by_its_name(place: str, expected: bool):
    assert is_f0(place) is expected
    assert is_f0(Path(place)) is expected


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_mastmelody_text(tmp_path: Path, ends: str):
    path = tmp_path / "51_mel1_per1_fail.f0s.txt"
    # Times as MASTmelody prints them: twelve digits of k * 128 / 44100.
    hz = [0.0, 0.0, 259.069091797, 258.471191406]
    lines = [f"{k * HOP:.12g}\t{value}" for k, value in enumerate(hz)]
    path.write_text(ends.join(lines) + ends, encoding="utf-8", newline="")
    track = open_f0(path)
    assert track.hop_s == pytest.approx(0.0029024943, abs=1e-9)
    np.testing.assert_allclose(track.hz, hz, rtol=1e-6)
    assert track.hz.dtype == np.float32
    assert track.confidence.tolist() == [0, 0, 1, 1]


def test_hz_alone_has_mastmelodys_hop(tmp_path: Path):
    path = tmp_path / "x.f0s.txt"
    path.write_text("0\n-220.5\n440\n", encoding="utf-8")
    track = open_f0(path)
    assert track.hop_s == HOP
    assert track.hz.tolist() == [0, 0, 440]


def test_what_asa_train_features_writes(tmp_path: Path):
    path = tmp_path / "take.f0.csv"
    path.write_text(
        "time_s,hz,confidence\n0.0000,0.000,0.1\n0.0320,440.5,0.9\n0.0640,441,1.5\n", "utf-8"
    )
    track = open_f0(path)
    assert track.hop_s == pytest.approx(0.032)
    np.testing.assert_allclose(track.confidence, [0.1, 0.9, 1.0])


def test_a_late_first_frame_is_kept_late(tmp_path: Path):
    path = tmp_path / "x.f0s.txt"
    path.write_text("0.02\t100\n0.03\t110\n0.04\t120\n", encoding="utf-8")
    track = open_f0(path)
    np.testing.assert_allclose(track.hz, [0, 0, 100, 110, 120])


def test_real_annotation():
    track = open_f0(SINGING / "vocadito_1_f0.csv")
    assert track.hop_s == pytest.approx(256 / 44_100, rel=1e-3)
    assert len(track.hz) * track.hop_s == pytest.approx(8.5, abs=0.02)
    sung = track.hz[track.hz > 0]
    assert 100 < np.median(sung) < 200


def test_members_of_an_archive(tmp_path: Path):
    np.savez(tmp_path / "f0.npz", one=np.array([0.0, 220.0]), other=np.zeros((2, 2)))
    np.savez(tmp_path / "own.npz", one=np.array([220.0]), hop_s=np.array(0.01))
    assert open_f0(f"{tmp_path}/f0.npz#one").hz.tolist() == [0, 220]
    assert open_f0(f"{tmp_path}/f0.npz#one").hop_s == HOP
    assert open_f0(tmp_path / "own.npz#one").hop_s == 0.01
    row = Row("own.npz#one", "anna", "gel", reference=("f0.npz#one",))
    held = Manifest(tmp_path, (row,))
    assert held.open_f0(row).hz.tolist() == [220]
    assert held.open_f0(row.reference[0]).hz.tolist() == [0, 220]
    for broken in ("f0.npz#other", "f0.npz#lost"):
        with pytest.raises(AudioError, match="f0_unreadable") as caught:
            held.open_f0(broken)
        assert broken.partition("#")[2] in say(caught.value)
    with pytest.raises(PlaceError, match="missing_file"):
        held.open_f0("gone.npz#one")


def test_an_archive_that_was_replaced_is_read_anew(tmp_path: Path):
    np.savez(tmp_path / "f0.npz", one=np.array([220.0]))
    assert len(open_f0(tmp_path / "f0.npz#one").hz) == 1
    np.savez(tmp_path / "f0.npz", one=np.zeros(40))
    assert len(open_f0(tmp_path / "f0.npz#one").hz) == 40


def test_pickles_and_bombs_are_refused(tmp_path: Path):
    np.savez(tmp_path / "pickle.npz", one=np.array([{"a": 1}], dtype=object))
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.npy", bytes(70_000_000))
    (tmp_path / "no.npz").write_bytes(b"PK\3\4 nothing")
    for name in ("pickle", "bomb", "no"):
        with pytest.raises(AudioError, match="f0_unreadable"):
            open_f0(tmp_path / f"{name}.npz#one")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "f0_empty"),
        ("time\thz\n", "f0_empty"),
        ("0\t100\nx\t100\n", "f0_unreadable"),
        ("0\t100\n0.01\tnan\n", "f0_unreadable"),
        ("0\t100\n0.01\n", "f0_unreadable"),
        ("0\t1\t1\t1\n", "f0_unreadable"),
        ("0\t100\n0.01\t30000\n", "f0_unreadable"),
        ("0\t100\n1e300\t100\n", "f0_unreadable"),
        ("0\t100\n0.01\t100\n0.05\t100\n", "f0_uneven"),
        ("0.02\t100\n0.01\t100\n", "f0_uneven"),
        ("0\t100\n0\t100\n", "f0_uneven"),
        ("-1\t100\n-0.99\t100\n", "f0_uneven"),
        ("999\t100\n999.01\t100\n", "f0_uneven"),
    ],
)
def test_what_is_no_f0(tmp_path: Path, text: str, code: str):
    path = tmp_path / "x.f0s.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AudioError) as caught:
        open_f0(path)
    assert caught.value.code == code
    assert say(caught.value).endswith(".")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(text=st.text(), numbers=st.text("0123456789.e-+\t,\n inf", max_size=40))
def test_no_text_raises_anything_but_its_errors(tmp_path: Path, text: str, numbers: str):
    path = tmp_path / "x.f0s.txt"
    for content in (text, numbers):
        path.write_bytes(content.encode("utf-8", "surrogatepass"))
        try:
            track = open_f0(path)
        except AsaError:
            continue
        assert track.hz.shape == track.confidence.shape
        assert np.isfinite(track.hz).all()


def test_the_voice_is_one_channel(tmp_path: Path):
    voice, rate = soundfile.read(SINGING / "vocadito_1.flac", dtype="float32")
    hum = 0.2 * np.sin(2 * np.pi * 50 * np.arange(len(voice)) / rate).astype(np.float32)
    path = tmp_path / "abjones_1_01.wav"
    soundfile.write(path, np.stack([hum, voice], axis=1), rate, subtype="FLOAT")
    held = Manifest(tmp_path, (Row("abjones_1_01.wav#right", "abjones", "abjones_1"),))
    np.testing.assert_array_equal(held.voice_16k(held.rows[0]), voice)
    np.testing.assert_array_equal(held.voice_16k("abjones_1_01.wav#left"), hum)
    np.testing.assert_array_equal(held.voice_16k("abjones_1_01.wav"), mono_16k(path))
    with pytest.raises(AudioError, match="channel_not_there"):
        voice_16k(SINGING / "vocadito_1.flac#right")
