"""`asa-train render`: make the renditions of one split."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from asa_training.corpus import SPLITS, of_split
from asa_training.render.batch import Done, Job, render_all
from asa_training.render.engines import ENGINES


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to `subparsers`; its `run` default takes the parsed arguments."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "render", help="render graded poor singing from real singing"
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with the corpora")
    parser.add_argument("--out", type=Path, required=True, help="where the renditions go")
    parser.add_argument("--split", choices=SPLITS, required=True)
    parser.add_argument("--engine", choices=ENGINES, default="world")
    parser.add_argument(
        "--per-source",
        type=int,
        default=14,
        help="renditions of each: 2 anchors, a third positives, the rest poor",
    )
    parser.add_argument(
        "--probes", type=int, default=0, help="pairs of severity 0 on top, named good and poor"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=int, help="recordings at most, spread over the split")
    parser.add_argument(
        "--exclude", nargs="*", default=(), help="recordings, songs or singers to leave out"
    )
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Render and print one line per recording; 0, or 2 where none could be rendered."""
    chosen = of_split(args.data, args.split, excluding=args.exclude)
    if args.limit and args.limit < len(chosen):
        chosen = [chosen[n * len(chosen) // args.limit] for n in range(args.limit)]
    jobs = [
        Job(
            recording=one,
            out=args.out,
            engine=args.engine,
            count=args.per_source,
            probes=args.probes,
            seed=args.seed,
        )
        for one in chosen
    ]
    began = time.monotonic()

    def report(count: int, done: Done) -> None:
        note = f" ({done.fault})" if done.fault else ""
        spent = time.monotonic() - began
        print(
            f"[{count}/{len(jobs)}] {spent:6.0f} s  {done.recording}: "
            f"{done.made} made, {done.kept} kept{note}",
            flush=True,
        )

    results = render_all(jobs, workers=args.workers, report=report)
    made, kept = sum(one.made for one in results), sum(one.kept for one in results)
    failed = [one for one in results if one.fault]
    print(f"{made} renditions made, {kept} kept, {len(failed)} recordings failed")
    if jobs and len(failed) == len(jobs):
        print(f"nothing could be rendered: {failed[0].fault}", file=sys.stderr)
        return 2
    return 0
