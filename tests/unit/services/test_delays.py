"""Calibrated delays: kept for what exactly was open, the newest first, nothing forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from asa_desktop.core.errors import LibraryError
from asa_desktop.engine.messages import Calibrated, Opened
from asa_desktop.services.delays import delay_for, keep_delay, known_delays
from asa_desktop.services.library import Library
from asa_desktop.services.paths import places

OPENED = Opened(
    input="mic",
    output="headphones",
    host_api="ALSA",
    rate=48_000,
    block=512,
    latency="low",
    duplex=True,
    stamp_delay_s=0.04,
)
FOUND = Calibrated(
    delay_s=0.0321,
    spread_s=0.0004,
    found=12,
    played=12,
    method="chirps",
    stamp_delay_s=0.0391,
)


def test_what_was_kept_is_found_again(home: Path) -> None:
    kept = keep_delay(OPENED, FOUND)
    found = delay_for(OPENED)
    assert found == kept
    assert found is not None
    assert (found.delay_s, found.spread_s, found.stamp_delay_s) == (0.0321, 0.0004, 0.0391)
    assert (found.method, found.found, found.played, found.duplex) == ("chirps", 12, 12, True)
    assert found.measured_at.endswith("Z")


@pytest.mark.parametrize(
    "other",
    [
        {"input": "another mic"},
        {"output": "speakers"},
        {"host_api": "JACK"},
        {"rate": 44_100},
        {"block": 1024},
        {"latency": "high"},
        {"duplex": False},
    ],
)
def test_another_device_or_setting_has_its_own(home: Path, other: dict[str, object]) -> None:
    keep_delay(OPENED, FOUND)
    changed = replace(OPENED, **other)  # type: ignore[arg-type]
    assert delay_for(changed) is None
    keep_delay(changed, replace(FOUND, delay_s=0.2))
    mine, theirs = delay_for(OPENED), delay_for(changed)
    assert mine is not None
    assert theirs is not None
    assert (mine.delay_s, theirs.delay_s) == (0.0321, 0.2)
    assert len(known_delays()) == 2


def test_what_the_stamps_claim_by_now_does_not_matter(home: Path) -> None:
    kept = keep_delay(OPENED, FOUND)
    assert delay_for(replace(OPENED, stamp_delay_s=0.1)) == kept


def test_the_newest_counts_and_the_others_stay(home: Path) -> None:
    with Library.open() as library:
        first = keep_delay(OPENED, FOUND, library=library)
        second = keep_delay(OPENED, replace(FOUND, delay_s=0.05, method="taps"), library=library)
        assert delay_for(OPENED, library=library) == second
    assert known_delays() == [second]
    assert known_delays(history=True) == [second, first]


def test_asking_makes_no_library(home: Path) -> None:
    assert delay_for(OPENED) is None
    assert known_delays() == []
    assert not places().library.exists()


def test_a_broken_library_keeps_nobody_from_singing(home: Path) -> None:
    keep_delay(OPENED, FOUND)
    (places().library / "library.sqlite").write_bytes(b"not a database at all" * 500)
    assert delay_for(OPENED) is None
    with pytest.raises(LibraryError):
        keep_delay(OPENED, FOUND)
    with pytest.raises(LibraryError):
        known_delays()
