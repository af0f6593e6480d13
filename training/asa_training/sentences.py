"""One sentence for each code that importing and reading data raises, for the command line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from asa_desktop.core.errors import AsaError

LONGEST = 120

SENTENCES = {
    "manifest_kind": "{path} is neither .csv nor .parquet; name a manifest of one of these kinds.",
    "manifest_too_large": "{path} has more than {limit}, the most a manifest may have; split it, or"
    " name the right file.",
    "manifest_not_utf8": '{path} is not UTF-8 (line {line}); save it as "CSV UTF-8".',
    "manifest_empty": "{path} has no rows; import some recordings first.",
    "manifest_broken": "{path} cannot be read as Parquet ({why}); write it anew, or use CSV.",
    "manifest_needs_pyarrow": "{path} is Parquet, which needs pyarrow; run `pip install pyarrow`,"
    " or use CSV.",
    "manifest_faulty": "{path} has {count} faults, the first of them: {first}",
    "layout_unknown": "There is no layout {layout}; choose one of {known}.",
    "layout_not_found": "{path} is not laid out as {layout}: no {looked_for} is there; name the"
    " corpus' own folder.",
    "source_not_a_folder": "There is no folder {path}; name the one that holds the recordings.",
    "root_too_low": "{path} does not lie below {root}; give a higher --root.",
    "manifest_in_the_way": "{path} is there already; choose another name, or give --replace.",
    "marks_missing": "{path} holds no .csv with marks; put one there, with a column called file.",
    "marks_ambiguous": "{path} holds several .csv ({found}); call the one with the marks"
    " marks.csv.",
    "marks_without_files": "{path} has no column with the recordings' names; call it file.",
    "table_too_large": "{path} is larger than {limit}, the most a table of marks may be; name the"
    " right folder.",
    "table_broken": "{path} cannot be read ({why}); save or copy it again.",
    "table_ragged": "{path}, row {row}, has {count} cells and the first row {columns}; put decimal"
    " commas in quotes, or write points.",
    "f0_unreadable": "{path} is no F0 track ({where}); it holds seconds and Hz, or Hz alone.",
    "f0_uneven": "The frames of {path} are not evenly spaced in time; resample it first.",
    "f0_empty": "{path} holds no F0 frames; copy it again.",
    "channel_not_there": "{path} has no {channel} channel; it is not the stereo file that the"
    " manifest means.",
}


def say(error: AsaError) -> str:
    """The sentence of an error, its code and facts where it is none of ours."""
    template = SENTENCES.get(error.code)
    return str(error) if template is None else filled(template, error.facts)


def filled(template: str, facts: Mapping[str, object]) -> str:
    """`template` with ``{name}`` replaced by facts, each short and on one line."""
    return re.sub(r"\{(\w+)\}", lambda match: _shown(facts.get(match[1], "?")), template)


def _shown(fact: object) -> str:
    if isinstance(fact, tuple):
        return ", ".join(_shown(each) for each in fact)
    text = "".join(character if _is_plain(character) else "\N{REPLACEMENT CHARACTER}"
                   for character in str(fact))  # fmt: skip
    # A fact that is a sentence itself is not cut.
    if len(text) > LONGEST and not isinstance(fact, Sentence):
        half = (LONGEST - 3) // 2
        text = f"{text[:half]}...{text[-half:]}"
    return f'"{text}"' if isinstance(fact, Path) else text


class Sentence(str):
    """A fact that is a whole sentence."""

    __slots__ = ()


def _is_plain(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
