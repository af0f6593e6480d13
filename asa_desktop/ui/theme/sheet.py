"""One style sheet from the tokens, for the plain widgets; those of our own paint themselves."""

from __future__ import annotations

from asa_desktop.ui.theme.tokens import (
    CONTROL,
    HIT,
    RADIUS_CARD,
    RADIUS_CONTROL,
    XS,
    L,
    M,
    S,
    Tokens,
    mix,
)  # fmt: skip


def style_sheet(t: Tokens) -> str:
    """The application's style sheet."""
    chosen = mix(t.surface, t.accent, 0.14)
    return f"""
QWidget {{ color: {t.text}; }}
QMainWindow, QDialog, QWidget#window, QWidget#page, QStackedWidget {{ background: {t.bg}; }}
QLabel {{ background: transparent; }}
QLabel[tone="muted"] {{ color: {t.muted}; }}
QLabel[tone="accent"] {{ color: {t.accent}; }}
QLabel[tone="record"] {{ color: {t.record}; }}
QLabel[tone="flat"] {{ color: {t.flat}; }}
QLabel[tone="in_tune"] {{ color: {t.in_tune}; }}
QLabel[tone="sharp"] {{ color: {t.sharp}; }}
QLabel:disabled {{ color: {t.control}; }}

QFrame#card {{ background: {t.surface}; border: 1px solid {t.border};
    border-radius: {RADIUS_CARD}px; }}
QFrame#well {{ background: {t.raised}; border: none; border-radius: {RADIUS_CARD}px; }}
QFrame#line {{ background: {t.border}; border: none; }}
QFrame#rail {{ background: {t.bg}; border: none; border-right: 1px solid {t.border}; }}
QFrame#notice {{ background: {t.surface}; border: 1px solid {t.control};
    border-radius: {RADIUS_CONTROL}px; }}
QFrame#notice[level="error"] {{ border-color: {t.record}; }}
QFrame#notice[level="warning"] {{ border-color: {t.sharp}; }}

QLineEdit, QPlainTextEdit, QTextEdit {{ background: {t.surface}; border: 1px solid {t.control};
    border-radius: {RADIUS_CONTROL}px; padding: 0 {M - 3}px; min-height: {CONTROL - 2}px;
    placeholder-text-color: {t.muted};
    selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QPlainTextEdit, QTextEdit {{ padding: {S - 1}px {M - 1}px; }}
QLineEdit:hover {{ border-color: {t.text}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {t.accent};
    padding: 0 {M - 4}px; min-height: {CONTROL - 4}px; }}
QLineEdit:disabled {{ color: {t.control}; border-color: {t.border}; }}

QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.control};
    padding: {XS}px {S}px; }}
QMenu {{ background: {t.surface}; border: 1px solid {t.border}; padding: {XS}px; }}
QMenu::item {{ padding: {S - 1}px {L}px {S - 1}px {M}px; border-radius: {XS}px; }}
QMenu::icon {{ padding-left: {S}px; }}
QMenu::item:selected {{ background: {t.raised}; }}
QMenu::item:disabled {{ color: {t.control}; }}
QMenu::separator {{ height: 1px; background: {t.border}; margin: {XS}px {S}px; }}

QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget#scrolled {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {t.border}; border-radius: 3px; }}
QScrollBar::handle:vertical {{ margin: 2px 3px; min-height: {HIT}px; }}
QScrollBar::handle:horizontal {{ margin: 3px 2px; min-width: {HIT}px; }}
QScrollBar::handle:hover {{ background: {t.control}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; }}

QAbstractItemView {{ background: {t.surface}; border: none; outline: none;
    selection-background-color: {chosen}; selection-color: {t.text}; }}
QTableView, QTreeView, QListView {{ gridline-color: {t.border};
    border: 1px solid {t.border}; border-radius: {RADIUS_CARD}px; }}
QTableView {{ selection-background-color: transparent; }}
QTableView::item, QTableView::item:hover, QTableView::item:selected {{ background: transparent;
    border: none; }}
QListView::item {{ min-height: {HIT}px; padding: 0 {S}px; }}
QListView::item:hover, QListView::item:selected {{ background: {t.raised}; color: {t.text}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{ background: transparent; color: {t.muted}; border: none;
    border-bottom: 1px solid {t.border}; padding: {S}px {M}px; min-height: 18px; }}
QHeaderView::section:hover {{ color: {t.text}; }}
QTableCornerButton::section {{ background: transparent; border: none; }}
QComboBox QAbstractItemView {{ background: {t.surface}; border: 1px solid {t.control};
    padding: {XS}px; }}
QComboBox QAbstractItemView::item {{ min-height: {HIT}px; padding: 0 {S}px; }}

QProgressBar {{ background: {t.border}; border: none; border-radius: 2px; max-height: 4px;
    min-height: 4px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
QSplitter::handle {{ background: transparent; }}
QSplitter::handle:hover {{ background: {t.border}; }}
QSplitter::handle:vertical {{ height: {S}px; }}
QSplitter::handle:horizontal {{ width: {L}px; }}
"""
