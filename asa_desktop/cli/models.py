"""`asa models`: which models there are, and more of them out of packs and folders."""

from __future__ import annotations

import argparse

from asa_desktop import words
from asa_desktop.cli.app import DONE, NOT_POSSIBLE
from asa_desktop.core.errors import AsaError
from asa_desktop.core.models import read_card
from asa_desktop.services.findings import Finding
from asa_desktop.services.model_install import install_pack
from asa_desktop.services.paths import bundled_models, model_folders


def run(options: argparse.Namespace) -> int:
    """List or add; a pack that cannot be used stops it, and those before it stay."""
    if options.action == "list":
        return _list()
    for pack in options.packs:
        for each in install_pack(pack, replace=options.replace):
            code = "model_kept" if each.kept else "model_added"
            print(words.sentence(code, {"model": each.id, "path": each.folder}), flush=True)
            if each.passed_over:
                print(words.sentence("model_beside", {"path": pack, "names": each.passed_over}))
    return DONE


def _list() -> int:
    """One line a model; 2 where a card among them cannot be read."""
    bundled, broken = set(bundled_models()), False
    for folder in model_folders():
        try:
            card = read_card(folder)
        except AsaError as error:
            broken = True
            fault = words.notice_text(Finding(error.code, error.facts))
            print(f"{words.on_one_line(folder.name)}: {fault}")
            continue
        facts = {
            "name": folder.name,
            "system": card.system,
            "licence": card.licence,
            "path": "" if folder in bundled else folder,
        }
        print(words.sentence("model_line", facts))
    return NOT_POSSIBLE if broken else DONE
