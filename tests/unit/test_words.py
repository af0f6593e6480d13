"""Every code that the program can raise has its sentence, and every sentence a code."""

from __future__ import annotations

import ast
import errno
import pickle
import re
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import asa_desktop
from asa_desktop import words, words_models, words_separation, words_singing, words_updates
from asa_desktop.core import errors
from asa_desktop.core.errors import (
    AsaError,
    AudioError,
    LibraryError,
    PlaceError,
    UsageError,
    place_error,
)
from asa_desktop.core.types import AttributePlace, Notice

PACKAGE = Path(asa_desktop.__file__).parent
FAMILY = {name for name in dir(errors) if name.endswith("Error")} | {"Cancelled"}
REASON_MODULES = (
    "core/clips.py",
    "core/doubts.py",
    "core/judge.py",
    "core/placing.py",
    "core/analysis.py",
    "core/found.py",
    "core/assess",
)
Facts = dict[str, list[frozenset[str] | None]]


class _Codes(ast.NodeVisitor):
    """Collects codes with the names of their facts; None where facts are passed on whole."""

    def __init__(self) -> None:
        self.faults: Facts = defaultdict(list)
        self.notices: Facts = defaultdict(list)
        self.named: dict[str, list[str]] = {}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        # A finding's code may have been given a name first.
        self.named = defaultdict(list)
        for each in ast.walk(node):
            for name, value in _assigned(each):
                self.named[name] += _codes_in(value)
        self.generic_visit(node)

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
        if name in ("Notice", "Finding") and node.args and isinstance(node.args[0], ast.Name):
            for code in self.named.get(node.args[0].id, ()):
                self.notices[code].append(None)
        self.generic_visit(node)


def _assigned(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """Names and what an assignment gives them, also several at once."""
    if not isinstance(node, ast.Assign):
        return []
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = list(zip(target.elts, value.elts, strict=True))
    else:
        pairs = [(target, value)]
    return [(each.id, given) for each, given in pairs if isinstance(each, ast.Name)]


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


def dynamic(suffix: str = "_CODES") -> set[str]:
    """Codes that stand in tables named `..._CODES`, which turn the system's errors into ours."""
    found: set[str] = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Dict)
                and ast.unparse(node.targets[0]).endswith(suffix)
            ):
                found |= {code for value in node.value.values for code in _codes_in(value)}
    return found


def reasons() -> set[str]:
    """Reason codes: upper-case constants of the modules that judge, and literal `reason=`."""
    found: set[str] = set()
    for place in REASON_MODULES:
        path = PACKAGE / place
        for file in [path] if path.is_file() else sorted(path.glob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                constant = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper()
                if constant or (isinstance(node, ast.keyword) and node.arg == "reason"):
                    found |= set(_codes_in(node.value))
    return found


CODES = collected()
FINDINGS = set(CODES.notices)


def test_the_search_finds_what_is_there() -> None:
    # The search itself must not go blind.
    assert "cut_short" in CODES.faults
    assert "encoding_guessed" in CODES.notices
    assert {"disk_full", "no_rights", "library_busy"} <= dynamic()
    assert {"silence", "no_reference", "not_sung"} <= reasons()


def test_every_fault_has_a_sentence_and_every_sentence_a_fault() -> None:
    raised = set(CODES.faults) | dynamic()
    assert raised - set(words.FAULTS) == set()
    assert set(words.FAULTS) - raised == set()


def test_no_code_stands_in_two_tables_where_one_would_hide_the_other() -> None:
    parts = (words_models, words_separation, words_updates)
    source = Path(words.__file__).read_text("utf-8")
    for table in ("FAULTS", "SENTENCES"):
        of_parts = [code for part in parts for code in getattr(part, table)]
        codes = [*of_parts, *(code for code in of_parts if f'\n    "{code}":' in source)]
        assert len(set(codes)) == len(codes), sorted(
            code for code in codes if codes.count(code) > 1
        )


def test_every_notice_has_a_sentence_and_every_sentence_a_notice() -> None:
    assert FINDINGS - set(words.NOTICES) - set(words.FAULTS) == set()
    assert set(words.NOTICES) - FINDINGS == set()


def test_every_reason_has_a_clause_and_every_clause_a_reason() -> None:
    assert reasons() == set(words.REASONS)


def fields(template: str) -> set[str]:
    """Facts that a sentence cannot do without."""
    return set(re.findall(r"\{(\w+)\}", re.sub(r"\[[^\]]*\]", "", template)))


@pytest.mark.parametrize("table", ["faults", "notices"])
def test_every_sentence_gets_the_facts_it_needs(table: str) -> None:
    templates = words.FAULTS if table == "faults" else words.NOTICES
    for code, places in getattr(CODES, table).items():
        for facts in places:
            if facts is not None and code in templates:
                assert fields(templates[code]) <= facts | {"file"}, code


@pytest.mark.parametrize("code", [*words.FAULTS, *words.NOTICES])
def test_sentences_are_sentences(code: str) -> None:
    template = words.FAULTS.get(code) or words.NOTICES[code]
    assert template[0].isupper() or template[0] == "{"
    assert template.endswith(".")
    assert "\n" not in template
    assert ". " not in template.replace("#BPM. ", ""), "one sentence"
    assert template.count("[") == template.count("]")


@pytest.mark.parametrize("code", list(words.REASONS))
def test_reasons_go_on_after_not_scored(code: str) -> None:
    assert words.REASONS[code][0].islower()
    assert not words.REASONS[code].endswith(".")


def test_say_fills_in_the_facts() -> None:
    error = AudioError("cut_short", path=Path("a.wav"), readable_s=3.59, promised_s=6.0)
    assert words.say(error) == (
        '"a.wav" is cut short: only 3.6 of 6.0 s can be read; copy or export it again.'
    )
    assert words.say(pickle.loads(pickle.dumps(error))) == words.say(error)


def test_a_part_in_brackets_goes_where_its_fact_is_missing() -> None:
    known = words.say(UsageError("unknown_model", model="x", known=("a", "b")))
    assert known == "There is no model x; choose one of a, b."
    assert words.say(UsageError("unknown_model", model="x", known=())) == "There is no model x."


def test_what_follows_a_bar_is_said_instead() -> None:
    error = LibraryError("library_corrupt", path=Path("l"), backup="")
    assert words.say(error) == (
        'The library "l" is damaged and has no backup; move it away to start a new one.'
    )
    error = LibraryError("library_corrupt", path=Path("l"), backup=Path("b"))
    assert words.say(error).endswith('--repair` to go back to its backup "b".')


def test_an_unknown_code_still_gets_a_sentence() -> None:
    assert "brand_new" in words.say(AsaError("brand_new"))
    assert "brand_new" in words.reason_text("brand_new")
    assert "brand_new" in words.notice_text(Notice("brand_new"))


def test_a_notice_without_a_file_speaks_of_the_song() -> None:
    assert words.notice_text(Notice("no_end_line")).startswith("The song has no E")


def test_a_missing_fact_does_not_fail() -> None:
    assert "?" in words.say(AudioError("cut_short"))


@given(st.text(min_size=1, max_size=1000))
def test_hostile_names_stay_on_one_line(name: str) -> None:
    said = words.say(PlaceError("missing_file", path=Path(name)))
    assert said.isprintable() or not any(c in said for c in "\n\r\x1b\u2028\u202e")
    assert len(said.splitlines()) == 1
    assert len(said) < 500
    said.encode("utf-8")
    assert said.startswith("There is no file ")
    assert said.endswith("; check its name and folder.")


def test_what_is_to_be_copied_stays_whole() -> None:
    path = Path("/home/zoe", *["a-rather-long-folder"] * 8, "take.flac")
    assert str(path) in words.say(PlaceError("missing_file", path=path))
    command = f"asa analyze {path}"
    assert command in words.sentence("analyse_next", {"command": command})
    assert "..." in words.on_one_line("title " * 40)


MARKS = "\u200e\u200f\u061c\u2066\u2067\u2068\u2069"


def test_marks_of_direction_are_kept_in_our_words_and_dropped_from_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(words, "_translate", lambda text: f"\u200f{text}")
    said = words_singing.place_text(AttributePlace(12.0, 13.0, "low", 85.0, 69.0))
    assert said == "\u200fA4 at 0:12: \u200f85 cents low"
    assert words.on_one_line(f"{MARKS}sho{MARKS}lom") == "sholom"
    assert words.on_one_line("cod\u202egpj.exe") == "cod\ufffdgpj.exe"
    monkeypatch.undo()
    hostile = words.filled("{name} sings", {"name": "\x1b[2J"})
    assert words.filled("So {what}.", {"what": hostile}) == "So \ufffd[2J sings."


def test_a_name_cannot_smuggle_in_facts() -> None:
    error = AudioError("odd_rate", path=Path("{rate}[x].wav"), rate=7)
    assert words.say(error).startswith('"{rate}[x].wav" has a sample rate of 7 Hz')


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOENT, "missing_file"),
        (errno.EACCES, "no_rights"),
        (errno.EROFS, "read_only"),
        (errno.ENOSPC, "disk_full"),
        (errno.ENAMETOOLONG, "name_too_long"),
        (errno.EIO, "io_failed"),
    ],
)
def test_errors_of_the_system_get_their_sentence(number: int, code: str) -> None:
    fault = place_error(OSError(number, "said by the system"), Path("a"))
    assert fault.code == code
    assert '"a"' in words.say(fault)
    assert "?" not in words.say(fault)


if __name__ == "__main__":
    for title, table in (("faults", CODES.faults), ("notices", CODES.notices)):
        for code, places in sorted(table.items()):
            print(title, code, sorted({tuple(sorted(each or ("**",))) for each in places}))


def test_every_sentence_can_be_said_in_another_language() -> None:
    try:
        words.speak(lambda text: f"<{text}>")
        assert words.reason_text("silence").startswith("<")
        assert words.stage_text("take").startswith("<")
        said = words.say(AudioError("not_audio", path=Path("a.wav")))
        assert said.startswith("<")
        assert "a.wav" in said
        assert "{" not in said
    finally:
        words.speak(str)
