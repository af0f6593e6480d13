"""The system's sound devices by name, looked at anew whenever somebody asks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Literal, cast

from asa_desktop.core.errors import PlaceError
from asa_desktop.engine.messages import Device, Setup

Side = Literal["input", "output"]


def backend() -> ModuleType:
    """The sounddevice module. Raises `PlaceError` ``no_portaudio`` where its library is missing."""
    try:
        import sounddevice
    except OSError as error:
        raise PlaceError("no_portaudio") from error
    return cast(ModuleType, sounddevice)


def refresh(sound: Any) -> None:
    """Make PortAudio look again; every stream must be closed. It lists devices only once.

    The two calls are private names of sounddevice's, so they are made here and nowhere else.
    """
    with contextlib.suppress(sound.PortAudioError):
        sound._terminate()
    with contextlib.suppress(sound.PortAudioError):
        sound._initialize()


def listed(sound: Any) -> tuple[Device, ...]:
    """All devices that PortAudio knows, in its order."""
    return tuple(device for _, device in _numbered(sound))


def chosen(sound: Any, setup: Setup, side: Side) -> tuple[int, Device]:
    """PortAudio's present number of the device that `setup` wants for `side`.

    Raises
    ------
    PlaceError
        ``no_input`` or ``no_output`` where the system has none, ``device_missing`` where the
        named one is away, ``channel_missing`` where it has too few channels.
    """
    fitting = [
        (number, device)
        for number, device in _numbered(sound)
        if _channels(device, side) and setup.host_api in ("", device.host_api)
    ]
    name = setup.input if side == "input" else setup.output
    if not fitting and not name:
        raise PlaceError("no_input" if side == "input" else "no_output")
    if name:
        # Exactly so, else as people type it: part of the name, whatever the case.
        named = [each for each in fitting if each[1].name == name] or [
            each for each in fitting if name.casefold() in each[1].name.casefold()
        ]
    else:
        named = [each for each in fitting if _is_default(each[1], side)] or fitting
    if not named:
        raise PlaceError("device_missing", name=name)
    number, device = named[0]
    wanted = setup.channel if side == "input" else setup.output_channel
    if wanted >= _channels(device, side):
        facts = {"channel": wanted + 1, "channels": _channels(device, side)}
        raise PlaceError("channel_missing", name=device.name, **facts)
    return number, device


def _channels(device: Device, side: Side) -> int:
    return device.inputs if side == "input" else device.outputs


def _is_default(device: Device, side: Side) -> bool:
    return device.default_input if side == "input" else device.default_output


def _numbered(sound: Any) -> Iterator[tuple[int, Device]]:
    apis = sound.query_hostapis()
    # Each host API has defaults; the system's are those of PortAudio's default API.
    default_in, default_out = _defaults(sound)
    for number, facts in enumerate(sound.query_devices()):
        yield (
            number,
            Device(
                name=facts["name"],
                host_api=apis[facts["hostapi"]]["name"],
                inputs=facts["max_input_channels"],
                outputs=facts["max_output_channels"],
                rate=round(facts["default_samplerate"]),
                default_input=number == default_in,
                default_output=number == default_out,
            ),
        )


def _defaults(sound: Any) -> tuple[int, int]:
    found = []
    for kind in ("input", "output"):
        try:
            found.append(int(sound.query_devices(kind=kind)["index"]))
        except (sound.PortAudioError, ValueError):
            found.append(-1)
    return found[0], found[1]
