"""The closing line of several pytest runs, as one run would have written it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

_ORDER = ("failed", "passed", "skipped", "errors")


def counted(report: Path) -> Counter[str]:
    """What a JUnit report of pytest counts: failed, passed, skipped, errors. Nothing if absent."""
    if not report.exists():
        return Counter()
    suite = ElementTree.parse(report).getroot().find("testsuite")
    if suite is None:
        return Counter()
    failed, errors, skipped = (int(suite.get(key, 0)) for key in ("failures", "errors", "skipped"))
    passed = int(suite.get("tests", 0)) - failed - errors - skipped
    return Counter(failed=failed, errors=errors, skipped=skipped, passed=passed)


def closing_line(counts: Iterable[Counter[str]], *, seconds: float) -> str:
    """Such as `3 failed, 4100 passed, 2 skipped in 4512.30s (1:15:12)`."""
    total = sum(counts, Counter[str]())
    told = [f"{total[key]} {key}" for key in _ORDER if total[key]]
    whole = timedelta(seconds=int(seconds))
    return f"{', '.join(told) or 'no tests ran'} in {seconds:.2f}s ({whole})"
