"""One take's result as a short table to read on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from asa_desktop import words, words_singing
from asa_desktop.core.types import Analysis, Attribute, ClipScore, SystemScore, TakeTiming
from asa_desktop.services.shortfalls import LOW_CONFIDENCE, in_order, whole_of, worst_first


def table(analysis: Analysis, *, take: Path, scale: str | None, timings: bool) -> str:
    """Head, one line for each clip, and what the scores mean.

    `scale` is the model's sentence on its scores; it is shown where a score comes from the model.
    """
    return "\n".join(_lines(analysis, take, scale, timings))


def _lines(analysis: Analysis, take: Path, scale: str | None, timings: bool) -> Iterator[str]:
    title = words.on_one_line(take)
    yield f"{title}: {words.on_one_line(analysis.song)}" if analysis.song else title
    yield f"  {_head(analysis)}"
    if analysis.case is not None and analysis.status == "scored":
        yield f"  {words.case_text(analysis.case)}{_key(analysis)}"
    yield from (f"  {each}" for each in _as_a_whole(analysis))
    yield from (f"  {_attribute(name, each)}" for name, each in in_order(analysis.attributes))
    yield from (f"  {each}" for each in _place(analysis))
    yield from (f"  {each}" for each in _timing(analysis.timing))
    if analysis.clips and analysis.reason is None:
        yield ""
        yield "  clip   from     to  score"
        yield from (_clip(each) for each in analysis.clips)
    yield from (f"  {name}: {_system(each)}" for name, each in analysis.systems.items())
    if analysis.model is not None and scale:
        yield f"  {words.on_one_line(scale)}"
    if timings:
        steps = ", ".join(f"{name} {spent:.2f} s" for name, spent in analysis.timings.items())
        yield f"  {steps}"


def _attribute(name: str, attribute: Attribute) -> str:
    """Name, score, value with its unit and the worst place, or why there is no score."""
    head = f"{words.on_one_line(words_singing.name_text(name)):<12}{_number(attribute.score):>3}"
    if attribute.score is None:
        return f"{head}  {words_singing.reason_text(attribute.reason or '')}"
    value = words_singing.measure_text(name, attribute)
    if attribute.confidence < LOW_CONFIDENCE:
        value += f", {words_singing.said('unsure')}"
    worst = next(iter(worst_first(attribute.places)), None)
    if worst is None:
        return f"{head}  {value}"
    return f"{head}  {value:<14}  {words_singing.place_text(worst)}"


def _system(system: SystemScore) -> str:
    if system.reason is not None:
        return f"{_number(system.score)}  {words.reason_text(system.reason)}"
    if system.value is None:
        return _number(system.score)
    return f"{_number(system.score)}  ({words.value_text(system.value, system.unit)})"


def _head(analysis: Analysis) -> str:
    overall = analysis.overall
    if overall.score is None:
        return f"not scored: {words.reason_text(analysis.reason or '')}"
    span = ""
    if overall.low is not None and overall.high is not None:
        span = f" (between {overall.low:.0f} and {overall.high:.0f})"
    scored = sum(each.score is not None for each in analysis.clips)
    return f"score {overall.score:.0f} of 100{span}, {scored} of {len(analysis.clips)} clips scored"


def _place(analysis: Analysis) -> Iterator[str]:
    """Where the take was found in the song, if it was looked for."""
    found = analysis.alignment
    if analysis.reason == "not_aligned" and analysis.case is None:
        yield words.sentence("as_it_lies")
        return
    if found.confidence is None:
        return
    facts = {"tempo": round(100 * found.tempo), "sure": round(100 * found.confidence)}
    if found.begins_s > 0.05:
        yield words.sentence("placed_later", {**facts, "at": _clock(found.begins_s)})
    else:
        yield words.sentence("placed", {**facts, "offset": f"{found.offset_s:.2f}"})
    for code, spans in (("sung_not", found.missing), ("sung_more", found.added)):
        if spans:
            listed = ", ".join(f"{_clock(start)} to {_clock(end)}" for start, end in spans)
            yield words.sentence(code, {"where": listed})


def _timing(timing: TakeTiming) -> Iterator[str]:
    """What the take was shifted by, where it was."""
    if timing.delay_from or timing.latency_s:
        code = f"delay_{timing.delay_from or 'noted'}"
        facts = {"ms": round(1000 * timing.latency_s, 1), "command": "asa calibrate"}
        yield words.sentence(code, facts)
    if timing.clock_ratio != 1:
        yield words.sentence("clock_put_right", {"ppm": round(1e6 * (timing.clock_ratio - 1))})
    if timing.start_s:
        yield words.sentence("sung_from", {"at": _clock(timing.start_s)})


def _as_a_whole(analysis: Analysis) -> Iterator[str]:
    """What all of the take has alike: a wrong key, a late entry."""
    whole = whole_of(key=analysis.alignment.key, attributes=analysis.attributes)
    if whole.wrong:
        code = "all_too_high" if whole.wrong > 0 else "all_too_low"
        yield words.sentence(code, {"count": abs(whole.wrong)})
    if whole.late_ms:
        code = "all_late" if whole.late_ms > 0 else "all_early"
        yield words.sentence(code, {"ms": abs(whole.late_ms)})


def _key(analysis: Analysis) -> str:
    key = analysis.alignment.key
    if key is None or abs(key) < 0.5:
        return ""
    return f", {abs(key):.1f} semitones {'above' if key > 0 else 'below'} it"


def _clip(each: ClipScore) -> str:
    span = f"{_clock(each.clip.start):>6} {_clock(each.clip.end):>6}"
    why = "" if each.score is not None else f"  {words.reason_text(each.reason or '')}"
    return f"  {each.clip.index + 1:>4} {span} {_number(each.score):>6}{why}"


def _number(score: float | None) -> str:
    return "-" if score is None else f"{score:.0f}"


def _clock(seconds: float) -> str:
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"
