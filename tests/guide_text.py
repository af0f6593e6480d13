"""The papers for users, sentence by sentence."""

from __future__ import annotations

import re

_NOISE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<[^>]+>|[*`]")
_LEAD = re.compile(r"\*\*[^*]+\*\*\s*")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\([^)]*\)")
_END = re.compile(r"(?<=[.:?!])\s+(?=[A-Z\"“(])")


def plain(text: str) -> str:
    """`text` without marks of its form, on one line."""
    return " ".join(_NOISE.sub("", _LINK.sub(r"\1", text)).split())


def sentences(paper: str) -> list[str]:
    """All sentences of a paper but its headings and what leads a paragraph in bold."""
    found = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:\d+\.|-) )", paper):
        if block.lstrip().startswith("#"):
            continue
        words = plain(_LEAD.sub("", re.sub(r"^\s*(?:\d+\.|-) ", "", block)))
        found += [one for one in _END.split(words) if one]
    return found
