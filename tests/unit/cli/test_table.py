"""The table on the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from asa_desktop.cli.table import table
from asa_desktop.core.types import (
    Alignment,
    Analysis,
    Attribute,
    AttributePlace,
    Clip,
    ClipScore,
    Overall,
    Pictures,
    PitchTrack,
    SystemScore,
    TakeTiming,
)

NOTHING = np.zeros(0, np.float32)
PICTURES = Pictures(0.032, PitchTrack(0.01, NOTHING, NOTHING), NOTHING, NOTHING, NOTHING > 0)


def clip(index: int, score: float | None, reason: str | None = None) -> ClipScore:
    return ClipScore(Clip(index, 3.008 * index, 3.008 * (index + 1), 1, 1), score, reason)


@pytest.fixture
def analysis() -> Analysis:
    return Analysis(
        take="take.wav",
        song="A Song",
        status="scored",
        reason=None,
        overall=Overall(71.6, 60.2, 80.9),
        clips=(clip(0, 90.4), clip(1, None, "not_sung"), clip(21, 8.6)),
        case="in_step",
        alignment=Alignment(key=-12.0),
        model="rori",
        features="f",
        take_pictures=PICTURES,
        timings={"total": 1.25},
    )


def lines(analysis: Analysis, **how: object) -> list[str]:
    given = {"take": Path("take.wav"), "scale": "A scale.", "timings": False, **how}
    return table(analysis, **given).splitlines()  # type: ignore[arg-type]


def test_scored(analysis: Analysis) -> None:
    shown = lines(analysis)
    assert shown[0] == "take.wav: A Song"
    assert shown[1] == "  score 72 of 100 (between 60 and 81), 2 of 3 clips scored"
    assert "12.0 semitones below it" in shown[2]
    assert shown[5:8] == [
        "     1 0:00.0 0:03.0     90",
        "     2 0:03.0 0:06.0      -  hardly any singing here",
        "    22 1:03.2 1:06.2      9",
    ]
    assert shown[8] == "  A scale."


def test_what_all_of_it_has_alike_is_said(analysis: Analysis) -> None:
    off = Attribute(20.0, 190.0, "cents", 1.0, detail={"whole": 104.0})
    early = Attribute(10.0, 240.0, "ms", 1.0, detail={"late_ms": -240.0})
    shown = lines(replace(analysis, attributes={"intonation": off, "rhythm": early}))
    assert "  all of it is too high for the accompaniment; semitones: 1" in shown
    assert "  all of it comes 240 ms early" in shown


def test_what_the_scores_mean_is_said_only_of_a_models_scores(analysis: Analysis) -> None:
    assert "  A scale." not in lines(replace(analysis, model=None))


def test_not_scored(analysis: Analysis) -> None:
    nothing = replace(
        analysis, status="not_scored", reason="silence", overall=Overall(None, None, None), song=""
    )
    shown = lines(nothing)
    assert shown[:2] == [
        "take.wav",
        "  not scored: the recording is silent; check the microphone",
    ]
    assert not any(line.startswith("  clip") for line in shown)


@pytest.mark.parametrize(
    ("offset_s", "said"),
    [
        (1.5, "  the song begins 1.50 s into the take, sung at 93 % of its tempo (85 % sure)"),
        (-16.5, "  the take begins 0:15.3 into the song, sung at 93 % of its tempo (85 % sure)"),
    ],
)
def test_where_the_take_was_found(analysis: Analysis, offset_s: float, said: str) -> None:
    found = Alignment(
        offset_s=offset_s,
        tempo=0.93,
        melody_s=0.0,
        confidence=0.847,
        missing=((4.0, 16.0), (46.1, 52.0)),
        added=((70.0, 75.5),),
    )
    shown = lines(replace(analysis, case="free", alignment=found))
    assert said in shown
    assert "  of the song not sung: 0:04.0 to 0:16.0, 0:46.1 to 0:52.0" in shown
    assert "  in the take and not in the song: 1:10.0 to 1:15.5" in shown


def test_a_take_of_another_song_can_be_taken_as_it_lies(analysis: Analysis) -> None:
    lost = replace(
        analysis,
        status="not_scored",
        reason="not_aligned",
        overall=Overall(None, None, None),
        alignment=Alignment(confidence=0.01),
        case=None,
    )
    shown = lines(lost)
    assert not any("--in-step" in line for line in lines(replace(lost, case="in_step")))
    assert any("choose the song" in line for line in shown)
    assert any("--in-step" in line for line in shown)


def test_systems_and_timings(analysis: Analysis) -> None:
    more = replace(analysis, systems={"usdx": SystemScore(80.0, 8000.4, "points")})
    shown = lines(more, timings=True)
    assert "  usdx: 80  (8000.4 points)" in shown
    assert shown[-1] == "  total 1.25 s"


def test_attributes_stand_under_the_score(analysis: Analysis) -> None:
    places = (
        AttributePlace(3.0, 3.4, "high", 30.0, 62.0),
        AttributePlace(12.4, 12.9, "low", 85.0, 69.0),
    )
    measured = {
        "tone": Attribute(None, None, "dB", 0.0, reason="no_comparison"),
        "vibrato": Attribute(44.0, 0.31, "share", 0.2),
        "intonation": Attribute(71.4, 23.4, "cents", 0.9, places),
    }
    shown = lines(replace(analysis, attributes=measured))
    assert shown[3:6] == [
        "  Intonation   71  23 cents        A4 at 0:12: 85 cents low",
        "  Vibrato      44  31 % vibrato, little to go by",
        "  Tone          -  there is nothing to compare with",
    ]


def test_a_title_cannot_repaint_the_terminal(analysis: Analysis) -> None:
    shown = table(
        replace(analysis, song="\x1b[2Jx\ny"), take=Path("a\rb"), scale=None, timings=False
    )
    assert shown.splitlines()[0] == "a\ufffdb: \ufffd[2Jx\ufffdy"


@pytest.mark.parametrize(
    ("timing", "said"),
    [
        (TakeTiming(), []),
        (TakeTiming(0.0321, delay_from="chirps"), ["  delay: 32.1 ms, as calibrated"]),
        (TakeTiming(0.05), ["  delay: 50.0 ms, as noted in the recording"]),
        (TakeTiming(0.0, delay_from="given"), ["  delay: 0.0 ms, as given with --delay"]),
        (
            TakeTiming(0.0321, 1.000208, 61.5, delay_from="taps"),
            [
                "  delay: 32.1 ms, as clapped by ear",
                "  clock: the microphone's ran 208 millionths faster than the song's; put right",
                "  from 1:01.5 of the song on",
            ],
        ),
    ],
)
def test_what_the_take_was_shifted_by(
    analysis: Analysis, timing: TakeTiming, said: list[str]
) -> None:
    shown = lines(replace(analysis, timing=timing))
    assert shown[3 : 3 + len(said) + 1] == [*said, ""]
