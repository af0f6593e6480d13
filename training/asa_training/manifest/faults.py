"""What can be wrong in a manifest: a code and its facts, and one sentence for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from asa_training.sentences import filled

MOST_FAULTS = 1000
"""Reading stops there: a file with more is not a manifest with slips, but something else."""

SENTENCES = {
    "column_missing": "the column {name} is missing; add it to the first row.",
    "column_twice": "the column {name} comes twice; keep one.",
    "column_unknown": "there is no column {name}; use {known}.",
    "cells_extra": "the row has {count} cells and the first row {columns}; put a cell that holds"
    " the separator in quotes.",
    "cells_broken": "the file cannot be split into cells from here on ({why}); look for a quote"
    " that is not closed.",
    "cell_empty": "the cell is empty; write the {column}.",
    "cell_not_text": "{value} holds control characters or bytes that are no text; type it anew.",
    "cell_changes": "{value} would not be read back as it is; it must not begin or end with a"
    " space, nor hold what separates the parts of a cell.",
    "path_absolute": "{place} is an absolute path; write it from the root on, or read the manifest"
    " with a higher --root.",
    "path_leaves": "{place} leaves the root by ..; write it from the root on, or read the manifest"
    " with a higher --root.",
    "path_backslash": "{place} holds a backslash; write / between folders.",
    "path_outside": "{place} is a link that leads out of the root; put the file itself there.",
    "path_twice": "{place} is in row {other} already; keep one of them.",
    "file_missing": "there is no file {place} below the root; check the name, or give --root.",
    "not_a_file": "{place} is a folder or a device; name a file.",
    "archive_broken": "the archive of {place} cannot be opened; copy it again.",
    "member_missing": "the archive has no member {place}; check the name after #.",
    "sha256_malformed": "{value} is no sha256; it has 64 digits from 0 to 9 and a to f.",
    "sha256_missing": "there is no sha256 to verify; import the recordings anew, or leave --verify"
    " out.",
    "sha256_differs": "the bytes of {place} are not those that were listed (sha256 {found});"
    " restore the file, or import it anew.",
    "bytes_twice": "{place} holds the same bytes as row {other}; keep one of them.",
    "split_unknown": "{value} is no split; use train, validation, test or leave it empty.",
    "entry_shape": "{value} is not of the form name=number; write for example overall=3.5 [1-5].",
    "entry_twice": "{name} comes twice; keep one.",
    "number_missing": "{name} has no number; write one, or leave {name} out.",
    "number_comma": "{value} is written with a comma; write a point.",
    "number_not_finite": "{name} is {value}; leave it out where nobody rated it.",
    "number_unreadable": "{value} is not a number; write one such as 3.5.",
    "scale_unreadable": "{value} is no scale; write the lowest and the highest score, as in [1-5].",
    "scale_unexpected": "{name} has a scale of its own; judges use the scale of overall.",
    "off_scale": "{name} is {value}, outside its scale {scale}; correct the one or the other.",
    "judge_off_scale": "{name} gave {value}, outside the scale {scale} of overall; correct the one"
    " or the other.",
    "part_twice": "this part of {song} by {singer} is in row {other} already; give the second"
    " singing another take.",
    "rating_differs": "{name} is not what row {other} says of the same performance; a performance"
    " has one rating.",
    "split_differs": "row {other} puts the same performance into another split; keep it in one.",
    "too_many": "there are more than {count} faults, and reading stopped here; is this a manifest?",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `row` counts as spreadsheets do (the first row holds the names of the columns).

    `column` is empty where the whole row is meant.
    """

    row: int
    column: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Where it is, what is wrong and what to do, on one line."""
        where = "row {row}, {column}: " if self.column else "row {row}: "
        facts = {"row": self.row, "column": self.column, **self.facts}
        return filled(where + SENTENCES[self.code], facts)
