"""`asa calibrate`: measure the round trip from the headphones to the microphone, and keep it."""

from __future__ import annotations

import argparse
import sys

from asa_desktop.cli import sound
from asa_desktop.cli.app import DONE
from asa_desktop.services.delays import keep_delay


def run(options: argparse.Namespace) -> int:
    """Measure, say what was found, keep it; refused where it is not steady."""
    with sound.engine() as recorder:
        opened = recorder.open(sound.setup_of(options))
        sound.told(
            "calibrate_by_ear" if options.by_ear else "calibrate_by_chirps",
            input=opened.input,
            output=opened.output,
        )
        if sys.stdin.isatty() and sys.stdout.isatty():
            sound.told("press_enter")
            sys.stdin.readline()
        found = recorder.tap_along() if options.by_ear else recorder.calibrate()
    sound.told(
        f"calibrated_{found.method}",
        ms=sound.milliseconds(found.delay_s),
        spread_ms=sound.milliseconds(found.spread_s),
        found=found.found,
        played=found.played,
        stamps_ms=sound.milliseconds(found.stamp_delay_s),
    )
    keep_delay(opened, found)
    sound.told(
        "delay_kept",
        input=opened.input,
        output=opened.output,
        api=opened.host_api,
        rate=opened.rate,
        block=opened.block,
    )
    return DONE
