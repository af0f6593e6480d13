"""The pieces of HTML that a report is put together from; all words are escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from asa_desktop.services.report.canvas import Drawing


def card(title: str, content: str) -> str:
    """A part of the page with its title; both are HTML already."""
    return f'<section class="card">\n<h2>{title}</h2>\n{content}\n</section>'


def folded(title: str, content: str) -> str:
    """What is read by those who ask for it."""
    return f"\n<details><summary>{title}</summary>\n{content}</details>"


def picture(each: Drawing) -> str:
    """A drawing, by day or by night, with its words."""
    return (
        f'<picture class="plot"><source media="(prefers-color-scheme: dark)" '
        f'srcset="plots/{each.name}-dark.svg">'
        f'<img src="plots/{each.name}.svg" width="{each.width}" height="{each.height}" '
        f'alt="{text_of(each.words)}"></picture>'
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, words_in: tuple[int, ...]) -> str:
    """A table whose columns are numbers, but for those in `words_in`."""

    def cells(kind: str, values: Sequence[str]) -> str:
        return "".join(
            f"<{kind}>{text_of(value)}</{kind}>"
            if column in words_in
            else f'<{kind} class="n">{text_of(value)}</{kind}>'
            for column, value in enumerate(values)
        )

    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return (
        f"<table>\n<thead><tr>{cells('th', heads)}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
    )


def text_of(words: str) -> str:
    """`words` for HTML: escaped, without what no document may hold."""
    plain = words.encode("utf-8", "replace").decode("utf-8")
    return escape("".join(each for each in plain if each.isprintable() or each == " "))
