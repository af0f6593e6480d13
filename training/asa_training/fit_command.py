"""`asa-train train`: a model from prepared renditions, or from recordings that people marked."""

from __future__ import annotations

import argparse
import contextlib
import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

from asa_desktop.core.errors import AsaError, UsageError
from asa_training import fit
from asa_training.batches import Data, role_of, without_accompaniment
from asa_training.config import FitConfig, Precision, read_config
from asa_training.features import ACCOMPANIMENT, Rendition, load
from asa_training.hardware import Hardware, begun_as_first, refuse_unfit
from asa_training.labelled import Labelled

EXAMPLES = """\
example:
  asa-train train --config rori-small --renders R/train --validation R/validation \\
      --cache R/cache --run R/one --tensorboard
  asa-train train --config delta --manifest MARKED.csv --cache CACHE --run R/marked

R holds what `asa-train render` and `prepare` made; "On several GPUs and machines" in
training/README.md makes it of recordings that the project carries, and says how to train with
several processes. MARKED.csv is a manifest (`asa-train import`) whose rows have marks, references
and a split, prepared by `asa-train prepare --manifest`; "Training on marked recordings" there makes
one. Call it again and it goes on.
"""


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train train`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "train",
        help="train a model on renditions or marked recordings; goes on where it stopped",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--config", type=Path, required=True,
        help="a TOML file, or the name of one of configs/: rori, paper-rori, direct, ...",
    )  # fmt: skip
    what = parser.add_argument_group("what to learn from: renditions, or marked recordings")
    what.add_argument("--renders", type=Path, help="training renditions")
    what.add_argument("--validation", type=Path, help="validation renditions")
    what.add_argument(
        "--manifest", type=Path,
        help="marked recordings: rows with split train are learnt from, those with validation"
        " choose the state",
    )  # fmt: skip
    what.add_argument("--root", type=Path, help="where its paths begin, if not beside it")
    what.add_argument("--target", default="overall", help="the score that people gave")
    parser.add_argument("--cache", type=Path, required=True, help="where `prepare` kept features")
    parser.add_argument("--run", dest="folder", type=Path, required=True, help="the run's folder")
    parser.add_argument("--minutes", type=float, help="stop after that long, at a checkpoint")
    parser.add_argument("--start", type=Path, help="begin with another run's best.pt")
    parser.add_argument(
        "--tower", type=Path, help="for embdirect: the run or model folder of a trained rori"
    )
    parser.add_argument(
        "--precision", choices=get_args(Precision), help="instead of the configuration's"
    )
    parser.add_argument(
        "--tensorboard", action="store_true", help="write for TensorBoard, into the run's folder"
    )
    where = parser.add_argument_group("on what")
    where.add_argument("--device", default="auto", help="cpu, cuda, mps; auto takes a GPU")
    where.add_argument(
        "--devices", type=count, default=1, help="processes on each machine, one a GPU; 1"
    )
    where.add_argument("--nodes", type=count, default=1, help="machines; 1")
    where.add_argument(
        "--loaders", type=int, choices=range(65), metavar="N",
        help="processes that draw batches, for each that trains; 0 is a thread, as beside a CPU"
        " unless given",
    )  # fmt: skip
    parser.set_defaults(run=run)
    return parser


def count(text: str) -> int:
    """A number of processes or machines, 1 and up. Raises ValueError."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def run(args: argparse.Namespace) -> int:
    """Fit, say where the best state is; of several processes the first one alone speaks."""
    hardware = Hardware(devices=args.devices, nodes=args.nodes, loaders=args.loaders)
    if hardware.processes == 1 or begun_as_first():
        return _train(args, hardware)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        try:
            return _train(args, hardware)
        except AsaError:  # which the first one says
            return 2


def _train(args: argparse.Namespace, hardware: Hardware) -> int:
    from asa_desktop.core.networks.runner import pick_device

    _refuse_unclear(args)
    fit.refuse_without_lightning(tensorboard=args.tensorboard)
    config = read_config(args.config)
    if args.tower is not None:
        config = replace(config, tower_from=str(args.tower))
    if args.precision is not None:
        config = replace(config, precision=args.precision)
    device = pick_device(args.device)
    refuse_unfit(config, device, hardware)
    training, validation = _data(args, config)
    best = fit.train(
        config,
        training=training,
        validation=validation,
        run=args.folder,
        device=device,
        hardware=hardware,
        minutes=args.minutes,
        start=args.start,
        named=args.config.name,
        tensorboard=args.tensorboard,
    )
    print(f"best state: {best}")
    return 0


def _refuse_unclear(args: argparse.Namespace) -> None:
    renders = [args.renders, args.validation]
    wrong = None in renders if args.manifest is None else renders != [None, None]
    if wrong:
        raise UsageError("train_on_what")


def _data(args: argparse.Namespace, config: FitConfig) -> tuple[Data, Data]:
    """What to train on and what to validate by; it says how much that is."""
    if args.manifest is None:
        return _renditions(args, config)
    from asa_training.marked.table import from_manifest

    training, validation = from_manifest(
        args.manifest,
        root=args.root,
        target=args.target,
        cache=args.cache,
        config=config,
        tell=partial(print, flush=True),
    )
    print(
        f"{_counted(training)} to train on, {_counted(validation)} to validate, "
        f"by the marks of {args.target}",
        flush=True,
    )
    return training, validation


def _counted(data: Labelled) -> str:
    return f"{len(data.scores)} clips of {len(set(data.takes))} recordings"


def _renditions(args: argparse.Namespace, config: FitConfig) -> tuple[Data, Data]:
    folders = (args.renders, args.validation)
    training, validation = (load(each, args.cache, config.features) for each in folders)
    for folder, found in zip(folders, (training, validation), strict=True):
        if not found:
            raise UsageError("nothing_prepared", path=folder)
    _tell_of_accompaniments(config, training, validation)
    print(f"{len(training)} renditions to train on, {len(validation)} to validate", flush=True)
    return training, validation


def _tell_of_accompaniments(config: FitConfig, *folders: list[Rendition]) -> None:
    """Say which sources cannot be learnt from, since nothing accompanies them."""
    if role_of(config.system) != ACCOMPANIMENT:
        return
    for renditions in folders:
        lacking = without_accompaniment(renditions)
        if lacking:
            count = len({each.source for each in renditions})
            print(
                f"{len(lacking)} of {count} sources have no accompaniment.flac and are left out: "
                f"{', '.join(lacking[:5])}{', ...' if len(lacking) > 5 else ''}",
                flush=True,
            )
