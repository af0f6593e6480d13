"""A take from request to file, with streams that the test turns by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from engine_desk import FLAGS, RATE, STEP, Desk, desk_of, ramp
from fake_sound import PortAudioError
from hearing import offset_of

from asa_desktop.core.errors import AudioError, PlaceError
from asa_desktop.engine import messages
from asa_desktop.engine.line import Line
from asa_desktop.engine.part import part_info
from asa_desktop.engine.snapshot import State

pytestmark = pytest.mark.alone

__all__ = ["desk_of"]


def test_a_take_over_a_song_holds_every_sample_from_the_songs_first_frame(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of()
    opened = desk.open()
    assert opened.duplex
    assert opened.stamp_delay_s == pytest.approx(0.05)
    assert desk.engine.handle(messages.Record(desk.job())) == messages.Done()
    desk.until(messages.Recording)
    desk.turn(0.5)
    desk.sees(State.RECORDING)
    finished = desk.until(messages.Finished)
    take = desk.take()
    played = np.concatenate(desk.sound.played)[:, 0]
    began = int(np.flatnonzero(played)[0])
    assert np.count_nonzero(played) == RATE
    np.testing.assert_array_equal(take, ramp(began, len(take)))
    # The song, the delay and half a second.
    assert len(take) == pytest.approx(1.55 * RATE, abs=512)
    assert isinstance(finished, messages.Finished)
    assert finished.measured.latency_s == pytest.approx(0.05)
    assert finished.measured.delay_from == "stamps"
    assert finished.measured.clock_ratio == 1
    assert finished.measured.gaps == ()
    assert not list(desk.folder.glob("take.w64*"))


def test_a_stop_ends_the_take_soon_and_keeps_all_of_it(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(60.0)))
    desk.turn(1.0)
    desk.engine.handle(messages.Stop())
    take = desk.take()
    assert 1.0 * RATE < len(take) < 1.3 * RATE
    assert np.all(np.diff(take) != 0)


def test_a_device_that_cannot_be_closed_does_not_keep_the_take(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(60.0)))
    desk.turn(1.0)
    desk.sound.hangs = threading.Event()
    try:
        desk.sound.streams[0].end()
        desk.until(messages.Lost, turning=False)
        desk.engine.handle(messages.Stop())
        finished = desk.until(messages.Finished, turning=False)
        assert isinstance(finished, messages.Finished)
        assert finished.measured.duration_s == pytest.approx(1.0, abs=0.05)
        assert desk.engine.is_stuck
    finally:
        desk.sound.hangs.set()


def test_a_device_lost_after_the_stop_does_not_hold_the_take_up(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(60.0)))
    desk.turn(1.0)
    desk.engine.handle(messages.Stop())
    desk.sound.names = ()
    desk.sound.streams[0].end()
    finished = desk.until(messages.Finished, turning=False)
    assert isinstance(finished, messages.Finished)
    assert finished.measured.duration_s == pytest.approx(1.0, abs=0.05)


def test_a_delay_that_jumps_while_chirps_sound_is_measured_again(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of(microphone=lambda first, count: np.zeros(count, np.float32), loop_frames=1536)
    desk.open()
    desk.engine.handle(messages.Calibrate())
    desk.turn(3.0)
    assert desk.sound.loop_frames is not None
    desk.sound.loop_frames += 4 * 512
    found = desk.until(messages.Calibrated, most_s=60)
    assert isinstance(found, messages.Calibrated)
    assert found.delay_s == pytest.approx((1536 + 4 * 512) / RATE, abs=0.0002)
    assert not [each for each in desk.said if isinstance(each, messages.Fault)]


@pytest.fixture
def opened(
    desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[float]], tuple[Desk, list[Line]]]:
    """Two streams whose openings claim one delay after the other, as a sound server's do."""

    def made(claims_ms: list[float]) -> tuple[Desk, list[Line]]:
        lines: list[Line] = []

        def claim(line: Line) -> float:
            if line not in lines:
                lines.append(line)
            return claims_ms[min(lines.index(line), len(claims_ms) - 1)] / 1000

        monkeypatch.setattr(Line, "comparable", True)
        monkeypatch.setattr(Line, "_service_s", 2 * 512 / RATE)
        monkeypatch.setattr(Line, "stamp_delay_s", property(claim))
        desk = desk_of()
        desk.open(streams="two")
        return desk, lines

    return made


@pytest.mark.parametrize(
    ("claims_ms", "taken"), [([53.4, 53.5], 2), ([42.8, 53.4, 53.4], 3), ([53.4, 42.8, 53.4], 3)]
)
def test_a_delay_is_measured_over_an_opening_that_there_was_before(
    opened: Callable[..., tuple[Desk, list[Line]]], claims_ms: list[float], taken: int
) -> None:
    desk, lines = opened(claims_ms)
    desk.engine.handle(messages.Calibrate())
    assert len(lines) == taken
    assert desk.engine._line is lines[-1]


@pytest.mark.parametrize(
    ("claims_ms", "taken"),
    [
        ([53.5], 1),
        ([42.8, 53.4], 2),
        ([74.8], 1),  # a claim that misses by a whole service
        ([42.8], 4),  # not for ever: the take begins
    ],
)
def test_a_take_is_sung_over_an_opening_like_the_calibrated_one(
    opened: Callable[..., tuple[Desk, list[Line]]], claims_ms: list[float], taken: int
) -> None:
    desk, lines = opened(claims_ms)
    job = replace(desk.job(), delay_s=0.0534, delay_stamp_s=0.0534, delay_from="chirps")
    desk.engine.handle(messages.Record(job))
    assert len(lines) == taken
    assert desk.engine._take is not None
    assert isinstance(desk.until(messages.Finished), messages.Finished)


def test_a_take_without_a_song_goes_on_until_it_is_stopped(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(None, most_s=2.0)))
    finished = desk.until(messages.Finished)
    assert isinstance(finished, messages.Finished)
    assert finished.measured.duration_s == pytest.approx(2.55, abs=0.02)


def test_every_flag_of_the_driver_is_counted(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.open()
    desk.sound.pump(512, xruns="input_overflow")  # before the take: not the take's
    desk.engine.handle(messages.Record(desk.job()))
    desk.until(messages.Recording)
    for flag in ("input_overflow", "output_underflow", "input_underflow"):
        desk.sound.pump(512, xruns=flag)
        desk.engine.tick()
    finished = desk.until(messages.Finished)
    assert isinstance(finished, messages.Finished)
    assert finished.measured.xruns == 3


@pytest.mark.parametrize("blocks", [4, -3])
def test_a_delay_that_jumps_in_mid_song_costs_no_place_in_the_take(
    desk_of: Callable[..., Desk], blocks: int
) -> None:
    """The system goes on with more in its buffers: what is played from then on comes later."""
    rate, start = RATE, 30 * 512
    desk = desk_of(microphone=lambda first, count: np.zeros(count, np.float32), loop_frames=2048)
    song = np.random.default_rng(5).uniform(-0.3, 0.3, 4 * rate).astype(np.float32)
    soundfile.write(desk.folder / "noise.wav", song, rate, subtype="FLOAT")
    desk.open()
    job = desk.job(None, accompaniment=desk.folder / "noise.wav")
    desk.engine.handle(messages.Record(job))
    for _ in range(100):
        desk.turn(512 / rate)
    assert desk.sound.loop_frames is not None
    desk.sound.loop_frames += 512 * blocks
    desk.sound.stamp_delay_s += 512 * blocks / rate
    take = desk.take()
    before, after = song[start : start + rate // 2], song[3 * rate : 3 * rate + rate // 2]
    assert offset_of(take[:rate], before, rate) * rate == pytest.approx(start + 2048, abs=1)
    late = offset_of(take[2 * rate :], after, rate) * rate + 2 * rate
    assert late == pytest.approx(3 * rate + 2048, abs=1)
    finished = desk.until(messages.Finished)
    assert isinstance(finished, messages.Finished)
    assert finished.measured.xruns == 1


@pytest.mark.parametrize("how", ["ended", "silent"])
def test_a_device_that_goes_away_and_comes_back_costs_a_marked_gap(
    desk_of: Callable[..., Desk], how: str
) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(2.0)))
    desk.until(messages.Recording)
    desk.turn(0.6)
    sung = desk.sound.in_frames
    began = time.monotonic()
    if how == "ended":
        desk.sound.names = ()
        desk.sound.streams[0].end()
    else:
        desk.sound.streams[0].running = False
        desk.sound.names = ()
    lost = desk.until(messages.Lost, turning=False)
    assert time.monotonic() - began < 0.5
    assert isinstance(lost, messages.Lost)
    for _ in range(80):
        time.sleep(0.01)
        desk.engine.tick()
    desk.sees(State.LOST)
    desk.sound.names = ("card",)
    back = desk.until(messages.Back)
    assert isinstance(back, messages.Back)
    assert back.gap is not None
    assert back.gap.away_s > 0.7
    take = desk.take()
    finished = desk.until(messages.Finished)
    assert isinstance(finished, messages.Finished)
    (gap,) = finished.measured.gaps
    at = round(gap.start_s * RATE)
    assert at == pytest.approx(0.6 * RATE, abs=1024)
    # What came before the loss is whole, what came after goes on where the song does.
    first = sung - at
    np.testing.assert_array_equal(take[:at], ramp(first, at))
    assert np.all(np.diff(take[at:])[:1000] != 0)
    played = np.concatenate(desk.sound.played)[:, 0]
    assert np.count_nonzero(played) == 2 * RATE
    assert len(take) == pytest.approx(2.55 * RATE, abs=1024)


def test_a_stop_while_the_device_is_away_keeps_what_was_sung(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(20.0)))
    desk.turn(0.6)
    desk.sound.names = ()
    desk.sound.streams[0].end()
    desk.until(messages.Lost, turning=False)
    desk.engine.handle(messages.Stop())
    take = desk.take()
    assert len(take) == pytest.approx(0.6 * RATE, abs=1024)


def test_two_streams_are_brought_together_by_their_callbacks(
    desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of(names=("USB (hw:1,0)", "HDMI (hw:0,3)"))
    began = time.monotonic()
    seconds = lambda: began + desk.sound.in_frames / RATE  # noqa: E731
    monkeypatch.setattr("asa_desktop.engine.line._now", seconds)
    opened = desk.open(input="USB", output="HDMI")
    assert not opened.duplex
    assert opened.input == "USB (hw:1,0)"
    assert opened.stamp_delay_s == pytest.approx(0.05)
    desk.sound.streams[0].turn(SimpleNamespace(**dict.fromkeys(FLAGS, False)))  # one ahead
    desk.turn(2.0)
    desk.engine.handle(messages.Record(desk.job(1.0)))
    take = desk.take()
    played = np.concatenate(desk.sound.played)[:, 0]
    first = int(np.flatnonzero(played)[0])
    # The speakers' stream is a block ahead: what it is given sounds a block later.
    np.testing.assert_allclose(take[:100], ramp(first - 512, 100), atol=8 * STEP)


def test_chirps_measure_the_loop(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(microphone=lambda first, count: np.zeros(count, np.float32), loop_frames=1536)
    desk.open()
    assert desk.engine.handle(messages.Calibrate()) is None
    desk.turn(0.2)
    desk.sees(State.CALIBRATING)
    found = desk.until(messages.Calibrated, most_s=60)
    assert isinstance(found, messages.Calibrated)
    assert found.delay_s == pytest.approx(0.032, abs=0.0002)
    assert found.spread_s < 0.0002
    assert (found.found, found.played) == (12, 12)
    assert found.stamp_delay_s == pytest.approx(0.05)


def test_without_a_loop_calibration_says_so(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(microphone=lambda first, count: np.zeros(count, np.float32))
    desk.open()
    desk.engine.handle(messages.Calibrate())
    fault = desk.until(messages.Fault, most_s=60)
    assert isinstance(fault, messages.Fault)
    assert fault.code == "no_loop"
    assert fault.kind == AudioError.__name__


def test_the_calibrated_delay_is_the_takes(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.open()
    job = desk.job(delay_s=0.032, delay_from="chirps", delay_stamp_s=0.05)
    desk.engine.handle(messages.Record(job))
    finished = desk.until(messages.Finished)
    assert isinstance(finished, messages.Finished)
    assert finished.measured.latency_s == pytest.approx(0.032, abs=0.001)
    assert finished.measured.delay_from == "chirps"


def test_a_full_disk_ends_the_take_and_says_why(
    desk_of: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(20.0)))
    desk.turn(0.5)
    monkeypatch.setattr(
        "asa_desktop.engine.part.PartWriter.append", _refusing(desk.folder / "take.w64")
    )
    deadline = time.monotonic() + 5
    ended = (messages.Finished, messages.Kept)
    while not any(isinstance(each, ended) for each in desk.said) and time.monotonic() < deadline:
        desk.turn(0.02)
        time.sleep(0.01)
    (end,) = (each for each in desk.said if isinstance(each, ended))
    assert end.fault is not None
    assert end.fault.code == "disk_full"


def _refusing(path: Path) -> Callable[..., None]:
    def append(*_: object) -> None:
        raise PlaceError("disk_full", path=path)

    return append


def test_the_end_of_the_engine_ends_the_take(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(20.0)))
    desk.turn(1.0)
    desk.engine.shut_down()
    assert isinstance(desk.said[-1], messages.Finished)
    assert len(desk.take()) == pytest.approx(RATE, abs=1024)


def test_a_part_grows_beside_its_note_while_it_is_sung(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.open()
    desk.engine.handle(messages.Record(desk.job(20.0, note={"song_id": 3})))
    desk.turn(1.0)
    time.sleep(0.6)
    rate, frames = part_info(desk.folder / "take.w64")
    assert rate == RATE
    assert frames > 0.9 * RATE
    assert (desk.folder / "take.w64.json").exists()


def test_what_cannot_be_done_now_is_refused(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    with pytest.raises(PlaceError, match="no_device_open"):
        desk.engine.handle(messages.Record(desk.job()))
    desk.open()
    desk.engine.handle(messages.Record(desk.job()))
    with pytest.raises(PlaceError, match="engine_busy"):
        desk.engine.handle(messages.Record(desk.job()))
    with pytest.raises(PlaceError, match="engine_busy"):
        desk.open()


def test_a_device_that_refuses_before_a_take_leaves_nothing_open(
    desk_of: Callable[..., Desk],
) -> None:
    desk = desk_of()
    desk.open()
    desk.sound.pump(512, xruns="input_overflow")  # so the take wants a fresh opening
    desk.sound.refusal = PortAudioError("words", -9985)
    with pytest.raises(PlaceError, match="device_busy"):
        desk.engine.handle(messages.Record(desk.job()))
    desk.sound.refusal = None
    desk.turn(1.0)
    with pytest.raises(PlaceError, match="no_device_open"):  # who asks has to open it again
        desk.engine.handle(messages.Record(desk.job()))
    desk.open()
    desk.engine.handle(messages.Record(desk.job()))
    assert isinstance(desk.until(messages.Finished), messages.Finished)


def test_devices_are_known_by_name_and_channel(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(names=("Scarlett 2i2 USB", "HDA Intel"))
    with pytest.raises(PlaceError, match="device_missing"):
        desk.open(input="Yeti")
    with pytest.raises(PlaceError, match="channel_missing"):
        desk.open(input="scarlett", channel=2)
    opened = desk.open(input="scarlett", output="HDA Intel", channel=1, output_channel=1)
    assert opened.input == "Scarlett 2i2 USB"


def test_a_refusal_of_the_driver_is_told_apart(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    for number, code in (
        (-9997, "rate_refused"),
        (-9985, "device_busy"),
        (-9999, "device_refused"),
    ):
        desk.sound.refusal = PortAudioError("words", number)
        with pytest.raises(PlaceError, match=code):
            desk.open()


def test_new_devices_are_listed_without_a_restart(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of(names=("card",))
    desk.open()
    desk.sound.names = ("card", "new microphone")
    answer = desk.engine.handle(messages.ListDevices())
    assert isinstance(answer, messages.Devices)
    assert [each.name for each in answer.devices] == ["card", "new microphone"]
    desk.turn(0.1)
    assert desk.sound.streams, "what was open is open again"


def test_playing_ends_by_itself_and_follows_the_volumes(desk_of: Callable[..., Desk]) -> None:
    desk = desk_of()
    desk.open()
    song = desk.job(1.0).accompaniment
    desk.engine.handle(messages.Play(vocal=song, vocal_gain=1.0, start_s=0.5))
    desk.turn(0.2)
    desk.sees(State.PLAYING)
    desk.engine.handle(messages.SetGains(0.0, 0.5))
    desk.until(messages.Played)
    played = np.concatenate(desk.sound.played)[:, 0]
    sounding = played[played != 0]
    assert len(sounding) == RATE // 2
    assert sounding[0] == pytest.approx(0.25)
    assert sounding[-1] == pytest.approx(0.125)
