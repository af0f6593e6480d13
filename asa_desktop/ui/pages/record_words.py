"""Sound devices and takes in the window's own words: what to press here, not what to type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QDateTime, QLocale, Qt

from asa_desktop import words
from asa_desktop.core.errors import AsaError
from asa_desktop.engine.messages import Back, Fault, Kept, Lost, Measured, Moved, Opened
from asa_desktop.ui import faults
from asa_desktop.ui.plots.timeaxis import clock
from asa_desktop.ui.tr import listed, marked, tr

_OURS = {
    "device_missing": marked(
        "The sound device {name} is not there; plug it in, or choose another in the settings."
    ),
    "device_silent": marked(
        "{name} was opened, but no sound comes from it; plug it in again, or choose"
        " another in the settings."
    ),
    "rate_refused": marked(
        "{name} cannot run at {rate} Hz; choose another device in the settings."
    ),
    "channel_missing": marked(
        "{name} has no channel {channel}; choose one from 1 to {channels} in the settings."
    ),
    "device_refused": marked(
        "{name} cannot be opened; allow the microphone in the system's privacy settings, or choose"
        " another device in the settings."
    ),
    "device_lost": marked(
        "The sound device went away; plug it in again, or choose another in the settings."
    ),
    "no_device_open": marked("The sound device was closed meanwhile; it is being opened again."),
    "no_loop": marked(
        "Only {found} of {played} chirps came back; hold the headphones against the"
        " microphone and turn them up, or measure by ear."
    ),
    "disk_low": marked(
        "The disk has {free_mb} MB left, and this take may need {needed_mb}; make room first."
    ),
    "engine_died": marked("The sound engine ended by itself; try again."),
    "engine_killed": marked("The sound engine was ended from outside ({signal}); try again."),
}
"""What `words` says with commands in it is said here with the window's own ways."""

ALSA_DEFAULT = "default"
"""ALSA's name of the device that the system has chosen."""

COMES_BACK = frozenset({
    "no_input", "no_output", "device_missing", "device_busy", "device_silent", "device_refused",
    "no_device_open", "engine_silent",
})  # fmt: skip
"""Nothing is open, and what is missing may come by itself: plugged in, allowed, let go of, or in
time on a machine that was too busy."""

ANOTHER_HELPS = frozenset({
    "device_missing", "device_silent", "device_refused", "device_lost", "rate_refused",
    "channel_missing",
})  # fmt: skip
"""What another device, chosen in the settings, would mend."""


def fault_text(error: BaseException, diary: Path | None = None) -> str:
    """One sentence on what stands in the way of singing."""
    if isinstance(error, AsaError) and error.code in _OURS:
        facts: dict[str, Any] = {
            name: words.on_one_line(str(value)) for name, value in error.facts.items()
        }
        if "name" in facts:
            facts["name"] = _shown(facts["name"])
        killed = error.code == "engine_died" and "signal" in error.facts
        return tr(_OURS["engine_killed" if killed else error.code], **facts)
    return faults.sentence_of(error, diary)


def event_text(fault: Fault) -> str:
    """As `fault_text`, of a fault that came from the engine."""
    from asa_desktop.engine.faults import error_of

    return fault_text(error_of(fault))


def lost_text(event: Lost, *, singing: bool) -> str:
    why = words.loss_text(event.reason)
    if not singing:
        return tr("{why}; plug it in again, or choose another.", why=_begin(why))
    return tr(
        "At {at} {why}. Plug it in again and the take goes on, or end it; what was sung is safe.",
        at=clock(event.at_s),
        why=why,
    )


def back_text(event: Back) -> str:
    if event.gap is None:
        return tr("The sound is back.")
    return tr(
        "The sound is back after {away} s, and the take goes on; clips in the gap are not scored.",
        away=f"{event.gap.away_s:.1f}",
    )


def moved_text(event: Moved) -> str:
    return tr(
        "The system plays or records on {device} now; its delay may be another.",
        device=words.on_one_line(event.device),
    )


def kept_text(event: Kept) -> str:
    """Why the take could not be finished, and that what was sung is there."""
    why = event_text(event.fault)
    if event.seconds <= 0:
        return why
    return tr("{why} What was sung ({length}) is kept.", why=why, length=clock(event.seconds))


def delay_text(delay_s: float | None) -> str:
    """How well the delay is known."""
    if delay_s is None:
        return tr("not calibrated")
    return tr("{ms} ms measured", ms=round(1000 * delay_s))


def device_name(opened: Opened) -> str:
    """Microphone and headphones, once where they are one."""
    source, sink = (_shown(words.on_one_line(each)) for each in (opened.input, opened.output))
    return source if source == sink else tr("{input} and {output}", input=source, output=sink)


def trouble_text(*, xruns: int, gaps: int, clipped: bool = False) -> str:
    """What went wrong so far in a take, in short; empty where nothing did."""
    said = []
    if xruns:
        said.append(
            tr("{count} dropouts", count=xruns) if xruns > 1 else tr("1 dropout")
        )  # fmt: skip
    if gaps:
        said.append(tr("{count} gaps", count=gaps) if gaps > 1 else tr("1 gap"))
    if clipped:
        said.append(tr("too loud"))
    return listed(*said)


def ended_text(measured: Measured, *, loudest_db: float) -> str:
    """What to mend before the next take; empty where all was well."""
    if measured.clipped:
        if measured.clipped == 1:
            return tr("It was too loud in one place; turn the microphone down a little.")
        return tr("It was too loud in {count} places; turn the microphone down.",
                  count=measured.clipped)  # fmt: skip
    if loudest_db < -70:
        return tr("Nothing was heard from the microphone; check its switch and the permission.")
    if loudest_db < -40:
        return tr("It was very soft; turn the microphone up.")
    if measured.xruns:
        if measured.xruns == 1:
            return tr("Sound dropped out once; the take is whole otherwise.")
        return tr("Sound dropped out {count} times; close other programs or choose larger blocks.",
                  count=measured.xruns)  # fmt: skip
    return ""


def only_dropouts(measured: Measured, *, loudest_db: float) -> bool:
    """Whether dropouts, more than one, are what `ended_text` speaks of: larger blocks mend them."""
    return measured.xruns > 1 and not measured.clipped and loudest_db >= -40


def _shown(name: str) -> str:
    """A device's name, where it has one of its own."""
    return tr("System default") if name == ALSA_DEFAULT else name


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]


def moment_text(stamp: str) -> str:
    """The day of one of the library's times: 24 Nov 2026."""
    moment = QDateTime.fromString(stamp, Qt.DateFormat.ISODateWithMs).toLocalTime()
    return QLocale().toString(moment.date(), tr("d MMM yyyy"))
