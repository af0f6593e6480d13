"""An open connection to microphone and speakers: the callbacks, and what they count.

A callback copies, counts and mixes what lies ready; it never waits, logs or opens anything.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from asa_desktop.core.errors import PlaceError
from asa_desktop.core.types import FloatArray
from asa_desktop.engine.clock import ClockPair, StampDelay
from asa_desktop.engine.devices import chosen
from asa_desktop.engine.messages import Device, Opened, Setup
from asa_desktop.engine.player import Player
from asa_desktop.engine.priority import hurry, take_time
from asa_desktop.engine.ring import Ring
from asa_desktop.engine.slips import Slip, SlipWatch
from asa_desktop.engine.snapshot import clock
from asa_desktop.engine.together import Together, nearest_claim, opened_alike

FIRST_CALLBACK_S = 2.0
"""How long a device may take from its start to its first callback."""

SILENT_S = 0.35
"""Without a callback for so long a device counts as lost."""

CLOSE_S = 1.0
"""PortAudio waits for its own thread, and that may wait for a device for ever."""

SETTLE_S = 0.3
"""The first time stamps of a stream are guesses of the system's."""

FRESH_S = 10.0
"""How long two streams may have been open when a take begins: 100 ppm are 1 ms by then."""

ALSA_BLOCKS = (7, 4)
"""What to keep ready on ALSA, of the microphone and for the speakers (see `_latency`)."""

JUMP_LOOK_S = 0.25
JUMP_WITHIN_S = 1.0

STALL_BLOCKS = 3.0
"""A callback later than this found its buffers empty or full, and they are refilled otherwise."""

_now = time.monotonic
_LAYOUTS = (2, 4, 6, 8, 16, 32)

_ONE_CLOCK_APIS = ("JACK Audio Connection Kit", "ASIO")

log = logging.getLogger(__name__)


class Line:
    """Microphone to ring, player to speakers, over one stream or two.

    `ring` goes on through losses: a new line writes to the same one. `began` is the ring's frame
    that belongs to the first frame of `player`, once both run. Where `listens` is False there is
    no microphone: one stream that plays, a ring that stays as it is, and no `began`.
    """

    def __init__(self, sound: Any, setup: Setup, ring: Callable[[int], Ring]) -> None:
        number_in, source = chosen(sound, setup, "input") if setup.listen else (-1, None)
        number_out, sink = chosen(sound, setup, "output")
        self._sound = sound
        self._setup = setup
        self._channels = (
            _channels(source, source.inputs, last=setup.channel) if source else 0,
            _channels(sink, sink.outputs, last=setup.output_channel + 1),
        )
        self.rate = setup.rate or sink.rate
        self.listens = source is not None
        self.duplex = source is not None and _one_stream(setup, source, sink)
        self.ring = ring(self.rate)
        self.in_frames = self.out_frames = 0
        self.xruns_in = self.xruns_out = 0
        self.last_in = self.last_out = 0.0
        self.newest: tuple[int, float] | None = None
        self.began: int | None = None
        self.player: Player | None = None
        self.clocks = ClockPair(self.rate)
        self._together = Together(self.rate, setup.block)
        self._slips = SlipWatch(self.rate, setup.block)
        self._lost_in = self._lost_out = self._stalls = 0
        self._claimed = StampDelay(self.rate, setup.block)
        self._claimed_in = StampDelay(self.rate, setup.block)
        self._claimed_out = StampDelay(self.rate, setup.block)
        self._look_at = 0
        self._clock_ppm = (0.0, 0)
        self.jumped_s = 0.0
        self._out_began: int | None = None
        self._armed: Player | None = None
        self._stereo = np.zeros((1, 2), np.float32)
        self._first_frame = self.ring.total
        self._closing = self._ended = False
        self.stuck: threading.Thread | None = None
        self._started = _now()
        self._streams = self._open((number_in, number_out), source, sink)
        self.source, self.sink = source, sink

    def opened(self) -> Opened:
        """What is open, with the round trip that the stamps claim by now."""
        return Opened(
            input=self.source.name if self.source else "",
            output=self.sink.name,
            host_api=(self.source or self.sink).host_api,
            rate=self.rate,
            block=self._setup.block,
            latency=self._setup.latency,
            duplex=self.duplex,
            stamp_delay_s=self.stamp_delay_s,
        )

    @property
    def stamp_delay_s(self) -> float:
        """Round trip by the time stamps of the first moments, which wander later.

        Of two streams that are served together, as the callbacks count it.
        """
        if not self.listens:
            return 0.0
        if self.duplex:
            return self._claimed.opening
        claimed = self._claimed_in.opening + self._claimed_out.opening
        counted, service_s = self.clocks.opened_apart_s, self._service_s
        if counted is None or service_s is None:
            return claimed
        return nearest_claim(claimed, counted, service_s)

    @property
    def comparable(self) -> bool:
        """Whether it can be told by now how the streams stand to each other."""
        return self.duplex or not self.listens or self.clocks.opened_apart_s is not None

    def opened_like(self, stamp_delay_s: float) -> bool:
        """Whether this opening holds as many blocks as the one that had this `stamp_delay_s`.

        True where openings do not show it; ask once the line is `comparable`.
        """
        service_s = self._service_s
        return service_s is None or opened_alike(stamp_delay_s, self.stamp_delay_s, service_s)

    @property
    def shows_its_opening(self) -> bool:
        """Whether one opening of these devices can be told from another."""
        return self._service_s is not None

    @property
    def _service_s(self) -> float | None:
        return self._together.service_s if self.listens and not self.duplex else None

    def look_for_jumps(self) -> None:
        """Add to `jumped_s` by how much the delay has just jumped; every now and then.

        Where the system stalls, one stream for both goes on with other amounts in its buffers,
        whole blocks. Of two streams one goes on later than before.
        """
        if not self.listens or self.in_frames < self._look_at:
            return
        self._look_at = self.in_frames + round(JUMP_LOOK_S * self.rate)
        if not self.duplex:
            self._look_for_slips()
            return
        if (step := self._claimed.jumped(JUMP_WITHIN_S)) == 0:
            return
        # Until it is out of sight.
        self._look_at += round((JUMP_WITHIN_S + JUMP_LOOK_S) * self.rate)
        block_s = self._setup.block / self.rate
        self.jumped_s += round(step / block_s) * block_s
        log.warning("the delay jumped by %.1f ms", 1000 * step)

    def _look_for_slips(self) -> None:
        slip = self._slips.look(_now(), flags=self.xruns, stalls=self._stalls)
        if slip == Slip():
            return
        self._lost_in += round(slip.heard_s * self.rate)
        self._lost_out += round(slip.played_s * self.rate)
        self.jumped_s += slip.played_s - slip.heard_s
        log.warning("sound was lost: %s", slip)

    @property
    def clock_ppm(self) -> float:
        """How much faster the microphone's clock runs than the song's, as of the last second."""
        ppm, at = self._clock_ppm
        if not self.duplex and self.in_frames - at >= self.rate:
            ppm = self.clocks.ppm
            self._clock_ppm = (ppm, self.in_frames)
        return ppm

    @property
    def xruns(self) -> int:
        return self.xruns_in + self.xruns_out

    @property
    def running(self) -> bool:
        """Whether sound has come in and gone out."""
        return bool(self.out_frames and (self.in_frames or not self.listens))

    @property
    def settled(self) -> bool:
        """Whether sound has flowed for long enough that its time stamps mean something."""
        flowed = self.in_frames if self.listens else self.out_frames
        return self.running and flowed > SETTLE_S * self.rate

    @property
    def stale(self) -> bool:
        """Whether something may have shifted the delay since the opening: a flag, a stall, time.

        Of two streams each is called when it suits the system, and late without harm; but their
        clocks run apart, and by how much is not known at once.
        """
        if self.duplex:
            return bool(self.xruns or self._stalls)
        return bool(self.xruns) or self.in_frames > FRESH_S * self.rate

    def is_lost(self, now: float) -> bool:
        """Whether the device went away: no callback for too long, or an end nobody asked for."""
        if self._ended:
            return True
        patience = SILENT_S + 2 * self._setup.block / self.rate
        for last in (self.last_in, self.last_out) if self.listens else (self.last_out,):
            if now - (last or self._started) > (patience if last else FIRST_CALLBACK_S):
                return True
        return False

    def arm(self, player: Player) -> None:
        """Have `player` begin with the next callback; `began` then tells where in the ring."""
        self.began = self._out_began = None
        self._armed = player

    def disarm(self) -> Player | None:
        """Stop playing. The callback may be inside the player for one block more."""
        player, self.player, self._armed = self.player or self._armed, None, None
        if player is not None and self.last_out:
            before = self.out_frames
            deadline = time.monotonic() + 0.1
            while self.out_frames == before and time.monotonic() < deadline:
                time.sleep(0.002)
        return player

    def begin_frame(self) -> int | None:
        """The ring's frame that was heard when the player's first frame was sent, or None."""
        if self.duplex or self.began is not None:
            return self.began
        if self._out_began is None:
            return None
        coincided = self.clocks.in_frame_at_out(self._out_began + self._lost_out)
        if coincided is None:
            return None
        heard = self._first_frame + round(coincided) - self._lost_in
        self.began = max(self.ring.oldest, heard)
        return self.began

    def close(self) -> None:
        """Let the devices go. Where the system does not answer, they are left to themselves."""
        self._closing = True
        closer = threading.Thread(target=self._close_streams, name="closer", daemon=True)
        closer.start()
        closer.join(CLOSE_S)
        self.stuck = closer if closer.is_alive() else None
        if self.stuck is not None:
            log.warning("the devices do not let themselves be closed")

    def _close_streams(self) -> None:
        for stream in self._streams:
            with contextlib.suppress(self._sound.PortAudioError):
                stream.abort()
            with contextlib.suppress(self._sound.PortAudioError):
                stream.close()

    def _open(
        self, numbers: tuple[int, int], source: Device | None, sink: Device
    ) -> tuple[Any, ...]:
        common = {
            "samplerate": self.rate,
            "blocksize": self._setup.block,
            "dtype": "float32",
            "finished_callback": self._on_end,
        }
        heard, played = _latency(self._setup, self.rate, (source or sink).host_api)
        opened: list[Any] = []
        try:
            if self.duplex:
                opened.append(
                    self._sound.Stream(
                        device=numbers,
                        channels=self._channels,
                        callback=self._both,
                        latency=(heard, played),
                        **common,
                    )
                )
            else:
                outgoing = {"callback": self._outgoing, "latency": played}
                incoming = {"callback": self._incoming, "latency": heard}
                sides: list[tuple[Any, int, dict[str, Any]]]
                sides = [(self._sound.OutputStream, 1, outgoing)]
                if source is not None:
                    sides.append((self._sound.InputStream, 0, incoming))
                for kind, side, how in sides:
                    opened.append(
                        kind(device=numbers[side], channels=self._channels[side], **how, **common)
                    )
            for stream in opened:
                stream.start()
        except self._sound.PortAudioError as error:
            self._streams = tuple(opened)
            self.close()
            raise _refusal(self._sound, error, self.rate, source or sink, sink) from error
        except ValueError as error:
            self._streams = tuple(opened)
            self.close()
            name = (source or sink).name
            raise PlaceError("device_refused", name=name, why=str(error)) from error
        return tuple(opened)

    # The callbacks. PortAudio calls them on a thread of its own.

    def _both(self, coming: FloatArray, out: FloatArray, count: int, when: Any, flags: Any) -> None:
        self._claimed.note(when.outputBufferDacTime - when.inputBufferAdcTime)
        if self._armed is not None:
            self.began = self.ring.total
        self._outgoing(out, count, when, flags)
        self._incoming(coming, count, when, flags)

    def _incoming(self, coming: FloatArray, count: int, when: Any, flags: Any) -> None:
        if flags.input_overflow or flags.input_underflow:
            self.xruns_in += 1
        now = _now()
        if not self.in_frames and not self.duplex:
            hurry()
        if not self.duplex:
            self._claimed_in.note(when.currentTime - when.inputBufferAdcTime)
            self._slips.note_in(self.in_frames, now)
            self._together.note_in(self.in_frames, now)
            self.clocks.note_in(self.in_frames + self._lost_in, now)
        self.ring.write(coming[:, self._setup.channel])
        self.in_frames += count
        self.last_in = now
        self.newest = (self.ring.total, clock())

    def _outgoing(self, out: FloatArray, count: int, when: Any, flags: Any) -> None:
        if not self.out_frames:
            hurry()
        if flags.output_underflow or flags.output_overflow:
            if self.duplex and not self.xruns_out:
                # From now on PortAudio may wait in a circle (measured on ALSA over a sound server),
                # which must not happen before everybody else.
                take_time()
            self.xruns_out += 1
        now = _now()
        if self.out_frames > SETTLE_S * self.rate / 3:
            self._stalls += now - self.last_out > STALL_BLOCKS * self._setup.block / self.rate
        if not self.duplex:
            self._claimed_out.note(when.outputBufferDacTime - when.currentTime)
            self._slips.note_out(self.out_frames, now)
            self._together.note_out(self.out_frames, now)
            self.clocks.note_out(self.out_frames + self._lost_out, now)
        if self._armed is not None:
            self.player, self._armed = self._armed, None
            self._out_began = self.out_frames
        player = self.player
        if player is None:
            out.fill(0)
        else:
            self._spread(player, out, count)
        self.out_frames += count
        self.last_out = now

    def _spread(self, player: Player, out: FloatArray, count: int) -> None:
        first = self._setup.output_channel
        if len(self._stereo) != count:
            self._stereo = np.zeros((count, 2), np.float32)
        player.mix(self._stereo)
        np.clip(self._stereo, -1, 1, out=self._stereo)
        out.fill(0)
        if out.shape[1] - first >= 2:
            out[:, first : first + 2] = self._stereo
        else:
            out[:, first] = self._stereo.mean(axis=1)

    def _on_end(self) -> None:
        self._ended = not self._closing


def _channels(device: Device, most: int, *, last: int) -> int:
    """How many channels to open so that `last` (counted from 0) is among them, unmixed.

    A sound server mixes what does not fit the layout that it is asked for: a stereo source asked
    for one channel gives the mean of both, one of four asked for three gives neither of them.
    """
    if "WASAPI" in device.host_api:  # shared devices open as they are or not at all
        return most
    return min(most, next((count for count in _LAYOUTS if count > last), most))


def _latency(setup: Setup, rate: int, host_api: str) -> tuple[float | str, float | str]:
    """What to ask PortAudio for, in and out: its own word, but on ALSA so many blocks.

    The most of the microphone and the least for the speakers with which PortAudio has ALSA wake it
    once a block. With less it wakes it twice, and one opening of twelve began a block later than
    the others.
    """
    if host_api == "ALSA" and setup.latency == "low":
        heard, played = ALSA_BLOCKS
        return heard * setup.block / rate, played * setup.block / rate
    return setup.latency, setup.latency


def _one_stream(setup: Setup, source: Device, sink: Device) -> bool:
    """Whether both sides share a clock, so that one stream can serve them.

    Two devices in one stream would be told nothing of their clocks running apart; they slip. On
    ALSA nothing goes over one stream: PortAudio drops a block of the microphone, without a flag,
    whenever the speakers are late (measured: 512 samples in half an hour, and from the first
    late block on a whole core spent on waiting).
    """
    if setup.streams != "auto":
        return setup.streams == "one"
    if source.host_api != sink.host_api or source.host_api == "ALSA":
        return False
    return source.name == sink.name or source.host_api in _ONE_CLOCK_APIS


def _refusal(sound: Any, error: Any, rate: int, source: Device, sink: Device) -> PlaceError:
    """The fault behind PortAudio's number."""
    number = error.args[1] if len(error.args) > 1 else None
    name = source.name if source.name == sink.name else f"{source.name}, {sink.name}"
    if number == -9997:  # invalid sample rate
        return PlaceError("rate_refused", name=name, rate=rate)
    if number == -9985:  # device unavailable
        return PlaceError("device_busy", name=name)
    why = str(error.args[0]) if error.args else type(error).__name__
    return PlaceError("device_refused", name=name, why=why)
