"""report.html: the table and the figures on one page that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from asa_training.rated.agreement import MEASURES, Agreement, Measure
from asa_training.rated.compare import FITTED, Line, Scope, Table
from asa_training.rated.judges import HumanLine
from asa_training.rated.sheet import FONTS, Drawing
from asa_training.rated.table import (
    HUMAN,
    PAIRWISE,
    foot,
    heading,
    human_cell,
    number,
    pairwise_cell,
    range_cell,
    span,
)

_STYLE = """\
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;padding:32px 24px 48px;background:#fafaf8;color:#1c1b1a;font-size:13.5px;
  line-height:1.5;font-variant-numeric:tabular-nums;font-family:FONTS}
main{max-width:1080px;margin:0 auto;display:grid;gap:16px;grid-template-columns:minmax(0,1fr)}
h1{font-size:22px;line-height:1.25;margin:0}
h2{font-size:16px;line-height:1.25;margin:0 0 12px}
p,ul{margin:0 0 8px;max-width:84ch}
.muted,figcaption,small{color:#5f5d59}
section{background:#fff;border:1px solid #dddcd7;border-radius:10px;padding:16px}
.wide{overflow-x:auto}
figure{margin:0}
figure svg{display:block;width:100%;height:auto;min-width:640px}
table{border-collapse:collapse}
caption{text-align:left;font-weight:600;padding-bottom:8px}
th,td{padding:4px 16px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid #dddcd7;
  white-space:nowrap}
th{font-weight:500}
thead th{color:#5f5d59}
tbody th{position:sticky;left:0;background:#fff}
td small{display:block}
tr.people th,tr.people td{background:#f2f1ee}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 16px;margin:0}
dt{color:#5f5d59}
dd{margin:0;overflow-wrap:anywhere}
@media print{body{padding:0;background:none}section{break-inside:avoid-page}}
"""


def page(table: Table, drawings: Sequence[Drawing], facts: Mapping[str, str]) -> str:
    """The whole document.

    Parameters
    ----------
    facts
        What else a reader wants to know of the run, as name and words; everything is escaped.
    """
    title = heading(table)
    parts = [f"<header><h1>{escape(title)}</h1></header>"]
    parts += [_section(_table(table, measure)) for measure in MEASURES]
    parts.append(_section("<h2>How to read it</h2>" + _list(foot(table))))
    parts += [_section(_figure(each)) for each in drawings]
    parts.append(_section("<h2>The run</h2>" + _facts(facts)))
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE.replace('FONTS', FONTS)}</style>\n"
        f"</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _section(inner: str) -> str:
    return f"<section>\n{inner}\n</section>"


def _list(sentences: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<ul>{items}</ul>"


def _facts(facts: Mapping[str, str]) -> str:
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in facts.items()
    )
    return f"<dl>{rows}</dl>"


def _figure(drawing: Drawing) -> str:
    return (
        f'<h2>{escape(drawing.title)}</h2>\n<figure><div class="wide">{drawing.svg}</div>'
        f"<figcaption>{escape(drawing.words)}</figcaption></figure>"
    )


def _table(table: Table, measure: Measure) -> str:
    scopes: list[Scope] = [*table.songs, None]
    names = "".join(
        f'<th scope="col">{escape("mix" if scope is None else scope)}</th>' for scope in scopes
    )
    rows = [_row(line, measure, scopes) for line in table.lines]
    rows += _people([table.human[measure, scope] for scope in scopes])
    return (
        f'<div class="wide"><table>\n<caption>{measure.capitalize()}</caption>\n'
        f'<thead><tr><th scope="col">system</th>{names}<th scope="col">by</th></tr></thead>\n'
        "<tbody>\n" + "\n".join(rows) + "\n</tbody>\n</table></div>"
    )


def _row(line: Line, measure: Measure, scopes: Sequence[Scope]) -> str:
    cells = "".join(_cell(line.cells[measure, scope]) for scope in scopes)
    by = line.by if line.by == FITTED or not line.unit else f"{line.by} ({line.unit})"
    return f'<tr><th scope="row">{escape(line.system)}</th>{cells}<td>{escape(by)}</td></tr>'


def _cell(found: Agreement) -> str:
    if found.value is None:
        return f"<td>–<small>n {found.n}</small></td>"
    return f"<td>{number(found.value)}<small>{span(found.low, found.high)} n {found.n}</small></td>"


def _people(lines: Sequence[HumanLine]) -> list[str]:
    kinds = (
        (HUMAN, [human_cell(line) for line in lines]),
        ("lowest to highest judge", [range_cell(line) for line in lines]),
        (PAIRWISE, [pairwise_cell(line) for line in lines]),
    )
    rows = []
    for name, cells in kinds:
        filled = "".join(f"<td>{escape(words)}</td>" for words in cells)
        rows.append(f'<tr class="people"><th scope="row">{name}</th>{filled}<td></td></tr>')
    return rows
