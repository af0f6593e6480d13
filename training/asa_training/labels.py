"""Scores as labels, and severities as weak ones.

Zhang et al. (ISMIR 2021) train on marks of 0 to 100 that non-experts gave, and call a clip good
from 80 on and poor under 40. Renditions were marked by nobody: their label is 100 (1 - s), s being
the clip's severity, 0 to 1 (`grades.grade_of`). It is a weak label: it says how strongly a clip was
spoilt, not what a listener would make of it.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

GOOD_FROM = 80.0
POOR_BELOW = 40.0
_EXACT = 1e-4

Values = TypeVar("Values", NDArray[np.float32], Tensor, float)


def weak_label(severity: Values) -> Values:
    """The score, 0 to 100, that stands for a severity of 0 to 1."""
    return 100.0 * (1.0 - severity)


def severity_of_score(score: Values) -> Values:
    """The inverse of `weak_label`."""
    return 1.0 - score / 100.0


def is_good(severity: Values) -> Values:
    """Where the label is 80 or more, whatever the rounding of a float."""
    return weak_label(severity) >= GOOD_FROM - _EXACT


def is_poor(severity: Values) -> Values:
    """Where the label is under 40."""
    return weak_label(severity) < POOR_BELOW - _EXACT
