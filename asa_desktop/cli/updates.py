"""`asa updates`: where newer versions would be looked for; with --look it looks."""

from __future__ import annotations

import argparse

from asa_desktop import __version__, words
from asa_desktop.cli.app import DONE
from asa_desktop.core.errors import UpdateError
from asa_desktop.services.paths import places
from asa_desktop.services.settings import load_settings
from asa_desktop.services.updates.looking import look, memory_file, remembered
from asa_desktop.services.updates.place import Place, here


def run(options: argparse.Namespace) -> int:
    """Say what would be done, or do it. Raises `UpdateError` where there is no place to look."""
    place = here()
    if place is None:
        raise UpdateError("updates_nowhere")
    return _look(place) if options.look else _tell(place)


def _tell(place: Place) -> int:
    settings, _ = load_settings(places().settings)
    memory = remembered(memory_file(places().home))
    print(words.sentence("updates_place", {"address": place.address}))
    print(words.sentence("updates_asks"))
    print(words.sentence("updates_on" if settings.updates else "updates_off"))
    if memory.looked is not None:
        outcome = words.sentence(memory.outcome) if memory.outcome else ""
        facts = {"when": f"{memory.looked:%Y-%m-%d %H:%M} UTC", "outcome": outcome}
        print(words.sentence("updates_looked", facts))
    print(words.sentence("updates_how"))
    return DONE


def _look(place: Place) -> int:
    memory, found = look(place, memory_file(places().home))
    release = memory.newer()
    if release is None:
        facts = {"version": __version__, "when": f"{found.made:%Y-%m-%d}"}
        print(words.sentence("updates_newest", facts))
        return DONE
    facts = {"version": release.version, "date": release.date.isoformat()}
    facts |= {"ours": __version__, "about": release.about}
    print(words.sentence("updates_newer", facts))
    print(release.page)
    return DONE
