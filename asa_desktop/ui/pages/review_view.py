"""What the review page is told of a take, and what its head says in words."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from asa_desktop import words
from asa_desktop.core.types import ClipScore
from asa_desktop.services.example import NOTICE
from asa_desktop.services.shortfalls import whole_of
from asa_desktop.ui.tr import listed, sentences, tr

if TYPE_CHECKING:
    from asa_desktop.services.example import NOTICE
from asa_desktop.ui.plots.sheet import Sheet

State = Literal["waiting", "analysing", "done", "failed"]
LINK = "clip:"
_LOWEST = 3
_MOST_NOTICES = 2


@dataclass(frozen=True, slots=True, eq=False)
class TakeView:
    """One take as the page shows it.

    `state`: ``waiting`` (recorded, not analysed), ``analysing``, ``done``, ``failed`` (`fault` is
    the sentence). `sheet` is what is drawn; it may stay while the take is analysed again.
    `clips` are those that were told before there is a sheet; `seconds` the length of the take
    where it is known. `has_original` says that the original voice can be played. `analyses` are
    the values and texts of those that can be shown instead, `analysis` the value of this one.
    `example` says that this is none of the user's takes.
    """

    song: str
    take: str = ""
    singer: str = ""
    state: State = "done"
    sheet: Sheet | None = None
    clips: tuple[ClipScore, ...] = ()
    seconds: float = 0.0
    stage: str = ""
    progress: float | None = None
    fault: str = ""
    has_original: bool = False
    analyses: tuple[tuple[str, str], ...] = ()
    analysis: str = ""
    example: bool = False

    @property
    def remark(self) -> str:
        """Take and singer, in the words beside the title."""
        return listed(self.take, self.singer)


def head_markup(sheet: Sheet, *, example: bool = False) -> str:
    """What an analysis says of a take, as simple markup; clips that it names are links.

    Beside the title of the example stands already that nobody sang it.
    """
    said = _scored(sheet) if sheet.status == "scored" else _not_scored(sheet)
    told = [each for each in sheet.notices if not (example and each.code == NOTICE)]
    notices = [escape(words.notice_text(each)) for each in told]
    if len(notices) > _MOST_NOTICES:
        more = tr("{count} more remarks on the song's files.", count=len(notices) - _MOST_NOTICES)
        notices = [*notices[:_MOST_NOTICES], escape(more)]
    return sentences(*said, *notices)


def _scored(sheet: Sheet) -> list[str]:
    scored = [each for each in sheet.clips if each.score is not None]
    said = [
        escape(
            tr("{scored} of {count} clips scored.", scored=len(scored), count=len(sheet.clips))
            if len(sheet.clips) != 1
            else tr("One clip, scored.")
        )
    ]
    if len(scored) > _LOWEST:
        lowest = sorted(scored, key=lambda each: (each.score or 0.0, each.clip.start))[:_LOWEST]
        first, second, third = (_link(each) for each in lowest)
        said.append(
            escape(tr("Lowest at {first}, {second} and {third}.")).format(
                first=first, second=second, third=third
            )
        )
    if sheet.case is not None:
        said.append(escape(tr("Measured {case}.", case=words.case_text(sheet.case))))
    said += [escape(place) for place in _place(sheet)]
    said += [escape(each) for each in _as_a_whole(sheet)]
    if sheet.model is not None and sheet.case != "notes":
        said.append(escape(tr("The scale is one of rendered defects, not of listeners.")))
    return said


def _not_scored(sheet: Sheet) -> list[str]:
    if sheet.reason is None:
        return [escape(tr("Not scored."))]
    reason = words.reason_text(sheet.reason)
    return [escape(tr("Not scored: {reason}.", reason=reason))]


def _place(sheet: Sheet) -> list[str]:
    """Where in the song a take from elsewhere was found, and what it leaves out."""
    from asa_desktop.ui.plots.timeaxis import clock

    found, said = sheet.alignment, []
    if sheet.case == "free":
        said.append(tr("Sung at {tempo} % of the tempo.", tempo=round(100 * found.tempo)))
    elif found.path:
        if abs(found.tempo - 1) >= 0.02:
            said.append(tr("Sung at {tempo} % of the tempo.", tempo=round(100 * found.tempo)))
        begins_s = found.begins_s
        into = tr("It begins {at} s into the song.", at=f"{begins_s:.1f}")
        before = tr("It begins {at} s before the song.", at=f"{-begins_s:.1f}")
        said.append(before if begins_s < 0 else into)
    if found.missing:
        where = ", ".join(f"{clock(start)}–{clock(end)}" for start, end in found.missing[:3])
        said.append(tr("Not sung: {where}.", where=where))
    return said


def _as_a_whole(sheet: Sheet) -> list[str]:
    """What all of the take has alike: another key, a wrong one, a late entry."""
    whole = whole_of(key=sheet.alignment.key, attributes=sheet.attributes)
    said = [_moved(whole.moved)] if whole.moved else []
    if whole.wrong:
        said.append(_wrong(whole.wrong))
    if whole.late_ms:
        late = tr("All of it comes {ms} ms late.", ms=whole.late_ms)
        early = tr("All of it comes {ms} ms early.", ms=-whole.late_ms)
        said.append(late if whole.late_ms > 0 else early)
    return said


def _moved(count: int) -> str:
    """The key, where another than the song's is forgiven."""
    semitones, octaves = abs(count), abs(count) // 12
    if semitones == 12:
        above = tr("Sung an octave above the song's key.")
        below = tr("Sung an octave below the song's key.")
    elif semitones % 12 == 0:
        above = tr("Sung {count} octaves above the song's key.", count=octaves)
        below = tr("Sung {count} octaves below the song's key.", count=octaves)
    elif semitones == 1:
        above = tr("Sung one semitone above the song's key.")
        below = tr("Sung one semitone below the song's key.")
    else:
        above = tr("Sung {count} semitones above the song's key.", count=semitones)
        below = tr("Sung {count} semitones below the song's key.", count=semitones)
    return above if count > 0 else below


def _wrong(count: int) -> str:
    """The key, where the accompaniment gives it."""
    if abs(count) == 1:
        above = tr("All of it is a semitone too high for the accompaniment.")
        below = tr("All of it is a semitone too low for the accompaniment.")
    else:
        above = tr("All of it is {count} semitones too high for the accompaniment.",
                   count=abs(count))  # fmt: skip
        below = tr("All of it is {count} semitones too low for the accompaniment.",
                   count=abs(count))  # fmt: skip
    return above if count > 0 else below


def _link(each: ClipScore) -> str:
    from asa_desktop.ui.plots.timeaxis import clock

    place = escape(f"{clock(each.clip.start)} ({round(each.score or 0.0)})")
    return f'<a href="{LINK}{each.clip.index}">{place}</a>'
