"""Takes that must not be scored, each with its reason, and honest ones that must.

Honest takes are real singing, some of it sung anew by WORLD in another voice; the song that they
are laid beside is the same piece in yet another voice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from asa_training.render.channel import record
from asa_training.render.engines import engine
from asa_training.render.plan import Channel
from asa_training.segment import FRAME_S
from scipy.signal import butter, sosfilt

from benchmarks import planted_sounds as sounds
from benchmarks.planted_pieces import SECONDS, SEEDS, Piece
from benchmarks.planted_sounds import RATE, Array, Tone

PLANTED = 28
_BROUGHT = "speech, brought along"
_BROUGHT_CODES = ("speech", "not_aligned")


@dataclass(frozen=True, slots=True)
class Take:
    """`row` of the table, the piece whose song it is laid beside, and `codes` that are right.

    No codes: an honest take. `align`: a recording from elsewhere, whose place has to be found.
    """

    row: str
    name: str
    sound: Array
    song: int
    codes: tuple[str, ...] = ()
    align: bool = False
    band: bool = True


def planted(
    sung: list[Piece], played: list[Array], talk: Array | None, half: str
) -> Iterator[Take]:
    """What must not be scored. `played` are the songs' accompaniments, then those of others."""
    rng = np.random.default_rng(SEEDS[half] + 20)
    for number in range(PLANTED):
        song = number % len(sung)
        piece = sung[song]
        yield Take("silence", *_silent(number, piece, rng), song, ("silence", "no_voice"))
        yield Take("noise", *_noise(number, rng), song, ("noise", "no_voice"))
        yield Take("clipped", "clipped", _clipped(piece, rng.uniform(24, 40)), song, ("clipped",))
        few = _few(piece, rng)
        yield Take("few voiced", "few", few, song, ("no_voice", "noise", "silence"))
        heard = _loudspeaker(played[song], rng)
        yield Take("bleed, known", f"band {song}", heard, song, ("bleed",))
        heard = _loudspeaker(played[len(sung) + number], rng)
        codes = ("bleed", "instrument", "noise")
        yield Take("bleed, unknown", f"band {number}", heard, song, codes, band=False)
        strange = sung[(song + 1 + number // len(sung)) % len(sung)]
        for row, align in (("another song", True), ("another, in step", False)):
            yield Take(row, strange.name, strange.sound, song, ("not_aligned",), align=align)
        torn = _torn(piece.sound, rng)
        yield Take("torn to pieces", piece.name, torn, song, ("not_aligned", "speech"), align=True)
        talked = _spoken(piece, rng)
        yield Take("speech", piece.name, talked, song, ("speech",))
        yield Take(_BROUGHT, piece.name, talked, song, _BROUGHT_CODES, align=True, band=False)
    for number, part in enumerate(np.array_split(talk, 2) if talk is not None else []):
        yield Take("speech", "read aloud", part, number, ("speech",))
        yield Take(_BROUGHT, "read aloud", part, number, _BROUGHT_CODES, align=True, band=False)
    for timbre in sounds.TIMBRES[half]:
        for number in range(4):
            song = int(rng.integers(len(sung)))
            own = number % 2 == 0
            tones = _own_tones(rng) if own else sung[song].tones
            sound = _in_a_room(sounds.played(tones, timbre, SECONDS, rng), rng)
            row = "instrument, own tune" if own else "instrument, the song"
            codes = ("instrument", "noise", "bleed")
            yield Take(row, timbre.name, sound, song, codes)
    smooth = [each for each in sounds.TIMBRES[half] if each.way == "additive" and not each.decay]
    for song, piece in enumerate(sung):
        timbre = smooth[song % len(smooth)]
        sound = _along(piece, timbre, rng)
        yield Take("tone on sung F0", timbre.name, sound, song, ("instrument",))


HONEST = (
    "plain", "quiet", "distant", "octave up", "octave down", "reverb", "phone", "light noise",
    "light clipping", "light bleed", "one vowel", "hummed", "soprano", "child", "falsetto",
)  # fmt: skip


def honest(sung: list[Piece], played: list[Array], half: str) -> Iterator[Take]:
    """What must be scored, of every piece in every way."""
    rng = np.random.default_rng(SEEDS[half] + 30)
    for song, piece in enumerate(sung):
        for way in HONEST:
            sound = _honest(piece, way, played[song], rng)
            yield Take(way, piece.name, sound, song, align=way in ("distant", "octave up", "phone"))


def _honest(piece: Piece, way: str, band: Array, rng: np.random.Generator) -> Array:
    sound = piece.sound / np.std(piece.sound)
    high = 1200.0 if np.median(piece.f0[piece.f0 > 0]) < 260 else 300.0
    anew: dict[str, dict[str, Any]] = {
        "octave up": {"cents": 1200.0, "formant": 1.1},
        "octave down": {"cents": -1200.0, "formant": 0.9},
        "one vowel": {"one_vowel": True},
        "hummed": {"one_vowel": True, "tilt": 1.2},
        "soprano": {"cents": high + 300, "formant": 1.1, "vibrato": 1.6, "one_vowel": True},
        "child": {"cents": high, "formant": 1.25, "vibrato": 0.6},
        "falsetto": {"cents": high, "tilt": 0.7},
    }
    channels = {
        "quiet": Channel(level_db=-40, noise_db=-40),
        "distant": Channel(level_db=-34, reverb_s=0.6, reverb_db=-4, noise_db=-28, noise_colour=1),
        "reverb": Channel(reverb_s=1.8, reverb_db=-7),
        "phone": Channel(low_cut_hz=300, high_cut_hz=3400, noise_db=-40),
        "light noise": Channel(noise_db=-22, noise_colour=float(rng.uniform(0, 1.5))),
        "child": Channel(reverb_s=1.5, reverb_db=-8),
    }
    if way in anew:
        sound = piece.sung(**anew[way])
    if way == "light clipping":
        return _clipped(piece, rng.uniform(3, 8))
    if way == "light bleed":
        sound = sound + 10 ** (-20 / 20) * _loudspeaker(band[: len(sound)], rng, noise=False)
    return record(sound, channels.get(way, Channel()), int(rng.integers(1 << 30)))


def _silent(number: int, piece: Piece, rng: np.random.Generator) -> tuple[str, Array]:
    count = round(SECONDS * RATE)
    hiss = rng.standard_normal(count)
    kinds = {
        "zeros": np.zeros(count),
        "quiet hiss": 10 ** (rng.uniform(-90, -64) / 20) * hiss,
        "offset": np.full(count, rng.uniform(-0.2, 0.2)) + 1e-5 * hiss,
        "a click": 0.5 * (np.arange(count) == int(rng.integers(count))),
        "far off": 10 ** (rng.uniform(-80, -66) / 20) * piece.sound / np.std(piece.sound) / 4,
    }
    name = list(kinds)[number % len(kinds)]
    return name, kinds[name]


def _noise(number: int, rng: np.random.Generator) -> tuple[str, Array]:
    makers = {
        "white": lambda: sounds.coloured(SECONDS, rng.uniform(0, 0.2), rng),
        "pink": lambda: sounds.coloured(SECONDS, rng.uniform(0.8, 1.2), rng),
        "brown": lambda: sounds.coloured(SECONDS, rng.uniform(1.7, 2.2), rng),
        "hum": lambda: sounds.hum(SECONDS, (50, 60)[int(rng.integers(2))], rng.uniform(0, 1), rng),
        "fan": lambda: sounds.fan(SECONDS, rng.uniform(40, 180), rng),
        "street": lambda: sounds.street(SECONDS, int(rng.integers(2, 7)), rng),
        "applause": lambda: sounds.applause(SECONDS, int(rng.integers(10, 60)), rng),
    }
    name = list(makers)[number % len(makers)]
    return name, _levelled(makers[name](), rng.uniform(-40, -12))


def _few(piece: Piece, rng: np.random.Generator) -> Array:
    """Half a second to a second of singing in a quiet room."""
    count = round(rng.uniform(0.5, 1.0) * RATE)
    sung = np.flatnonzero(piece.f0 > 0) * FRAME_S
    first = int(rng.choice(sung[sung < SECONDS - 2]) * RATE)
    out = np.zeros(round(SECONDS * RATE))
    out[3 * RATE : 3 * RATE + count] = piece.sound[first : first + count]
    out = _levelled(out, rng.uniform(-40, -30))
    return out + 10 ** (rng.uniform(-85, -70) / 20) * rng.standard_normal(len(out))


def _clipped(piece: Piece, drive_db: float) -> Array:
    """The peaks `drive_db` over what the microphone can take."""
    driven = 10 ** (drive_db / 20) * piece.sound / np.abs(piece.sound).max()
    return 0.99 * np.clip(driven, -1, 1)


def _loudspeaker(band: Array, rng: np.random.Generator, *, noise: bool = True) -> Array:
    """What a microphone hears of an accompaniment that is played in the room, a little late."""
    speaker = butter(2, (rng.uniform(120, 250), rng.uniform(4500, 7500)), "bandpass", fs=RATE,
                     output="sos")  # fmt: skip
    late = int(rng.uniform(0, 0.25) * RATE)
    heard = np.concatenate([np.zeros(late), sosfilt(speaker, band)])[: len(band)]
    channel = Channel(
        level_db=rng.uniform(-45, -25) if noise else 0.0,
        reverb_s=rng.uniform(0.2, 0.6),
        reverb_db=rng.uniform(-14, -4),
        noise_db=rng.uniform(-35, -15) if noise else None,
        noise_colour=1.0,
    )
    heard = record(heard, channel, int(rng.integers(1 << 30)))
    return heard if noise else heard / np.std(heard)


def _in_a_room(sound: Array, rng: np.random.Generator) -> Array:
    channel = Channel(
        level_db=rng.uniform(-35, -18),
        reverb_s=rng.uniform(0.15, 0.8) if rng.random() < 0.6 else None,
        reverb_db=rng.uniform(-20, -8),
        noise_db=rng.uniform(-50, -28) if rng.random() < 0.6 else None,
        noise_colour=1.0,
    )
    return record(sound, channel, int(rng.integers(1 << 30)))


def _torn(sound: Array, rng: np.random.Generator) -> Array:
    """Pieces of 0.5 s in another order, each backwards."""
    whole = sound[: len(sound) // (RATE // 2) * (RATE // 2)].reshape(-1, RATE // 2)
    return np.ascontiguousarray(whole[rng.permutation(len(whole)), ::-1]).reshape(-1)


def _spoken(piece: Piece, rng: np.random.Generator) -> Array:
    """The words of a piece, faster, in a room."""
    return _in_a_room(spoken(piece, rng, speed=rng.uniform(1.2, 1.9)), rng)


def spoken(piece: Piece, rng: np.random.Generator, *, speed: float) -> Array:
    """The words of a piece on falling phrases with an accent a syllable, `speed` times as fast."""
    count = len(piece.f0)
    at = np.arange(round(count / speed)) * FRAME_S
    source = at * speed
    voiced = piece.f0[np.minimum((source / FRAME_S).astype(int), count - 1)] > 0
    base, phrase = rng.uniform(48, 58), rng.uniform(1.2, 2.2)
    falling = rng.uniform(4, 8) * (0.5 - (at % phrase) / phrase)
    beats = np.arange(0, at[-1] + 1, 1 / rng.uniform(3.5, 6))
    accents = np.interp(at, beats, rng.normal(0, rng.uniform(1.2, 2.5), len(beats)))
    midi = base + falling + accents + 0.1 * rng.standard_normal(len(at))
    f0 = np.where(voiced, 440 * 2 ** ((midi - 69) / 12), 0.0)
    vocoded = replace(piece.vocoded, samples=round(len(at) * FRAME_S * RATE))
    sound: Array = engine("world").render(
        vocoded, f0=f0, source_time=source, formant=rng.uniform(0.9, 1.1)
    )
    return sound


def _own_tones(rng: np.random.Generator) -> list[Tone]:
    """A tune that nobody wrote: steps of a major scale, staccato or legato."""
    scale = np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16])
    key, beat = rng.uniform(53, 66), rng.uniform(0.25, 0.5)
    held, at, degree = rng.choice([0.6, 0.95, 1.0]), 0.3, 4
    tones = []
    while at < SECONDS - 1.5:
        length = beat * rng.choice([1, 1, 2, 3])
        degree = int(np.clip(degree + rng.choice([-2, -1, -1, 1, 1, 2]), 0, 9))
        tones.append((at, at + held * length, float(key + scale[degree])))
        at += length * (2 if rng.random() < 0.1 else 1)
    return tones


def _along(piece: Piece, timbre: sounds.Timbre, rng: np.random.Generator) -> Array:
    """A tone that follows every turn of the sung pitch and its loudness: hardly to be told."""
    f0 = piece.f0
    there = f0 > 0
    clock = np.arange(len(piece.sound)) / RATE
    frames = np.arange(len(f0)) * FRAME_S
    hz = np.interp(clock, frames[there], f0[there])
    level = np.sqrt(np.convolve(piece.sound**2, np.ones(640) / 640, "same"))
    sounding = np.interp(clock, frames, there.astype(float))
    return _in_a_room(sounds.sung_by(hz, timbre, rng) * level * sounding, rng)


def _levelled(sound: Array, level_db: float) -> Array:
    """At this RMS of its loud part, in dBFS, and under full scale."""
    loud = np.sqrt(np.percentile(sound.reshape(-1, 160).var(axis=1), 90))
    out = sound * 10 ** (level_db / 20) / max(loud, 1e-9)
    return out * min(1.0, 0.95 / max(np.abs(out).max(), 1e-9))
