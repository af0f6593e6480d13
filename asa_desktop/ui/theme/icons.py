"""The drawn signs (Lucide), coloured by the theme and sharp at any scale."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from asa_desktop.services.paths import resources
from asa_desktop.ui.theme import theme
from asa_desktop.ui.theme.tokens import ICON

_STROKE = 1.75
_FILLED = frozenset({"play", "square", "pause"})
"""Signs that are bodies, not lines: they would be weak as outlines."""


def draw(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    """Paint the sign `name` into `box`."""
    scale = painter.device().devicePixelRatioF()
    pixels = _picture(name, round(box.width()), colour.name(), colour.alpha(), scale)
    painter.drawPixmap(box.topLeft(), pixels)


def pixmap(name: str, size: int = ICON, token: str = "text", *, scale: float = 1.0) -> QPixmap:
    """The sign as a picture in the theme's present colour."""
    colour = theme.colour(token)
    return _picture(name, size, colour.name(), colour.alpha(), scale)


def icon(name: str, token: str = "text", *, size: int = ICON) -> QIcon:
    """A QIcon in the theme's present colours: for menus and the like, made anew when shown."""
    made = QIcon()
    scales = {1.0, 2.0, QGuiApplication.primaryScreen().devicePixelRatio()}
    for scale in sorted(scales):
        made.addPixmap(pixmap(name, size, token, scale=scale))
        made.addPixmap(pixmap(name, size, "control", scale=scale), QIcon.Mode.Disabled)
    return made


@lru_cache(maxsize=512)
def _picture(name: str, size: int, colour: str, alpha: int, scale: float) -> QPixmap:
    picture = QPixmap(QSize(round(size * scale), round(size * scale)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(alpha / 255)
    _renderer(name, colour).render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    drawn = _drawing(name).replace("currentColor", colour)
    drawn = drawn.replace('stroke-width="2"', f'stroke-width="{_STROKE}"')
    if name in _FILLED:
        drawn = drawn.replace('fill="none"', f'fill="{colour}"')
    return QSvgRenderer(QByteArray(drawn.encode()))


@lru_cache(maxsize=128)
def _drawing(name: str) -> str:
    return (resources() / "icons" / f"{name}.svg").read_text("utf-8")
