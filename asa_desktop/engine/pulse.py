"""Watches what a PulseAudio or PipeWire server does with this process's streams.

When a microphone goes away the server moves its streams to another one, and PortAudio notices
nothing: callbacks go on, no flag is set, the wrong device is recorded. The server itself tells
those who ask. Where there is no such server, or no libpulse, nothing is watched.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from asa_desktop.engine import pulse_library as pa

Way = Literal["input", "output"]
Kind = Literal["moved", "gone", "suspended", "resumed", "server_lost", "server_back"]

_RETRY_S = 0.5
_SETTLE_S = 0.005  # one look for a burst of notices
_CONNECT_S = 1.0


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of this process at the server, and the source or sink that it is on."""

    way: Way
    index: int
    device: str
    suspended: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What the server did. `at` is `time.monotonic` when it was noticed.

    `stream` is the stream before the change, None where the server itself went or came back.
    For ``moved``, `to` is where it is now, and `original_gone` says whether the device it was on
    no longer exists; if it does, somebody moved the stream by hand. ``gone`` also comes when
    this process closes a stream.
    """

    kind: Kind
    at: float
    stream: Stream | None = None
    to: str = ""
    original_gone: bool = False


@dataclass(slots=True)
class _Look:
    """What one look at the server brings together. Devices and streams by (way, index)."""

    ours: set[int] = field(default_factory=set)
    devices: dict[tuple[Way, int], tuple[str, bool]] = field(default_factory=dict)
    streams: dict[tuple[Way, int], tuple[int, int]] = field(default_factory=dict)
    open_lists: int = 5
    failed: bool = False

    def found(self) -> dict[tuple[Way, int], tuple[int, Stream]]:
        """Our streams, each with the index of its device; those in the midst of a move not."""
        result: dict[tuple[Way, int], tuple[int, Stream]] = {}
        for (way, index), (client, device) in self.streams.items():
            if client in self.ours and (way, device) in self.devices:
                name, suspended = self.devices[way, device]
                result[way, index] = (device, Stream(way, index, name, suspended))
        return result


def changes(
    before: dict[tuple[Way, int], tuple[int, Stream]], now: _Look, at: float
) -> list[Change]:
    """What became of the streams that were there before."""
    found, result = now.found(), []
    for key, (device, stream) in before.items():
        if key not in found:
            if key not in now.streams:
                result.append(Change("gone", at, stream))
            continue
        device_now, stream_now = found[key]
        if device_now != device:
            away = (stream.way, device) not in now.devices
            result.append(Change("moved", at, stream, stream_now.device, away))
        if stream_now.suspended != stream.suspended:
            kind: Kind = "suspended" if stream_now.suspended else "resumed"
            result.append(Change(kind, at, stream, stream_now.device))
    return result


class PulseWatch:
    """A connection of its own to the sound server, in a thread that sleeps until told.

    Made by `start`. `on_change` is called in that thread and may call `stop`.
    """

    def __init__(self, library: Any, pid: int, on_change: Callable[[Change], None]) -> None:
        self._pa = library
        self._pid = str(pid).encode()
        self._on_change = on_change
        self._loop: int = library.pa_mainloop_new()
        self._context: int | None = None
        self._ready = False
        self._was_ready = threading.Event()
        self._stopping = threading.Event()
        self._guard = threading.Lock()  # of the loop's life
        self._stale = False
        self._look: _Look | None = None
        self._known: dict[tuple[Way, int], tuple[int, Stream]] | None = None
        self._callbacks = self._make_callbacks()
        self._thread = threading.Thread(target=self._run, name="pulse watch", daemon=True)

    @classmethod
    def start(
        cls, pid: int | None = None, on_change: Callable[[Change], None] = lambda change: None
    ) -> PulseWatch | None:
        """Watch the streams of a process, this one by default; None where there is no server.

        It waits until the server answered, one second at most; no server is ever started. Once
        begun, the watch outlives the server: it tells that it went, and when it is back.
        """
        library = pa.library()
        if library is None:
            return None
        watch = cls(library, os.getpid() if pid is None else pid, on_change)
        watch._thread.start()
        if watch._was_ready.wait(_CONNECT_S):
            return watch
        watch.stop()
        return None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The process's streams as last seen."""
        return tuple(stream for _, stream in (self._known or {}).values())

    def stop(self) -> None:
        """End the watch; no call comes after this returned (in the watch's thread: after that)."""
        self._stopping.set()
        with self._guard:
            if self._loop:
                self._pa.pa_mainloop_wakeup(self._loop)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    # In the watch's thread

    def _run(self) -> None:
        retry_at: float | None = 0.0
        settled_at: float | None = None
        while not self._stopping.is_set():
            now = time.monotonic()
            if retry_at is not None and now >= retry_at:
                self._connect()
                retry_at = None
            if settled_at is not None and now >= settled_at and self._look is None:
                settled_at = None
                self._begin_look()
            pending = [moment for moment in (retry_at, settled_at) if moment is not None]
            self._turn(None if self._look or not pending else max(0.0, min(pending) - now))
            state = self._state()
            if state in (pa.FAILED, pa.TERMINATED):
                self._disconnected()
                retry_at, settled_at = time.monotonic() + _RETRY_S, None
            elif state == pa.READY and not self._ready:
                self._connected()
            if self._stale and settled_at is None:
                self._stale = False
                settled_at = time.monotonic() + _SETTLE_S
            if self._look is not None and self._look.open_lists == 0:
                self._looked(self._look)
        self._close()

    def _turn(self, most_s: float | None) -> None:
        """Sleep until the server says something, somebody wakes us or `most_s` is over."""
        self._pa.pa_mainloop_prepare(self._loop, -1 if most_s is None else int(most_s * 1e6))
        self._pa.pa_mainloop_poll(self._loop)
        self._pa.pa_mainloop_dispatch(self._loop)

    def _state(self) -> int:
        return int(self._pa.pa_context_get_state(self._context)) if self._context else 0

    def _connect(self) -> None:
        api = self._pa.pa_mainloop_get_api(self._loop)
        self._context = self._pa.pa_context_new(api, b"asa watch")
        self._pa.pa_context_set_subscribe_callback(self._context, self._callbacks["notice"], None)
        # A refusal shows in the context's state.
        self._pa.pa_context_connect(self._context, None, pa.NO_AUTOSPAWN, None)

    def _connected(self) -> None:
        self._ready = True
        mask = pa.SINKS | pa.SOURCES | pa.SINK_INPUTS | pa.SOURCE_OUTPUTS | pa.SERVER
        self._release(self._pa.pa_context_subscribe(self._context, mask, None, None))
        self._begin_look()
        if self._was_ready.is_set():
            self._tell(Change("server_back", time.monotonic()))

    def _disconnected(self) -> None:
        was_ready, self._ready = self._ready, False
        self._look, self._known, self._stale = None, None, False
        self._pa.pa_context_unref(self._context)
        self._context = None
        if was_ready:
            self._tell(Change("server_lost", time.monotonic()))

    def _begin_look(self) -> None:
        self._look = _Look()
        for call, kind in (
            ("client", "clients"),
            ("source", "sources"),
            ("sink", "sinks"),
            ("source_output", "source_outputs"),
            ("sink_input", "sink_inputs"),
        ):
            ask = getattr(self._pa, f"pa_context_get_{call}_info_list")
            self._release(ask(self._context, self._callbacks[kind], None))

    def _looked(self, look: _Look) -> None:
        self._look = None
        if look.failed:  # not allowed to ask: the next notice may bring more
            return
        noticed = changes(self._known, look, time.monotonic()) if self._known is not None else []
        found = look.found()
        # A stream between two devices keeps its last known place until it has arrived.
        kept = {key: at for key, at in (self._known or {}).items() if key in look.streams}
        self._known = kept | found
        self._was_ready.set()
        for change in noticed:
            self._tell(change)

    def _tell(self, change: Change) -> None:
        if not self._stopping.is_set():
            self._on_change(change)

    def _close(self) -> None:
        if self._context:
            self._pa.pa_context_disconnect(self._context)
            self._pa.pa_context_unref(self._context)
        with self._guard:
            self._pa.pa_mainloop_free(self._loop)
            self._loop = 0

    def _release(self, operation: int | None) -> None:
        if operation:
            self._pa.pa_operation_unref(operation)

    # Called by libpulse, within `_turn`

    def _make_callbacks(self) -> dict[str, Any]:
        def noticed(_context: Any, _event: int, _index: int, _data: Any) -> None:
            self._stale = True

        def client(look: _Look, info: Any) -> None:
            facts = info.proplist
            if facts and self._pa.pa_proplist_gets(facts, pa.PROCESS_ID) == self._pid:
                look.ours.add(info.index)

        def device(way: Way) -> Callable[[_Look, Any], None]:
            def note(look: _Look, info: Any) -> None:
                name = (info.name or b"").decode(errors="replace")
                look.devices[way, info.index] = (name, info.state == pa.SUSPENDED)

            return note

        def stream(way: Way) -> Callable[[_Look, Any], None]:
            def note(look: _Look, info: Any) -> None:
                look.streams[way, info.index] = (info.client, info.device)

            return note

        def listed(note: Callable[[_Look, Any], None]) -> Callable[..., None]:
            def each(_context: Any, info: Any, end: int, _data: Any) -> None:
                if (look := self._look) is None:
                    return
                if end:
                    look.open_lists -= 1
                    look.failed |= end < 0
                else:
                    note(look, info.contents)

            return each

        return {
            "notice": pa.SubscribeCallback(noticed),
            "clients": pa.ClientCallback(listed(client)),
            "sources": pa.DeviceCallback(listed(device("input"))),
            "sinks": pa.DeviceCallback(listed(device("output"))),
            "source_outputs": pa.StreamCallback(listed(stream("input"))),
            "sink_inputs": pa.StreamCallback(listed(stream("output"))),
        }
