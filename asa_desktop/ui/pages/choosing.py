"""From a page that lacks a device to the settings, and back to where one was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asa_desktop.ui.tr import tr

if TYPE_CHECKING:
    from asa_desktop.ui.context import AppContext


def choose_devices(context: AppContext, *, page: str, song: int | None) -> None:
    """To the settings of sound; the window's bar keeps the way back to `page` and its song.

    The introduction, if one is under way, goes on there. Without either nothing waits.
    """
    touring = context.touring
    context.navigate("settings", part="sound")

    def back() -> None:
        context.touring = touring
        context.navigate(page, song=song)

    if song is None and not touring:
        return
    waits = (
        tr("The introduction waits until you have chosen.") if touring
        else tr("The song waits until you have chosen.")
    )  # fmt: skip
    context.notify(waits, button=tr("Go on"), action=back)
