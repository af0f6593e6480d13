"""`asa devices`: what sound can come from and go to, and which delays are known."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

from asa_desktop import words
from asa_desktop.cli import sound
from asa_desktop.cli.app import DONE, NOT_POSSIBLE
from asa_desktop.engine.messages import Device
from asa_desktop.services.delays import known_delays

if TYPE_CHECKING:
    from asa_desktop.services.library import DelayRow


def run(options: argparse.Namespace) -> int:
    """List them; 2 where there is no device at all."""
    with sound.engine() as recorder:
        devices = recorder.devices()
    delays = known_delays()
    if options.json:
        found = {
            "devices": [asdict(each) for each in devices],
            "delays": [asdict(each) for each in delays],
        }
        print(json.dumps(found, indent=2), flush=True)
    elif devices:
        print("\n".join((*_table(devices), "", *_delays(delays))), flush=True)
    if not devices:
        sound.warned("no_devices")
    return DONE if devices else NOT_POSSIBLE


def _table(devices: Sequence[Device]) -> Iterator[str]:
    yield "   in   out     rate  name"
    for api, group in groupby(devices, key=lambda each: each.host_api):
        yield words.on_one_line(api)
        for each in group:
            numbers = f"{each.inputs or '-':>5} {each.outputs or '-':>5} {each.rate:>8}"
            yield f"{numbers}  {words.on_one_line(each.name)}{_defaults(each)}"


def _defaults(device: Device) -> str:
    marks = [
        words.sentence(code)
        for code in ("default_input", "default_output")
        if getattr(device, code)
    ]
    return f"  ({', '.join(marks)})" if marks else ""


def _delays(delays: Sequence[DelayRow]) -> Iterator[str]:
    if not delays:
        yield words.sentence("no_delays")
        return
    yield words.sentence("delays_known")
    for each in delays:
        facts = {
            "input": each.input,
            "output": each.output,
            "api": each.host_api,
            "rate": each.rate,
            "block": each.block,
            "ms": sound.milliseconds(each.delay_s),
            "spread_ms": sound.milliseconds(each.spread_s),
            "method": words.method_text(each.method),
            "date": each.measured_at[:10],
        }
        yield f"  {words.sentence('delay_line', facts)}"
