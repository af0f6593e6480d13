"""The report of one analysis: a page, its plots and the JSON, drawn without a window system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from asa_desktop.core.types import Analysis, Notice

__all__ = ["write_report"]


def write_report(
    analysis: Analysis,
    folder: Path,
    *,
    reason_text: Callable[[str], str],
    notice_text: Callable[[Notice], str] | None = None,
) -> Path:
    """Write `report.html`, `plots/` and `analysis.json` into `folder`; return the page's path.

    The same analysis gives the same bytes. An earlier report is replaced, anything else is left
    untouched; the folder appears whole or not at all.

    Parameters
    ----------
    analysis
        Its pictures and clips are on the take's clock, the reference in step with it; notes are
        on the song's, which starts `alignment.offset_s` into the take.
    reason_text
        The sentence for the code of a take or clip that is not scored.
    notice_text
        The sentence for a notice; without it `reason_text` is asked for the notice's code.

    Raises
    ------
    PlaceError
        ``report_folder_not_ours``, ``report_place_taken``, and what `place_error` knows.
    """
    from asa_desktop.services.report import build
    from asa_desktop.services.report import folder as place
    from asa_desktop.services.result import dumps, to_json

    with place.replaced(folder) as new:
        text, drawings = build.build(
            analysis,
            reason_text=reason_text,
            notice_text=notice_text or (lambda notice: reason_text(notice.code)),
        )
        plots = new / place.PLOTS
        plots.mkdir()
        for each in drawings:
            _write(plots / f"{each.name}.svg", each.light)
            _write(plots / f"{each.name}-dark.svg", each.dark)
        _write(new / place.PAGE, text)
        _write(new / place.RESULT, dumps(to_json(analysis)))
    return folder / place.PAGE


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
