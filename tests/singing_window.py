"""Stands for the window's process: starts an engine and a take into the library, and watches.

Prints one line of JSON when the take has begun, then goes on until it is killed or the engine is
gone. Run as ``python -m tests.singing_window`` would be; the tests run it by its path.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from asa_desktop.core.errors import PlaceError
from asa_desktop.engine.messages import Recording, Setup
from asa_desktop.services.library import Library
from asa_desktop.services.paths import places
from asa_desktop.services.recorder import Recorder
from asa_desktop.services.taking import Delay, Heard, begin_take


def main(song_folder: Path) -> None:
    """Record until something dies."""
    with Library.open() as library, Recorder.start() as recorder:
        recorder.open(Setup(input="vmic", output="vspeakers", rate=48000))
        song = library.add_song(path=song_folder, title="Ramp")
        person = library.add_person(name="Robin")
        job = begin_take(
            library, song=song.id, person=person.id, heard=Heard(), delay=Delay(seconds=0.03)
        )
        recorder.record(job)
        while not any(isinstance(each, Recording) for each in recorder.events(wait_s=0.05)):
            pass
        facts = {
            "began": time.monotonic(),
            "engine": recorder._process.pid,
            "part": str(job.part),
            "library": str(places().library),
        }
        print(json.dumps(facts), flush=True)
        try:
            while True:
                recorder.events(wait_s=0.1)
                recorder.snapshot()
        except PlaceError as error:
            print(error.code, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
