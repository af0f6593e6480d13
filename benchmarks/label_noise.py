"""How much noise in weak labels costs: `python -m benchmarks.label_noise`.

A take's true severity lies between 0 and 1, and a label is that plus noise of standard deviation
sigma. Two questions are answered, the first by a formula, the second by dice with a seed.

How often do the labels of two takes stand in the right order, by the gap between the takes? It is
Phi(gap / (sigma sqrt(2))) for the normal distribution Phi. `--marks` is of how many marks the
median is taken as a label.

What is sigma? Where nobody knows the truth it is read off labels given twice, to the same takes:
the standard deviation of the differences over sqrt(2). That sees only what differs from one time
to the next; what every mark of a take has in common (a microphone, a favourite song) stays hidden,
as `--shared` shows.
"""

from __future__ import annotations

import argparse
import math
import sys

import numpy as np
from numpy.typing import NDArray

GAPS = (0.05, 0.1, 0.2, 0.4)
SIGMAS = (0.05, 0.1, 0.2, 0.3)

Array = NDArray[np.float64]


def in_order(gap: float, sigma: float) -> float:
    """The share of pairs with this gap whose labels are in the right order."""
    return 0.5 * (1 + math.erf(gap / (2 * sigma)))


def least_gap(sigma: float, *, right: float) -> float:
    """The gap from which on at least a share `right` of the pairs is in order; by halving."""
    low, high = 0.0, 100 * sigma
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if in_order(middle, sigma) >= right else (middle, high)
    return high


def of_repeats(first: Array, second: Array) -> float:
    """Sigma from labels given twice to the same takes."""
    return float(np.std(first - second, ddof=1) / math.sqrt(2))


def of_median(sigma: float, *, marks: int, draws: int = 20_000, seed: int = 0) -> float:
    """Sigma of the median of so many marks, by dice."""
    dice = np.random.default_rng(seed)
    return float(np.std(np.median(dice.normal(0, sigma, (draws, marks)), axis=1)))


def main() -> int:
    """Print both answers."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--marks", type=int, nargs="+", default=[1, 5, 25])
    parser.add_argument("--takes", type=int, default=500)
    parser.add_argument("--shared", type=float, default=0.15, help="sigma that all marks share")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("labels in the right order, by the gap between two takes")
    print(f"{'sigma of a mark':>16}{'marks':>7}" + "".join(f"{f'gap {gap:g}':>10}" for gap in GAPS))
    for sigma in SIGMAS:
        for marks in options.marks:
            of_label = of_median(sigma, marks=marks, seed=options.seed)
            shares = "".join(f"{100 * in_order(gap, of_label):>8.0f} %" for gap in GAPS)
            print(f"{sigma:>16g}{marks:>7}{shares}")
    print(f"\nsigma read off {options.takes} takes that were labelled twice; shared by both:")
    dice = np.random.default_rng(options.seed)
    truth = dice.uniform(0, 1, options.takes)
    for shared in (0.0, options.shared):
        alike = truth + dice.normal(0, shared, options.takes)
        first, second = (alike + dice.normal(0, 0.1, options.takes) for _ in range(2))
        real = float(np.std(first - truth))
        print(
            f"  {shared:g}: {of_repeats(first, second):.3f}, and {real:.3f} from the truth; nine"
            f" of ten pairs in order from a gap of {least_gap(real, right=0.9):.2f} on"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
