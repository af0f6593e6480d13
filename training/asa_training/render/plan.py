"""What one rendition is to be: everything fixed, nothing computed, all of it in JSON."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

RENDERER = 2  # raise it when the same plan sounds different: stored renditions are then redone
Role = Literal["anchor", "positive", "negative", "probe_good", "probe_poor"]


@dataclass(frozen=True, slots=True)
class Severities:
    """How strong each defect is asked to be, 0 (absent) to 1. They are drawn one by one.

    `scoops`: notes reached from below, or by a slow slide from the note before. `vibrato`: the
    natural one taken away, with slow wobble or one too slow, too fast or irregular in its place.
    `dynamics`: loudness flattened or jumping. `tone`: breathy or pressed. `held`: syllables
    dropped, cut short or held over. `unsteady`: wobble and jitter inside notes. `timing`: late and
    early onsets and an uneven tempo.
    """

    off_pitch: float = 0.0
    drift: float = 0.0
    timing: float = 0.0
    wrong_notes: float = 0.0
    scoops: float = 0.0
    vibrato: float = 0.0
    dynamics: float = 0.0
    tone: float = 0.0
    held: float = 0.0
    unsteady: float = 0.0


DEFECTS = tuple(one.name for one in fields(Severities))


@dataclass(frozen=True, slots=True)
class Harmless:
    """Edits that no judge minds, drawn from the same distributions whatever the role.

    `transpose_cents` moves the whole take; `vibrato` multiplies the movement inside notes;
    `wobble_cents` is the spread of tiny per-note offsets; `sway_s` bounds a smooth misalignment;
    `formant` scales the spectral envelope (above 1: a smaller head); `restored` renders from a
    copy that was first sung off pitch by the engine and is now put back in tune.

    `lent_vibrato_cents` is the extent (half of peak to peak) of the vibrato that long notes without
    one are given; `swell_db` bounds slow changes of level over the take; `tone` is a voice a little
    breathier (above 0) or more pressed than the source's, on the scale of the defect; `trim_s`
    bounds what note ends before a rest lose; `scoop_cents` the depth of quick scoops;
    `unsteady_cents` is the RMS of wobble and jitter.
    """

    transpose_cents: float = 0.0
    vibrato: float = 1.0
    wobble_cents: float = 0.0
    sway_s: float = 0.0
    formant: float = 1.0
    restored: bool = False
    lent_vibrato_cents: float = 0.0
    swell_db: float = 0.0
    tone: float = 0.0
    trim_s: float = 0.0
    scoop_cents: float = 0.0
    unsteady_cents: float = 0.0


@dataclass(frozen=True, slots=True)
class Channel:
    """Microphone, room and desk; None leaves a thing out.

    Filters are (kind, Hz, dB, Q). `level_db` is RMS against full scale; `reverb_db` and `noise_db`
    are against the voice; noise falls as frequency to the `noise_colour`.
    """

    level_db: float = -23.0
    filters: tuple[tuple[str, float, float, float], ...] = ()
    low_cut_hz: float | None = None
    high_cut_hz: float | None = None
    reverb_s: float | None = None
    reverb_db: float = -20.0
    noise_db: float | None = None
    noise_colour: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One rendition. `seed` feeds whatever the curves, the voice and the channel still draw."""

    role: Role
    engine: str
    seed: int
    severities: Severities = field(default_factory=Severities)
    harmless: Harmless = field(default_factory=Harmless)
    channel: Channel = field(default_factory=Channel)
    renderer: int = RENDERER

    def to_json(self) -> dict[str, Any]:
        """The plan as plain values."""
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> Plan:
        """The inverse of `to_json`, also after a trip through text."""
        parts = dict(values)
        channel = dict(parts["channel"])
        channel["filters"] = tuple(tuple(one) for one in channel["filters"])
        parts["severities"] = Severities(**parts["severities"])
        parts["harmless"] = Harmless(**parts["harmless"])
        parts["channel"] = Channel(**channel)
        return Plan(**parts)

    def key(self, content: str, start: float, end: float) -> str:
        """Sixteen hexadecimal digits that change with the plan or the sound it is made from."""
        text = json.dumps([self.to_json(), content, start, end], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]
