"""What travels between the window and the analysis worker: plain frozen values.

A job is known by a number, a song by its value or its folder. Times are seconds; `Analysis` and
arrays are pickled as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.core.errors import AsaError
from asa_desktop.engine.faults import error_of
from asa_desktop.engine.messages import Fault

if TYPE_CHECKING:
    from asa_desktop.core.types import Analysis, ClipScore, Song, TakeTiming

# Requests


@dataclass(frozen=True, slots=True)
class Prepare:
    """Load the model and work through the song's vocal, so that following starts at once."""

    job: int
    song: Song | Path
    model: Path | None


@dataclass(frozen=True, slots=True)
class Analyse:
    """`align`: find first how the take lies to the song."""

    job: int
    take: Path
    song: Song | Path
    model: Path | None
    timing: TakeTiming | None
    align: bool = False


@dataclass(frozen=True, slots=True)
class Follow:
    """Analyse a take while its part grows; `timing` None: as the part's note says."""

    job: int
    part: Path
    song: Song | Path
    model: Path | None
    timing: TakeTiming | None


@dataclass(frozen=True, slots=True)
class Finish:
    """The take that is followed has ended, and lies at `take`."""

    job: int
    take: Path
    timing: TakeTiming


@dataclass(frozen=True, slots=True)
class Moved:
    """The part that is followed goes on growing elsewhere."""

    job: int
    part: Path


@dataclass(frozen=True, slots=True)
class PreparePlayback:
    """Make a file playable at a rate; `cache` is the folder for what has to be decoded."""

    job: int
    path: Path
    rate: int
    cache: Path


@dataclass(frozen=True, slots=True)
class Cancel:
    job: int


@dataclass(frozen=True, slots=True)
class Quit:
    """End the worker, whatever it is doing."""


Task = Prepare | Analyse | Follow | PreparePlayback
Request = Task | Finish | Moved | Cancel | Quit

# Events


@dataclass(frozen=True, slots=True)
class Began:
    """The worker has turned to this job; if it dies now, that is why."""

    job: int


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `of` of a stage: take, reference, score, decode."""

    job: int
    done: float
    of: float
    what: str


@dataclass(frozen=True, slots=True)
class ClipDone:
    """A clip has a score, or a reason why not; told again when that changes.

    While `provisional`, the level and the key of the whole take may still move it.
    """

    job: int
    clip: ClipScore
    provisional: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    job: int


@dataclass(frozen=True, slots=True)
class Analysed:
    """The end of `Analyse` and `Follow`."""

    job: int
    analysis: Analysis


@dataclass(frozen=True, slots=True)
class Playback:
    """A file that the engine can play."""

    job: int
    path: Path
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The job came to nothing. `trace` is for the log, where it was our own fault."""

    job: int
    fault: Fault
    trace: str = ""

    @property
    def error(self) -> AsaError:
        """The fault as an error, which the words know."""
        return error_of(self.fault)


Event = Began | Progress | ClipDone | Prepared | Analysed | Playback | Failed
LAST = (Prepared, Analysed, Playback, Failed)
"""With one of these a job ends."""
