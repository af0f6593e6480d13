"""The guide, followed to the letter by somebody new: a ``singer``, or a ``listener`` without mic.

Run under a screen and in a room (`tests/e2e/test_guide_walk.py`). Each step first reads what the
guide says there, then sees that the window says and does so; what was read is printed as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from tests import guide_listener, guide_singer
from tests.carried import ROOT
from tests.guest import Guest, Voice

PAPERS = tuple(ROOT / "docs" / f"{name}.md" for name in ("guide", "teachers"))


def main(kind: str, folder: Path, pictures: Path) -> None:
    """`folder` holds what the test has laid ready: the singer's voice and songs of their own."""
    guest = Guest(pictures, *PAPERS, things=folder)
    voice = Voice(folder / "voice.wav")
    try:
        if kind == "singer":
            guide_singer.walk(guest, voice)
        else:
            guide_listener.walk(guest)
        guest.facts["read"] = sorted(guest.read)
        guest.window.close()
        QApplication.processEvents()
    finally:  # else the engine and the worker would keep a failed walk waiting
        voice.end()
        guest.context.close()
    print(json.dumps(guest.facts))
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
