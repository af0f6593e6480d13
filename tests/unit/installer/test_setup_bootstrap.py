"""The first file: which Pythons it accepts, and that any Python can read it."""

from __future__ import annotations

import ast
import os
import sys
import tomllib
from pathlib import Path

import bootstrap
import pytest
from asa_setup.layout import Layout


@pytest.mark.parametrize("version", [(3, 11, 2), (3, 12, 1), (3, 13, 0)])
def test_supported_pythons_are_let_through(version: tuple[int, int, int]) -> None:
    assert bootstrap.wrong_python(version, "python3", "") is None


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 14, 0)])
def test_another_python_gets_one_sentence(version: tuple[int, int, int]) -> None:
    sentence = bootstrap.wrong_python(version, "/usr/bin/python3", "", windows=False)
    assert sentence.count("\n") == 1
    assert ".".join(map(str, version)) in sentence
    assert "install one of those" in sentence


def test_the_sentence_names_a_python_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "python3.12").touch()
    path = os.pathsep.join(["/nowhere", str(tmp_path)])
    sentence = bootstrap.wrong_python((3, 10, 0), "python3", path, windows=False)
    assert "`python3.12 installer/bootstrap.py run`" in sentence
    assert "install one" not in sentence


def test_on_windows_the_launcher_is_named() -> None:
    sentence = bootstrap.wrong_python((3, 10, 0), "python.exe", "", windows=True)
    assert "`py -3.12 installer\\bootstrap.py run`" in sentence


def test_a_python_without_its_whole_library_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "asa_setup.commands", None)  # as if an import in it failed
    assert bootstrap.main() == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "apt-get install python3" in told


def test_supported_pythons_are_those_of_the_project(checkout: Layout) -> None:
    text = (checkout.root / "pyproject.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["project"]["requires-python"] == ">=3.11,<3.14"
    assert bootstrap.SUPPORTED == ((3, 11), (3, 12), (3, 13))


def test_the_first_file_keeps_to_old_syntax() -> None:
    source = Path(bootstrap.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 4))
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.AsyncFunctionDef)
    assert not [node for node in ast.walk(tree) if isinstance(node, new)]
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            assert function.returns is None
            assert not any(argument.annotation for argument in function.args.args)


def test_only_the_standard_library_is_imported(checkout: Layout) -> None:
    known = {*sys.stdlib_module_names, "asa_setup", "asa_package", "__future__"}
    folder = checkout.root / "installer"
    for path in [folder / "bootstrap.py", *(folder / "asa_setup").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            assert {name.partition(".")[0] for name in names} <= known, path
