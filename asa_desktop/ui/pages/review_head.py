"""The head of the review: how was it, in one number and a few sentences."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QMenu, QScrollArea, QSizePolicy, QWidget

from asa_desktop import words, words_singing
from asa_desktop.ui.pages.review_view import LINK, TakeView, head_markup
from asa_desktop.ui.theme.fonts import font
from asa_desktop.ui.theme.theme import colour
from asa_desktop.ui.theme.tokens import XL, XS, M
from asa_desktop.ui.tr import sentences, tr
from asa_desktop.ui.widgets.button import Button, IconButton
from asa_desktop.ui.widgets.choice import DropDown
from asa_desktop.ui.widgets.frames import Elided, column, label, row
from asa_desktop.ui.widgets.score import ScoreNumber

_LINES, _LINES_LOW = 6, 3
"""As many lines of sentences are seen at once, in a usual window and in a low one."""


class Head(QWidget):
    """Score with its spread, song, take and singer, sentences, and what can be done next."""

    clip_named = Signal(int)
    sing = Signal()
    report = Signal()
    recording = Signal()
    back = Signal()
    analysis_picked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._view: TakeView | None = None
        self._markup = ""
        self.score = ScoreNumber()
        self.title = Elided("", "page")
        self.remark = Elided("", tone="muted")
        self.says = label("", wrap=True)
        self.says.setTextFormat(Qt.TextFormat.RichText)
        self.says.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.says.linkActivated.connect(self._follow_link)
        self.back_button = IconButton("chevron-left", tr("Back"), action=self.back.emit)
        self.sing_button = Button(tr("Sing again"), icon="mic", action=self.sing.emit)
        self.export_button = Button(tr("Export"), icon="download", action=self._export)
        self._exports: dict[str, bool] = {"report": False, "recording": False}
        names = row(self.title, self.remark, spacing=M)
        names.setStretch(1, 1)
        names.setAlignment(self.remark, Qt.AlignmentFlag.AlignBottom)
        self.sayings = _Sayings(self.says)
        text = column(names, self.sayings, spacing=XS)
        text.addStretch(1)
        box = row(spacing=XL)
        top = Qt.AlignmentFlag.AlignTop
        left = row(self.back_button, self.score, spacing=M)
        left.setAlignment(top)
        box.addLayout(left)
        box.addLayout(text, 1)
        self.analyses = DropDown(tr("Analysis of the take"))
        self.analyses.picked.connect(self.analysis_picked)
        self.analyses.hide()
        actions = row(self.analyses, self.sing_button, self.export_button, spacing=M)
        actions.setAlignment(top)
        box.addLayout(actions)
        self.setLayout(box)
        self.offer(sing=False, report=False, recording=False, back=False)

    def offer(self, *, sing: bool, report: bool, recording: bool, back: bool) -> None:
        """Show the buttons that somebody listens to."""
        self.sing_button.setVisible(sing)
        self.back_button.setVisible(back)
        self._exports = {"report": report, "recording": recording}
        self._show_export()

    def set_low(self, low: bool) -> None:
        """Take less room where the window is low; what does not find any is scrolled to."""
        self.sayings.fit(_LINES_LOW if low else _LINES)

    def show_view(self, view: TakeView | None) -> None:
        """Say what is known of a take."""
        self._view = view
        self.title.setText(view.song if view is not None else tr("Review"))
        self.remark.setText("" if view is None else view.remark)
        example = view is not None and view.example
        self.sing_button.say(tr("Sing this song") if example else tr("Sing again"))
        self._show_export()
        options = view.analyses if view is not None and view.state != "analysing" else ()
        self.analyses.setVisible(len(options) > 1)
        if view is not None and options:
            self.analyses.set_options(options, value=view.analysis)
        told = view is not None and view.sheet is not None and view.state != "analysing"
        self.score.setVisible(told)
        if view is None:
            self._say("")
        elif told:
            self._show_sheet(view)
        else:
            self._say(escape(_meanwhile(view)))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "sayings"):
            self._say(self._markup)

    def _show_sheet(self, view: TakeView) -> None:
        sheet = view.sheet
        assert sheet is not None
        overall = sheet.overall
        reason = words.reason_text(sheet.reason) if sheet.reason else ""
        remark = ""
        if overall.score is not None:
            remark = tr("of 100")
            if overall.low is not None and overall.high is not None:
                remark = tr("of 100, ±{spread}", spread=round((overall.high - overall.low) / 2))
        self.score.show_score(overall.score, remark=remark, reason=reason)
        if overall.score is not None and overall.low is not None and overall.high is not None:
            between = tr(
                "The mean of the clips lies between {low} and {high} (90 %).",
                low=round(overall.low), high=round(overall.high),
            )  # fmt: skip
            self.score.setToolTip(sentences(words_singing.overall_text(), between))
        self._say(head_markup(sheet, example=view.example))

    def _say(self, markup: str) -> None:
        self._markup = markup
        # A label asks no palette for the ink of its links once they are laid out.
        ink = f"<style>a {{ color: {colour('accent').name()} }}</style>"
        self.says.setFont(font())
        self.says.setText(ink + markup if markup else "")
        self.says.setAccessibleName(QTextDocumentFragment.fromHtml(markup).toPlainText())
        self.sayings.setVisible(bool(markup))
        self.sayings.fit()

    def _show_export(self) -> None:
        done = self._view is not None and self._view.state == "done"
        recorded = self._view is not None and self._exports["recording"]
        has_report = done and self._exports["report"]
        self.export_button.setVisible(bool(has_report or recorded))

    def _export(self) -> None:
        done = self._view is not None and self._view.state == "done"
        wanted = {
            tr("Report with all plots"): self.report if done and self._exports["report"] else None,
            tr("Recording"): self.recording if self._exports["recording"] else None,
        }
        offered = {text: signal for text, signal in wanted.items() if signal is not None}
        if len(offered) == 1:
            next(iter(offered.values())).emit()
            return
        menu = QMenu(self)
        menu.setAccessibleName(tr("Export"))
        for text, signal in offered.items():
            menu.addAction(text, signal.emit)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.export_button.mapToGlobal(self.export_button.rect().bottomLeft()))

    def _follow_link(self, link: str) -> None:
        if link.startswith(LINK):
            self.clip_named.emit(int(link.removeprefix(LINK)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, super().minimumSizeHint().height())


class _Sayings(QScrollArea):
    """Sentences over as many lines as they need, up to a number; the rest is scrolled to.

    A head that grew with them would leave no room for what it is the head of.
    """

    def __init__(self, words: QLabel) -> None:
        super().__init__()
        self._words, self._most = words, _LINES
        words.setObjectName("scrolled")
        words.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWidget(words)
        self.setAccessibleName(tr("What is to be said of the take"))

    def fit(self, most: int | None = None) -> None:
        """Be as high as the sentences, up to `most` lines; the keys scroll where there are more."""
        self._most = self._most if most is None else most
        line = self._words.fontMetrics().lineSpacing()
        wide = self.width()
        needed = max(0, self._words.heightForWidth(wide)) if wide > 0 else line
        room = self._most * line
        self.setFixedHeight(min(needed, room))
        more = needed > room
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if more else Qt.FocusPolicy.NoFocus)
        if not more:
            self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.fit()


def _meanwhile(view: TakeView) -> str:
    """What is said as long as there is no finished analysis; the page's body says the rest."""
    if view.state == "analysing":
        return tr("Being analysed. Scores that are there already may still change.")
    return ""
