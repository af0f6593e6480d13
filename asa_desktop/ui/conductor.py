"""Joins pages that know nothing of each other: the one where somebody sings, the one that shows it.

Pages are made when they are first shown; what they need is imported then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from asa_desktop.ui.pages.base import Page

if TYPE_CHECKING:
    from asa_desktop.ui.analysis import AnalysisDesk
    from asa_desktop.ui.context import AppContext
    from asa_desktop.ui.pages.record import RecordPage
    from asa_desktop.ui.pages.takes import TakesPage


class Conductor:
    """Gives record and review page their part in the analyses."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._desk: AnalysisDesk | None = None
        self._told: list[tuple[Any, Callable[..., object]]] = []

    @property
    def desk(self) -> AnalysisDesk:
        """The window's analyses."""
        if self._desk is None:
            from asa_desktop.ui.analysis import AnalysisDesk

            self._desk = AnalysisDesk(self._context)
        return self._desk

    def join(self, name: str, page: Page) -> None:
        """Connect a page that has just been made."""
        if name == "takes":
            from asa_desktop.ui.pages.takes import TakesPage

            if isinstance(page, TakesPage):
                self._join_takes(page)
        elif name == "record":
            from asa_desktop.ui.pages.record import RecordPage

            if isinstance(page, RecordPage):
                self._join_record(page)
        elif name == "review":
            from asa_desktop.ui.pages.review import ReviewPage

            if isinstance(page, ReviewPage):
                from asa_desktop.ui.pages.review_flow import ReviewFlow

                page.flow = ReviewFlow(self._context, self.desk, page)

    def part(self) -> None:
        """Tell nothing more to the pages that were joined: they are about to go."""
        for signal, slot in self._told:
            signal.disconnect(slot)
        self._told.clear()

    def _tell(self, signal: Any, slot: Callable[..., object]) -> None:
        signal.connect(slot)
        self._told.append((signal, slot))

    def _join_takes(self, page: TakesPage) -> None:
        from asa_desktop.services.example import EXAMPLE

        def progressed(take: int | None, stage: str, share: float | None) -> None:
            if take is not None and take != EXAMPLE:
                page.model.set_analysing(take, share)

        self._tell(self.desk.progressed, progressed)
        self._tell(self.desk.analysed, lambda take, _: page.model.set_analysed(take))
        self._tell(self.desk.failed, lambda take, _: page.model.set_analysed(take))

    def _join_record(self, page: RecordPage) -> None:
        desk = self.desk
        page.song_loaded.connect(desk.prepare)
        page.took_began.connect(desk.follow)
        page.took_ended.connect(desk.finish)
        page.took_left.connect(desk.drop)

        def show(take: object, clip: object, provisional: bool) -> None:
            if take is None:
                page.set_clip(clip)  # type: ignore[arg-type]

        self._tell(desk.clip_done, show)
