"""`asa-train`: import, render, prepare, train, evaluate, export, rebuild."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from asa_desktop.core.errors import AsaError
from asa_desktop.core.examples import examples
from asa_training.sentences import say

COMMANDS = {
    "import_command": ("import", "check"),
    "render.command": ("render", "verify-renders"),
    "prepared.command": ("prepare",),
    "fit_command": ("train",),
    "evaluation": ("evaluate",),
    "attribute_table": ("attributes",),
    "overall_scale": ("overall",),
    "rated.feature_files": ("features",),
    "rated.folder_scores": ("score",),
    "export": ("export",),
    "rebuild": ("rebuild",),
    "trials.command": ("ablate", "compare"),
    "pack": ("pack",),
    "separate": ("separate",),
}
"""The modules that register commands, in the order of the help, and which."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 2 with a sentence where what came in does not fit."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    args = parser(words[:1]).parse_args(words)
    try:
        status = args.run(args)
    except AsaError as fault:
        print(f"asa-train: {say(fault)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return int(status)


def parser(asked: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The command that is asked for, or all of them."""
    whole = argparse.ArgumentParser(
        prog="asa-train",
        description=__doc__,
        epilog=examples("asa-train import --help", "asa-train pack models/rori-3 --out pack.zip"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    subparsers = whole.add_subparsers(required=True)
    # One command alone starts without the libraries of the others.
    found = [name for name, commands in COMMANDS.items() if set(asked) & set(commands)]
    for name in found or COMMANDS:
        importlib.import_module(f"asa_training.{name}").register(subparsers)
    return whole


if __name__ == "__main__":
    sys.exit(main())
