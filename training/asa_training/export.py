"""From a run's best state to a model folder: weights, card.json and MODEL_CARD.md.

With ``--hf`` to the folder that a model hub takes, also of a model that is there already.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from asa_desktop.core.errors import UsageError
from asa_desktop.core.examples import examples
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.model_published import RECORDINGS
from asa_desktop.core.models import CARD, CARD_SCHEMA, TRIPLETS, WEIGHTS, load_model
from asa_desktop.core.networks.heads import Network, build_network
from asa_training.card import model_card
from asa_training.checkpoints import best_of, read_record, took
from asa_training.config import FitConfig
from asa_training.evaluate import ClipRow, clip_table
from asa_training.features import Rendition, load
from asa_training.golden import golden_of, refuse_foreign
from asa_training.hub import write_hub
from asa_training.learnt import (
    LearntFrom,
    by_marks_alone,
    data_of_marked,
    learnt_of,
    without_singers,
)
from asa_training.parts import hashes_of, read_recordings
from asa_training.provenance import versions
from asa_training.recipe import RECIPE, Recipe, commands, recipe_of, write_recipe
from asa_training.render.batch import read_manifest
from asa_training.report import summary
from asa_training.scores import MARKS, PLAIN, STATEMENT, fit_score_map
from asa_training.sentences import say
from asa_training.systems.towers import BEST, CONFIG
from asa_training.weights import (
    MOST_MOVED,
    PRECISIONS,
    Precision,
    moved,
    refuse_large,
    stored,
    write_weights,
)
from asa_training.writing import write_text

SHARE_ALIKE = "CC BY-SA 4.0"
LICENCES = {SHARE_ALIKE, "CC BY 4.0", "CC BY 3.0", "CC0 1.0"}


def export(
    run: Path,
    out: Path,
    *,
    training: list[dict[str, Any]],
    validation: list[Rendition],
    test: list[Rendition],
    precision: Precision = "float16",
    recipe: Recipe | None = None,
    golden: Sequence[tuple[Path, Path]] = (),
) -> dict[str, Any]:
    """Write the model folder and return its card.

    The score map of a triplet system is fitted on `validation`, that of a head is plain; every
    number of the card comes from `test`, and from the weights as they are stored. With `recipe` the
    card tells how the model came about, and `rebuild.json` is written with the scores of `golden`,
    bundled takes and their songs.

    Raises
    ------
    UsageError
        ``test_was_trained_on``, ``model_orders_nothing``, ``weights_too_large``,
        ``rounding_moves_scores``, ``not_bundled``; nothing is written then.
    """
    record = read_record(run)
    tower = record.get("tower", {})
    marked = learnt_of(record)
    refuse_overlap(training, test, tower, validation=validation, marked=marked)
    refuse_foreign([path for each in golden for path in each])
    config = FitConfig.from_record(record)
    network = build_network(config.system, config.network, towers=config.built)
    network.load_state_dict(torch.load(run / BEST, map_location="cpu", weights_only=True))
    tensors = stored(network, precision)
    if precision == "float16":
        refuse_large(tensors, network)
    as_stored = build_network(config.system, config.network, towers=config.built)
    as_stored.load_state_dict(tensors)

    def table(renditions: list[Rendition], *, of: Network = as_stored) -> list[ClipRow]:
        return clip_table(
            of.eval(),
            renditions,
            device=torch.device("cpu"),
            views=config.views,
            system=config.system,
            key=config.key,
        )

    fitted = config.system in TRIPLETS
    rounded = table(validation)
    to_score = fit_score_map(rounded) if fitted else PLAIN
    rounding = moved(table(validation, of=network), rounded, to_score)
    measured = summary(table(test), to_score)
    size = write_weights(tensors, out / WEIGHTS)
    card = {
        "schema": CARD_SCHEMA,
        "id": config.id,
        "system": config.system,
        "scale": _scale(record, fitted=fitted),
        "licence": _licence(training, tower, marked),
        "attribution": _attribution(training, tower, marked),
        "features": config.features.to_dict(),
        "network": config.network.to_dict(),
        "towers": config.built,
        "views": list(config.views),
        "score_map": {
            "knots": [list(knot) for knot in to_score.knots],
            "fitted_on": f"validation renditions of {_singers(validation)}" if fitted else "",
        },
        "weights": {
            "file": WEIGHTS,
            "sha256": hashlib.sha256((out / WEIGHTS).read_bytes()).hexdigest(),
            "bytes": size,
            "precision": precision,
            "rounding": {"limit_points": MOST_MOVED, **asdict(rounding)},
        },
        "training": {
            **{
                name: value
                for name, value in without_singers(record).items()
                if name not in ("network", "views")
            },
            "data": [*_data(training), *data_of_marked(marked)],
            "best": best_of(run),
        },
        "made": _made(run, recipe),
        "evaluation": measured,
    }
    text = json.dumps(card, indent=2, ensure_ascii=False, allow_nan=False)
    write_text(out / CARD, text + "\n")
    write_text(out / "MODEL_CARD.md", model_card(card))
    if digests := [line.split()[0] for line in read_recordings(run)]:
        # Without names, which may tell who sang.
        write_text(out / RECORDINGS, "".join(f"{digest}\n" for digest in sorted(set(digests))))
    if recipe is not None:
        model = load_model(out, device="cpu")
        found = tuple(golden_of(model, take, song) for take, song in golden)
        sha256 = card["weights"]["sha256"]
        write_recipe(out / RECIPE, replace(recipe, weights_sha256=sha256, golden=found))
    return card


def _scale(record: Mapping[str, Any], *, fitted: bool) -> str:
    """Of cosines it is fitted on renditions, whatever they were learnt from."""
    return MARKS.format(**record["marks"]) if "marks" in record and not fitted else STATEMENT


def _made(run: Path, recipe: Recipe | None) -> dict[str, Any]:
    """How the model came about, as far as it is known."""
    found: dict[str, Any] = {"versions": versions(), **took(run), **hashes_of(run)}
    if recipe is not None:
        found["corpora"] = [
            {
                "name": each.name,
                "edition": each.edition,
                "licence": each.licence,
                "files": len(each.files),
                "sha256": each.sha256,
            }
            for each in recipe.corpora
        ]
        found["commands"] = commands(recipe)
        found["manifest"] = RECIPE
    return found


def refuse_overlap(
    training: list[dict[str, Any]],
    test: list[Rendition],
    tower: Mapping[str, Any] | None = None,
    *,
    validation: Sequence[Rendition] = (),
    marked: Sequence[LearntFrom] = (),
) -> None:
    """See to it that the test's singers, songs and engine were in no training and no validation.

    `training` are lines of the manifests of renditions. Raises UsageError ``test_was_trained_on``.
    """
    trained = {
        "singer": {fact["source"]["singer"] for fact in training}
        | {*(tower or {}).get("singers", ())}
        | {singer for each in marked for singer in each.singers},
        "song": {fact["source"]["song"] for fact in training}
        | {song for each in marked for song in each.songs},
        "engine": {fact["plan"]["engine"] for fact in training},
    }
    for name, seen in trained.items():
        seen |= {getattr(one, name) for one in validation}
        # An accompaniment has none of them.
        if both := seen & {getattr(one, name) for one in test} - {""}:
            raise UsageError("test_was_trained_on", what=name, names=", ".join(sorted(both)))


def _singers(renditions: list[Rendition]) -> str:
    return ", ".join(sorted({each.singer for each in renditions if each.singer}))


def _data(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry a corpus, singer and licence: recordings, renditions, seconds."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    recordings: dict[tuple[str, str, str], dict[str, float]] = {}
    for fact in facts:
        source = fact["source"]
        place = (source["corpus"], source["singer"], source["licence"])
        entry = found.setdefault(
            place,
            {"corpus": place[0], "singer": place[1], "licence": place[2], "renditions": 0},
        )
        entry["renditions"] += 1
        seconds = source["end"] - source["start"]
        recordings.setdefault(place, {})[source["id"]] = seconds
    for place, entry in found.items():
        entry["sources"] = len(recordings[place])
        entry["seconds"] = round(sum(recordings[place].values()), 1)
    return [found[place] for place in sorted(found)]


def _licence(
    facts: list[dict[str, Any]], tower: Mapping[str, Any], marked: Sequence[LearntFrom]
) -> str:
    """The weights' licence: share-alike as soon as one source, or the tower, asks for it.

    Recordings of one's own may have any other, or none that is known: those are named, since what
    may be done with the weights is then for the recordings' owners to say.
    """
    licences = {fact["source"]["licence"] for fact in facts}
    if tower.get("licence"):
        licences.add(tower["licence"])
    licences |= {one.licence for each in marked for one in each.learnt}
    if own := licences - LICENCES:
        return ", ".join(sorted(own | (licences & {SHARE_ALIKE})))
    return SHARE_ALIKE if SHARE_ALIKE in licences else "CC BY 4.0"


_CREDITS = {
    "makam": (
        "MTG turkish-makam-acapella-sections-dataset, Music Technology Group, "
        "Universitat Pompeu Fabra (CC BY 4.0)"
    ),
    "pjs": "PJS: phoneme-balanced Japanese singing-voice corpus, Koguchi and Takamichi, 2020 "
    "(CC BY-SA 4.0)",
    "nit_song070": "NIT-SONG070, Nagoya Institute of Technology (CC BY 3.0)",
    "vocadito": "vocadito, Bittner et al., 2021 (CC BY 4.0)",
}


def _attribution(
    facts: list[dict[str, Any]], tower: Mapping[str, Any], marked: Sequence[LearntFrom]
) -> list[str]:
    corpora = sorted({fact["source"]["corpus"] for fact in facts})
    credited = [_CREDITS.get(corpus, corpus) for corpus in corpora]
    credited += [f"the recordings of {each.manifest}" for each in marked]
    return list(dict.fromkeys([*credited, *tower.get("attribution", ())]))


_OF_A_RUN = ("run", "renders", "validation", "test", "cache")


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train export`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "export",
        help="write a run's best state as a model folder, measured on test renditions",
        description="Writes a run's best state as a model folder, measured on test renditions; with"
        " --hf as a folder that a model hub takes, also of a model that is there already.",
        epilog=examples(
            "asa-train export --hf --model models/rori-3 --out hub/rori-3",
            "asa-train export --run R/rori-3 --renders R/train --validation R/validation \\",
            "    --test R/test --cache R/cache --out R/models/rori-3 \\",
            "    --golden resources/demo/takes/pjs-medley.flac resources/demo/pjs-medley",
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--run", dest="folder", type=Path, help="what `train` wrote")
    parser.add_argument(
        "--renders", type=Path, nargs="+", default=[],
        help="what it was trained on, unless on marked recordings alone; for embdirect on the"
        " tower of a run, what that was trained on, too",
    )  # fmt: skip
    parser.add_argument("--validation", type=Path, help="validation renditions")
    parser.add_argument("--test", type=Path, help="test renditions")
    parser.add_argument("--cache", type=Path, help="what `prepare` wrote")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--golden", type=Path, nargs=2, action="append", default=[], metavar=("TAKE", "SONG"),
        help="a bundled take and its song, by whose scores a rebuilt model is known",
    )  # fmt: skip
    parser.add_argument("--precision", choices=PRECISIONS, default="float16")
    parser.add_argument(
        "--hf",
        action="store_true",
        help="in the layout of the Hugging Face hub: README.md with its head, config.json, LICENSE",
    )
    parser.add_argument(
        "--model", type=Path, help="with --hf: a model folder that is there, instead of a run"
    )
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Export and print what was measured, or which model a hub's folder holds."""
    if args.model is not None:
        if not args.hf or args.folder is not None:
            raise UsageError("export_of_what")
        print(f"{args.out}: {write_hub(args.model, args.out)}")
        return 0
    given = {**vars(args), "run": args.folder}
    lacking = [f"--{name}" for name in _OF_A_RUN if not given[name]]
    if "--renders" in lacking and _is_of_marks(args.folder):
        lacking.remove("--renders")
    if lacking:
        raise UsageError("export_lacks", names=", ".join(lacking))
    if not args.hf:
        return _export_run(args, args.out)
    with tempfile.TemporaryDirectory() as folder:
        status = _export_run(args, Path(folder, "model"))
        if status == 0:
            write_hub(Path(folder, "model"), args.out)
    return status


def _is_of_marks(run: Path | None) -> bool:
    """Whether a run learnt from marked recordings alone, so that there need be no renditions."""
    if run is None or not (run / CONFIG).exists():
        return False
    return by_marks_alone(read_record(run))


def _export_run(args: argparse.Namespace, out: Path) -> int:
    """The model folder of a run; 2 where nothing is prepared."""
    spec = FeatureSpec()
    training = [fact for folder in args.renders for fact in read_manifest(folder)]
    validation = load(args.validation, args.cache, spec)
    test = load(args.test, args.cache, spec)
    if not validation or not test:
        print("nothing is prepared; run asa-train prepare first", file=sys.stderr)
        return 2
    try:
        recipe = recipe_of(
            args.folder,
            renders=args.renders[0] if args.renders else None,
            validation=args.validation,
            test=args.test,
            precision=args.precision,
        )
    except UsageError as fault:
        recipe = None
        print(f"no {RECIPE}: {say(fault)}", file=sys.stderr)
    card = export(
        args.folder,
        out,
        training=training,
        validation=validation,
        test=test,
        precision=args.precision,
        recipe=recipe,
        golden=[(take, song) for take, song in args.golden],
    )
    print(json.dumps(card["evaluation"], indent=2))
    if card["licence"] not in LICENCES:
        print(
            f"licence of the weights: {card['licence']}, as of the recordings; whether they may be"
            " given away is for the recordings' owners to say",
            file=sys.stderr,
        )
    return 0
