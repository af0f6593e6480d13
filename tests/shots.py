"""Pictures of the window for the documents: ``python -m tests.shots docs/pictures``.

Every scene of `tests.scenes` becomes one picture, on the screen's own grid; the review's is of the
take that came with the program, analysed by the bundled model. Each picture keeps the texts that it
shows (PNG, ``Description``), so that a test knows when it is out of date. Nobody need see a screen
for it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from asa_desktop.ui.theme import theme
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.widgets.choice import DropDown
from tests.scenes import SCENES, Parts, staged

if TYPE_CHECKING:
    from asa_desktop.core.types import Analysis

USAGE = "usage: python -m tests.shots FOLDER [NAME ...]"
TEXTS = "Description"
COLOURS = 256
BUBBLE = 24
_RIM = 2


def main(words: list[str]) -> int:
    """Draw the scenes, or those that are named, into a folder; 2 where none was named."""
    if not words or not set(words[1:]) <= set(SCENES):
        print(USAGE, *SCENES, file=sys.stderr)
        return 2
    folder = Path(words[0])
    folder.mkdir(parents=True, exist_ok=True)
    from asa_desktop.ui.app import make_application

    application = make_application()
    with tempfile.TemporaryDirectory() as home:
        os.environ["ASA_HOME"] = home
        names = words[1:] or list(SCENES)
        analysis = analysed() if any(SCENES[name].analysed for name in names) else None
        for name in names:
            path = folder / f"{name}.png"
            draw(application, name, analysis, path)
            print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
    return 0


def analysed() -> Analysis:
    """The bundled take by the bundled model."""
    from asa_desktop.core import analyse, load_song
    from asa_desktop.core.models import load_model
    from asa_desktop.services.example import bundled_example
    from asa_desktop.services.model_list import model_folder

    found = bundled_example()
    model = load_model(model_folder(""), device="cpu")
    return analyse(found.audio, load_song(found.song), model=model, timing=found.timing)


def draw(application: QApplication, name: str, analysis: Analysis | None, path: Path) -> None:
    """One scene in a home of its own, as a picture."""
    from asa_desktop.services.paths import Places
    from asa_desktop.ui.app import dress
    from asa_desktop.ui.context import AppContext

    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder)
        context = AppContext(Places(home=own / "home", cache=own / "cache"))
        context.change(language="en", theme=SCENES[name].look)
        ring = dress(application, context)
        try:
            with staged(name, context, analysis, own) as (stage, parts):
                save(taken(stage.window, parts), texts(stage.window), path)
        finally:
            ring.deleteLater()
            context.close()
    theme.current().choose("light")


def taken(window: QWidget, parts: Parts) -> QPixmap:
    """The window's picture, its parts numbered from 1 where there are any."""
    picture = window.grab()
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number, box in enumerate(bubbles(window, parts), 1):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("surface"))
        painter.drawEllipse(box)
        painter.setBrush(colour("accent"))
        painter.drawEllipse(box.adjusted(_RIM, _RIM, -_RIM, -_RIM))
        painter.setPen(colour("on_accent"))
        painter.setFont(font("strong"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))
    painter.end()
    return picture


def bubbles(window: QWidget, parts: Parts) -> list[QRectF]:
    """Where the numbers stand: on the upper left corner of each part, inside the window."""
    found = []
    for part in parts:
        at = part.mapTo(window, QPoint(0, 0))
        x = min(max(at.x() - BUBBLE / 2, 2.0), window.width() - BUBBLE - 2.0)
        y = min(max(at.y() - BUBBLE / 2, 2.0), window.height() - BUBBLE - 2.0)
        found.append(QRectF(x, y, BUBBLE, BUBBLE))
    return found


def texts(window: QWidget) -> list[str]:
    """The words that stand on the window, but for those with figures, paths or markup in them."""
    found = {one.text() for one in window.findChildren(QLabel) if one.isVisible()}
    found |= {one.text() for one in window.findChildren(QAbstractButton) if one.isVisible()}
    found |= {one.currentText() for one in window.findChildren(DropDown) if one.isVisible()}
    return sorted(one for one in found if one and not any(sign in "0123456789/\\<" for sign in one))


def save(picture: QPixmap, said: list[str], path: Path) -> None:
    """As small a PNG as few colours make it, with the texts that it shows."""
    image = picture.toImage()
    size = image.width(), image.height()
    image = image.convertToFormat(image.Format.Format_RGB888)
    rows = bytes(image.constBits())
    full = Image.frombuffer("RGB", size, rows, "raw", "RGB", image.bytesPerLine(), 1)
    info = PngInfo()
    info.add_itxt(TEXTS, "\n".join(said))
    few = full.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True, pnginfo=info)


def said_in(path: Path) -> list[str]:
    """The texts that a picture keeps."""
    with Image.open(path) as image:
        return str(image.info.get(TEXTS, "")).splitlines()


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.exit(main(sys.argv[1:]))
