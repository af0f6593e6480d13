"""The language of the window: its own texts, Qt's, the lettering, and how dates are written."""

from __future__ import annotations

import logging
from functools import cache

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from asa_desktop.services.catalogues import ENGLISH, language_for, texts_in
from asa_desktop.ui.theme import fonts
from asa_desktop.ui.tr import CONTEXT

log = logging.getLogger(__name__)


class Catalogue(QTranslator):
    """The window's texts in one language; what it lacks stays English."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._texts = texts_in(language)

    def isEmpty(self) -> bool:  # noqa: N802
        return not self._texts

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        return self._texts.get(text) if context == CONTEXT else None


class Tongue:
    """The language that is spoken now."""

    def __init__(self) -> None:
        self.language = ENGLISH
        self._worn: list[QTranslator] = []

    def speak(self, wanted: str) -> bool:
        """Speak `wanted`, a language's code or "system"; False where that changes nothing."""
        language = language_for(wanted, system=tuple(QLocale.system().uiLanguages()))
        _write_dates(wanted, language)
        if language == self.language:
            return False
        for one in self._worn:
            QCoreApplication.removeTranslator(one)
        self.language, self._worn = language, []
        QApplication.setLayoutDirection(QLocale(language).textDirection())
        if language != ENGLISH:
            for one in (_of_qt(language), Catalogue(language)):
                if QCoreApplication.installTranslator(one):
                    self._worn.append(one)
        fonts.write(language)
        QApplication.setFont(fonts.font())
        return True


@cache
def tongue() -> Tongue:
    """The one of the program."""
    return Tongue()


def _of_qt(language: str) -> QTranslator:
    """Qt's own texts, such as the menu of a field to type in."""
    made = QTranslator()
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if not made.load(f"qtbase_{language}", folder):
        log.info("Qt has no texts in %s", language)
    return made


def _write_dates(wanted: str, language: str) -> None:
    """Dates as the system's region writes them, in the language that was chosen."""
    system = QLocale.system()
    spoken = QLocale(language)
    if wanted == language and spoken.language() != system.language():
        QLocale.setDefault(QLocale(spoken.language(), system.territory()))
    else:
        QLocale.setDefault(system)
