"""The theme in force: which colours there are now, and who is told when they change."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from asa_desktop.ui.theme.fonts import font, load_fonts
from asa_desktop.ui.theme.sheet import style_sheet
from asa_desktop.ui.theme.tokens import DARK, LIGHT, ON_PICTURE, Tokens, mix

_SCHEMES = {
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
    "system": Qt.ColorScheme.Unknown,
}


class Theme(QObject):
    """The application's theme. `changed` comes after colours were exchanged."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens = LIGHT
        self._application: QApplication | None = None
        self._choice = "system"

    def start(self, application: QApplication, choice: str) -> None:
        """Dress `application`; `choice` is ``light``, ``dark`` or ``system``."""
        self._application = application
        application.setStyle("Fusion")
        load_fonts()
        application.setFont(font())
        hints = application.styleHints()
        self._choice = choice
        hints.setColorScheme(_SCHEMES[choice])  # title bars and the system's dialogs follow
        self._put_on()
        hints.colorSchemeChanged.connect(self._follow)

    def choose(self, choice: str) -> None:
        """Change to ``light``, ``dark`` or what the system shows, at once."""
        self._choice = choice
        QGuiApplication.styleHints().setColorScheme(_SCHEMES[choice])
        self._follow()

    def _follow(self) -> None:
        if self._application is not None and self._wanted() is not self.tokens:
            self._put_on()

    def _wanted(self) -> Tokens:
        if self._choice != "system":
            return DARK if self._choice == "dark" else LIGHT
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT

    def _put_on(self) -> None:
        assert self._application is not None
        self.tokens = self._wanted()
        _colour.cache_clear()
        self._application.setPalette(palette(self.tokens))
        self._application.setStyleSheet(style_sheet(self.tokens))
        self.changed.emit()


_theme: Theme | None = None


def current() -> Theme:
    """The one theme of this process."""
    global _theme  # noqa: PLW0603 - there is one screen to dress
    if _theme is None:
        _theme = Theme()
    return _theme


def tokens() -> Tokens:
    """The colours in force, as #RRGGBB."""
    return current().tokens


def colour(token: str, alpha: float = 1.0) -> QColor:
    """A colour of the theme in force, by the name of its token. Do not change it: it is shared."""
    return _colour(tokens().name, token, alpha)


def on_picture(alpha: float = 1.0) -> QColor:
    """For lines over spectrograms and chroma, whose colours do not follow the theme."""
    made = QColor(ON_PICTURE)
    made.setAlphaF(alpha)
    return made


def blend(ground: str, over: str, share: float) -> QColor:
    """`share` (0 to 1) of the token `over` on the token `ground`: for steps of one hue."""
    return QColor(mix(tokens()[ground], tokens()[over], share))


@lru_cache(maxsize=256)
def _colour(_name: str, token: str, alpha: float) -> QColor:
    made = QColor(tokens()[token])
    made.setAlphaF(alpha)
    return made


def palette(tokens: Tokens) -> QPalette:
    """Qt's own palette from the tokens, for whatever the style sheet does not reach."""
    role = QPalette.ColorRole
    given = {
        role.Window: tokens.bg,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.raised,
        role.Text: tokens.text,
        role.Button: tokens.surface,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.record,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.ToolTipBase: tokens.raised,
        role.ToolTipText: tokens.text,
        role.PlaceholderText: tokens.muted,
        role.Light: tokens.raised,
        role.Midlight: tokens.raised,
        role.Mid: tokens.border,
        role.Dark: tokens.control,
        role.Shadow: tokens.border,
        role.Accent: tokens.accent,
    }
    made = QPalette()
    for one, value in given.items():
        made.setColor(one, QColor(value))
    faint = QColor(mix(tokens.surface, tokens.control, 0.75))
    for one in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, one, faint)
    return made
