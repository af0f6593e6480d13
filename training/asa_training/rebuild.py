"""`asa-train rebuild`: a model made again from its recordings, by the `rebuild.json` beside it.

Every step goes on where it was stopped, since each one does so by itself.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asa_desktop.core.errors import UsageError
from asa_desktop.core.examples import examples
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.models import WEIGHTS
from asa_training.corpus import Recording
from asa_training.recipe import FOLDERS, RECIPE, Recipe, commands, ids, read_recipe
from asa_training.verifying import Say, other_versions, verified


@dataclass(frozen=True, slots=True)
class Places:
    """Where a rebuild reads and writes: `data` holds the recordings, `work` all that is made.

    `other_bytes` lets files of the corpora be others than then; the golden scores decide. `device`
    is what it is trained on.
    """

    data: Path
    work: Path
    out: Path
    tower: Path | None = None
    other_bytes: bool = False
    device: str = "cpu"

    @property
    def cache(self) -> Path:
        return self.work / "cache"

    def renders(self, name: str) -> Path:
        """The folder of one of `FOLDERS`."""
        return self.work / name

    def run(self, number: int) -> Path:
        """The folder of a leg of the training, the first being 1."""
        return self.work / f"run-{number}"


def rebuild(recipe: Recipe, places: Places, *, workers: int, say: Say = print) -> Path:
    """Do all of it; the new model's folder, when its scores are those of the recipe.

    Raises
    ------
    UsageError
        ``golden_missed`` where a score lies off; ``nothing_rendered``; ``tower_unnamed`` and
        ``tower_is_another`` for EmbDirect; what verifying, training and exporting raise.
    """
    steps = _steps(recipe, places, workers=workers, say=say)
    began = time.monotonic()
    for number, (what, step) in enumerate(steps, 1):
        say(f"[{number}/{len(steps)}] {what} ({time.monotonic() - began:.0f} s so far)")
        step()
    return places.out


def plan(recipe: Recipe, places: Places) -> list[str]:
    """What would be done, a line each."""
    files = sum(len(corpus.files) for corpus in recipe.corpora)
    lines = [f"{recipe.id}, by {len(recipe.legs)} training run(s) on {files} recordings"]
    lines += [
        f"  {corpus.name}: {len(corpus.files)} files, {corpus.edition}" for corpus in recipe.corpora
    ]
    steps = _steps(recipe, places, workers=1, say=lambda line: None)
    lines += [f"[{number}/{len(steps)}] {what}" for number, (what, _) in enumerate(steps, 1)]
    if recipe.made:
        on, threads = ", ".join(recipe.made["on"]), _joined(recipe.made["threads"])
        lines.append(
            f"the last training took {recipe.made['seconds'] / 60:.0f} min on {on}, "
            f"{threads} thread(s)"
        )
    return [*lines, "the commands:", *(f"  {line}" for line in commands(recipe))]


def _steps(
    recipe: Recipe, places: Places, *, workers: int, say: Say
) -> list[tuple[str, Callable[[], None]]]:
    found: dict[str, Recording] = {}

    def verify() -> None:
        if recipe.tower:
            _verify_tower(recipe, places)
        found.update(verified(recipe, places.data, say=say if places.other_bytes else None))
        for line in other_versions(recipe):
            say(line)

    steps = [("corpora verified, every file by its hash", verify)]
    for name in FOLDERS:
        for call in recipe.renders[name]:
            count = len(call.recordings)
            what = f"{name} rendered from {count} recordings ({', '.join(call.engine)})"
            steps.append((what, _rendering(recipe, name, call, places, found, workers)))
    steps.append(("features of all renditions", lambda: _prepare(places, workers, say)))
    for number, leg in enumerate(recipe.legs, 1):
        steps.append(
            (f"training {number}, seed {leg.seed}, {_length(leg)}", _leg(recipe, number, places))
        )
    steps.append((f"model written and measured ({WEIGHTS})", lambda: _export(recipe, places, say)))
    steps.append(
        (
            f"golden scores of {len(recipe.golden)} bundled take(s) compared",
            lambda: _compare(recipe, places, say),
        )
    )
    return steps


def _length(leg: Any) -> str:
    return f"{leg.epochs} epochs at most" if leg.epochs else f"{leg.steps} steps"


def _verify_tower(recipe: Recipe, places: Places) -> None:
    from asa_training.systems.towers import read_tower

    if places.tower is None:
        raise UsageError("tower_unnamed")
    tower = read_tower(places.tower)
    if tower.sha256 != recipe.tower["sha256"]:
        raise UsageError("tower_is_another", path=places.tower, id=recipe.tower["id"])


def _rendering(
    recipe: Recipe, name: str, call: Any, places: Places, found: dict[str, Recording], workers: int
) -> Callable[[], None]:
    def step() -> None:
        from asa_training.render.command import render

        chosen = [found[one.id] for one in call.recordings]
        if render(call, chosen, out=places.renders(name), workers=workers):
            raise UsageError("nothing_rendered", path=places.renders(name))

    return step


def _prepare(places: Places, workers: int, say: Say) -> None:
    from asa_training.features import prepare

    for name in FOLDERS:
        folder = places.renders(name)
        count = len(list(folder.glob("*/*.flac")))
        began = time.monotonic()
        for done, _ in enumerate(prepare(folder, places.cache, FeatureSpec(), workers=workers), 1):
            if done % 100 == 0 or done == count:
                left = (time.monotonic() - began) / done * (count - done) / 60
                say(f"{name}: {done}/{count} renditions, about {left:.0f} min left")


def _leg(recipe: Recipe, number: int, places: Places) -> Callable[[], None]:
    def step() -> None:
        from dataclasses import replace

        import torch

        from asa_desktop.core.networks.runner import pick_device
        from asa_training import fit
        from asa_training.features import load

        config = recipe.legs[number - 1]
        last = number == len(recipe.legs)
        if recipe.tower and last:
            config = replace(config, tower_from=str(places.tower))
        if threads := recipe.made.get("threads"):
            torch.set_num_threads(threads[-1])
        fit.train(
            config,
            training=load(places.renders("train"), places.cache, config.features),
            validation=load(places.renders("validation"), places.cache, config.features),
            run=places.run(number),
            device=pick_device(places.device),
            start=places.run(number - 1) / fit.BEST if number > 1 else None,
            named=recipe.config_file if last else "",
        )

    return step


def _export(recipe: Recipe, places: Places, say: Say) -> None:
    from asa_training.export import export
    from asa_training.features import load
    from asa_training.recipe import recipe_of
    from asa_training.render.batch import read_manifest

    folders = {name: places.renders(name) for name in FOLDERS}
    wanted = {name: ids(recipe.renders[name]) for name in FOLDERS}
    training = [
        fact
        for fact in read_manifest(folders["train"])
        if fact["source"]["recording"] in wanted["train"]
    ]
    run = places.run(len(recipe.legs))
    spec = FeatureSpec()
    card = export(
        run,
        places.out,
        training=training,
        validation=load(folders["validation"], places.cache, spec),
        test=load(folders["test"], places.cache, spec),
        precision=recipe.precision,
        recipe=recipe_of(
            run,
            renders=folders["train"],
            validation=folders["validation"],
            test=folders["test"],
            precision=recipe.precision,
        ),
    )
    same = card["weights"]["sha256"] == recipe.weights_sha256
    say("the weights are the same, byte for byte" if same else "the weights' bytes differ")


def _compare(recipe: Recipe, places: Places, say: Say) -> None:
    from asa_desktop.core.models import load_model
    from asa_training.golden import compared
    from asa_training.recipe import MOST_APART

    if not recipe.golden:
        say("there are none: nothing tells whether the model is the same")
        return
    lines, missed = compared(recipe.golden, load_model(places.out, device="cpu"))
    for line in lines:
        say(line)
    if missed:
        raise UsageError("golden_missed", count=missed, of=len(lines), limit=MOST_APART)
    say(f"all {len(lines)} lie within {MOST_APART:g} point")


def _joined(values: list[Any]) -> str:
    return ", ".join(str(each) for each in values)


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train rebuild`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "rebuild",
        help="make a model again from the corpora, and compare its scores",
        epilog=examples(
            "asa-train rebuild --manifest models/rori-3/rebuild.json --data DATA --work R --dry-run"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--manifest", type=Path, required=True, help=f"the {RECIPE} beside the model"
    )
    parser.add_argument(
        "--data", type=Path, required=True,
        help="folder with the corpora; of a model made from a manifest, what its paths lie below",
    )  # fmt: skip
    parser.add_argument("--work", type=Path, required=True, help="where everything is made")
    parser.add_argument("--out", type=Path, help="the new model; WORK/model unless given")
    parser.add_argument("--tower", type=Path, help="for embdirect: the model that it stands on")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="as for train; alike only on the same kind")
    parser.add_argument(
        "--other-bytes",
        action="store_true",
        help="go on where files of a corpus differ, as after converting it anew",
    )
    parser.add_argument("--dry-run", action="store_true", help="print the plan and do nothing")
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Rebuild, or print the plan."""
    recipe = read_recipe(args.manifest)
    places = Places(
        data=args.data,
        work=args.work,
        out=args.out or args.work / "model",
        tower=args.tower,
        other_bytes=args.other_bytes,
        device=args.device,
    )
    if args.dry_run:
        print("\n".join(plan(recipe, places)))
        return 0
    out = rebuild(recipe, places, workers=args.workers, say=lambda line: print(line, flush=True))
    print(f"{recipe.id}: {out}")
    return 0
