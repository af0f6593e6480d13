"""The bad inputs themselves, by what they concern."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sqlite3
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from tests import material
from tests.bad_inputs import Bad, Make

TAKE = "analyze take.wav"
LONG_NAME = "a" * 300 + ".wav"
ODD_NAME = "a\nb\x1b[31m\u202e.wav"
ULTRASTAR = "#TITLE:T\n#ARTIST:A\n#MP3:song.wav\n#BPM:120\n#GAP:0\n: 0 8 0 la\n: 8 8 2 la\nE\n"


def _text(name: str, content: str | bytes) -> Make:
    def make(here: Path) -> None:
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return make


def _sound(
    name: str,
    samples: material.Sound | None = None,
    *,
    rate: int = material.RATE,
    subtype: str | None = "PCM_16",
) -> Make:
    """Write a sound, by default a second of singing; shape (n,) or (n, channels)."""

    def make(here: Path) -> None:
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sound = material.sing(1.0) if samples is None else samples
        soundfile.write(path, sound, rate, subtype=subtype, format=path.suffix[1:].upper())

    return make


def _cut(name: str, *, share: float = 0.6, folder: str = "") -> Make:
    """A sound whose end is missing."""

    def make(here: Path) -> None:
        _sound(name, material.sing(6.0), subtype=None)(here)
        path = here / name
        content = path.read_bytes()
        path.write_bytes(content[: round(len(content) * share)])

    return make


def _both(*makes: Make) -> Make:
    def make(here: Path) -> None:
        for each in makes:
            each(here)

    return make


def _with_sample(value: float) -> material.Sound:
    sound = material.sing(1.0)
    sound[len(sound) // 2] = value
    return sound


def _an_hour_and_one_minute(here: Path) -> None:
    """A sparse file: its header promises 61 minutes, and the disk holds next to nothing."""
    path = here / "take.wav"
    _sound("take.wav")(here)
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    size = 61 * 60 * material.RATE * 2
    content[at : at + 4] = struct.pack("<I", size)
    content[4:8] = struct.pack("<I", size + at - 4)
    path.write_bytes(content)
    with path.open("r+b") as file:
        file.truncate(at + 4 + size)


def _unknown_codec(here: Path) -> None:
    """A WAV whose format tag is nobody's."""
    _sound("take.wav")(here)
    path = here / "take.wav"
    content = bytearray(path.read_bytes())
    at = content.index(b"fmt ") + 8
    content[at : at + 2] = struct.pack("<H", 0x5A5A)
    path.write_bytes(content)


def _silent_film(here: Path) -> None:
    import av

    with av.open(str(here / "take.mp4"), "w") as box:
        film = box.add_stream("mpeg4", rate=10, width=32, height=32, pix_fmt="yuv420p")
        for k in range(10):
            picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), "u1"), format="rgb24")
            picture.pts = k
            box.mux(film.encode(picture))
        box.mux(film.encode(None))


def _pipe(here: Path) -> None:
    os.mkfifo(here / "take.wav")


def _closed(name: str, make: Make) -> Make:
    """Made, then closed to everybody."""

    def closed(here: Path) -> None:
        make(here)
        (here / name).chmod(0)

    return closed


def _folder(name: str, *, mode: int = 0o755) -> Make:
    def make(here: Path) -> None:
        (here / name).mkdir()
        (here / name).chmod(mode)

    return make


def _link(name: str, target: str) -> Make:
    def make(here: Path) -> None:
        (here / name).symlink_to(target)

    return make


def _model(**changes: object) -> Make:
    """A model with some of its card changed."""

    def make(here: Path) -> None:
        folder = material.untrained_model(here / "model")
        material.write_card(folder, {**material.read_card(folder), **changes})

    return make


def _model_file(name: str, change: str) -> Make:
    """A model with one of its files cut, changed or taken away."""

    def make(here: Path) -> None:
        path = material.untrained_model(here / "model") / name
        content = bytearray(path.read_bytes())
        if change == "gone":
            path.unlink()
            return
        if change == "cut":
            del content[len(content) // 2 :]
        else:
            content[len(content) // 2] ^= 1
        path.write_bytes(content)

    return make


_A_TAKE = _sound("take.wav")
_A_SONG = _both(_A_TAKE, _sound("song/song.wav"))
_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    '<score-partwise version="3.1"><part-list/><work>&b;</work></score-partwise>'
)

TAKES = (
    Bad("no such file", TAKE),
    Bad("a folder instead of a file", TAKE, _folder("take.wav")),
    Bad("an empty name", ("analyze", "")),
    Bad("a link to nowhere", TAKE, _link("take.wav", "gone.wav"), needs=("links",)),
    Bad("a link to itself", TAKE, _link("take.wav", "take.wav"), needs=("links",)),
    Bad("a name that is too long", ("analyze", LONG_NAME)),
    Bad("a name that repaints the terminal", ("analyze", ODD_NAME)),
    Bad("a name that looks like an option", "analyze -take.wav", _sound("-take.wav")),
    Bad("a pipe", TAKE, _pipe, needs=("named pipes",)),
    Bad("a device", "analyze /dev/zero", needs=("rights",)),
    Bad("no rights", TAKE, _closed("take.wav", _A_TAKE), needs=("rights",), unprivileged=True),
    Bad("an empty file", TAKE, _text("take.wav", "")),
    Bad("a text called .wav", TAKE, _text("take.wav", "do re mi fa sol\n" * 100)),
    Bad("a picture called .mp3", "analyze take.mp3", _text("take.mp3", b"\x89PNG\r\n\x1a\n" * 99)),
    Bad("a WAV cut short", TAKE, _cut("take.wav")),
    Bad("a FLAC cut short", "analyze take.flac", _cut("take.flac")),
    Bad("an MP3 cut short", "analyze take.mp3", _cut("take.mp3")),
    Bad("an AIFF cut short", "analyze take.aiff", _cut("take.aiff")),
    Bad("a WAV that ends after its header", TAKE, _cut("take.wav", share=0.00023)),
    Bad(
        "an M4A without its end",
        "analyze take.m4a",
        _text("take.m4a", b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42" + bytes(900)),
        needs=("PyAV",),
    ),
    Bad(
        "an M4A where nothing can read it",
        "analyze take.m4a",
        _text("take.m4a", b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42" + bytes(900)),
        without=("av",),
    ),
    Bad("a video without sound", "analyze take.mp4", _silent_film, needs=("PyAV",)),
    Bad("a codec that nobody knows", TAKE, _unknown_codec, needs=("PyAV",)),
    Bad("0 seconds", TAKE, _sound("take.wav", np.zeros(0, np.float32))),
    Bad(
        "a sample that is no number",
        TAKE,
        _sound("take.wav", _with_sample(np.nan), subtype="FLOAT"),
    ),
    Bad("an infinite sample", TAKE, _sound("take.wav", _with_sample(np.inf), subtype="FLOAT")),
    Bad("8 channels", TAKE, _sound("take.wav", np.zeros((900, 8), np.float32))),
    Bad("4 kHz", TAKE, _sound("take.wav", rate=4000)),
    Bad("768 kHz", TAKE, _sound("take.wav", rate=768_000)),
    Bad("61 minutes", TAKE, _an_hour_and_one_minute),
    Bad(
        "one bad take of two",
        "analyze bad.wav take.wav",
        _both(_text("bad.wav", "no sound"), _A_TAKE),
    ),
    Bad("silence", TAKE, _sound("take.wav", np.zeros(80_000, np.float32)), status=0),
    Bad("noise", TAKE, _sound("take.wav", material.hiss(5)), status=0),
    Bad("speech", TAKE, _sound("take.wav", material.talk(6)), status=0),
    Bad("a take of one second", TAKE, _A_TAKE, status=0),
    Bad("singing, but no song", TAKE, _sound("take.wav", material.sing(4)), status=0),
)


def _song(wrong: str, make: Make = lambda here: None, **how: object) -> Bad:
    return Bad(wrong, f"{TAKE} --song song", _both(_A_TAKE, make), **how)  # type: ignore[arg-type]


def _of_song(name: str, content: str | bytes) -> Make:
    return _both(_sound("song/song.wav"), _text(f"song/{name}", content))


SONGS = (
    Bad("a song and a reference", f"{TAKE} --song song --reference take.wav", _A_SONG),
    _song("no such song"),
    _song("an empty song folder", _folder("song")),
    _song("a song folder without sound", _text("song/readme.md", "lyrics to come")),
    _song(
        "a song folder that is closed",
        _folder("song", mode=0),
        needs=("rights",),
        unprivileged=True,
    ),
    Bad(
        "a song of an unknown kind",
        f"{TAKE} --song song.pdf",
        _both(_A_TAKE, _text("song.pdf", "%PDF")),
    ),
    _song("a song.toml with a slip", _of_song("song.toml", 'title = "Song\n')),
    _song("a song.toml with a wrong value", _of_song("song.toml", 'offset = "soon"\n')),
    _song("a song.toml that leads outside", _of_song("song.toml", 'vocal = "../../secret.wav"\n')),
    _song("a song.toml that names the system", _of_song("song.toml", 'mix = "/etc/passwd"\n')),
    _song("a song.toml whose file is missing", _of_song("song.toml", 'vocal = "voice.wav"\n')),
    _song("two original voices", _both(_of_song("vocal.wav", b""), _text("song/vocals.wav", ""))),
    _song(
        "an UltraStar file that leads outside",
        _text("song/n.txt", ULTRASTAR.replace("song.wav", "../../take.wav")),
    ),
    _song(
        "an UltraStar file without a tempo", _of_song("n.txt", ULTRASTAR.replace("#BPM:120\n", ""))
    ),
    _song("an UltraStar file of tempo 0", _of_song("n.txt", ULTRASTAR.replace("120", "0"))),
    _song(
        "an UltraStar file without notes",
        _of_song("n.txt", "#TITLE:T\n#ARTIST:A\n#BPM:120\nE\n"),
    ),
    _song("a MIDI file that is none", _of_song("notes.mid", b"MThd\0\0\0\6\0\1\0\1\0")),
    _song("a score that could fill the memory", _of_song("notes.musicxml", _BOMB)),
    Bad(
        "an original voice cut short",
        f"{TAKE} --song song --model model",
        _both(_A_SONG, _cut("song/vocal.wav"), _model()),
    ),
    _song("an original voice that is a text", _of_song("vocal.wav", "la la la")),
    Bad("no such reference", f"{TAKE} --reference voice.wav", _A_TAKE),
    Bad(
        "a reference that is a text",
        f"{TAKE} --reference a.wav",
        _both(_A_TAKE, _text("a.wav", "la")),
    ),
    Bad("no such accompaniment", f"{TAKE} --accompaniment band.wav", _A_TAKE),
)


def _with_model(wrong: str, make: Make) -> Bad:
    return Bad(wrong, f"{TAKE} --reference take.wav --model model", _both(_A_TAKE, make))


MODELS = (
    Bad("no such model", f"{TAKE} --model untrained", _A_TAKE),
    _with_model("a folder that is no model", _folder("model")),
    _with_model("a model card that is no JSON", _both(_model(), _text("model/card.json", "{"))),
    _with_model("a model card of another version", _model(schema=99)),
    _with_model("a model of another system", _model(system="oracle")),
    _with_model("a model trained on other features", _model(features={"name": "asa-six"})),
    _with_model("a model of another network", _model(network={"width": -1})),
    _with_model("a model whose scale falls", _model(score_map={"knots": [[1, 0], [0, 100]]})),
    _with_model("weights cut short", _model_file("weights.safetensors", "cut")),
    _with_model("weights with one bit changed", _model_file("weights.safetensors", "changed")),
    _with_model("weights that are missing", _model_file("weights.safetensors", "gone")),
    Bad("no such device", f"{TAKE} --device tpu", _A_TAKE),
    Bad(
        "a device that is not here",
        f"{TAKE} --reference take.wav --model model --device cuda",
        _both(_A_TAKE, _model()),
        needs=("no CUDA",),
    ),
)


def _pack(change: Callable[[dict[str, bytes]], None], *, linked: str = "") -> Make:
    """A pack of one sound model, with its entries changed; `linked` names one that is a link."""

    def make(here: Path) -> None:
        from asa_desktop.core.model_pack import write_pack
        from asa_desktop.core.models import validate_model

        with tempfile.TemporaryDirectory() as folder:
            stream = io.BytesIO()
            write_pack([validate_model(material.untrained_model(Path(folder) / "model"))], stream)
        with zipfile.ZipFile(stream) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        change(entries)
        with zipfile.ZipFile(here / "pack.zip", "w") as archive:
            for name, content in entries.items():
                entry = zipfile.ZipInfo(name)
                entry.external_attr = (stat.S_IFLNK if name == linked else stat.S_IFREG) << 16
                archive.writestr(entry, content)

    return make


def _weights_of(entries: dict[str, bytes]) -> str:
    return next(name for name in entries if name.endswith(".safetensors"))


def _one_bit(entries: dict[str, bytes]) -> None:
    name = _weights_of(entries)
    content = bytearray(entries[name])
    content[len(content) // 2] ^= 1
    entries[name] = bytes(content)


def _of_version_99(entries: dict[str, bytes]) -> None:
    entries["pack.json"] = json.dumps({**json.loads(entries["pack.json"]), "schema": 99}).encode()


def _without_weights(entries: dict[str, bytes]) -> None:
    del entries[_weights_of(entries)]


def _published(change: Callable[[Path], object]) -> Make:
    """A model's folder as it is downloaded from a hub, with something done to it."""

    def make(here: Path) -> None:
        folder = material.untrained_model(here / "downloaded")
        (folder / "README.md").write_text("# untrained", encoding="utf-8")
        index = {
            "asa_layout": 1,
            "files": {
                name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
                for name in ("card.json", "weights.safetensors")
            },
        }
        (folder / "config.json").write_text(json.dumps(index), encoding="utf-8")
        change(folder)

    return make


def _of_layout_99(folder: Path) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "asa_layout": 99}), "utf-8")


def _link_to_the_weights(folder: Path) -> None:
    weights = folder / "weights.safetensors"
    weights.rename(folder.parent / "blob")
    weights.symlink_to(folder.parent / "blob")


def _zipped_with_a_way_out(folder: Path) -> None:
    with zipfile.ZipFile(folder.parent / "downloaded.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"downloaded/{path.name}")
        archive.writestr("downloaded/../../evil.sh", "rm -r ~")


def _noted_only(folder: Path) -> None:
    note = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    (folder / "weights.safetensors").write_text(note, encoding="utf-8")


ADD = "models add pack.zip"
ADD_FOLDER = "models add downloaded"
PACKS = (
    Bad("no such pack", ADD),
    Bad("a text called .zip", ADD, _text("pack.zip", "models")),
    Bad("a pack of another version", ADD, _pack(_of_version_99)),
    Bad("a pack that leads outside", ADD, _pack(lambda it: it.update({"../evil.sh": b"rm -r ~"}))),
    Bad("a pack with a program in it", ADD, _pack(lambda it: it.update({"a/setup.py": b"1"}))),
    Bad("a pack with a link", ADD, _pack(lambda it: it.update({"a/card.json": b"/etc/passwd"}),
                                         linked="a/card.json")),
    Bad("a pack without the weights", ADD, _pack(_without_weights)),
    Bad("a pack in which one bit has changed", ADD, _pack(_one_bit)),
    Bad("a folder without a model", ADD_FOLDER, _folder("downloaded")),
    Bad("a downloaded model without its weights", ADD_FOLDER,
        _published(lambda folder: (folder / "weights.safetensors").unlink())),
    Bad("a downloaded model of another layout", ADD_FOLDER, _published(_of_layout_99)),
    Bad("a downloaded model with a card of another version", ADD_FOLDER, _published(
        lambda folder: material.write_card(folder, {**material.read_card(folder), "schema": 99}))),
    Bad("a downloaded model whose card was changed", ADD_FOLDER, _published(
        lambda folder: material.write_card(folder, {**material.read_card(folder), "scale": "x"}))),
    Bad("a downloaded model with a link for its weights", ADD_FOLDER,
        _published(_link_to_the_weights)),
    Bad("a model cloned without Git LFS", ADD_FOLDER, _published(_noted_only)),
    Bad("a zipped model with a way out", "models add downloaded.zip",
        _published(_zipped_with_a_way_out)),
)  # fmt: skip

OUTPUTS = (
    Bad("JSON over a take", "analyze --json take.wav", _A_TAKE),
    Bad(
        "JSON over somebody's file",
        f"{TAKE} --json my.json",
        _both(_A_TAKE, _text("my.json", '{"a": 1}')),
    ),
    Bad("JSON into a folder that is missing", f"{TAKE} --json gone/a.json", _A_TAKE),
    Bad("JSON onto a folder", f"{TAKE} --json a.json", _both(_A_TAKE, _folder("a.json"))),
    Bad(
        "JSON into a closed folder",
        f"{TAKE} --json shut/a.json",
        _both(_A_TAKE, _folder("shut", mode=0o555)),
        needs=("rights",),
        unprivileged=True,
    ),
    Bad(
        "JSON onto a full disk",
        f"{TAKE} --json a.json",
        _both(_A_TAKE, _link("a.json", "/dev/full")),
        needs=("/dev/full",),
    ),
    Bad("a report onto a file", f"{TAKE} --report r", _both(_A_TAKE, _text("r", "mine"))),
    Bad("a report below a file", f"{TAKE} --report r/s", _both(_A_TAKE, _text("r", "mine"))),
    Bad(
        "a report among other files",
        f"{TAKE} --report r",
        _both(_A_TAKE, _text("r/my.txt", "mine")),
    ),
    Bad(
        "a report into a closed folder",
        f"{TAKE} --report shut/r",
        _both(_A_TAKE, _folder("shut", mode=0o555)),
        needs=("rights",),
        unprivileged=True,
    ),
)

REQUESTS = (
    Bad("no take", "analyze"),
    Bad("an unknown option", f"{TAKE} --loud", _A_TAKE),
    Bad("an option without its value", f"{TAKE} --model", _A_TAKE),
    Bad("an unknown command", "sing take.wav", _A_TAKE),
)


def _a_mix(*, beside: str = "", silent: bool = False) -> Make:
    """A mix, a file called as weights, and a folder with something in it."""

    def make(here: Path) -> None:
        _sound("mix.wav", np.zeros(8_000, np.float32) if silent else None)(here)
        (here / "weights.th").write_text("no weights", encoding="utf-8")
        if beside:
            (here / beside).mkdir()
            (here / beside / "mine.txt").write_text("mine", encoding="utf-8")

    return make


SEPARATE = "separate mix.wav --weights weights.th"
SEPARATIONS = (
    Bad("no mix", "separate --out apart"),
    Bad("a mix and nowhere to put its parts", "separate mix.wav", _a_mix()),
    Bad("weights from a page without TLS", "separate --fetch --weights-from http://example.org/w"),
    Bad(
        "a mix where demucs is not installed",
        f"{SEPARATE} --out apart",
        _a_mix(),
        without=("demucs",),
    ),
    Bad("no such mix", f"{SEPARATE[:9]}none.wav --out apart", needs=("demucs",)),
    Bad("a silent mix", f"{SEPARATE} --out apart", _a_mix(silent=True), needs=("demucs",)),
    Bad("parts over something else", f"{SEPARATE} --out full", _a_mix(beside="full"),
        needs=("demucs",)),
    Bad("parts into no folder", f"{SEPARATE} --out none/apart", _a_mix(), needs=("demucs",)),
    Bad("a text for weights", f"{SEPARATE} --out apart", _a_mix(), needs=("demucs",)),
)  # fmt: skip


def _library(change: Callable[[Path], None]) -> Make:
    """A change to the user's library, beside a model that is sound."""

    def make(here: Path) -> None:
        home = here.parent / "home"
        material.untrained_model(home / "models" / "untrained")
        change(home / "library" / "library.sqlite")

    return make


def _of_another_program(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")


def _of_a_newer_program(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")


def _damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100] + b"nonsense" * 1000)


LIBRARIES = (
    Bad("a damaged library", "check", _library(_damaged)),
    Bad("a library of another program", "check", _library(_of_another_program)),
    Bad("a library of a newer version", "check", _library(_of_a_newer_program)),
)

CASES = (*TAKES, *SONGS, *MODELS, *PACKS, *OUTPUTS, *REQUESTS, *SEPARATIONS, *LIBRARIES)
