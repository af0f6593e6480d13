"""What stands in the room of `room.py`, and whether this machine can have one."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

CHANNELS = ("front-left", "front-right", "aux0", "aux1")
SONG, SONG_RIGHT, VOICE, SPARE = range(4)
PROGRAMS = {
    "pulseaudio": "pulseaudio",
    "pactl": "pulseaudio-utils",
    "pacat": "pulseaudio-utils",
    "parec": "pulseaudio-utils",
    "paplay": "pulseaudio-utils",
}
PLUGIN = "libasound_module_pcm_pulse.so"

SERVER = [
    *["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--disallow-exit"],
    *["--exit-idle-time=-1", "--realtime=no", "--high-priority=no"],
]
PROTOCOL = "module-native-protocol-unix auth-anonymous=1"

# Where a stream may be played: the sink and the channels of it that are reached.
FEEDS = {"micfeed": ("speakers", "aux0"), "spare": ("speakers", "aux1")}

# Modules by the names that `unload` and `load` know them by. What is not in `ALWAYS` is loaded
# on demand: every stream on the sink costs the server time.
LAYOUT = {
    "speakers": (
        "module-null-sink sink_name=speakers rate={rate} format=float32le channels=4"
        " channel_map=front-left,front-right,aux0,aux1 norewinds=1"
    ),
    "mic": (
        "module-remap-source source_name=mic master=speakers.monitor channels=1"
        " channel_map=mono master_channel_map=aux0 remix=no"
    ),
    "loopmic": (
        "module-remap-source source_name=loopmic master=speakers.monitor channels=1"
        " channel_map=mono master_channel_map=front-left remix=no"
    ),
    "sparemic": (
        "module-remap-source source_name=sparemic master=speakers.monitor channels=1"
        " channel_map=mono master_channel_map=aux1 remix=no"
    ),
    "bleedmic": (
        "module-remap-source source_name=bleedmic master=speakers.monitor channels=2"
        " channel_map=front-left,front-right master_channel_map=aux0,front-left remix=no"
    ),
    "desk": (
        "module-remap-source source_name=desk master=speakers.monitor channels=4"
        " channel_map=front-left,front-right,rear-left,rear-right"
        " master_channel_map=front-left,front-right,aux0,aux1 remix=no"
    ),
    "headset": (
        "module-remap-sink sink_name=headset master=speakers channels=2"
        " channel_map=front-left,front-right master_channel_map=front-left,front-right remix=no"
    ),
    "always": "module-always-sink",
}
ALWAYS = ("speakers", "mic", "loopmic", "always")
# What PortAudio lists, and the source or sink behind it.
PCMS = {
    "vmic": "mic",
    "vloop": "loopmic",
    "vspare": "sparemic",
    "vbleed": "bleedmic",
    "vdesk": "desk",
    "vspeakers": "speakers",
    "vheadset": "headset",
}


def missing() -> tuple[str, ...]:
    """The Debian packages without which there is no room here."""
    if sys.platform != "linux":
        return ("a Linux system",)
    wanted = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    folders = [*Path("/usr/lib").glob("*/alsa-lib"), *Path("/usr").glob("lib*/alsa-lib")]
    if not any((folder / PLUGIN).exists() for folder in folders):
        wanted.append("libasound2-plugins")
    return tuple(dict.fromkeys(wanted))


def require_audio() -> None:
    """Skip the test where no sound server can be had; fail where ASA_REQUIRE_AUDIO=1."""
    if not (gone := missing()):
        return
    reason = f"no virtual sound: install {' '.join(gone)} (python installer/bootstrap.py test)"
    if os.environ.get("ASA_REQUIRE_AUDIO") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
