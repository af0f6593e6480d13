"""What the guide names is there: buttons by their words, keys, sentences; and each on its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sung_takes
from carried import ROOT
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot
from test_languages import opened, song, window

from asa_desktop.ui.context import AppContext
from asa_desktop.ui.models.takes import PLAY, SINGER
from asa_desktop.ui.window import Window
from installer.window_texts import window_texts
from tests.scenes import SCENES, Stage, staged

__all__ = ["song", "window"]

GUIDE = (ROOT / "docs" / "guide.md").read_text("utf-8")
PAPERS = {
    name: (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    for name in ("guide", "teachers", "model-and-data")
}
ANYWHERE = {"Tab", "Enter", "Esc"}
"""Keys of Qt's own, and the one that every page and the window hear."""

ELSEWHERE = {
    "introduction": {"Show the introduction again"},  # in the settings
    "songs": {"Sing"},  # painted, a button in every row
    "check": {"Calibrate", "By ear", "Check", "Sound check"},  # before it was done; other pages
    "record": set[str](),
    "takes": {"Undo", "Restore", "In the bin"},  # once there is something in it
}
"""What a section of the guide names and its picture cannot show, and why."""


def emphasised(text: str) -> set[str]:
    """Words of the window in a paper: set in italics."""
    found = re.findall(r"(?<!\*)\*([^*\n]+(?:\n[^*\n]+)?)\*(?!\*)", text)
    return {" ".join(one.split()) for one in found}


def section(name: str) -> str:
    """The part of the guide that shows a picture."""
    return next(one for one in re.split(r"(?m)^## ", GUIDE) if f"pictures/{name}.png" in one)


def forms() -> list[re.Pattern[str]]:
    """All texts of the window, each with anything for its facts."""
    made = []
    for text in window_texts():
        parts = re.split(r"\{\w+\}", re.sub(r"[\[\]]", "", text))
        made.append(re.compile(".+".join(re.escape(part) for part in parts)))
    return made


@pytest.mark.parametrize("name", PAPERS)
def test_what_is_named_is_a_text_of_the_window(name: str) -> None:
    texts = set(window_texts()) | {one.split(":")[0] for one in window_texts() if ": {" in one}
    named = emphasised(PAPERS[name])
    assert named
    assert named - texts == set()


def test_sentences_that_are_quoted_are_said() -> None:
    quoted = re.findall(r'"([^"]+)"', GUIDE)
    assert len(quoted) >= 2
    known = forms()
    for said in quoted:
        whole = said if said.endswith(".") else f"{said}."
        assert any(one.fullmatch(whole) for one in known), said


def test_keys_are_heard(qtbot: QtBot, window: Window, song: int) -> None:
    for name in ("songs", "takes", "record", "review"):
        opened(qtbot, window, name, song)
    heard = {
        one.key().toString(QKeySequence.SequenceFormat.PortableText)
        for one in window.findChildren(QShortcut)
    }
    named = set(re.findall(r"<kbd>([^<]+)</kbd>", GUIDE + (ROOT / "README.md").read_text("utf-8")))
    assert len(named) > 12
    assert named - heard - ANYWHERE == set()


@pytest.mark.usefixtures("ring")
@pytest.mark.parametrize("name", ELSEWHERE)
def test_each_is_on_its_page(
    context: AppContext, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))  # the system's bin is there
    context.change(language="en", theme=SCENES[name].look)
    with staged(name, context, sung_takes.assessed(), tmp_path) as (stage, _):
        assert ELSEWHERE[name] <= (named := emphasised(section(name)))
        assert named - ELSEWHERE[name] - standing(stage) == set()
        if name == "takes":
            look_into_the_bin(stage)


def standing(stage: Stage) -> set[str]:
    """The words that are seen on the window."""
    found = (*stage.window.findChildren(QLabel), *stage.window.findChildren(QAbstractButton))
    return {one.text() for one in found if one.isVisible()}


def look_into_the_bin(stage: Stage) -> None:
    """As the guide says it: to the bin, and back from it."""
    page = stage.page("takes")
    before = page.model.rowCount()
    page.table.choose(page.model.shown[0].take.id)
    page.bin()
    stage.until(lambda: page.model.rowCount() == before - 1)
    assert "Undo" in standing(stage)
    stage.until(page.filters.bin.isVisible)
    assert page.filters.bin.text() == "In the bin: 1"
    page.filters.bin.click()
    stage.until(lambda: page.model.rowCount() == 1)
    assert page.model.index(0, PLAY).data() == "Restore"
    assert page.model.index(0, SINGER).data() == "Alex"
    page._acted(page.model.index(0, PLAY))
    stage.until(lambda: len(stage.library(lambda it: it.takes())) == before)
