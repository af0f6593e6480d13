"""The delay between speakers and microphone, as it was calibrated for what is open now."""

from __future__ import annotations

import logging

from asa_desktop.core.errors import LibraryError, PlaceError
from asa_desktop.engine.messages import Calibrated, Opened
from asa_desktop.services.library import DelayRow, Library
from asa_desktop.services.library.database import FILE
from asa_desktop.services.paths import places

log = logging.getLogger(__name__)


def keep_delay(opened: Opened, found: Calibrated, *, library: Library | None = None) -> DelayRow:
    """Keep a calibration in `library`, by default the user's own; earlier ones stay.

    Raises `LibraryError` or `PlaceError`.
    """
    if library is None:
        with Library.open() as own:
            return keep_delay(opened, found, library=own)
    return library.add_delay(
        input=opened.input,
        output=opened.output,
        host_api=opened.host_api,
        rate=opened.rate,
        block=opened.block,
        latency=opened.latency,
        duplex=opened.duplex,
        delay_s=found.delay_s,
        spread_s=found.spread_s,
        found=found.found,
        played=found.played,
        method=found.method,
        stamp_delay_s=found.stamp_delay_s,
    )


def delay_for(opened: Opened, *, library: Library | None = None) -> DelayRow | None:
    """The newest calibration of just these devices, host API, rate, block, latency and streams.

    None where there is none, or where the library cannot be asked: the take can be shifted later,
    but not be sung again.
    """
    if library is None:
        try:
            if not (places().library / FILE).exists():
                return None
            with Library.open(daily_backup=False) as own:
                return delay_for(opened, library=own)
        except (LibraryError, PlaceError) as error:
            log.warning("no calibrated delay: %s", error)
            return None
    return library.delay(
        input=opened.input,
        output=opened.output,
        host_api=opened.host_api,
        rate=opened.rate,
        block=opened.block,
        latency=opened.latency,
        duplex=opened.duplex,
    )


def known_delays(*, history: bool = False) -> list[DelayRow]:
    """The user's calibrated delays, the newest first; with `history` also those of before.

    Raises `LibraryError` or `PlaceError`.
    """
    if not (places().library / FILE).exists():
        return []
    with Library.open(daily_backup=False) as library:
        return library.delays(history=history)
