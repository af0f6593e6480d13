"""``python -m asa_training.demo --corpus DIR --out DIR``: make the bundled songs again."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from asa_desktop.core.errors import AsaError
from asa_training.demo.build import build_medley
from asa_training.demo.measure import measure
from asa_training.demo.on_the_run import copy_on_the_run
from asa_training.demo.plan import PJS_MEDLEY


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when the songs are written, 2 when something was not to be had."""
    parser = argparse.ArgumentParser(prog="python -m asa_training.demo", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="the folder with pjs001 ...")
    parser.add_argument("--out", type=Path, required=True, help="where the songs' folders go")
    parser.add_argument("--on-the-run", type=Path, help="the folder of that song, to copy it too")
    parser.add_argument("--measure", action="store_true", help="print levels, chords and pitch")
    options = parser.parse_args(arguments)
    try:
        folder, timeline = build_medley(PJS_MEDLEY, options.corpus, options.out)
        print(folder)
        if options.on_the_run:
            print(copy_on_the_run(options.on_the_run, options.out))
        if options.measure:
            print(json.dumps(measure(timeline, folder).as_dict(), indent=1))
    except AsaError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
