"""Scores of bundled takes by which a model that was made again is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import asa_desktop
from asa_desktop.core.attributes.codes import LIKENESS
from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import UsageError
from asa_training.recipe import MOST_APART, Golden

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model


def resources() -> Path:
    """The folder of bundled material, in an installed program or a checkout."""
    package = Path(asa_desktop.__file__).resolve().parent
    inside = package / "_bundled" / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


def refuse_foreign(paths: Iterable[Path]) -> None:
    """UsageError ``not_bundled`` where one of the paths is no bundled material."""
    for path in paths:
        if not (path.exists() and path.resolve().is_relative_to(resources())):
            raise UsageError("not_bundled", path=path)


def golden_of(model: Model, take: Path, song: Path) -> Golden:
    """What a model says of a bundled take.

    Raises UsageError ``golden_empty`` where it scored no clip, and as `refuse_foreign` does.
    """
    root = resources()
    refuse_foreign([take, song])
    clips = clip_scores(model, take, song)
    if not clips:
        raise UsageError("golden_empty", path=take)
    return Golden(
        take=take.resolve().relative_to(root).as_posix(),
        song=song.resolve().relative_to(root).as_posix(),
        sha256=sha256(take),
        clips=clips,
    )


def clip_scores(model: Model, take: Path, song: Path) -> dict[int, float]:
    """The network's own score of every clip that it scored, by number, to a tenth."""
    from asa_desktop.core.analysis import analyse
    from asa_desktop.core.songs import load_song
    from asa_desktop.core.take_timing import read_timing

    timing, _notices = read_timing(take)
    found = analyse(take, load_song(song), model=model, timing=timing)
    return {
        each.clip.index: round(each.parts[LIKENESS], 1)
        for each in found.clips
        if LIKENESS in each.parts
    }


def compared(golden: Sequence[Golden], model: Model) -> tuple[list[str], int]:
    """A line for every golden clip, and how many of them lie off by more than `MOST_APART`.

    Raises UsageError ``golden_material`` where a bundled take is another than it was.
    """
    lines, missed = [], 0
    for one in golden:
        take = resources() / one.take
        if not take.is_file() or sha256(take) != one.sha256:
            raise UsageError("golden_material", path=Path(one.take))
        found = clip_scores(model, take, resources() / one.song)
        for number, wanted in one.clips.items():
            here = found.get(number)
            right = here is not None and abs(here - wanted) <= MOST_APART
            missed += not right
            said = "no score" if here is None else f"{here:.1f}"
            lines.append(
                f"{Path(one.take).stem}, clip {number + 1}: {said}, wanted {wanted:.1f}"
                f"{'' if right else '  <- off'}"
            )
    return lines, missed
