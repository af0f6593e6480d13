"""`asa-train prepare`: the features of any number of recordings, computed once and kept."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import UsageError
from asa_desktop.core.examples import examples
from asa_desktop.core.features.spec import FeatureSpec
from asa_training.prepared import recordings
from asa_training.prepared.job import Means, Tally, cores, run_job
from asa_training.prepared.recordings import Recording
from asa_training.sentences import filled, say

EPILOG = (
    examples(
        "asa-train prepare --recordings resources/demo/takes --cache cache",
        "asa-train prepare --manifest MANIFEST.csv --cache cache",
        "asa-train prepare --renders R/train R/validation R/test --cache R/cache --workers 8",
        "asa-train prepare --manifest MANIFEST.csv --cache CACHE --dask tcp://scheduler:8786",
    )
    + """

Call it again and it goes on. Features are kept by the content of a file: those of a recording
that was moved are there already, and what is there twice is kept once.
"""
)

_SAID_EVERY_S = 10.0


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train prepare`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "prepare",
        help="compute and keep the features of recordings",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_argument_group("what to prepare; any of them, or several")
    what.add_argument("--renders", type=Path, nargs="+", default=[], help="folders of renditions")
    what.add_argument("--manifest", type=Path, nargs="+", default=[], help="what `import` made")
    what.add_argument("--root", type=Path, help="what the manifests' paths lie below")
    what.add_argument(
        "--recordings", type=Path, nargs="+", default=[], help="files, or folders of them"
    )
    parser.add_argument("--cache", type=Path, required=True, help="the folder to keep them in")
    parser.add_argument(
        "--workers", type=count, default=cores(), help="processes; as many as cores if not given"
    )
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        default="",
        help="let a Dask cluster do it: its scheduler's address, or `local` for one made here",
    )
    parser.set_defaults(run=run)
    return parser


def count(text: str) -> int:
    """A number of workers, 1 and up. Raises ValueError."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def run(args: argparse.Namespace) -> int:
    """Prepare everything; 2 where something could not be, after the rest; 130 after Ctrl-C."""
    found, faults = _found(args)
    means = Means(workers=args.workers, dask=args.dask)
    tally, progress = Tally(), Progress(found)
    try:
        for outcome in run_job(found, cache=args.cache, spec=FeatureSpec(), means=means):
            tally.add(outcome)
            progress.add(outcome.recording, tally, made=outcome.made)
    except KeyboardInterrupt:
        print(f"stopped after {tally.count} of {len(found)}; the same command goes on", flush=True)
        return 130
    print("\n".join(tally.lines()), flush=True)
    for sentence in faults:
        print(sentence, file=sys.stderr)
    for outcome in tally.faults:
        assert outcome.fault is not None
        reason = say(outcome.fault)
        shown = filled("{place}: ", {"place": outcome.recording.place})
        print(reason if '"' in reason else shown + reason, file=sys.stderr)
    return 2 if faults or tally.faults else 0


def _found(args: argparse.Namespace) -> tuple[list[Recording], list[str]]:
    found: list[Recording] = []
    faults: list[str] = []
    if not (args.renders or args.manifest or args.recordings):
        raise UsageError("nothing_to_prepare")
    for folder in args.renders:
        there = recordings.of_renders(folder)
        if not there:
            raise UsageError("renders_missing", path=folder)
        found += there
    for manifest in args.manifest:
        there, wrong = recordings.of_manifest(manifest, root=args.root)
        found += there
        faults += [f"{manifest}: {sentence}" for sentence in wrong]
    if args.recordings:
        found += recordings.of_places(args.recordings)
    return list(dict.fromkeys(found)), faults


class Progress:
    """Says every ten seconds how far it is, and how long it will take yet."""

    def __init__(self, found: Sequence[Recording]) -> None:
        self._sizes = {recording: _size(recording) for recording in found}
        self._count = len(found)
        self._left = sum(self._sizes.values())
        self._worked = 0
        self._said = time.monotonic()

    def add(self, recording: Recording, tally: Tally, *, made: bool) -> None:
        """Count a recording that is done with."""
        size = self._sizes.get(recording, 0)
        self._left -= size
        self._worked += size if made else 0
        now = time.monotonic()
        if now - self._said < _SAID_EVERY_S or not self._worked or self._left <= 0:
            return
        self._said = now
        # By bytes, as recordings differ in length.
        left = tally.spent / self._worked * self._left
        print(
            f"{tally.count} of {self._count} recordings,"
            f" {tally.seconds / tally.spent:.0f} times real time, about {_time(left)} left",
            flush=True,
        )


def _size(recording: Recording) -> int:
    try:
        return recording.file.stat().st_size
    except OSError:
        return 0


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes >= 120:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min" if minutes > 1 else f"{seconds:.0f} s"
