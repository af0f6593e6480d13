"""`asa-train ablate` and `asa-train compare`: trials trained alike, and one table of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from asa_desktop.core.errors import UsageError
from asa_desktop.core.examples import examples
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.networks.heads import Network
from asa_training import fit
from asa_training.batches import role_of
from asa_training.config import FitConfig, read_config
from asa_training.evaluate import ClipRow, clip_table
from asa_training.export import refuse_overlap
from asa_training.features import Rendition, load
from asa_training.render.batch import read_manifest
from asa_training.systems import system_of
from asa_training.trials.measures import LEAST_SOURCES, PAIRS, Measured, of_pairs, of_tables
from asa_training.trials.pairs import real_pairs, shares_in_order
from asa_training.trials.table import write_tables
from asa_training.trials.trial import Trial, of_channels, of_configs


class Bench:
    """Renditions that all trials are trained, chosen and measured on.

    Each trial is trained in a folder of its own, `<out>/<trial>-seed<n>`, which goes on where it
    was stopped. Only systems that compare with the original's voice are measured on real pairs.

    Raises UsageError ``test_was_trained_on`` and ``nothing_prepared``.
    """

    def __init__(
        self, *, renders: Path, validation: Path, test: Path, cache: Path, device: torch.device
    ) -> None:
        self._folders = {"train": renders, "validation": validation, "test": test}
        self._cache, self._device = cache, device
        self._loaded: dict[tuple[str, FeatureSpec], list[Rendition]] = {}
        tested = self._of("test", FeatureSpec())
        refuse_overlap(read_manifest(renders), tested)
        self._pairs = real_pairs(tested, read_manifest(test))

    def measured(self, trial: Trial, seeds: Sequence[int], out: Path) -> dict[str, Measured]:
        """Train a trial with every seed and measure it on the test renditions."""
        config = trial.config
        tables = [self._table_of(trial, seed, out) for seed in seeds]
        test = self._of("test", config.features)
        found = of_tables([table(test) for table in tables])
        if self._pairs and role_of(config.system) == "anchor":
            found[PAIRS] = of_pairs([shares_in_order(self._pairs, table) for table in tables])
        return found

    def _of(self, name: str, spec: FeatureSpec) -> list[Rendition]:
        if (name, spec) not in self._loaded:
            found = load(self._folders[name], self._cache, spec)
            if not found:
                raise UsageError("nothing_prepared", path=self._folders[name])
            self._loaded[name, spec] = found
        return self._loaded[name, spec]

    def _table_of(
        self, trial: Trial, seed: int, out: Path
    ) -> Callable[[Sequence[Rendition]], list[ClipRow]]:
        config = trial.seeded(seed)
        print(f"{trial.name}, seed {seed}", flush=True)
        best = fit.train(
            config,
            training=self._of("train", config.features),
            validation=self._of("validation", config.features),
            run=trial.folder(out, seed),
            device=self._device,
        )
        network = self._network(config, best)

        def table(renditions: Sequence[Rendition]) -> list[ClipRow]:
            return clip_table(
                network,
                renditions,
                device=self._device,
                views=config.views,
                system=config.system,
                key=config.key,
            )

        return table

    def _network(self, config: FitConfig, best: Path) -> Network:
        network = system_of(config).network()
        network.load_state_dict(torch.load(best, map_location="cpu", weights_only=True))
        return network.to(self._device).eval()


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train ablate` and `asa-train compare`."""
    ablate: argparse.ArgumentParser = subparsers.add_parser(
        "ablate",
        help="train the same network on some channels alone, and compare",
        epilog=examples(
            "asa-train ablate --config rori --renders R/train --validation R/validation \\",
            "    --test R/test --cache R/cache --out R/ablate --seeds 1 2 3",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    ablate.add_argument("--config", type=Path, required=True, help="as for train")
    _add_shared(ablate)
    ablate.set_defaults(run=run_ablate)
    compare: argparse.ArgumentParser = subparsers.add_parser(
        "compare",
        help="train several configurations, and compare",
        epilog=examples(
            "asa-train compare --configs rori paper-rori --renders R/train \\",
            "    --validation R/validation --test R/test --cache R/cache --out R/compare \\",
            "    --seeds 1 2 3",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("--configs", type=Path, nargs="+", required=True, help="as for train")
    compare.add_argument(
        "--vary", nargs="+", default=[], metavar="NAME=VALUE",
        help="variations of the first one: network.width=64, margin=fixed,margin_fixed=0.3, ...",
    )  # fmt: skip
    _add_shared(compare)
    compare.set_defaults(run=run_compare)
    return compare


def _add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--renders", type=Path, required=True, help="training renditions")
    parser.add_argument("--validation", type=Path, required=True, help="states are chosen by these")
    parser.add_argument("--test", type=Path, required=True, help="trials are measured on these")
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of all runs and the table")
    parser.add_argument("--seeds", type=int, nargs="+", help="of every trial; else the first one's")
    parser.add_argument("--steps", type=int, help="of every trial, instead of its own")
    parser.add_argument("--device", default="auto")


def run_ablate(args: argparse.Namespace) -> int:
    """Train and compare subsets of the channels."""
    return _run(args, of_channels(read_config(args.config)))


def run_compare(args: argparse.Namespace) -> int:
    """Train and compare configurations."""
    read = [(path, read_config(path)) for path in args.configs]
    return _run(args, of_configs(read, args.vary))


def _run(args: argparse.Namespace, trials: list[Trial]) -> int:
    from asa_desktop.core.networks.runner import pick_device

    if any(trial.config.system == "embdirect" for trial in trials):
        raise UsageError("trial_on_a_tower")
    if args.steps:
        trials = [_shortened(trial, args.steps) for trial in trials]
    seeds = tuple(dict.fromkeys(args.seeds or [trials[0].config.seed]))
    bench = Bench(
        renders=args.renders,
        validation=args.validation,
        test=args.test,
        cache=args.cache,
        device=pick_device(args.device),
    )
    results = {trial.name: bench.measured(trial, seeds, args.out) for trial in trials}
    shared = [name for name in next(iter(results.values()))
              if all(name in each for each in results.values())]  # fmt: skip
    results = {trial: {name: each[name] for name in shared} for trial, each in results.items()}
    print(write_tables(args.out, results, remarks=_remarks(trials, seeds)), end="")
    return 0


def _shortened(trial: Trial, steps: int) -> Trial:
    config = trial.config
    each = min(config.check_every, steps)
    return replace(trial, config=replace(config, steps=steps, epochs=0, check_every=each))


def _length(config: FitConfig) -> str:
    return f"{config.epochs} epochs" if config.epochs else f"{config.steps} steps"


def _remarks(trials: Sequence[Trial], seeds: Sequence[int]) -> str:
    first = trials[0].config
    return (
        f"Trained with seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))} for "
        f"{_length(first)} at most; measured on renditions of singers, songs and an engine that no "
        "trial learnt from. Values are means over the seeds, brackets 95 % over sources (pairs) "
        "drawn again, + and - mark what differs from the first column with the whole interval of "
        f"its difference; (few) are those of fewer than {LEAST_SOURCES}. Nothing here is corrected "
        "for the number of comparisons."
    )
