"""Every text that the window shows, read from its source, held against the catalogues.

    python installer/window_texts.py            what each language lacks, has too much or misfits
    python installer/window_texts.py de         the texts that German lacks, ready to be filled in

Texts are what `tr` and `marked` are given in asa_desktop/ui, and the tables of words.py,
words_models.py, words_separation.py, words_singing.py and words_updates.py that the window says.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "asa_desktop"
CATALOGUES = ROOT / "resources" / "languages"

_MARKS = ("tr", "marked")
_TABLES = {
    "words.py": ("FAULTS", "REASONS", "NOTICES", "_CASES", "_STAGES", "_METHODS", "_LOSSES"),
    "words_models.py": ("FAULTS",),
    "words_separation.py": ("FAULTS", "QUESTION"),
    "words_updates.py": ("FAULTS",),
    "words_singing.py": (
        "NAMES", "MEANINGS", "PLACES", "REASONS", "SHORT_REASONS", "CHANNELS", "SENTENCES",
    ),
}  # fmt: skip
_SAID_BY_CODE = ("cancelled",)
"""Sentences of words.py that come by the code of an error; most others are the command line's."""


def window_texts() -> tuple[str, ...]:
    """All texts, each once, in the order of the source."""
    found: dict[str, None] = {}
    for path in sorted((PACKAGE / "ui").rglob("*.py")):
        found.update(dict.fromkeys(_marked_in(_tree(path))))
    for name, tables in _TABLES.items():
        tree = _tree(PACKAGE / name)
        for table in tables:
            found.update(dict.fromkeys(_table(tree, table).values()))
    found.update(dict.fromkeys(_sentences()))
    return tuple(found)


def early_texts() -> tuple[str, ...]:
    """Places where `tr` is called while a module is imported: too early for any language."""
    found: list[str] = []
    for path in sorted((PACKAGE / "ui").rglob("*.py")):
        found += [f"{path.relative_to(ROOT)}:{line}" for line in _early(_tree(path))]
    return tuple(found)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _text(node: ast.expr) -> str | None:
    constant = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if constant else None


def _marked_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if _called(node) in _MARKS and node.args and (text := _text(node.args[0])) is not None:
            yield text


def _table(tree: ast.Module, name: str) -> dict[str, str]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        named = any(isinstance(one, ast.Name) and one.id == name for one in targets)
        if named and isinstance(getattr(node, "value", None), ast.Dict):
            return ast.literal_eval(node.value)
    raise LookupError(name)


def _sentences() -> Iterator[str]:
    """Of words.py's other sentences those that it says itself, and texts that it says directly."""
    tree = _tree(PACKAGE / "words.py")
    sentences = _table(tree, "SENTENCES")
    codes = set(_SAID_BY_CODE)
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") == "SENTENCES":
            codes.add(ast.literal_eval(node.slice))
        elif _called(node) == "sentence" and (code := _text(node.args[0])) is not None:
            codes.add(code)
        elif _called(node) == "_translated" and (text := _text(node.args[0])) is not None:
            yield text
    for path in sorted((PACKAGE / "ui").rglob("*.py")):
        for node in ast.walk(_tree(path)):
            if _called(node) == "sentence" and node.args and (code := _text(node.args[0])):
                codes.add(code)
    yield from (sentences[code] for code in sentences if code in codes)


def _early(node: ast.AST) -> Iterator[int]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for default in (*child.args.defaults, *child.args.kw_defaults, *child.decorator_list):
                if default is not None:
                    yield from _early(ast.Expression(default))
        elif not isinstance(child, ast.Lambda):
            if _called(child) == "tr":
                yield child.lineno
            yield from _early(child)


def main(languages: list[str]) -> int:
    """Print what is amiss; 1 where anything is."""
    sys.path.insert(0, str(ROOT))
    from asa_desktop.services.catalogues import fits

    texts, amiss = window_texts(), False
    for path in sorted(CATALOGUES.glob("*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))["texts"]
        lacking = [text for text in texts if text not in said]
        extra = [text for text in said if text not in texts]
        misfits = [text for text in texts if text in said and not fits(text, said[text])]
        amiss |= bool(lacking or extra or misfits)
        if path.stem in languages:
            print(json.dumps(dict.fromkeys(lacking, ""), ensure_ascii=False, indent=2))
            continue
        print(f"{path.stem}: {len(said)} texts of {len(texts)}")
        for what, found in (("lacks", lacking), ("too much", extra), ("misfits", misfits)):
            for text in found:
                print(f"  {what}: {text}")
    return int(amiss)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
