"""What travels between the engine's process and whoever runs it: plain frozen values.

Frames count samples of one channel at the stream's rate; seconds are floats. A device is known by
its name and host API, because PortAudio's numbers change whenever something is plugged in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from asa_desktop.core.errors import Fact

DEFAULT_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Device:
    """A device as the system lists it; `rate` is its own."""

    name: str
    host_api: str
    inputs: int
    outputs: int
    rate: int
    default_input: bool = False
    default_output: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """What to open. An empty name means the system's default device, rate 0 the device's own.

    `channel` is the input channel that is recorded, `output_channel` the first of the two that
    are played on; both count from 0. `listen` False opens no microphone, whatever `input` says:
    such a line plays, and neither records nor calibrates.
    """

    input: str = ""
    output: str = ""
    host_api: str = ""
    channel: int = 0
    output_channel: int = 0
    rate: int = 0
    block: int = DEFAULT_BLOCK
    latency: Literal["low", "high"] = "low"
    streams: Literal["auto", "one", "two"] = "auto"
    listen: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened. `duplex`: one stream for both, else two whose clocks are compared.

    `stamp_delay_s` is the round trip that the system's time stamps claim: a first guess. Without
    a microphone `input` is empty and there is no round trip, 0.
    """

    input: str
    output: str
    host_api: str
    rate: int
    block: int
    latency: str
    duplex: bool
    stamp_delay_s: float


@dataclass(frozen=True, slots=True)
class Job:
    """A take to be recorded, over a song or over nothing.

    The part grows at `part`; `target` is the FLAC that it becomes. `accompaniment` and `vocal`
    are files that libsndfile reads, at the stream's rate. `note` is JSON that the library wants
    beside the take, at `note_path`; the engine adds what it measured under the names of `Measured`.
    `delay_s` None leaves the delay to the time stamps; `delay_stamp_s` is what they said when
    the delay was calibrated. `end_s` None: to the end of the
    song, without a song until stopped; never longer than `most_s`.
    """

    part: Path
    target: Path
    accompaniment: Path | None = None
    vocal: Path | None = None
    accompaniment_gain: float = 1.0
    vocal_gain: float = 0.0
    start_s: float = 0.0
    end_s: float | None = None
    delay_s: float | None = None
    delay_from: Literal["stamps", "chirps", "taps", "given"] = "stamps"
    delay_stamp_s: float | None = None
    note: Mapping[str, Any] = field(default_factory=dict)
    note_path: Path | None = None
    most_s: float = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class Gap:
    """Where the device was away: from `start_s` to `end_s` in the recording nothing was sung.

    `away_s` is how long it took on the wall's clock; the song stood still for the difference.
    """

    start_s: float
    end_s: float
    away_s: float
    reason: Literal["lost", "suspended", "moved", "overflow"]


@dataclass(frozen=True, slots=True)
class Measured:
    """What the engine knows about a take when it ends.

    Take time t is song time ``start_s + (t - latency_s) / clock_ratio``: `clock_ratio` is how
    much faster the microphone's clock runs than the song's, 1 where both are one.
    """

    latency_s: float
    delay_from: str
    stamp_delay_s: float
    clock_ratio: float
    duration_s: float
    sample_rate: int
    device: str
    xruns: int
    gaps: tuple[Gap, ...]
    start_s: float
    clipped: int


# Requests: what whoever runs the engine may send.


@dataclass(frozen=True, slots=True)
class ListDevices:
    """Look at the devices anew (open streams are closed and opened again) and list them."""

    refresh: bool = True


@dataclass(frozen=True, slots=True)
class Open:
    setup: Setup


@dataclass(frozen=True, slots=True)
class Close:
    """Close the devices; the engine stays."""


@dataclass(frozen=True, slots=True)
class Record:
    job: Job


@dataclass(frozen=True, slots=True)
class Stop:
    """End the take that is being recorded, or what is played."""


@dataclass(frozen=True, slots=True)
class Play:
    """Play files without recording, from `start_s` to `end_s` (None: their end).

    Needs no microphone, see `Setup.listen`.

    Both are seconds of the accompaniment; the vocal is `vocal_later_s` further on in its own file,
    as a take is by its delay. Where that is before its beginning it is silent until then.
    """

    accompaniment: Path | None = None
    vocal: Path | None = None
    accompaniment_gain: float = 1.0
    vocal_gain: float = 1.0
    start_s: float = 0.0
    end_s: float | None = None
    vocal_later_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SetGains:
    accompaniment: float
    vocal: float


@dataclass(frozen=True, slots=True)
class Calibrate:
    """Play twelve chirps and measure when they come back."""

    level: float = 0.5


@dataclass(frozen=True, slots=True)
class TapAlong:
    """Play clicks that somebody claps or taps along to, where no loop can be heard."""

    level: float = 0.5


@dataclass(frozen=True, slots=True)
class Quit:
    """End the take if there is one, then the process."""


Request = ListDevices | Open | Close | Record | Stop | Play | SetGains | Calibrate | TapAlong | Quit

# Answers and events.


@dataclass(frozen=True, slots=True)
class Devices:
    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """The take began; from now on the part grows."""

    part: Path


@dataclass(frozen=True, slots=True)
class Finished:
    """The take lies at `path`, read back and found whole; `sha256` is of its bytes.

    `fault` says why it ended before it should have.
    """

    path: Path
    sha256: str
    measured: Measured
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The take could not be finished; what was sung stays at `path`, as a part."""

    path: Path
    seconds: float
    fault: Fault


@dataclass(frozen=True, slots=True)
class Played:
    """What `Play` asked for has ended."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A device is away; recording goes on when it is back."""

    reason: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody moved a stream to another device of the system's; its delay may be another."""

    device: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Back:
    opened: Opened
    gap: Gap | None


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The outcome of a calibration: `found` of `played` came back, `spread_s` apart."""

    delay_s: float
    spread_s: float
    found: int
    played: int
    method: Literal["chirps", "taps"]
    stamp_delay_s: float


@dataclass(frozen=True, slots=True)
class Fault:
    """An `AsaError` on its way out of the engine."""

    kind: str
    code: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Crashed:
    """A fault of the engine's own; it ends after this. `trace` is for the log."""

    trace: str


@dataclass(frozen=True, slots=True)
class Done:
    """A request without an answer of its own was carried out."""


Event = (
    Devices
    | Opened
    | Recording
    | Finished
    | Kept
    | Played
    | Lost
    | Moved
    | Back
    | Calibrated
    | Fault
    | Crashed
    | Done
)
