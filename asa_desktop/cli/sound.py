"""What all commands that open sound devices share."""

from __future__ import annotations

import argparse
import shlex
import sys

from asa_desktop import words
from asa_desktop.cli.app import complain
from asa_desktop.engine.messages import Opened, Setup
from asa_desktop.services.delays import delay_for
from asa_desktop.services.library import Library
from asa_desktop.services.recorder import Recorder
from asa_desktop.services.rehearsal import calibrated
from asa_desktop.services.taking import Delay


def engine() -> Recorder:
    """An engine of our own; a seam for tests."""
    return Recorder.start()


def setup_of(options: argparse.Namespace) -> Setup:
    """The devices that the options name."""
    return Setup(
        input=options.input,
        output=options.output,
        host_api=options.host_api,
        channel=options.channel - 1,
        rate=options.rate,
        block=options.block,
    )


def options_of(setup: Setup) -> str:
    """The options that name these devices again, to be typed after a command."""
    given = [
        (name, value)
        for name, value, usual in (
            ("--input", setup.input, ""),
            ("--output", setup.output, ""),
            ("--host-api", setup.host_api, ""),
            ("--channel", setup.channel + 1, 1),
            ("--rate", setup.rate, 0),
            ("--block", setup.block, Setup().block),
        )
        if value != usual
    ]
    return "".join(f" {name} {quoted(str(value))}" for name, value in given)


def quoted(text: str) -> str:
    """`text` as one word of a command line."""
    if sys.platform == "win32":
        return f'"{text}"' if not text or set(text) & set(" &()^;,'") else text
    return shlex.quote(text)


def told(code: str, /, **facts: object) -> None:
    """Print one of our sentences."""
    print(words.sentence(code, facts), flush=True)


def warned(code: str, /, **facts: object) -> None:
    """Say one of our sentences on the error stream."""
    complain(words.sentence(code, facts))


def milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)


def delay_of(opened: Opened, *, given_s: float | None, library: Library | None = None) -> Delay:
    """The delay for these devices: the given one, else the calibrated one, else the stamps'."""
    if given_s is not None:
        return Delay(given_s, "given")
    return calibrated(delay_for(opened, library=library))
