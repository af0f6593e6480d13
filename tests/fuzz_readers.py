"""The readers of foreign files that are fuzzed, each with sound samples to start from."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from tests import material

HERE = Path(__file__).resolve().parent
DEMO = HERE.parent / "resources" / "demo"

Read = Callable[[Path], object]
"""Reads one file, and may raise an `AsaError`."""


@dataclass(frozen=True)
class Reader:
    """`samples` makes sound files, each with its suffix; `tokens` mean something to the reader."""

    read: Read
    samples: Callable[[], Sequence[tuple[str, bytes]]]
    tokens: tuple[bytes, ...] = ()


def _files(*paths: Path) -> Callable[[], Sequence[tuple[str, bytes]]]:
    return lambda: [(path.suffix, path.read_bytes()) for path in paths]


def _read_ultrastar(path: Path) -> object:
    from asa_desktop.core.songs.ultrastar import read_ultrastar

    return read_ultrastar(path)


def _read_lrc(path: Path) -> object:
    from asa_desktop.core.songs.lrc import read_lrc

    return read_lrc(path)


def _read_midi(path: Path) -> object:
    from asa_desktop.core.songs.midi import read_midi

    return read_midi(path)


def _read_musicxml(path: Path) -> object:
    from asa_desktop.core.songs.musicxml import read_musicxml

    return read_musicxml(path)


def _read_song_card(path: Path) -> object:
    """A folder's song.toml, beside a recording."""
    from asa_desktop.core.songs import load_song

    folder = path.parent / "song"
    if not folder.is_dir():
        folder.mkdir()
        soundfile.write(folder / "song.wav", np.zeros(1600, np.float32), 16000)
    (folder / "song.toml").write_bytes(path.read_bytes())
    return load_song(folder)


def _decode(path: Path) -> object:
    from asa_desktop.core.audio import decode

    return decode(path).samples.sum()


def _read_timing(path: Path) -> object:
    from asa_desktop.core.take_timing import read_timing

    return read_timing(path)


def _read_part(path: Path) -> object:
    from asa_desktop.engine.part import read_blocks

    return sum(len(block) for block in read_blocks(path))


def _read_model(path: Path) -> object:
    """A model's card beside weights that are sound."""
    from asa_desktop.core.models import validate_model

    folder = path.parent / "model"
    if not folder.is_dir():
        material.untrained_model(folder)
    (folder / "card.json").write_bytes(path.read_bytes())
    return validate_model(folder)


def _read_weights(path: Path) -> object:
    """Weights as the program opens them, of a card that does not tell that they were changed."""
    from asa_desktop.core.models import WEIGHTS, read_card
    from asa_desktop.core.networks.runner import read_network

    folder = path.parent / "weighed"
    if not folder.is_dir():
        material.untrained_model(folder)
    (folder / WEIGHTS).write_bytes(path.read_bytes())
    return read_network(read_card(folder))


def _read_pack(path: Path) -> object:
    from asa_desktop.core.model_pack import read_pack, unpack

    pack = read_pack(path)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for model in pack.models:
            (Path(folder) / "model").mkdir(exist_ok=True)
            unpack(pack, model, Path(folder) / "model")
    return pack


def _read_pack_index(path: Path) -> object:
    """The pack.json of a pack that is sound otherwise: a changed zip is refused before that."""
    from asa_desktop.core.model_pack import INDEX

    changed = path.with_name("changed.zip")
    with zipfile.ZipFile(io.BytesIO(_pack())) as sound, zipfile.ZipFile(changed, "w") as archive:
        for name in sound.namelist():
            archive.writestr(name, path.read_bytes() if name == INDEX else sound.read(name))
    return _read_pack(changed)


def _read_published(path: Path) -> object:
    """A zip of a model's folder, as hubs give it."""
    from asa_desktop.core.model_published import copy_published, read_published

    published = read_published(path)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy_published(published, Path(folder))
    return published


@functools.cache
def _model_kept() -> tempfile.TemporaryDirectory[str]:
    """A sound model, made once a process: that takes longer than an input may."""
    kept = tempfile.TemporaryDirectory()
    material.untrained_model(Path(kept.name, "published"))
    return kept


def _read_index(path: Path) -> object:
    """The config.json of a model's folder that is sound otherwise."""
    from asa_desktop.core.model_published import INDEX, read_published

    folder = Path(_model_kept().name, "published")
    (folder / INDEX).write_bytes(path.read_bytes())
    return read_published(folder)


def _indices() -> list[tuple[str, bytes]]:
    """The right one for that model: a worker reads its samples first, and they must be sound."""
    from asa_desktop.core.model_published import LAYOUT

    files = sorted(Path(_model_kept().name, "published").iterdir())
    hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return [(".json", json.dumps({"asa_layout": LAYOUT, "files": hashes}).encode())]


def _read_settings(path: Path) -> object:
    from asa_desktop.services.settings import load_settings

    return load_settings(path)


def _sounds() -> list[tuple[str, bytes]]:
    sound = material.sing(0.3)
    made = []
    for suffix, how in (
        (".wav", "PCM_16"), (".wav", "FLOAT"), (".flac", "PCM_16"), (".ogg", "VORBIS"),
        (".mp3", "MPEG_LAYER_III"), (".aiff", "PCM_24"),
    ):  # fmt: skip
        stream = io.BytesIO()
        soundfile.write(stream, sound, material.RATE, subtype=how, format=suffix[1:].upper())
        made.append((suffix, stream.getvalue()))
    return made


def _films() -> list[tuple[str, bytes]]:
    """Sound that libsndfile does not read, with and without pictures; PyAV has to be there."""
    voice = np.stack(2 * [material.sing(0.3, rate=44_100)], axis=1)
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for name, video in (("a.m4a", False), ("a.mp4", True), ("a.mkv", True)):
            path = material.film(Path(folder) / name, voice, codec="aac", video=video)
            made.append((path.suffix, path.read_bytes()))
    return made


def _takes() -> list[tuple[str, bytes]]:
    """Recordings of the program's own, with a comment on their timing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "take.flac"
        with soundfile.SoundFile(path, "w", 16000, 1, "PCM_16") as file:
            file.comment = (
                '{"asa": {"latency_s": 0.05, "delay_from": "chirps", "clock_ratio": 1.0001,'
                ' "start_s": 0.0, "gaps": [[1.0, 2.0]]}}'
            )
            file.write(np.zeros(800))
        return [(".flac", path.read_bytes())]


def _parts() -> list[tuple[str, bytes]]:
    from asa_desktop.engine.part import PartWriter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "take.w64"
        part = PartWriter(path, rate=16000)
        part.append(np.linspace(-0.5, 0.5, 800).astype(np.float32))
        part.close()
        return [(".w64", path.read_bytes())]


def _midis() -> list[tuple[str, bytes]]:
    track = bytes.fromhex(
        "00FF0304536F6E67" "00FF510307A120" "00FF580404021808" "00FF05026C61"
        "00903C40" "60803C40" "00FF05026C61" "00904040" "8100804040" "00FF2F00"
    )  # fmt: skip
    head = b"MThd" + bytes.fromhex("00000006000100010060")
    return [(".mid", head + b"MTrk" + len(track).to_bytes(4, "big") + track)]


def _scores() -> list[tuple[str, bytes]]:
    score = (HERE / "data" / "songs" / "round.musicxml").read_bytes()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="a.musicxml"/></rootfiles></container>',
        )
        archive.writestr("a.musicxml", score)
    return [(".musicxml", score), (".mxl", stream.getvalue())]


def _model() -> list[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        return [
            (".json", (material.untrained_model(Path(folder) / "m") / "card.json").read_bytes())
        ]


def _weights() -> list[tuple[str, bytes]]:
    with tempfile.TemporaryDirectory() as folder:
        path = material.untrained_model(Path(folder) / "m") / "weights.safetensors"
        return [(path.suffix, path.read_bytes())]


def _zipped() -> list[tuple[str, bytes]]:
    """A model's folder zipped as it is, and in a folder of its own."""
    made = []
    with tempfile.TemporaryDirectory() as folder:
        model = material.untrained_model(Path(folder) / "model")
        for top in ("", "model-main/"):
            stream = io.BytesIO()
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted(model.iterdir()):
                    archive.write(path, f"{top}{path.name}")
            made.append((".zip", stream.getvalue()))
    return made


@functools.cache
def _pack() -> bytes:
    """A sound pack, made once a process."""
    from asa_desktop.core.model_pack import write_pack
    from asa_desktop.core.models import validate_model

    with tempfile.TemporaryDirectory() as folder:
        stream = io.BytesIO()
        write_pack([validate_model(material.untrained_model(Path(folder) / "m"))], stream)
        return stream.getvalue()


def _pack_indices() -> list[tuple[str, bytes]]:
    from asa_desktop.core.model_pack import INDEX

    with zipfile.ZipFile(io.BytesIO(_pack())) as archive:
        return [(".json", archive.read(INDEX))]


_NUMBERS = (b"0", b"-1", b"1e400", b"NaN", b"99999999999999999999", b"0.0000001", b"\xff\xfe")
_XML = (b"<note>", b"</note>", b"<repeat direction=\"backward\" times=\"9\"/>", b"<duration>",
        b"<!ENTITY a \"a\">", b"&a;", b"<chord/>", b"<divisions>0</divisions>")  # fmt: skip
_ULTRASTAR = (b"\n: 0 8 0 la", b"\n- 8", b"\nP1", b"\nP2", b"\n#BPM:", b"\n#GAP:", b"\nE", b"\n* ")
_JSON = (b"{", b"}", b"[", b"]", b'"', b"null", b'"schema": 1', b"\\ud800", b"[" * 2000)

READERS: dict[str, Reader] = {
    "ultrastar": Reader(
        _read_ultrastar,
        _files(DEMO / "pjs-medley" / "notes.txt", HERE / "data" / "songs" / "duet.txt"),
        (*_ULTRASTAR, *_NUMBERS),
    ),
    "lrc": Reader(
        _read_lrc,
        _files(DEMO / "pjs-medley" / "lyrics.lrc", HERE / "data" / "songs" / "words.lrc"),
        (b"[00:01.00]", b"<00:02.00>", b"[offset:+99999]", b"[99:99.99]", *_NUMBERS),
    ),
    "midi": Reader(
        _read_midi, _midis, (b"MTrk", b"\xff\x51\x03", b"\xff\xff\xff\x7f", b"\x00\x90")
    ),
    "musicxml": Reader(_read_musicxml, _scores, (*_XML, *_NUMBERS)),
    "song.toml": Reader(
        _read_song_card,
        _files(DEMO / "pjs-medley" / "song.toml", DEMO / "on-the-run" / "song.toml"),
        (b"../", b"/etc/passwd", b"offset = ", b"\x00", b"[[", *_NUMBERS),
    ),
    "sound": Reader(_decode, _sounds, (b"RIFF", b"data", b"fmt ", b"fLaC", b"OggS", b"\xff\xfb")),
    "film": Reader(
        _decode, _films, (b"moov", b"mdat", b"stsz", b"stts", b"\x1aE\xdf\xa3", b"\xff\xff\xff\x7f")
    ),
    "timing": Reader(_read_timing, _takes, (b"fLaC", *_JSON, *_NUMBERS)),
    "part": Reader(_read_part, _parts, (b"riff", b"data", b"\xff" * 8)),
    "model card": Reader(_read_model, _model, (*_JSON, *_NUMBERS)),
    "weights": Reader(_read_weights, _weights, (*_JSON, b"\xff" * 8, b'"F16"', b'"shape"')),
    "pack": Reader(
        _read_pack,
        lambda: [(".zip", _pack())],
        (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"../", *_JSON),
    ),
    "pack index": Reader(_read_pack_index, _pack_indices, _JSON),
    "published": Reader(
        _read_published, _zipped, (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"../", *_JSON)
    ),
    "index": Reader(_read_index, _indices, _JSON),
    "settings": Reader(
        _read_settings,
        lambda: [(".json", b'{"device": "auto", "theme": "dark", "input": "mic", "rate": 48000}')],
        (*_JSON, *_NUMBERS),
    ),
}
