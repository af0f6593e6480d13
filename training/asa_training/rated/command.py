"""`asa-train evaluate --manifest`: systems against people, as table, CSV and report.html."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core.errors import PlaceError, UsageError, place_error
from asa_training.manifest import Manifest, Performance, performances, read_manifest
from asa_training.manifest.values import OVERALL
from asa_training.rated.compare import Table, compare
from asa_training.rated.performances import Heard, Rated
from asa_training.rated.severity import Curve, curves, curves_of_card
from asa_training.rated.sheets import performances_csv, table_csv
from asa_training.rated.table import NOT_STATED, text
from asa_training.writing import write_text

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model
    from asa_training.rated.scorers import Scorer

OUT = ("table.csv", "performances.csv", "report.html")

Tell = Callable[[int, int], None]


def run(args: argparse.Namespace) -> int:
    """Score every rated performance, compare, print the table and write the files."""
    from asa_desktop.core import load_model
    from asa_training.rated.analysing import system_names

    _refuse_place(args.out)
    manifest = read_manifest(args.manifest, root=args.root)
    chosen = rated_ones(manifest, args.target, args.manifest, split=args.split)
    plan = Plan(manifest, tuple(args.model), system_names(args.systems))
    models = [load_model(folder) for folder in args.model]
    _refuse_one_name([model.card.id for model in models])
    began = time.monotonic()
    heard = list(score_all(plan, chosen, models=models, jobs=args.jobs, tell=_tell))
    print(f", {time.monotonic() - began:.0f} s", file=sys.stderr)
    table = compare(
        [_rated(each, found, args.target) for each, found in zip(chosen, heard, strict=True)],
        target=args.target,
        seed=args.seed,
        variants=args.variants,
    )
    print(text(table, whole=False), end="")
    if args.out is not None:
        facts = _facts(args, models)
        write_all(table, args.out, severities=_severities(args, models), facts=facts)
        print(f"\n{', '.join(OUT)} in {args.out}")
    return 2 if all(each.fault is not None for each in heard) else 0


def rated_ones(
    manifest: Manifest, target: str, path: Path, *, split: str = ""
) -> list[Performance]:
    """The performances that people rated for `target`, of one split or of all.

    Raises
    ------
    UsageError
        ``unmarked`` where nobody marked anything, ``nothing_rated`` where there is none of those
        that were asked for; ``scales_differ`` where they are rated on several scales, whose numbers
        mean different things.
    """
    found = performances(manifest)
    chosen = [
        each for each in found if target in each.scores and (not split or each.split == split)
    ]
    if not chosen:
        known = tuple(sorted({name for each in found for name in each.scores}))
        if not known:
            raise UsageError("unmarked", path=path)
        raise UsageError("nothing_rated", path=path, target=target, known=known)
    scales = sorted({each.scales[target] for each in chosen if target in each.scales})
    if len(scales) > 1:
        found_scales = tuple(f"{lowest:g} to {highest:g}" for lowest, highest in scales)
        raise UsageError("scales_differ", path=path, target=target, scales=found_scales)
    return chosen


def _refuse_one_name(names: Sequence[str]) -> None:
    """Two models of one name would be one line of the table."""
    for name in names:
        if names.count(name) > 1:
            raise UsageError("models_of_one_name", name=name)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a process needs to score performances by itself."""

    manifest: Manifest
    models: tuple[Path, ...]
    systems: tuple[str, ...]


def score_all(
    plan: Plan,
    chosen: Sequence[Performance],
    *,
    models: Sequence[Model],
    jobs: int = 1,
    tell: Tell = lambda done, whole: None,
) -> Iterator[Heard]:
    """What all systems say of each performance, in their order, in as many processes as `jobs`."""
    from asa_training.rated.scorers import Scorer

    if jobs <= 1:
        scorer = Scorer(plan.manifest, models=models, systems=plan.systems)
        for done, each in enumerate(chosen, start=1):
            yield scorer(each)
            tell(done, len(chosen))
        return
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(plan,)) as pool:
        for done, heard in enumerate(pool.map(_score, chosen), start=1):
            yield heard
            tell(done, len(chosen))


_SCORERS: list[Scorer] = []


def _begin(plan: Plan) -> None:
    import torch

    from asa_desktop.core import load_model
    from asa_training.rated.scorers import Scorer

    torch.set_num_threads(1)
    models = [load_model(folder) for folder in plan.models]
    _SCORERS.append(Scorer(plan.manifest, models=models, systems=plan.systems))


def _score(performance: Performance) -> Heard:
    return _SCORERS[0](performance)


def _rated(performance: Performance, heard: Heard, target: str) -> Rated:
    """Judges' own ratings are of the overall impression; of another target none is known."""
    return Rated(
        song=performance.song,
        singer=performance.singer,
        take=performance.take,
        human=performance.scores[target],
        judges=performance.judges if target == OVERALL else {},
        heard=heard,
    )


def write_all(
    table: Table, out: Path, *, severities: Mapping[str, Curve], facts: Mapping[str, str]
) -> None:
    """Write table.csv, performances.csv and report.html. Raises PlaceError."""
    from asa_training.rated.figures import draw
    from asa_training.rated.page import page

    write_text(out / "table.csv", table_csv(table))
    write_text(out / "performances.csv", performances_csv(table))
    write_text(out / "report.html", page(table, draw(table, severities), facts))


def _severities(args: argparse.Namespace, models: Sequence[Model]) -> Mapping[str, Curve]:
    """From the renditions where they are given, else from the first model's card."""
    if not models:
        return {}
    model = models[0]
    if args.renders is None or args.cache is None:
        return curves_of_card(model.card.values)
    from asa_training.evaluate import table_of_model
    from asa_training.features import load

    renditions = load(args.renders, args.cache, model.card.features)
    return curves(table_of_model(model, renditions), model.card.score_map)


def _facts(args: argparse.Namespace, models: Sequence[Model]) -> Mapping[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        program = version("asa-desktop")
    except PackageNotFoundError:
        program = "not installed"
    named = [f"{model.card.id} ({model.card.weights_sha256[:12]})" for model in models]
    return {
        "manifest": args.manifest.name,
        "target": args.target,
        "split": args.split or "all",
        "models": ", ".join(named) or "none",
        "systems": args.systems,
        "seed": str(args.seed),
        "variants tried before": NOT_STATED if args.variants is None else str(args.variants),
        "ASA Desktop": program,
    }


def _refuse_place(out: Path | None) -> None:
    """See at once what would otherwise be found out after all the work."""
    if out is None:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise PlaceError("in_the_way", path=out) from None
    except OSError as error:
        raise place_error(error, out) from error


def _tell(done: int, whole: int) -> None:
    """One line that grows on a terminal, and nothing but the end elsewhere."""
    if sys.stderr.isatty() or done == whole:
        print(f"\r{done} of {whole} performances", end="", file=sys.stderr, flush=True)
