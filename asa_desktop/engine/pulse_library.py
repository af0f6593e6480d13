"""The few calls of libpulse that the watch needs, by ctypes; no package has to be installed.

Structures are declared up to the last field that is read. Within libpulse.so.0 fields were only
ever added at the end, so these offsets hold for every version and for PipeWire's use of it.
"""

from __future__ import annotations

import ctypes
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_int,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)
from functools import cache
from typing import Any

NO_AUTOSPAWN = 1
READY, FAILED, TERMINATED = 4, 5, 6
SUSPENDED = 2
SINKS, SOURCES, SINK_INPUTS, SOURCE_OUTPUTS, SERVER = 1, 2, 4, 8, 0x80
PROCESS_ID = b"application.process.id"


class _SampleSpec(Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class _ChannelMap(Structure):
    _fields_ = (("channels", c_uint8), ("map", c_int * 32))


class _Volume(Structure):
    _fields_ = (("channels", c_uint8), ("values", c_uint32 * 32))


class ClientInfo(Structure):
    """pa_client_info."""

    _fields_ = (
        ("index", c_uint32),
        ("name", c_char_p),
        ("owner_module", c_uint32),
        ("driver", c_char_p),
        ("proplist", c_void_p),
    )


class DeviceInfo(Structure):
    """pa_source_info and pa_sink_info, which are alike up to here."""

    _fields_ = (
        ("name", c_char_p),
        ("index", c_uint32),
        ("description", c_char_p),
        ("sample_spec", _SampleSpec),
        ("channel_map", _ChannelMap),
        ("owner_module", c_uint32),
        ("volume", _Volume),
        ("mute", c_int),
        ("monitor", c_uint32),
        ("monitor_name", c_char_p),
        ("latency", c_uint64),
        ("driver", c_char_p),
        ("flags", c_int),
        ("proplist", c_void_p),
        ("configured_latency", c_uint64),
        ("base_volume", c_uint32),
        ("state", c_int),
    )


class StreamInfo(Structure):
    """pa_source_output_info and pa_sink_input_info, which are alike up to here."""

    _fields_ = (
        ("index", c_uint32),
        ("name", c_char_p),
        ("owner_module", c_uint32),
        ("client", c_uint32),
        ("device", c_uint32),
    )


SubscribeCallback = CFUNCTYPE(None, c_void_p, c_int, c_uint32, c_void_p)
ClientCallback = CFUNCTYPE(None, c_void_p, POINTER(ClientInfo), c_int, c_void_p)
DeviceCallback = CFUNCTYPE(None, c_void_p, POINTER(DeviceInfo), c_int, c_void_p)
StreamCallback = CFUNCTYPE(None, c_void_p, POINTER(StreamInfo), c_int, c_void_p)

_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pa_mainloop_new": (c_void_p, ()),
    "pa_mainloop_free": (None, (c_void_p,)),
    "pa_mainloop_get_api": (c_void_p, (c_void_p,)),
    "pa_mainloop_wakeup": (None, (c_void_p,)),
    "pa_mainloop_prepare": (c_int, (c_void_p, c_int)),
    "pa_mainloop_poll": (c_int, (c_void_p,)),
    "pa_mainloop_dispatch": (c_int, (c_void_p,)),
    "pa_context_new": (c_void_p, (c_void_p, c_char_p)),
    "pa_context_unref": (None, (c_void_p,)),
    "pa_context_connect": (c_int, (c_void_p, c_char_p, c_int, c_void_p)),
    "pa_context_disconnect": (None, (c_void_p,)),
    "pa_context_get_state": (c_int, (c_void_p,)),
    "pa_context_set_subscribe_callback": (None, (c_void_p, SubscribeCallback, c_void_p)),
    "pa_context_subscribe": (c_void_p, (c_void_p, c_int, c_void_p, c_void_p)),
    "pa_context_get_client_info_list": (c_void_p, (c_void_p, ClientCallback, c_void_p)),
    "pa_context_get_source_info_list": (c_void_p, (c_void_p, DeviceCallback, c_void_p)),
    "pa_context_get_sink_info_list": (c_void_p, (c_void_p, DeviceCallback, c_void_p)),
    "pa_context_get_source_output_info_list": (c_void_p, (c_void_p, StreamCallback, c_void_p)),
    "pa_context_get_sink_input_info_list": (c_void_p, (c_void_p, StreamCallback, c_void_p)),
    "pa_operation_unref": (None, (c_void_p,)),
    "pa_proplist_gets": (c_char_p, (c_void_p, c_char_p)),
}


@cache
def library(name: str = "libpulse.so.0") -> Any | None:
    """libpulse with its signatures set; None where there is none that has them all."""
    try:
        found = ctypes.CDLL(name)
        for call, (answer, arguments) in _SIGNATURES.items():
            function = getattr(found, call)
            function.restype, function.argtypes = answer, arguments
    except (OSError, AttributeError):
        return None
    return found
