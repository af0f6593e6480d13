"""Which pairs of devices were checked already, so that nobody is asked twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asa_desktop.engine.messages import Opened
    from asa_desktop.ui.context import AppContext

_VIEW, _PAIRS, _HEADPHONES, _MOST = "check", "pairs", "headphones", 40


def was_checked(context: AppContext, opened: Opened) -> bool:
    """Whether these devices were checked, or the check was skipped with them."""
    return pair_of(opened) in _listed(context, _PAIRS)


def mark_checked(context: AppContext, opened: Opened) -> None:
    context.keep_view(_VIEW, **{_PAIRS: _with(context, _PAIRS, opened)})


def wears_headphones(context: AppContext, opened: Opened) -> bool:
    """Whether somebody said that with these devices headphones are worn."""
    return pair_of(opened) in _listed(context, _HEADPHONES)


def mark_headphones(context: AppContext, opened: Opened) -> None:
    context.keep_view(_VIEW, **{_HEADPHONES: _with(context, _HEADPHONES, opened)})


def pair_of(opened: Opened) -> str:
    return "\n".join((opened.host_api, opened.input, opened.output))


def _listed(context: AppContext, name: str) -> list[str]:
    kept = context.view(_VIEW).get(name, [])
    return [each for each in kept if isinstance(each, str)] if isinstance(kept, list) else []


def _with(context: AppContext, name: str, opened: Opened) -> list[str]:
    pair = pair_of(opened)
    return [*(each for each in _listed(context, name) if each != pair), pair][-_MOST:]
