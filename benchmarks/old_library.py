"""A library as a much older program wrote it, to be opened by the newest.

    python -m benchmarks.old_library build/old-library [--commit 01e34ba]

The commit is unpacked beside it and its own code, under this environment, puts the bundled song
and two takes into a library, analyses one of them and keeps settings. 01e34ba is the last commit
before the library's first migration: `user_version` is 1. `benchmarks.clean_machine upgrade`
takes the folder as `--library`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BEFORE_MIGRATIONS = "01e34ba"

# In the words of that commit.
_WRITES = """
import json
from argparse import Namespace
from asa_desktop.cli import choose
from asa_desktop.cli.analyze import Session
from asa_desktop.core import load_song
from asa_desktop.services.library import Library
from asa_desktop.services.library.rows import ClipRow
from asa_desktop.services.paths import places
from asa_desktop.services.result import dumps, to_json

take, place = choose.bundled_take()
song = load_song(place)
analysis = Session.of(song).analyse(take, label=take.name)
with Library.open() as library:
    row = library.add_song(
        path=place, title=song.title, artist=song.artist, language=song.language, parts=["vocal"]
    )
    anna, ben = (library.add_person(name=name).id for name in ("Anna", "Ben"))
    first = library.import_take(
        song=row.id, person=anna, file=take, title="of long ago", latency_s=0.02
    )
    library.import_take(song=row.id, person=ben, file=song.vocal)
    library.add_analysis(
        take=first.id, document=dumps(to_json(analysis)), status=analysis.status,
        reason=analysis.reason, score=analysis.overall.score, low=analysis.overall.low,
        high=analysis.overall.high, case=analysis.case, model=analysis.model,
        features=analysis.features, latency_s=first.latency_s,
        clips=[
            ClipRow(
                start=one.clip.start, end=one.clip.end, score=one.score, reason=one.reason,
                cosine=one.cosine, voiced=one.clip.voiced, pitched=one.clip.pitched,
            )
            for one in analysis.clips
        ],
    )
    print(library.database.pragma("user_version"), analysis.status, analysis.overall.score)
places().settings.write_text(json.dumps({"device": "cpu", "of_another_time": [1, 2]}))
"""


def main() -> int:
    """Write it, and say which form it has and what the take was scored."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--commit", default=BEFORE_MIGRATIONS)
    options = parser.parse_args()
    home = options.folder.resolve()
    if home.exists():
        raise SystemExit(f"{home} is there already.")
    with tempfile.TemporaryDirectory() as name:
        # By tar, as Python 3.11.2 of Debian 12 knows no filters for what it unpacks.
        archive = Path(name) / "commit.tar"
        subprocess.run(["git", "archive", "-o", archive, options.commit], cwd=ROOT, check=True)
        subprocess.run(["tar", "-xf", archive, "-C", name], check=True)
        told = subprocess.run(
            [sys.executable, "-c", _WRITES],
            cwd=name, env={**os.environ, "PYTHONPATH": name, "ASA_HOME": str(home)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if told.returncode:
        raise SystemExit(told.stderr[-3000:])
    version, status, score = told.stdout.split()[-3:]
    print(f"{home}: by {options.commit}, user_version {version}, one take {status}, {score}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
