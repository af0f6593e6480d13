"""`asa self-test`: does this installation do its job on this machine?"""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from asa_desktop import words
from asa_desktop.cli import choose
from asa_desktop.cli.analyze import Session
from asa_desktop.cli.app import DONE, OUR_FAULT
from asa_desktop.core import load_song, validate_model
from asa_desktop.core.audio import decode, write_flac
from asa_desktop.core.errors import AsaError
from asa_desktop.core.types import FloatArray
from asa_desktop.services import paths
from asa_desktop.services.featurestore import FeatureStore
from asa_desktop.services.library import Library
from asa_desktop.services.updates.asking import tls
from asa_desktop.services.updates.release_list import signed

DRIFT_SEMITONES = 1.5
DRIFT_HZ = 0.4
LEAST_GAP = 10.0
# RFC 8032, 7.1, test 2: a signature of the one byte 72.
_RFC_8032_KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
_RFC_8032_SIGNED = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


@dataclass(frozen=True, slots=True)
class _Check:
    """One thing to see; `look` returns what it saw, or raises `_Failed`."""

    name: str
    look: Callable[[Path], str]


class _Failed(Exception):  # noqa: N818 - caught within this file
    """A check that ran, and saw something wrong."""


def run(options: argparse.Namespace) -> int:
    """Run every check, print a line for each; 1 where one failed."""
    del options
    failed = False
    with tempfile.TemporaryDirectory(prefix="asa-self-test-") as name:
        for check in _CHECKS:
            start = time.perf_counter()
            try:
                seen, good = check.look(Path(name)), True
            except (_Failed, AsaError) as error:
                seen = words.say(error) if isinstance(error, AsaError) else str(error)
                good = False
            spent = time.perf_counter() - start
            print(f"{'ok  ' if good else 'FAIL'} {check.name}: {seen} ({spent:.1f} s)", flush=True)
            failed = failed or not good
    return OUR_FAULT if failed else DONE


def _python(folder: Path) -> str:
    return f"{sys.version.split()[0]} on {sys.platform}"


def _library(folder: Path) -> str:
    """A new library beside the user's own, which a test must not touch."""
    with Library.open(folder / "library") as library:
        person = library.add_person(name="self-test")
        if [each.id for each in library.people()] != [person.id]:
            raise _Failed("what was written did not come back")
    return "made, written and read"


def _models(folder: Path) -> str:
    cards = [validate_model(each) for each in paths.bundled_models()]
    if not cards:
        raise _Failed("the program came without a model")
    return ", ".join(card.id for card in cards)


def _singing(folder: Path) -> str:
    """The original must score above the bundled take (poor in places) and above a wandering one."""
    take, session = _bundled(folder)
    if session.song.vocal is None:
        raise _Failed("the demo song came without its original voice")
    sound = decode(session.song.vocal)
    poor = folder / "poor.flac"
    write_flac(poor, drifting(sound.samples, sound.rate), sound.rate)
    sung = {"the original": session.song.vocal, "the bundled take": take, "made to drift": poor}
    scores = {name: session.analyse(path, label=name).overall.score for name, path in sung.items()}
    seen = ", ".join(f"{name} {_number(score)}" for name, score in scores.items())
    good, *rest = scores.values()
    if good is None or any(score is None or score > good - LEAST_GAP for score in rest):
        raise _Failed(seen)
    return seen


def _updates(folder: Path) -> str:
    """A look at the list of releases, up to where it would open a connection."""
    key, signature = bytes.fromhex(_RFC_8032_KEY), base64.b64encode(bytes.fromhex(_RFC_8032_SIGNED))
    if not signed(b"\x72", signature, (key,)) or signed(b"\x73", signature, (key,)):
        raise _Failed("signatures are not told from others")
    return f"signatures are told from others, {tls()} is there; nobody was asked"


def _number(score: float | None) -> str:
    return "not scored" if score is None else f"{score:.0f}"


def _silence(folder: Path) -> str:
    path = folder / "silence.flac"
    write_flac(path, np.zeros(16_000 * 5, np.float32), 16_000)
    _, session = _bundled(folder)
    analysis = session.analyse(path, label="silence")
    if analysis.status != "not_scored":
        raise _Failed(f"scored {analysis.overall.score}")
    return f"not scored: {words.reason_text(analysis.reason or '')}"


@lru_cache(maxsize=1)
def _bundled(folder: Path) -> tuple[Path, Session]:
    take, song = choose.bundled_take()
    session = Session.of(load_song(song))
    return take, replace(session, cache=FeatureStore(folder / "features"))


def drifting(samples: FloatArray, rate: int) -> FloatArray:
    """Singing whose pitch wanders up and down, by reading it now faster, now slower.

    The rate of reading is 1 + a cos(2 pi f t), so the place read is off by at most a / (2 pi f),
    about 36 ms: hardly a change of timing. Shape as `samples`: (channels, n).
    """
    t = np.arange(samples.shape[-1]) / rate
    deviation = 2 ** (DRIFT_SEMITONES / 12) - 1
    angular = 2 * np.pi * DRIFT_HZ
    place = t + deviation / angular * np.sin(angular * t)
    rows = [np.interp(place, t, row) for row in np.atleast_2d(samples)]
    return np.stack(rows).astype(np.float32)


_CHECKS = (
    _Check("Python", _python),
    _Check("library", _library),
    _Check("models", _models),
    _Check("singing", _singing),
    _Check("silence", _silence),
    _Check("updates", _updates),
)
