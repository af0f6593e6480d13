"""What is said about newer versions; `words` takes these tables in."""

from __future__ import annotations

FAULTS: dict[str, str] = {
    "updates_nowhere": "This build of the program has no place to look for newer versions; whoever"
    " passed it on can say where they are.",
    "updates_unreached": "The list of releases could not be fetched; see that this computer is"
    " online, and try again later.",
    "updates_refused": "What came in place of the list of releases is not that list, or somebody"
    " changed it; nothing of it was used.",
    "updates_stale": "The list of releases that came is an old one; nothing of it was used, so try"
    " again later.",
}

SENTENCES: dict[str, str] = {
    "updates_place": "list of releases: {address}",
    "updates_asks": "That one address is asked, by a process of its own; nothing about you or this"
    " computer is sent, and nothing is downloaded or installed.",
    "updates_on": "The window looks there by itself, once a day at most.",
    "updates_off": "The window does not look there by itself; its settings have a switch for it.",
    "updates_looked": "last look: {when}[; {outcome}]",
    "updates_how": "`asa updates --look` looks now.",
    "updates_newest": "{version} is the newest version[, as of {when}].",
    "updates_newer": "{version} of {date} is newer than {ours}: {about}",
}
"""The command line's."""
