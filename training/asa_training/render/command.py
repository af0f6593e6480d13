"""`asa-train render` makes the renditions of one split, `verify-renders` measures them."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import UsageError
from asa_desktop.core.examples import examples
from asa_training.corpus import SPLITS, Recording, of_split, recordings
from asa_training.render.batch import Done, read_manifest, render_all
from asa_training.render.calls import Call, remember, used
from asa_training.render.draw import DESIGNS, SWAY_S
from asa_training.render.engines import ENGINES
from asa_training.render.own import of_manifest
from asa_training.render.plan import Plan
from asa_training.render.source import load_sources


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add both commands to `subparsers`; their `run` default takes the parsed arguments."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "render",
        help="render graded poor singing from real singing",
        epilog=examples(
            "asa-train render --data DATA --split train --engine world vocoder --per-source 14 \\",
            "    --seed 1 --accompany --out R/train",
            "asa-train import ultrastar resources/demo/pjs-medley --split train \\",
            '    --licence "CC BY-SA 4.0" --root resources/demo --out own.csv',
            "asa-train render --manifest own.csv --root resources/demo --split train \\",
            "    --per-source 2 --workers 1 --out renditions",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_source(parser)
    parser.add_argument("--out", type=Path, required=True, help="where the renditions go")
    parser.add_argument("--split", choices=SPLITS, required=True)
    parser.add_argument(
        "--engine",
        nargs="+",
        choices=ENGINES,
        default=["world"],
        help="one, or several to share it",
    )
    parser.add_argument(
        "--per-source",
        type=int,
        default=14,
        help="renditions of each: 2 anchors; in turn a third positives, the rest poor",
    )
    parser.add_argument(
        "--design",
        choices=DESIGNS,
        default="turn",
        help="turn: one main defect after the other; grid: each by itself, for evaluation; "
        "alike: what the score counts at 0, 0.5 and 1, for its scale",
    )
    parser.add_argument(
        "--sway", type=float, default=SWAY_S, help="seconds of smooth misalignment at most"
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
    parser.add_argument(
        "--accompany",
        action="store_true",
        help="add an accompaniment made from each source's notes",
    )
    parser.add_argument(
        "--only", nargs="*", default=(), help="recordings, songs, singers or corpora to render"
    )
    parser.set_defaults(run=run)
    checking = subparsers.add_parser(
        "verify-renders",
        help="render a sample again and measure its pitch, onsets and level",
        epilog=examples("asa-train verify-renders --data DATA --renders R/test"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_source(checking)
    checking.add_argument("--renders", type=Path, required=True, help="a rendered split")
    checking.add_argument("--sample", type=int, default=40, help="renditions to measure")
    checking.set_defaults(run=run_verify)
    return parser


def _add_source(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="folder with the corpora")
    source.add_argument(
        "--manifest", type=Path, help="recordings of your own, as `import` lists them"
    )
    parser.add_argument("--root", type=Path, help="what the manifest's paths lie below")


def _found(args: argparse.Namespace) -> list[Recording]:
    """All recordings there are, of every split; what a manifest's rows lack is said."""
    if args.manifest is None:
        return recordings(args.data)
    found, sentences = of_manifest(args.manifest, root=args.root)
    for each in sentences:
        print(f"{args.manifest}: {each}", file=sys.stderr)
    return found


def run(args: argparse.Namespace) -> int:
    """Render and print one line per recording; 0, or 2 where none could be rendered.

    Raises UsageError ``nothing_of_split`` where there is none to render.
    """
    chosen = of_split(_found(args), args.split, excluding=args.exclude, only=args.only)
    if not chosen:
        raise UsageError("nothing_of_split", path=args.manifest or args.data, split=args.split)
    if args.limit and args.limit < len(chosen):
        chosen = [chosen[n * len(chosen) // args.limit] for n in range(args.limit)]
    call = Call(
        split=args.split,
        engine=tuple(args.engine),
        per_source=args.per_source,
        design=args.design,
        sway=args.sway,
        probes=args.probes,
        seed=args.seed,
        limit=args.limit,
        exclude=tuple(args.exclude),
        only=tuple(args.only),
        accompany=args.accompany,
        manifest=args.manifest.name if args.manifest else "",
        recordings=used(chosen, in_full=args.manifest is not None),
    )
    return render(call, chosen, out=args.out, workers=args.workers)


def render(call: Call, recordings: list[Recording], *, out: Path, workers: int) -> int:
    """Render these recordings, with a line each; 0, or 2 where none could be rendered."""
    jobs = call.jobs(recordings, out)
    if jobs:
        remember(out, call)
    began = time.monotonic()

    def report(count: int, done: Done) -> None:
        note = f" ({done.fault})" if done.fault else ""
        spent = time.monotonic() - began
        left = spent / count * (len(jobs) - count) / 60
        print(
            f"[{count}/{len(jobs)}] {spent:6.0f} s  {done.recording}: "
            f"{done.made} made, {done.kept} kept{note}, about {left:.0f} min left",
            flush=True,
        )

    results = render_all(jobs, workers=workers, report=report)
    made, kept = sum(one.made for one in results), sum(one.kept for one in results)
    failed = [one for one in results if one.fault]
    print(f"{made} renditions made, {kept} kept, {len(failed)} recordings failed")
    if jobs and len(failed) == len(jobs):
        print(f"nothing could be rendered: {failed[0].fault}", file=sys.stderr)
        return 2
    return 0


def run_verify(args: argparse.Namespace) -> int:
    """Print what the tracker heard against what was asked for, and asked against realised.

    Raises UsageError ``rendered_of_another`` where the source of a rendition is not there.
    """
    from asa_training.render import verify

    facts = read_manifest(args.renders)
    step = max(1, len(facts) // args.sample)
    # A stride that shares no factor with a source's count meets every role.
    chosen = facts[:: step + 1 - step % 2]
    known = {one.id: one for one in _found(args)}
    if strange := {one["source"]["recording"] for one in facts} - set(known):
        where = args.manifest or args.data
        raise UsageError("rendered_of_another", path=where, name=min(strange), count=len(strange))
    checks: dict[str, list[verify.Check]] = {}
    for one in chosen:
        plan = Plan.from_json(one["plan"])
        sources = load_sources(known[one["source"]["recording"]], kept=args.renders / "_f0")
        source = next(each for each in sources if each.id == one["source"]["id"])
        checks.setdefault(plan.engine, []).extend(verify.check(source, [plan]))
    for line in (*verify.describe(checks), *verify.describe_severities(facts)):
        print(line)
    return 0
