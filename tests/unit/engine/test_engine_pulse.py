"""What the watch makes of two looks at the sound server; the server itself is in e2e."""

from __future__ import annotations

from pathlib import Path

import pytest

from asa_desktop.engine import pulse, pulse_library
from asa_desktop.engine.pulse import Change, PulseWatch, Stream, changes

pytestmark = pytest.mark.alone

MIC, LOOP, SPEAKERS = (7, "mic"), (8, "loopmic"), (7, "speakers")
OURS, THEIRS = 3, 4


def look(
    *,
    streams: dict[tuple[pulse.Way, int], tuple[int, int]],
    away: tuple[str, ...] = (),
    asleep: tuple[str, ...] = (),
) -> pulse._Look:
    devices: dict[tuple[pulse.Way, int], tuple[str, bool]] = {
        (way, index): (name, name in asleep)
        for way, (index, name) in (("input", MIC), ("input", LOOP), ("output", SPEAKERS))
        if name not in away
    }
    return pulse._Look(ours={OURS}, devices=devices, streams=streams)


BOTH: dict[tuple[pulse.Way, int], tuple[int, int]] = {
    ("input", 1): (OURS, 7),
    ("output", 1): (OURS, 7),
    ("input", 2): (THEIRS, 7),
}
RECORDING = Stream("input", 1, "mic", False)


def test_only_our_streams_are_found() -> None:
    found = look(streams=BOTH).found()
    assert [stream for _, stream in found.values()] == [
        RECORDING,
        Stream("output", 1, "speakers", False),
    ]


def test_nothing_changed_says_nothing() -> None:
    assert changes(look(streams=BOTH).found(), look(streams=BOTH), 1.0) == []


def test_moved_tells_whether_the_device_went() -> None:
    before = look(streams=BOTH).found()
    elsewhere = BOTH | {("input", 1): (OURS, 8), ("input", 2): (THEIRS, 8)}
    lost = changes(before, look(streams=elsewhere, away=("mic",)), 1.0)
    assert lost == [Change("moved", 1.0, RECORDING, "loopmic", original_gone=True)]
    by_hand = changes(before, look(streams=elsewhere), 1.0)
    assert by_hand == [Change("moved", 1.0, RECORDING, "loopmic", original_gone=False)]


def test_a_stream_between_devices_is_neither_moved_nor_gone_yet() -> None:
    before = look(streams=BOTH).found()
    nowhere = BOTH | {("input", 1): (OURS, 0xFFFFFFFF)}
    assert changes(before, look(streams=nowhere, away=("mic",)), 1.0) == []


def test_suspended_resumed_and_gone() -> None:
    awake, asleep = look(streams=BOTH), look(streams=BOTH, asleep=("mic",))
    slept = Stream("input", 1, "mic", True)
    assert changes(awake.found(), asleep, 1.0) == [Change("suspended", 1.0, RECORDING, "mic")]
    assert changes(asleep.found(), awake, 2.0) == [Change("resumed", 2.0, slept, "mic")]
    playing = {("output", 1): (OURS, 7)}
    assert changes(awake.found(), look(streams=playing), 3.0) == [Change("gone", 3.0, RECORDING)]


def test_without_library_or_server_nothing_is_watched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert pulse_library.library("libthere-is-no-such-thing.so.0") is None
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    monkeypatch.setattr(pulse, "_CONNECT_S", 0.2)
    assert PulseWatch.start() is None
    monkeypatch.setattr(pulse_library, "library", lambda: None)
    assert PulseWatch.start() is None
