"""What may be asked for where sound is played and recorded."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from asa_desktop.core.errors import UsageError
from asa_desktop.core.examples import examples

RATES = (8_000, 384_000)
BLOCKS = (32, 8_192)
LOUDEST = 200
LONGEST_S = 3 * 3600


def add_record(commands: Any, *, path: Callable[[str], object]) -> None:
    """`asa record`; `path` reads the name of a file."""
    parser = commands.add_parser(
        "record",
        help="record a take while a song plays",
        description="Plays a song's accompaniment and records you. It ends with the song, or with"
        " Ctrl-C; what was sung is kept either way.",
        epilog=examples(
            "asa record --song pjs-medley --seconds 5 --out take.flac",
            "asa record --song SONG --singer NAME",
        ),
    )
    parser.add_argument("--song", metavar="SONG", help="a song's folder or file, or a bundled id")
    parser.add_argument(
        "--out", type=path, metavar="TAKE", help="a new .flac or .wav; else it goes to the library"
    )
    parser.add_argument("--singer", default="", metavar="NAME", help="who sings, for the library")
    parser.add_argument(
        "--start", type=number(0, LONGEST_S), default=0.0, metavar="S", help="begin there"
    )
    parser.add_argument(
        "--seconds", type=number(1, LONGEST_S), metavar="S", help="end after so long"
    )
    parser.add_argument(
        "--volume", type=number(0, LOUDEST), default=100.0, metavar="PERCENT", help="of the song"
    )
    parser.add_argument(
        "--vocal-volume",
        type=number(0, LOUDEST),
        metavar="PERCENT",
        help="of the original voice; silent unless it is all there is",
    )
    parser.add_argument(
        "--delay",
        type=number(-1000, 5000),
        metavar="MS",
        help="the sound's round trip, instead of the calibrated one",
    )
    parser.add_argument(
        "--channel", type=whole(1, 256), default=1, metavar="N", help="input to record, from 1"
    )
    _add_devices_options(parser)


def add_calibrate(commands: Any) -> None:
    """`asa calibrate`."""
    parser = commands.add_parser(
        "calibrate",
        help="measure how late the microphone hears what is played",
        description="Measures the round trip from the headphones to the microphone and keeps it"
        " for these devices.",
        epilog=examples("asa calibrate"),
    )
    parser.add_argument(
        "--by-ear", action="store_true", help="clap along to clicks, where nothing can be heard"
    )
    parser.add_argument(
        "--channel", type=whole(1, 256), default=1, metavar="N", help="input to record, from 1"
    )
    _add_devices_options(parser)


def add_devices(commands: Any) -> None:
    """`asa devices`."""
    parser = commands.add_parser(
        "devices",
        help="list microphones and headphones, and the delays that are known",
        description="Lists the sound devices and the delays that were calibrated.",
        epilog=examples("asa devices", "asa devices --json"),
    )
    parser.add_argument("--json", action="store_true", help="as JSON")


def check_record(options: argparse.Namespace) -> None:
    """Refuse what contradicts itself. Raises `UsageError`."""
    if options.song is not None and not options.song.strip():
        raise UsageError("empty_name")
    if options.song is None and options.out is None:
        raise UsageError("take_without_song")


def number(low: float, high: float) -> Callable[[str], float]:
    """A reader of numbers from `low` to `high`, as argparse wants it."""

    def read(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {high:g}")
        return value

    read.__name__ = "number"
    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers from `low` to `high`, as argparse wants it."""

    def read(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low} and {high}")
        return value

    read.__name__ = "whole number"
    return read


def _add_devices_options(parser: argparse.ArgumentParser) -> None:
    devices = parser.add_argument_group("devices (as `asa devices` names them)")
    devices.add_argument("--input", default="", metavar="NAME", help="microphone")
    devices.add_argument("--output", default="", metavar="NAME", help="headphones")
    devices.add_argument("--host-api", default="", metavar="NAME", help="e.g. ALSA, WASAPI")
    devices.add_argument("--rate", type=whole(*RATES), default=0, metavar="HZ", help="not its own")
    devices.add_argument(
        "--block", type=whole(*BLOCKS), default=512, metavar="FRAMES", help="at a time; 512"
    )
