"""One severity for a clip out of what was done to it: what a network is to learn."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from asa_training.render.attributes_of_defects import attribute_severity, heard_severity
from asa_training.render.plan import DEFECTS

COLUMNS = (*DEFECTS, "vibrato_notes")
"""What is kept of `asa_training.render.truth.realised`, a column each."""

COUNTED = ("intonation", "rhythm", "vibrato")
"""The attributes that the program's score counts; the others are no fault in training."""

Grade = Literal["heard", "worst", "intonation", "rhythm", "vibrato"]


def grade_of(rows: NDArray[np.float32], grade: Grade = "heard") -> NDArray[np.float32]:
    """The severity of clips, 0 to 1. Shape: (..., len(COLUMNS)) -> (...).

    "heard" weighs the attributes as the program's score does (`heard_severity`); "worst" is the
    worst of those that it counts; the name of one of these is that one alone.
    """
    realised = {name: rows[..., at] for at, name in enumerate(COLUMNS)}
    if grade == "heard":
        found = heard_severity(realised)
    else:
        each = attribute_severity(realised)
        counted = COUNTED if grade == "worst" else (grade,)
        found = np.max([each[name] for name in counted], axis=0)
    return np.minimum(found, 1.0).astype(np.float32)
