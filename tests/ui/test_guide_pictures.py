"""The documents' pictures: each is of a scene that is looked at here, and shows what is there now.

A picture that is out of date is drawn anew by ``python -m tests.shots docs/pictures``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import sung_takes
from carried import ROOT
from PIL import Image
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QWidget
from test_accessibility import unnamed
from test_languages import cells_cut, cut

from asa_desktop.core.types import Analysis
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.theme import theme
from asa_desktop.ui.window import LEAST, USUAL
from tests import shots
from tests.scenes import SCENES, Stage, staged

PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 1_500_000
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
ANALYSED = [name for name, scene in SCENES.items() if scene.analysed]

THE_MACHINES = {
    "This system has no font for Chinese; install one, such as Noto Sans CJK.",
    "The system asks for it already.",
}


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def shown() -> dict[Path, list[tuple[Path, str]]]:
    """Each picture that a document shows, by its place: the document and what stands for it."""
    found: dict[Path, list[tuple[Path, str]]] = {}
    for document in documents():
        for said, target in IMAGE.findall(document.read_text("utf-8")):
            place = (document.parent / unquote(target)).resolve()
            found.setdefault(place, []).append((document, said))
    return found


def numbered(name: str) -> int:
    """How many parts of a picture its document explains, in the list that follows it."""
    for place, uses in shown().items():
        if place == PICTURES / f"{name}.png":
            text = uses[0][0].read_text("utf-8").split(f"{name}.png)", 1)[1]
            lines = text.split("\n\n", 2)[1].splitlines()
            return sum(1 for line in lines if re.match(r"\d+\. ", line))
    return 0


@pytest.mark.usefixtures("ring")
@pytest.mark.parametrize("name", SCENES)
def test_a_scene_and_its_picture(
    context: AppContext, tmp_path: Path, name: str, picture: Callable[[QWidget, str], Path]
) -> None:
    context.change(language="en", theme=SCENES[name].look)
    with staged(name, context, sung_takes.assessed(), tmp_path) as (stage, parts):
        assert cut(stage.window) + cells_cut(stage.window.page) == []
        assert unnamed(stage.window) == []
        assert_numbers_stand_apart(stage, parts)
        assert len(parts) == numbered(name)
        if name not in ANALYSED:
            assert_as_now(name, stage)
        for size in (USUAL, LEAST):
            stage.window.resize(*size)
            for look in ("light", "dark"):
                theme.current().choose(look)
                stage.settle(0.15)
                picture(stage.window, f"scene-{name}-{size[0]}-{look}")
            theme.current().choose("light")


@pytest.mark.slow
@pytest.mark.usefixtures("ring")
@pytest.mark.parametrize("name", ANALYSED)
def test_a_scene_of_the_bundled_take_and_its_picture(
    context: AppContext, tmp_path: Path, name: str, bundled_analysis: Analysis
) -> None:
    context.change(language="en")
    with staged(name, context, bundled_analysis, tmp_path) as (stage, parts):
        assert cut(stage.window) == []
        assert_numbers_stand_apart(stage, parts)
        assert_as_now(name, stage)


@pytest.fixture(scope="session")
def bundled_analysis() -> Analysis:
    """Of the bundled take, by the bundled model."""
    return shots.analysed()


def assert_as_now(name: str, stage: Stage) -> None:
    """The picture in the documents says what the window says."""
    kept = set(shots.said_in(PICTURES / f"{name}.png"))
    now = set(shots.texts(stage.window))
    assert kept ^ now <= THE_MACHINES, "draw it anew: python -m tests.shots docs/pictures"
    assert len(now) > 3


def assert_numbers_stand_apart(stage: Stage, parts: tuple[QWidget, ...]) -> None:
    """Every part that is numbered is seen, and no number lies on another."""
    window = stage.window
    for part in parts:
        assert part.isVisible()
        box = QRect(part.mapTo(window, QPoint(0, 0)), part.size())
        assert window.rect().contains(box)
    boxes = shots.bubbles(window, parts)
    for at, box in enumerate(boxes):
        assert window.rect().contains(box.toAlignedRect())
        assert not any(box.intersects(other) for other in boxes[:at])


def test_every_picture_is_there_and_every_one_is_shown() -> None:
    found = shown()
    missing = [str(place) for place in found if not place.is_file()]
    assert missing == []
    made = {PICTURES / f"{name}.png" for name in SCENES}
    assert set(PICTURES.iterdir()) == made
    assert made <= set(found), "a picture that no document shows"
    assert all(said.strip() for uses in found.values() for _, said in uses)
    other = list((ROOT / "docs").glob("*.png"))
    assert other == []


def test_pictures_are_small_and_of_the_usual_window() -> None:
    files = list(PICTURES.iterdir())
    assert sum(one.stat().st_size for one in files) < MOST_BYTES
    for one in files:
        with Image.open(one) as image:
            assert image.size == USUAL, one


def test_a_picture_that_says_something_else_is_noticed(
    ring: object, context: AppContext, tmp_path: Path
) -> None:
    context.change(language="en")
    with staged("introduction", context, sung_takes.assessed(), tmp_path) as (stage, parts):
        path = tmp_path / "introduction.png"
        shots.save(shots.taken(stage.window, parts), shots.texts(stage.window), path)
        assert shots.said_in(path) == shots.texts(stage.window)
        page: Any = stage.window.page
        page.next.setText("Onwards")
        QApplication.processEvents()
        assert shots.said_in(path) != shots.texts(stage.window)


def test_numbers_are_drawn_where_they_are_said_to_be(
    ring: object, context: AppContext, tmp_path: Path
) -> None:
    context.change(language="en")
    with staged("introduction", context, sung_takes.assessed(), tmp_path) as (stage, _):
        page: Any = stage.window.page
        part = page.next
        (box,) = shots.bubbles(stage.window, (part,))
        bare = shots.taken(stage.window, ()).toImage()
        told = shots.taken(stage.window, (part,)).toImage()
        differ = [
            (x, y)
            for x in range(bare.width())
            for y in range(bare.height())
            if bare.pixel(x, y) != told.pixel(x, y)
        ]
        assert differ
        assert all(box.adjusted(-1, -1, 1, 1).contains(x, y) for x, y in differ)


def test_the_command_says_what_it_wants(capsys: pytest.CaptureFixture[str]) -> None:
    assert shots.main([]) == 2
    assert shots.main(["nowhere", "no such scene"]) == 2
    assert capsys.readouterr().err.count("python -m tests.shots") == 2
