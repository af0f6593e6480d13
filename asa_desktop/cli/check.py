"""`asa check`: is anything wrong with the library or a model?"""

from __future__ import annotations

import argparse

from asa_desktop import words
from asa_desktop.cli.app import DONE, NOT_POSSIBLE, complain
from asa_desktop.cli.progress import ProgressLine
from asa_desktop.core import validate_model
from asa_desktop.core.errors import ModelError
from asa_desktop.services.check import check_library, check_models
from asa_desktop.services.findings import Finding
from asa_desktop.services.paths import model_folders, places


def run(options: argparse.Namespace) -> int:
    """Say what was found; 2 where something is left to be done."""
    findings = [*_library(repair=options.repair), *_models()]
    left = [each for each in findings if not each.repaired]
    if left:
        complain(words.sentence("check_left", {"count": len(left)}))
        return NOT_POSSIBLE
    return DONE


def _library(*, repair: bool) -> list[Finding]:
    folder = places().library
    line = ProgressLine()
    if not folder.is_dir():
        print(words.sentence("no_library", {"path": folder}))
        return []
    findings = check_library(
        folder,
        repair=repair,
        progress=lambda done, of: line.show(words.sentence("checking", {"done": done, "of": of})),
    )
    line.clear()
    print(words.sentence("library_checked", {"path": folder, "count": len(findings)}))
    for each in findings:
        done = f" {words.sentence('repaired')}" if each.repaired else ""
        print(f"  {words.notice_text(each)}{done}")
    return findings


def _models() -> list[Finding]:
    checked = check_models(model_folders(), validate_model)
    if not checked:
        raise ModelError("no_model")
    for folder, finding in checked:
        state = words.sentence("model_good") if finding is None else words.notice_text(finding)
        print(f"{words.on_one_line(folder.name)}: {state}")
    return [finding for _, finding in checked if finding is not None]
