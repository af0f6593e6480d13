"""Recordings in and out: formats, faults, the promised length, writing."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from material import film

from asa_desktop.core import audio, audio_foreign
from asa_desktop.core.errors import AudioError, PlaceError

RATE = 44_100
FUZZED = Path(__file__).parents[2] / "data" / "fuzzed"
"""What `tests.fuzz` found: a made-up voice as MP3, with some bytes changed."""
SNDFILE = [
    ("wav", "WAV", "PCM_16"),
    ("wav", "WAV", "FLOAT"),
    ("flac", "FLAC", "PCM_24"),
    ("aiff", "AIFF", "PCM_16"),
    ("mp3", "MP3", "MPEG_LAYER_III"),
    ("ogg", "OGG", "VORBIS"),
    ("opus", "OGG", "OPUS"),
]


def tone(
    seconds: float = 1.0, *, rate: int = RATE, channels: int = 1, hz: float = 220
) -> np.ndarray:
    """A tone with a little hiss, (n, channels); each channel half as loud as the one before."""
    t = np.arange(round(seconds * rate)) / rate
    hiss = np.random.default_rng(1).standard_normal(t.size) * 0.01
    voice = 0.4 * np.sin(2 * np.pi * hz * t) + hiss
    return np.stack([voice * 0.5**k for k in range(channels)], axis=1).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate: int = RATE, **how: str) -> Path:
    soundfile.write(path, samples, rate, **(how or {"format": "WAV", "subtype": "PCM_16"}))
    return path


def code_of(path: Path) -> str:
    with pytest.raises((AudioError, PlaceError)) as caught:
        audio.decode(path)
    with pytest.raises(type(caught.value)) as again:
        audio.mono_16k(path)
    assert again.value.code == caught.value.code
    return caught.value.code


@pytest.mark.parametrize(("suffix", "kind", "subtype"), SNDFILE)
@pytest.mark.parametrize("channels", [1, 2])
def test_decode_gives_the_sound_back(
    tmp_path: Path, suffix: str, kind: str, subtype: str, channels: int
) -> None:
    rate = 48_000
    wanted = tone(rate=rate, channels=channels)
    path = write(tmp_path / f"a.{suffix}", wanted, rate, format=kind, subtype=subtype)
    got = audio.decode(path)
    assert got.rate == rate
    assert got.samples.dtype == np.float32
    assert got.samples.shape[0] == channels
    assert got.samples.shape[1] == pytest.approx(rate, abs=700)
    n = min(rate, got.samples.shape[1])
    for k in range(channels):
        alike = np.corrcoef(got.samples[k, 2000 : n - 2000], wanted[2000 : n - 2000, k])[0, 1]
        assert alike > 0.97


def test_content_decides_not_the_suffix(tmp_path: Path) -> None:
    samples = tone()
    for suffix in ("mp3", "txt", "raw", "gsm", "vox", ""):
        path = tmp_path / f"song.{suffix}".rstrip(".")
        write(path, samples, format="FLAC", subtype="PCM_16")
        assert audio.decode(path).samples.shape == (1, RATE)


def test_mono_averages_the_channels_and_resamples_as_one_piece(tmp_path: Path) -> None:
    samples = tone(7.3, rate=48_000, channels=2)
    path = write(tmp_path / "a.wav", samples, 48_000, format="WAV", subtype="FLOAT")
    got = audio.mono_16k(path)
    whole = audio.resample(samples.mean(axis=1), rate=48_000, to=16_000)
    assert got.shape == whole.shape == (round(7.3 * 16_000),)
    np.testing.assert_allclose(got, whole, atol=1e-6)


def test_mono_keeps_pitch_and_level(tmp_path: Path) -> None:
    got = audio.mono_16k(write(tmp_path / "a.wav", tone(2.0, hz=440)))
    spectrum = np.abs(np.fft.rfft(got * np.hanning(len(got))))
    assert np.argmax(spectrum) / 2.0 == pytest.approx(440, abs=1)
    assert np.sqrt(np.mean(got**2)) == pytest.approx(0.4 / np.sqrt(2), rel=0.01)


def test_a_long_recording_stays_small_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 48_000, 2, "PCM_16") as out:
        for _ in range(240):
            out.write(tone(1.0, rate=48_000, channels=2))
    script = textwrap.dedent(f"""
        from pathlib import Path
        import numpy, soundfile, soxr
        from asa_desktop.core import audio
        def most():  # ru_maxrss counts the program that started this one
            return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
        before = most()
        assert audio.mono_16k(Path({str(path)!r})).shape == (240 * 16000,)
        print(most() - before)
    """)
    if sys.platform != "linux":
        pytest.skip("asks Linux for the most memory there was")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert int(done.stdout) < 60_000  # kB; at its own rate the recording alone is 92 MB


@pytest.mark.parametrize(
    ("name", "codec", "video"),
    [("a.m4a", "aac", False), ("a.mp4", "aac", True), ("a.mkv", "aac", True)],
)
def test_foreign_formats_through_av(tmp_path: Path, name: str, codec: str, video: bool) -> None:
    wanted = tone(2.0, channels=2)
    pytest.importorskip("av")
    path = film(tmp_path / name, wanted, codec=codec, video=video)
    got = audio.decode(path)
    assert (got.rate, got.samples.shape[0]) == (RATE, 2)
    assert got.duration_s == pytest.approx(2.0, abs=0.06)
    assert np.corrcoef(got.samples[0, 4000:80_000], wanted[4000:80_000, 0])[0, 1] > 0.97


def test_video_without_sound(tmp_path: Path) -> None:
    pytest.importorskip("av")
    path = film(tmp_path / "a.mp4", np.zeros((0, 2)), codec="aac", video=True)
    assert code_of(path) == "no_sound_track"


def without_av(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setenv("PATH", str(folder))


def test_without_av_and_ffmpeg_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("av")
    path = film(tmp_path / "a.m4a", tone(0.5, channels=2), codec="aac")
    without_av(monkeypatch, tmp_path / "empty")
    assert code_of(path) == "needs_formats"


FAKE_FFMPEG = """#!{python}
import struct, sys
args = sys.argv[1:]
assert "-nostdin" in args and args[args.index("-i") + 1].startswith("file:/")
mode = {mode!r}
if mode == "no sound":
    sys.exit("Stream map '0:a:0' matches no streams.")
if mode == "hang":
    import time; time.sleep(60)
out = sys.stdout.buffer
out.write(b".snd" + struct.pack(">5I", 28, 0xFFFFFFFF, 6, 16000, 2) + b"LIST")
for k in range(16000):
    out.write(struct.pack(">2f", 0.5, -0.25))
out.flush()
sys.exit(1 if mode == "breaks" else 0)
"""


@pytest.mark.skipif(os.name == "nt", reason="a script cannot stand in for ffmpeg.exe")
@pytest.mark.parametrize(
    ("mode", "code"),
    [("plays", None), ("no sound", "no_sound_track"), ("breaks", "damaged"), ("hang", "damaged")],
)
def test_ffmpeg_as_a_subprocess(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, code: str | None
) -> None:
    pytest.importorskip("av")
    path = film(tmp_path / "a b;$(x).m4a", tone(0.5, channels=2), codec="aac")
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(FAKE_FFMPEG.format(python=sys.executable, mode=mode))
    program.chmod(0o755)
    without_av(monkeypatch, program.parent)
    monkeypatch.setattr(audio_foreign, "FFMPEG_TIMEOUT_S", 0.5)
    if code is not None:
        with pytest.raises(AudioError) as caught:
            audio.decode(path)
        assert caught.value.code == code
        return
    got = audio.decode(path)
    assert got.rate == 16_000
    assert got.samples.shape == (2, 16_000)
    assert np.all(got.samples[0] == 0.5)
    assert np.all(got.samples[1] == -0.25)


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff", "mp3"])
def test_cut_short_says_how_much_is_there(tmp_path: Path, suffix: str) -> None:
    whole = write(tmp_path / f"whole.{suffix}", tone(6.0), format=suffix.upper(), subtype=None)
    content = whole.read_bytes()
    for share in (0.4, 0.9):
        path = tmp_path / f"cut.{suffix}"
        path.write_bytes(content[: round(len(content) * share)])
        with pytest.raises(AudioError) as caught:
            audio.decode(path)
        assert caught.value.code == "cut_short"
        assert caught.value.facts["promised_s"] == pytest.approx(6.0, abs=0.05)
        readable = caught.value.facts["readable_s"]
        assert isinstance(readable, float)
        assert 6 * share - 3.1 < readable < 6 * share + 0.6


def test_a_wav_from_a_pipe_promises_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(2.0))
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    assert audio.decode(path).samples.shape == (1, 2 * RATE)


def test_places(tmp_path: Path) -> None:
    assert code_of(tmp_path / "none.wav") == "missing_file"
    assert code_of(tmp_path / ("x" * 400)) == "name_too_long"
    assert code_of(tmp_path / "nul\0.wav") == "missing_file"
    assert code_of(tmp_path) == "is_folder"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert code_of(tmp_path / "loop") == "missing_file"
    assert code_of(Path(os.devnull)) == "not_a_file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.timeout(10)
def test_a_pipe_is_refused_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    assert code_of(tmp_path / "pipe.wav") == "not_a_file"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_no_rights(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone())
    path.chmod(0)
    assert code_of(path) == "no_rights"


def test_not_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"")
    assert code_of(path) == "empty_file"
    for content in (
        b"do re mi\n" * 200,
        b"\x89PNG\r\n\x1a\n" + bytes(600),
        b"\xff\xff" * 400,
        b"R",
    ):
        path.write_bytes(content)
        assert code_of(path) == "not_audio"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_must_be_finite(tmp_path: Path, bad: float) -> None:
    samples = tone(3.0)
    samples[-5] = bad
    path = write(tmp_path / "a.wav", samples, format="WAV", subtype="FLOAT")
    assert code_of(path) == "not_finite"


def test_shapes_of_sound_that_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    assert code_of(write(path, tone(0.2)[:0])) == "no_samples"
    assert code_of(write(path, tone(0.2, channels=8))) == "too_many_channels"
    assert code_of(write(path, tone(0.2, rate=4000), 4000)) == "odd_rate"
    assert code_of(write(path, tone(0.02), 500_000)) == "odd_rate"
    assert audio.decode(write(path, tone(0.2, rate=192_000), 192_000)).rate == 192_000
    assert audio.mono_16k(path).shape == (3200,)


def test_longer_than_an_hour_is_refused_from_the_header(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(0.1, rate=8000), 8000)
    content = bytearray(path.read_bytes())
    size = 61 * 60 * 8000 * 2
    at = content.index(b"data") + 4
    content[at : at + 4] = struct.pack("<I", size)
    content[4:8] = struct.pack("<I", size + at - 4)
    path.write_bytes(content)
    with path.open("r+b") as file:
        file.truncate(at + 4 + size)
    assert code_of(path) == "too_long"


@settings(max_examples=60, deadline=None)
@given(
    head=st.sampled_from(
        [
            b"RIFF\x10\x10\x10\x10WAVE",
            b"fLaC",
            b"OggS",
            b"ID3",
            b"\xff\xfb",
            b"FORM....AIFF",
            b".snd",
            b"",
            b"\0\0\0\x18ftypM4A ",
            b"\x1aE\xdf\xa3",
        ]
    ),
    rest=st.binary(max_size=300),
)
def test_any_bytes_end_in_sound_or_a_typed_error(
    tmp_path_factory: pytest.TempPathFactory, head: bytes, rest: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.wav"
    path.write_bytes(head + rest)
    try:
        got = audio.decode(path)
    except (AudioError, PlaceError):
        return
    assert np.isfinite(got.samples).all()


def test_a_length_below_nothing_is_no_length() -> None:
    assert audio.decode(FUZZED / "negative-length.mp3").samples.shape[0] == 1
    assert audio.probe(FUZZED / "negative-length.mp3").duration_s is None


@pytest.mark.parametrize("name", ["channels-change", "rate-changes"])
def test_sound_that_changes_its_kind_in_the_middle_is_damaged(name: str) -> None:
    with pytest.raises(AudioError) as caught:
        audio.decode(FUZZED / f"{name}.mp3")
    assert caught.value.code == "cut_short"
    with pytest.raises(AudioError, match="cut_short"):
        audio.mono_16k(FUZZED / f"{name}.mp3")


def test_probe_reads_the_header(tmp_path: Path) -> None:
    got = audio.probe(write(tmp_path / "a.flac", tone(2.5, channels=2), format="FLAC"))
    assert got == audio.Probe(rate=RATE, channels=2, duration_s=2.5)


def test_sha256(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert audio.sha256(path).startswith("ba7816bf8f01cfea")
    with pytest.raises(PlaceError):
        audio.sha256(tmp_path / "none")


@pytest.mark.parametrize("channels", [1, 2])
def test_write_flac_comes_back(tmp_path: Path, channels: int) -> None:
    samples = tone(1.0, channels=channels).T
    path = tmp_path / "take.flac"
    audio.write_flac(path, samples * 4, RATE)  # too loud: clipped, not wrapped
    got = audio.decode(path)
    np.testing.assert_allclose(got.samples, np.clip(samples * 4, -1, 1), atol=1e-6)
    audio.write_flac(path, samples[0], RATE)
    assert audio.decode(path).samples.shape == (1, RATE)
    assert [p.name for p in tmp_path.iterdir()] == ["take.flac"]


def test_write_flac_leaves_the_old_file_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "take.flac"
    audio.write_flac(path, tone().T, RATE)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PlaceError) as caught:
        audio.write_flac(path, tone(2.0).T, RATE)
    assert caught.value.code == "disk_full"
    with pytest.raises(AudioError):
        audio.write_flac(path, np.full((1, 9), np.nan, np.float32), RATE)
    with pytest.raises(PlaceError):
        audio.write_flac(tmp_path / "none" / "a.flac", tone().T, RATE)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["take.flac"]


def test_write_flac_notices_a_disk_that_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = audio._write_through

    def lying(part: Path, content: memoryview) -> None:
        honest(part, memoryview(bytes(content)))
        audio_back = tone(1.0, hz=330)
        soundfile.write(part, audio_back, RATE, format="FLAC", subtype="PCM_24")

    monkeypatch.setattr(audio, "_write_through", lying)
    with pytest.raises(AudioError) as caught:
        audio.write_flac(tmp_path / "a.flac", tone().T, RATE)
    assert caught.value.code == "write_check_failed"
    assert list(tmp_path.iterdir()) == []
