"""Collecting what a reader repaired or guessed, without drowning the user in one broken file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from asa_desktop.core.errors import Fact
from asa_desktop.core.types import Notice

MOST_OF_A_CODE = 20


class NoticeList:
    """Notices about one file, in the order found; at most `MOST_OF_A_CODE` of each code."""

    def __init__(self, file: Path | str | None = None) -> None:
        self._file = Path(file).name if file is not None else None
        self._kept: list[Notice] = []
        self._counts: Counter[str] = Counter()

    def add(self, code: str, **facts: Fact) -> None:
        """Note `code`; the name of the file is added to its facts."""
        self._counts[code] += 1
        if self._counts[code] > MOST_OF_A_CODE:
            return
        about = {"file": self._file} if self._file is not None else {}
        self._kept.append(Notice(code, {**about, **facts}))

    def extend(self, notices: Iterable[Notice]) -> None:
        """Take over what another reader found."""
        self._kept.extend(notices)

    def done(self) -> tuple[Notice, ...]:
        """All that was kept, and for each code that came too often one line with the rest."""
        about = {"file": self._file} if self._file is not None else {}
        rest = [
            Notice("more_of_this", {**about, "code": code, "count": count - MOST_OF_A_CODE})
            for code, count in self._counts.items()
            if count > MOST_OF_A_CODE
        ]
        return (*self._kept, *rest)
