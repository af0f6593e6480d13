"""`asa-train`: import, render, prepare, train, evaluate, export, rebuild."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from asa_desktop.core.errors import AsaError
from asa_training.sentences import say


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 2 with a sentence where what came in does not fit."""
    from asa_training import (
        attribute_table,
        evaluation,
        export,
        features,
        fit,
        import_command,
        overall_scale,
        pack,
        rebuild,
    )
    from asa_training.rated import feature_files, folder_scores
    from asa_training.render import command as render
    from asa_training.trials import command as trials

    parser = argparse.ArgumentParser(prog="asa-train", description=__doc__)
    subparsers = parser.add_subparsers(required=True)
    for module in (
        import_command,
        render,
        features,
        fit,
        evaluation,
        attribute_table,
        overall_scale,
        feature_files,
        folder_scores,
        export,
        rebuild,
        trials,
        pack,
    ):
        module.register(subparsers)
    args = parser.parse_args(arguments)
    try:
        status = args.run(args)
    except AsaError as fault:
        print(f"asa-train: {say(fault)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
