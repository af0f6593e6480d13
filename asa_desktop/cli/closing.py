"""What is said of a take when it is over: what it became, and what may be wrong with it."""

from __future__ import annotations

from pathlib import Path

from asa_desktop import words
from asa_desktop.cli import sound
from asa_desktop.cli.live import clock
from asa_desktop.engine.messages import Measured, Setup

TOO_LOW_DB = -40.0
"""A voice whose loudest moment stays below this has little left above a room's noise."""

SILENT_DB = -70.0


MOVED_S = 0.0005


def say_closing(
    path: Path, measured: Measured, *, kept_delay_s: float | None, loudest_db: float, setup: Setup
) -> None:
    """Print the file, its length and delay, and a line for each thing to mend.

    `kept_delay_s` is the delay as it was calibrated, before this start's stamps moved it.
    """
    sound.told("take_at", path=path, length=clock(measured.duration_s))
    moved = kept_delay_s is not None and abs(kept_delay_s - measured.latency_s) > MOVED_S
    sound.told(
        _delay_code(measured),
        ms=sound.milliseconds(measured.latency_s),
        kept_ms="" if not moved else sound.milliseconds(kept_delay_s or 0.0),
        command=f"asa calibrate{sound.options_of(setup)}",
    )
    if measured.xruns:
        sound.told("dropouts", count=measured.xruns)
    for gap in measured.gaps:
        sound.told(
            "gap",
            start=clock(gap.start_s),
            end=clock(gap.end_s),
            away_s=gap.away_s,
            why=words.loss_text(gap.reason),
        )
    if measured.clipped:
        sound.told("clipped", count=measured.clipped)
    elif loudest_db < SILENT_DB:
        sound.told("heard_nothing", device=measured.device)
    elif loudest_db < TOO_LOW_DB:
        sound.told("too_low", db=loudest_db)


def _delay_code(measured: Measured) -> str:
    return f"delay_{measured.delay_from}"
