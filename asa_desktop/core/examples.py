"""The end of a command's help: commands that work as they are printed.

A test runs every one of them in a fresh folder with the project's `resources` and `models`. Words
in capitals stand for what is the reader's own; with those a command is only parsed.
"""

from __future__ import annotations


def examples(*lines: str) -> str:
    """The examples of a command, one a line; what goes on after a \\ is indented further."""
    yours = any(is_yours(word) for line in lines for word in line.split())
    head = "examples; words in capitals are yours to fill in:" if yours else "examples:"
    return "\n".join((head, *(f"  {line}" for line in lines)))


def is_yours(word: str) -> bool:
    """Whether a word of an example stands for something of the reader's: TAKE.wav, R/train."""
    stem = word.split("/")[0].split(".")[0]
    return stem.isalpha() and stem.isupper()
