"""The one style sheet of a report."""

from __future__ import annotations

from asa_desktop.services.report.tokens import DARK, FONTS, LIGHT


def style_sheet() -> str:
    """CSS with the colours of the house as variables; the night is chosen by the system."""
    day = "".join(f"--{name}:{colour};" for name, colour in LIGHT.items())
    night = "".join(f"--{name}:{colour};" for name, colour in DARK.items())
    return (
        f":root{{color-scheme:light dark;{day}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{night}}}}}\n"
        f"body{{font-family:{FONTS}}}\n{_RULES}"
    )


_RULES = """\
*{box-sizing:border-box}
body{margin:0;padding:32px 24px 48px;background:var(--bg);color:var(--text);font-size:13.5px;
  line-height:1.5;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
main{max-width:1080px;margin:0 auto;display:grid;gap:16px;grid-template-columns:minmax(0,1fr)}
h1{font-size:22px;line-height:1.25;margin:0;font-weight:650;overflow-wrap:anywhere}
h2{font-size:16px;line-height:1.25;margin:0;font-weight:600}
h3{font-size:13.5px;margin:24px 0 8px;font-weight:600}
h3:first-of-type{margin-top:16px}
p{margin:0}
.head{display:flex;gap:24px;align-items:flex-start;padding-bottom:8px}
.score{flex:none;min-width:88px}
.score b{display:block;font-size:44px;line-height:1;font-weight:700;letter-spacing:-.02em}
.score span{display:block;margin-top:8px;white-space:nowrap}
.head p{margin-top:4px;max-width:72ch}
.take{overflow-wrap:anywhere}
.muted,.score span,.take,.scale{color:var(--muted)}
.card{background:var(--surface);border:1px solid var(--border);border-radius:10px;padding:16px}
.card>h2{margin-bottom:12px}
.pair{display:grid;gap:16px;grid-template-columns:minmax(0,3fr) minmax(0,2fr);align-items:start}
.plot{display:block;overflow-x:auto;margin:0}
.plot+.plot{margin-top:12px}
.plot img{display:block;width:100%;height:auto;min-width:640px}
.pair .plot img{min-width:320px}
.attributes{display:grid;gap:16px 24px;grid-template-columns:repeat(3,minmax(0,1fr))}
.attributes ul{margin:4px 0 0;padding:0;list-style:none}
.name{display:flex;justify-content:space-between;gap:8px;font-weight:500}
.name b{font-size:16px;font-weight:700;line-height:20px}
.unsure .name,.unsure b,.no .name{color:var(--muted)}
.bar{display:block;height:6px;margin:4px 0;border-radius:3px;background:var(--border)}
.bar i{display:block;height:6px;border-radius:3px;background:var(--accent)}
.unsure .bar i{background:var(--surface);border:1px dashed var(--accent)}
.no .bar{background:none;border:1px dashed var(--control)}
.attributes+.plot{margin-top:16px}
.part .bar{min-width:48px;height:4px;margin:2px 0 0}
.part .bar i{height:4px}
.key{list-style:none;margin:12px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:4px 24px;
  color:var(--muted)}
.key b{display:inline-block;min-width:20px;margin-right:8px;padding:0 4px;text-align:center;
  font-weight:500;border:1px dashed var(--control);border-radius:4px;color:var(--text)}
details{margin-top:12px;border-top:1px solid var(--border);padding-top:4px}
summary{cursor:pointer;color:var(--muted);min-height:32px;line-height:32px}
summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:6px}
table{border-collapse:collapse;width:100%}
th,td{padding:4px 16px 4px 0;text-align:left;vertical-align:top;
  border-bottom:1px solid var(--border)}
tr:last-child td{border-bottom:0}
th{font-weight:500;color:var(--muted);white-space:nowrap}
.n{text-align:right;white-space:nowrap;width:1%}
td:last-child,th:last-child{padding-right:0}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:8px 16px;margin:0}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
dd p+p{margin-top:4px}
@media (max-width:800px){.pair{grid-template-columns:minmax(0,1fr)}
  .attributes{grid-template-columns:repeat(2,minmax(0,1fr))}}
@media (max-width:560px){body{padding:24px 12px}.head{flex-direction:column;gap:12px}
  .attributes{grid-template-columns:minmax(0,1fr)}}
@media print{body{padding:0;background:none}.card{break-inside:avoid-page;border-color:#ccc}
  .plot img{min-width:0}.bar,.bar i{print-color-adjust:exact}}
"""
