"""A line that only plays, and dropouts as they are told while somebody sings."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from engine_desk import RATE, Desk, desk_of

from asa_desktop.core.errors import PlaceError
from asa_desktop.engine import messages
from asa_desktop.engine.snapshot import State

pytestmark = pytest.mark.alone

__all__ = ["desk_of"]


def test_without_a_microphone_there_is_still_something_to_hear(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of(inputs=0)
    with pytest.raises(PlaceError, match="no_input"):
        desk.open()
    opened = desk.open(input="away", listen=False)
    assert (opened.input, opened.output, opened.host_api) == ("", "card", "Core Audio")
    assert (opened.duplex, opened.stamp_delay_s) == (False, 0.0)
    assert [each.sides for each in desk.sound.streams] == ["out"]
    desk.engine.handle(messages.Play(vocal=desk.job(1.0).accompaniment))
    desk.turn(0.5)
    desk.sees(State.PLAYING)
    deadline = time.monotonic() + 5
    while desk.reader.read().song_s < 0.4:
        assert time.monotonic() < deadline, desk.reader.read()
        time.sleep(0.005)
    desk.until(messages.Played)
    played = np.concatenate(desk.sound.played)[:, 0]
    assert np.count_nonzero(played) == RATE


def test_a_line_that_only_plays_records_nothing(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.open(listen=False)
    desk.turn(12.0)  # long enough that a take would have the line opened anew
    for request in (messages.Record(desk.job()), messages.Calibrate(), messages.TapAlong()):
        with pytest.raises(PlaceError, match="only_plays"):
            desk.engine.handle(request)
    assert not list(desk.folder.glob("take*"))
    assert desk.open().input == "card", "and with the microphone all is as ever"
    desk.engine.handle(messages.Record(desk.job()))
    assert len(desk.take()) > RATE


@pytest.mark.parametrize("how", ["ended", "silent"])
def test_speakers_that_go_away_are_noticed_without_a_microphone(
    desk_of: Callable[..., Desk], how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of()
    desk.open(listen=False)
    desk.engine.handle(messages.Play(vocal=desk.job(20.0).accompaniment))
    with monkeypatch.context() as patch:  # whoever has not called yet is late: the microphone
        patch.setattr("asa_desktop.engine.line.FIRST_CALLBACK_S", 0.0)
        desk.turn(0.5)
    assert not [each for each in desk.said if isinstance(each, messages.Lost)]
    began = time.monotonic()
    desk.sound.names = ()
    if how == "ended":
        desk.sound.streams[0].end()
    else:
        desk.sound.streams[0].running = False
    desk.until(messages.Lost, turning=False)
    assert time.monotonic() - began < 0.5
    assert isinstance(desk.said[-2], messages.Played)
    with pytest.raises(PlaceError, match="device_lost"):
        desk.engine.handle(messages.Play())
    desk.sound.names = ("card",)
    back = desk.until(messages.Back)
    assert isinstance(back, messages.Back)
    assert back.opened.input == ""
    assert [each.sides for each in desk.sound.streams] == ["out"]


def test_devices_are_listed_anew_beside_a_line_that_only_plays(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of()
    desk.open(listen=False)
    desk.engine.handle(messages.ListDevices())
    assert [each.sides for each in desk.sound.streams] == ["out"]


def shows_dropouts(desk: Desk, count: int) -> None:
    """Wait until the snapshot counts so many dropouts, and no other number after that."""
    deadline = time.monotonic() + 5
    seen: list[int] = []
    while not seen or seen[-1] != count or len(seen) < 20:
        now = desk.reader.read()
        seen.append(now.xruns_in + now.xruns_out)
        assert time.monotonic() < deadline, seen
        time.sleep(0.01)
    assert set(seen[seen.index(count) :]) == {count}


def test_dropouts_are_told_while_singing_as_at_the_end(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.open()
    desk.sound.pump(512, xruns="input_overflow")  # before the take: not the take's
    desk.engine.handle(messages.Record(desk.job(30.0)))
    desk.until(messages.Recording)
    take = desk.engine._take
    assert take is not None
    desk.turn(1.0)
    # The test plays faster than time passes, so the song may come late by itself on a busy machine.
    shows_dropouts(desk, take.player.starved)
    desk.sound.stamp_delay_s += 4 * 512 / RATE  # a stall that no flag tells of
    desk.turn(4.0)
    shows_dropouts(desk, 1 + take.player.starved)
    take.player.starved += 2  # the disk was late twice
    count = 1 + take.player.starved
    shows_dropouts(desk, count)
    desk.engine.handle(messages.Stop())
    finished = desk.until(messages.Finished)
    assert isinstance(finished, messages.Finished)
    assert finished.measured.xruns == count


def test_what_was_counted_stays_while_the_device_is_away_and_after(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(30.0)))
    desk.until(messages.Recording)
    desk.sound.pump(512, xruns="output_underflow")
    desk.sound.pump(512, xruns="input_overflow")
    desk.turn(0.5)
    shows_dropouts(desk, 2)
    for flag in ("", "output_underflow"):  # what a line flags before it is back counts as well as
        desk.said.clear()  # what it flags before a take: not at all
        desk.sound.names = ()
        desk.sound.streams[0].end()
        desk.until(messages.Lost, turning=False)
        desk.engine.tick()
        desk.sees(State.LOST)
        shows_dropouts(desk, 2)
        assert desk.reader.read().song_s > 0.4
        desk.sound.names = ("card",)
        while not desk.sound.streams:
            desk.engine.tick()
        desk.sound.pump(512, xruns=flag)
        shows_dropouts(desk, 2)
        desk.until(messages.Back)
        shows_dropouts(desk, 2)
    desk.sound.pump(512, xruns="output_underflow")
    shows_dropouts(desk, 3)
    assert desk.reader.read().gaps == 2
    desk.engine.handle(messages.Stop())
    finished = desk.until(messages.Finished)
    assert isinstance(finished, messages.Finished)
    assert finished.measured.xruns == 3
