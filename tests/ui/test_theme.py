"""The tokens, what is made from them, and that colours stand nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication, QLabel, QWidget

import asa_desktop.ui
from asa_desktop.services.paths import resources
from asa_desktop.ui.theme import fonts, icons, theme, tokens
from asa_desktop.ui.theme.tokens import DARK, LIGHT, Tokens, contrast, mix

UI = Path(asa_desktop.ui.__file__).parent
PAGE = ("bg", "surface")
# token, grounds, least contrast
LEAST = (
    ("text", PAGE, 14.0),
    ("muted", PAGE, 5.8),
    ("text", ("raised",), 12.0),
    ("muted", ("raised",), 5.5),
    ("control", PAGE, 3.0),
    ("accent", (*PAGE, "raised"), 4.5),
    ("record", (*PAGE, "raised"), 4.5),
    ("take", PAGE, 4.5),
    ("reference", PAGE, 4.5),
    ("flat", PAGE, 4.5),
    ("in_tune", PAGE, 4.5),
    ("sharp", PAGE, 4.5),
    ("on_accent", ("accent",), 4.5),
    ("on_record", ("record",), 4.5),
)


def test_contrast_is_the_standard_one() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=lambda one: one.name)
@pytest.mark.parametrize(("token", "grounds", "least"), LEAST, ids=str)
def test_what_must_be_read_stands_out(
    look: Tokens, token: str, grounds: tuple[str, ...], least: float
) -> None:
    found = {ground: round(contrast(look[token], look[ground]), 2) for ground in grounds}
    assert min(found.values()) >= least, found


def test_every_token_is_a_colour_of_its_own_theme() -> None:
    for look in (LIGHT, DARK):
        assert all(re.fullmatch("#[0-9A-F]{6}", look[name]) for name in tokens.NAMES)
    assert not [name for name in tokens.NAMES if LIGHT[name] == DARK[name]]


def test_mixing_ends_at_both_colours() -> None:
    assert mix("#102030", "#F0E0D0", 0) == "#102030"
    assert mix("#102030", "#F0E0D0", 1) == "#F0E0D0"
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"


COLOUR = re.compile(
    r"""["'(\s]\#[0-9A-Fa-f]{3,8}\b        # written out
    | QColor\(\s*["'\d]                    # made from a name or numbers
    | (?<!\.)\brgba?\(                        # in a style sheet
    | GlobalColor\.(?!transparent)         # Qt's own
    """,
    re.VERBOSE,
)


def test_no_other_module_names_a_colour() -> None:
    found = {}
    for path in UI.rglob("*.py"):
        if path.name != "tokens.py":
            lines = path.read_text("utf-8").splitlines()
            code = [line for line in lines if not line.lstrip().startswith("#")]
            if hits := [line.strip() for line in code if COLOUR.search(line)]:
                found[path.relative_to(UI).as_posix()] = hits
    assert not found


@pytest.mark.parametrize(
    "line",
    ['x = "#FFF"', 'QColor("red")', "QColor(1, 2, 3)", "rgb(1,2,3)", "Qt.GlobalColor.red",
     "color: #12AB34;"],
)  # fmt: skip
def test_the_check_above_would_notice(line: str) -> None:
    assert COLOUR.search(line)


def test_the_theme_changes_under_a_window_and_follows_the_system(
    qapp: QApplication, ring: object
) -> None:
    window = QWidget()
    window.setObjectName("window")
    window.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    window.resize(40, 40)
    window.show()
    look = theme.current()
    seen = []
    look.changed.connect(lambda: seen.append(look.tokens.name))
    for choice, expected in (("dark", DARK), ("light", LIGHT)):
        look.choose(choice)
        ground = window.grab().toImage().pixelColor(20, 20)
        assert ground == QColor(expected.bg)
        assert theme.colour("text") == QColor(expected.text)
    assert seen == ["dark", "light"]
    window.close()


def test_the_system_decides_only_where_it_was_asked(
    qapp: QApplication, ring: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = theme.current()
    system = {"scheme": Qt.ColorScheme.Light}

    class Hints:
        def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802
            return system["scheme"]

        def setColorScheme(self, scheme: Qt.ColorScheme) -> None:  # noqa: N802
            pass

    told = qapp.styleHints().colorSchemeChanged
    monkeypatch.setattr(theme.QGuiApplication, "styleHints", Hints)
    look.choose("system")
    assert look.tokens is LIGHT
    system["scheme"] = Qt.ColorScheme.Dark
    told.emit(Qt.ColorScheme.Dark)
    assert look.tokens is DARK
    look.choose("light")
    told.emit(Qt.ColorScheme.Dark)
    assert look.tokens is LIGHT


def test_the_lettering_is_ours_in_every_weight(ring: object) -> None:
    for kind, chosen in tokens.TYPE.items():
        info = QFontInfo(fonts.font(kind))
        assert info.family() == fonts.FAMILY
        assert info.weight() == chosen.weight
        assert info.pixelSize() == pytest.approx(chosen.size, abs=0.51)


def test_figures_have_one_width_also_under_the_style_sheet(ring: object) -> None:
    for kind in tokens.TYPE:
        measure = QFontMetricsF(fonts.font(kind))
        assert len({measure.horizontalAdvance(digit * 4) for digit in "0123456789"}) == 1
    shown = QLabel()
    shown.setFont(fonts.font("score"))
    shown.setProperty("tone", "muted")
    shown.ensurePolished()
    assert shown.fontMetrics().horizontalAdvance("111") == shown.fontMetrics().horizontalAdvance(
        "888"
    )


def test_note_names_need_no_other_font(ring: object) -> None:
    for kind in tokens.TYPE:
        measure = QFontMetricsF(fonts.font(kind))
        assert all(measure.inFontUcs4(ord(sign)) for sign in "♭♯♮¢−–·…▲▼±éßЖΩ")


def test_every_sign_is_there_and_takes_the_colour(ring: object) -> None:
    names = sorted(path.stem for path in (resources() / "icons").glob("*.svg"))
    assert len(names) > 30
    for name in names:
        image = QImage(64, 64, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        icons.draw(painter, name, QRectF(0, 0, 64, 64), QColor(DARK.accent))
        painter.end()
        solid = {
            image.pixelColor(x, y).name()
            for x in range(64)
            for y in range(64)
            if image.pixelColor(x, y).alpha() == 255
        }
        assert solid == {DARK.accent.lower()}, name


def test_a_sign_is_drawn_anew_for_each_scale(ring: object) -> None:
    single, double = (icons.pixmap("mic", 20, scale=scale) for scale in (1.0, 2.0))
    assert (single.width(), double.width()) == (20, 40)
    assert double.devicePixelRatio() == 2.0


def test_every_sign_that_is_asked_for_is_bundled() -> None:
    there = {path.stem for path in (resources() / "icons").glob("*.svg")}
    asked = set()
    for path in UI.rglob("*.py"):
        text = path.read_text("utf-8")
        asked |= set(re.findall(r'\bicon="([a-z0-9-]+)"', text))
        asked |= set(re.findall(r'\b(?:IconButton|Sign)\(\s*"([a-z0-9-]+)"', text))
        asked |= set(re.findall(r'draw\(\s*\w+, "([a-z0-9-]+)"', text))
    assert len(asked) > 5
    assert asked <= there
