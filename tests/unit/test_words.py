"""Every code that the program can raise has its sentence, and every sentence a code."""

from __future__ import annotations

import ast
import errno
import pickle
import re
import string
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import asa_desktop
from asa_desktop import words
from asa_desktop.core import errors
from asa_desktop.core.errors import AsaError, AudioError, PlaceError, UsageError, place_error
from asa_desktop.core.types import Notice

PACKAGE = Path(asa_desktop.__file__).parent
FAMILY = {name for name in dir(errors) if name.endswith("Error")} | {"Cancelled"}
REASON_MODULES = ("core/clips.py", "core/judge.py", "core/analysis.py", "core/assess")
Facts = dict[str, list[frozenset[str] | None]]


class _Codes(ast.NodeVisitor):
    """Collects codes with the names of their facts; None where facts are passed on whole."""

    def __init__(self) -> None:
        self.faults: Facts = defaultdict(list)
        self.notices: Facts = defaultdict(list)

    def visit_Call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func).rsplit(".", 1)[-1]
        for code in _codes_in(node.args[0]) if node.args else ():
            if name in FAMILY:
                self.faults[code].append(_keywords(node))
            elif name in ("Notice", "Finding"):
                self.notices[code].append(_mapping(node))
            elif name == "add" and "notices" in ast.unparse(node.func):
                facts = _keywords(node)
                self.notices[code].append(None if facts is None else facts | {"file"})
        self.generic_visit(node)


def _codes_in(node: ast.expr) -> list[str]:
    """The literal, or both branches of a conditional expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _codes_in(node.body) + _codes_in(node.orelse)
    return []


def _keywords(node: ast.Call) -> frozenset[str] | None:
    names = [each.arg for each in node.keywords]
    return None if None in names else frozenset(name for name in names if name)


def _mapping(node: ast.Call) -> frozenset[str] | None:
    if len(node.args) < 2:
        return frozenset()
    if not isinstance(node.args[1], ast.Dict) or None in node.args[1].keys:
        return None
    return frozenset(key.value for key in node.args[1].keys if isinstance(key, ast.Constant))


def collected() -> _Codes:
    codes = _Codes()
    for path in sorted(PACKAGE.rglob("*.py")):
        codes.visit(ast.parse(path.read_text(encoding="utf-8")))
    return codes


if __name__ == "__main__":
    c = collected()
    for title, table in (("faults", c.faults), ("notices", c.notices)):
        print(title)
        for k, v in sorted(table.items()):
            print("  ", k, sorted({tuple(sorted(x)) if x is not None else ("**",) for x in v}))
