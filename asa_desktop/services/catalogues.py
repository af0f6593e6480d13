"""The window's texts in other languages: plain files that come with the program.

A catalogue is a JSON object in ``resources/languages``: `glossary` tells which word stands for
which term throughout, `texts` gives for every English text its translation. English needs none.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from string import Formatter

from asa_desktop.core.errors import PlaceError
from asa_desktop.services.paths import resources

log = logging.getLogger(__name__)

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {
    ENGLISH: "English",
    "de": "Deutsch",
    "es": "Español",
    "zh_CN": "简体中文",
}
"""Every language of the window by its code, named in itself."""

FOLDER = "languages"
_BRACKETS = re.compile(r"\[([^\]]*)\]")


def texts_in(language: str) -> dict[str, str]:
    """English texts and what is said for them; empty for English or where there is nothing usable.

    An entry that does not fit its text is left out, so that this one text is said in English.
    """
    if language not in LANGUAGES or language == ENGLISH:
        return {}
    try:
        path = resources() / FOLDER / f"{language}.json"
        kept = json.loads(path.read_text(encoding="utf-8"))
        texts = kept["texts"]
        good = {text: said for text, said in texts.items() if fits(text, said)}
    except (PlaceError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("the catalogue of %s cannot be used: %s", language, error)
        return {}
    except RecursionError:
        log.warning("the catalogue of %s goes too deep", language)
        return {}
    if len(good) < len(texts):
        log.warning("%d texts of %s do not fit", len(texts) - len(good), language)
    return good


def fits(text: str, said: object) -> bool:
    """Whether `said` has the same facts as `text`, in brackets that are left out alike."""
    if not isinstance(said, str) or not said.strip():
        return False
    try:
        return _facts(text) == _facts(said) and _parts(text) == _parts(said)
    except ValueError:  # a brace that is never closed
        return False


def language_for(wanted: str, *, system: tuple[str, ...]) -> str:
    """The language that is said: `wanted` where there is such a one, else by the `system`.

    `system` are the system's languages as BCP 47 tags ("de-AT", "zh-Hans-CN"), the dearest first.
    """
    if wanted in LANGUAGES:
        return wanted
    for tag in system:
        parts = tag.replace("_", "-").split("-")
        if parts[0] == "zh":
            if not {"Hant", "TW", "HK", "MO"} & set(parts):
                return "zh_CN"
        elif parts[0] in LANGUAGES:
            return parts[0]
    return ENGLISH


def _facts(text: str) -> list[str]:
    found = []
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            found.append(f"{name}!{conversion or ''}:{form}")
    return sorted(found)


def _parts(text: str) -> list[tuple[bool, list[str], list[str]]]:
    parts = []
    for inside in _BRACKETS.findall(text):
        said, _, instead = inside.partition("|")
        parts.append((bool(instead.strip()), _facts(said), _facts(instead)))
    return sorted(parts)
