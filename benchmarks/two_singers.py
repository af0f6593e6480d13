"""One singer beside another's voice, well and badly: `python -m benchmarks.two_singers DATA`.

For every part of a song that two real singers sing (`asa_training.corpus.pairs`, both ways round)
the take is scored against the other's voice, as `asa analyze TAKE --reference VOCAL` does, and so
are its own renditions by an engine that no network was trained on: with no fault, and with
intonation, rhythm and vibrato spoilt at 0.5 and at 1 (`asa_training.render.plan`). Printed are the
medians, and how often the take lies above its rendition.

`--only` names one pair of singers; `--model` another model.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import soundfile
from asa_training.corpus import Recording, pairs, recordings
from asa_training.render.channel import record
from asa_training.render.engines import RATE, engine
from asa_training.render.plan import Channel, Harmless, Plan, Severities
from asa_training.render.rendition import Singer
from asa_training.render.source import load_sources
from asa_training.segment import Array

from asa_desktop.core import analyse, load_model
from asa_desktop.core.networks.runner import Model
from asa_desktop.core.types import Analysis, Song
from asa_desktop.services.paths import bundled_models

SEVERITIES = (0.0, 0.5, 1.0)
_SPOILT = ("off_pitch", "timing", "vibrato")
_NAMES = ("as sung", *(f"rendered, {severity:g}" for severity in SEVERITIES))
_ENGINE, _SEED = "psola", 5


def rendered(singers: list[Singer], *, severity: float, seed: int) -> Array:
    """A recording with each of the three attributes spoilt alike; samples (N,) at 16 kHz."""
    plan = Plan(
        role="negative",
        engine=_ENGINE,
        seed=seed,
        severities=Severities(**dict.fromkeys(_SPOILT, severity)),
        harmless=Harmless(),
        channel=Channel(),
    )
    dry = [each.dry(plan)[0] for each in singers]
    return record(np.concatenate(dry), plan.channel, seed)


def takes_of(recording: Recording, folder: Path, seed: int) -> dict[str, Path]:
    """The recording itself and its renditions, written to a folder."""
    singers = [Singer(source, engine(_ENGINE)) for source in load_sources(recording)]
    found = {_NAMES[0]: recording.path}
    for name, severity in zip(_NAMES[1:], SEVERITIES, strict=True):
        found[name] = folder / f"{severity:g}.wav"
        sound = rendered(singers, severity=severity, seed=seed)
        soundfile.write(found[name], np.clip(sound, -1, 1), RATE, subtype="PCM_16")
    return found


def measure(couples: list[tuple[Recording, Recording]], model: Model) -> dict[str, list[Analysis]]:
    """Every take against the other's voice, by what was made of it."""
    found: dict[str, list[Analysis]] = defaultdict(list)
    both = [pair for one, other in couples for pair in ((one, other), (other, one))]
    for number, (recording, other) in enumerate(both):
        song = Song(title=other.song, vocal=other.path)
        with tempfile.TemporaryDirectory() as folder:
            for name, path in takes_of(recording, Path(folder), _SEED + number).items():
                found[name].append(analyse(path, song, model=model, align=True))
        said = "  ".join(f"{_said(found[name][-1]):>4}" for name in _NAMES)
        print(f"{recording.singer:>9} beside {other.singer:<9} {recording.part[:24]:<24} {said}")
    return found


def _said(analysis: Analysis) -> str:
    score = analysis.overall.score
    return f"{score:.0f}" if score is not None else "-"


def report(found: dict[str, list[Analysis]]) -> None:
    """Medians of the score and its attributes, and the order within pairs."""
    attributes = ("intonation", "rhythm", "vibrato", "steadiness", "dynamics")
    print(f"\n{'':16}{'n':>4}{'median':>8}{'least':>7}{'most':>6}{'above it':>10}   " + "  ".join(
        f"{name:>10}" for name in attributes
    ))  # fmt: skip
    sung = found[_NAMES[0]]
    for name in _NAMES:
        scores = [each.overall.score for each in found[name]]
        known = [score for score in scores if score is not None]
        above = [
            good.overall.score > score
            for good, score in zip(sung, scores, strict=True)
            if score is not None and good.overall.score is not None
        ]
        order = "" if name == _NAMES[0] else f"{sum(above)} of {len(above)}"
        line = (
            f"{name:16}{len(known):>4}{np.median(known):>8.0f}{min(known):>7.0f}{max(known):>6.0f}"
        )
        each = "  ".join(f"{_median(found[name], attribute):>10}" for attribute in attributes)
        print(f"{line}{order:>10}   {each}")
    for name in _NAMES:
        why = [each.reason for each in found[name] if each.overall.score is None]
        if why:
            print(f"not scored, {name}: {', '.join(map(str, why))}")


def _median(analyses: list[Analysis], attribute: str) -> str:
    scores = [
        each.attributes[attribute].score
        for each in analyses
        if attribute in each.attributes and each.attributes[attribute].score is not None
    ]
    return f"{np.median(np.array(scores, float)):.0f}" if scores else "-"


def main() -> int:
    """Print the table; 2 where the folder holds no two singers of one song."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs=2, metavar="SINGER")
    parser.add_argument("--model", type=Path, default=bundled_models()[0])
    options = parser.parse_args()
    couples = [
        each
        for each in pairs(recordings(options.data))
        if not options.only or {each[0].singer, each[1].singer} == set(options.only)
    ]
    if not couples:
        print("no two singers of one song there", file=sys.stderr)
        return 2
    print("points of the take as sung, and rendered at 0, 0.5 and 1")
    report(measure(couples, load_model(options.model, device="cpu")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
