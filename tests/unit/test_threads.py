"""How many threads the program's processes work with."""

from __future__ import annotations

import json
import os
import subprocess
import sys

SAY = (
    "import {module}, json, numpy, scipy.linalg, threadpoolctl\n"
    "found = threadpoolctl.threadpool_info()\n"
    "print(json.dumps([one['num_threads'] for one in found if one['user_api'] == 'blas']))"
)


def blas_threads(module: str, **environment: str) -> list[int]:
    """Of every BLAS that is loaded beside a module, in a process of its own."""
    clean = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    said = subprocess.run(
        [sys.executable, "-c", SAY.format(module=module)],
        check=True, capture_output=True, text=True, env={**clean, **environment},
    )  # fmt: skip
    return list(json.loads(said.stdout))


def test_small_products_do_not_wait_for_other_cores():
    for module in ("asa_desktop.core", "asa_training.features"):
        found = blas_threads(module)
        assert found
        assert set(found) == {1}


def test_who_wants_more_threads_is_given_them():
    found = blas_threads("asa_desktop.core", OPENBLAS_NUM_THREADS="2")
    assert set(found) == {min(2, os.cpu_count() or 1)}
