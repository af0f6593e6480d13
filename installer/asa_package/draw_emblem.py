"""Draw the program's sign with the program's own hand, as PNG files and one SVG.

    python -m asa_package.draw_emblem FOLDER        (in the environment that is frozen)

The sizes that the window uses are its own pictures; larger ones are drawn from the SVG, which has
the same measures.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from asa_desktop.services.paths import resources
from asa_desktop.ui.theme import emblem
from asa_desktop.ui.theme.tokens import LIGHT
from asa_package.icons import LARGE, vector


def main(folder: Path) -> int:
    """Write `<size>.png` for every size, and emblem.svg."""
    application = QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    sign = emblem.emblem()
    for size in emblem.SIZES:
        sign.pixmap(size, size).toImage().save(str(folder / f"{size}.png"), "PNG")
    lines = (resources() / "icons" / "audio-lines.svg").read_text("utf-8")
    drawn = vector(lines, ground=LIGHT.accent, ink=LIGHT.on_accent)
    (folder / "emblem.svg").write_text(drawn, "utf-8")
    for size in LARGE:
        picture = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        QSvgRenderer(QByteArray(drawn.encode())).render(painter)
        painter.end()
        picture.save(str(folder / f"{size}.png"), "PNG")
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
