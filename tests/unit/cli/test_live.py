"""The line that a singer sees, the interrupt that asks, and what a terminal shows."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asa_desktop.cli.interrupts import EndOnInterrupt
from asa_desktop.cli.live import clock, line_at, live_line, note_of
from asa_desktop.cli.progress import fitting
from asa_desktop.core.types import LyricLine
from asa_desktop.engine.snapshot import Snapshot

posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
LYRICS = (LyricLine(1.0, "la la"), LyricLine(3.0, "おおあたり\nlo"))


@pytest.mark.parametrize(
    ("hz", "note"),
    [
        (440.0, "A4 +0"),
        (261.63, "C4 +0"),
        (246.94, "B3 +0"),
        (440 * 2 ** (0.3 / 12), "A4 +30"),
        (440 * 2 ** (-0.4 / 12), "A4 -40"),
        (440 * 2 ** (0.6 / 12), "A#4 -40"),
    ],
)
def test_notes(hz: float, note: str) -> None:
    assert note_of(hz) == note


@given(st.floats(30, 4000))
def test_no_note_is_further_off_than_half_a_semitone(hz: float) -> None:
    assert abs(int(note_of(hz).split()[1])) <= 50


def test_the_line() -> None:
    now = Snapshot(song_s=62.4, peak_db=-30.0, hz=440.0)
    line = live_line(now, end_s=185.0, lyrics=LYRICS, offset_s=60.0)
    assert line == "1:02 of 3:05  [######------] A4 +0    la la"
    assert live_line(Snapshot(song_s=1.0), end_s=None) == "0:01  [------------]"
    assert "TOO LOUD" in live_line(Snapshot(clipping=True), end_s=None)
    assert live_line(Snapshot(peak_db=3.0), end_s=None) == "0:00  [############]"


def test_the_words_of_the_moment() -> None:
    assert [line_at(LYRICS, at) for at in (0.9, 1.0, 2.9)] == ["", "la la", "la la"]
    shown = live_line(Snapshot(song_s=4.0), end_s=None, lyrics=LYRICS)
    assert len(shown.splitlines()) == 1
    assert "おおあたり" in shown


def test_times() -> None:
    assert [clock(each) for each in (-1.0, 0.0, 59.99, 60.0, 3599.0)] == [
        "0:00",
        "0:00",
        "0:59",
        "1:00",
        "59:59",
    ]


def test_wide_letters_take_two_cells() -> None:
    assert fitting("おおabc", 5) == ("おおa", 5)
    assert fitting("おおabc", 3) == ("お", 2)
    assert fitting("e\u0301e", 1) == ("e\u0301", 1)
    assert fitting("abc", 9) == ("abc", 3)


@posix
def test_the_first_interrupt_asks_and_the_second_breaks_off() -> None:
    before = signal.getsignal(signal.SIGINT)
    with EndOnInterrupt() as interrupt:
        assert not interrupt.asked
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.asked
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_the_main_thread_nothing_changes() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def elsewhere() -> None:
        with EndOnInterrupt() as interrupt:
            seen.append((interrupt.asked, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [(False, before)]
