"""The guide as a singer goes through it: from the first start to the places of a take."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListWidget, QMenu

from asa_desktop.ui.pages.check_rows import CheckRow
from asa_desktop.ui.pages.review_attributes import AttributeTile
from asa_desktop.ui.plots.lane_clips import ClipCells
from asa_desktop.ui.plots.row import Row
from asa_desktop.ui.plots.strip import ClipStrip
from asa_desktop.ui.widgets.button import Button
from asa_desktop.ui.widgets.choice import Switch
from asa_desktop.ui.widgets.meter import LevelMeter
from asa_desktop.ui.widgets.score import ScoreNumber
from asa_desktop.ui.widgets.slider import LabelledSlider
from tests.guest import Guest, Voice, found_one

Key = Qt.Key
TRY_S = 30.0
OWN, BARE = "Own song", "Bare song"


def walk(guest: Guest, voice: Voice) -> None:
    first_start(guest, voice)
    songs(guest)
    to_the_microphone(guest, voice)
    sing(guest, voice)
    review(guest)
    places(guest)
    not_scored(guest)
    calibrate(guest)


def first_start(guest: Guest, voice: Voice) -> None:
    """The language, the sound check, thirty seconds, and the review explained."""
    guest.reads("The first start asks for the language")
    guest.title("Introduction")
    guest.pick("Language", "Deutsch")
    guest.title("Einführung")
    guest.says("Willkommen")
    guest.pick("Sprache", "English")
    guest.title("Introduction")
    guest.reads("Each step can be skipped")
    guest.button("Skip")
    guest.button("Look at an example")
    guest.press("Next")
    sound_check(guest, voice)
    guest.button("Skip")
    guest.press("Sing 30 seconds")
    guest.title("Sing")
    guest.says("Press Space and sing along", "/ 0:30", "Step 3 of 4")
    guest.button("Skip")
    begin(guest, lambda: guest.type(Key.Key_Space))
    voice.begin()
    began = time.monotonic()
    guest.title("Review")
    voice.end()
    assert TRY_S - 2 < time.monotonic() - began < TRY_S + 10
    guest.says("Step 4 of 4")
    guest.button("Skip")
    guest.picture("tour")
    for _ in range(3):
        guest.press("Next")
    guest.press("Done")
    guest.silent_on("Step 4 of 4")


def takes_of(guest: Guest) -> int:
    """How many takes the library has by now."""
    found: list[int] = []
    guest.context.library.run(lambda it: len(it.takes()), done=found.append)
    guest.until(lambda: found)
    return found[0]


def checked(guest: Guest) -> dict[str, str]:
    """The lines of the sound check and how each stands."""
    return {one.name: one.state for one in guest.seen(CheckRow)}


def sound_check(guest: Guest, voice: Voice) -> None:
    guest.title("Sound check")
    guest.reads("Before the first take with new devices")
    voice.begin()
    wanted = {"Permission": "good", "Devices": "good", "Level": "good", "Disk": "good"}
    guest.until(lambda: wanted.items() <= checked(guest).items())
    voice.end()
    guest.until(lambda: checked(guest)["Noise"] == "good")
    guest.press("I wear headphones")
    assert checked(guest)["Headphones"] == "good"
    guest.reads("Without it a take is shifted by what the system claims")
    guest.says("takes are shifted by what the system claims")


def songs(guest: Guest) -> None:
    guest.control(Key.Key_1)
    guest.title("Songs")
    guest.reads("Two songs come with the program.")
    guest.until(lambda: len(guest.rows("Songs")) == 2)
    guest.reads("Your own: drop a folder")
    guest.drop(guest.things / OWN, guest.things / BARE)
    guest.until(lambda: len(guest.rows("Songs")) == 4)
    guest.button("Add a folder")
    guest.in_file_window(guest.things / "notes" / "Notes.txt", lambda: guest.press("Add songs"))
    guest.until(lambda: len(guest.rows("Songs")) == 5)
    guest.reads("With the original voice in the folder")
    guest.picture("songs")
    states = {row.split(" | ")[0]: row for row in guest.rows("Songs")}
    assert "sung, not scored" in states[BARE]
    assert "not scored" not in states[OWN] + states["Notes alone"]


def to_the_microphone(guest: Guest, voice: Voice) -> None:
    guest.reads("Sing leads to the microphone.")
    guest.press_in_row("Songs", OWN, "Sing")
    guest.title("Sing")
    guest.says(OWN)
    guest.reads("Check on the page for singing")
    guest.press("Check")
    guest.title("Sound check")
    guest.reads("Skip leaves all of it out.")
    guest.press("Skip")
    guest.title("Sing")
    guest.until(guest.button("Record").isEnabled)


def begin(guest: Guest, press: Callable[[], object]) -> None:
    """Begin a take; where a machine that is too busy loses its devices just then, once more."""
    again = guest.button("Again")  # can be pressed as soon as somebody is recorded
    for _ in range(10):
        guest.until(guest.button("Record").isEnabled)
        press()
        guest.until(lambda: again.isEnabled() or "Recording" not in guest.window.windowTitle())
        if again.isEnabled():
            guest.wait(0.5)
            return
    raise AssertionError("no take begins")


def sing(guest: Guest, voice: Voice) -> None:
    guest.reads("Space begins and ends")
    before = takes_of(guest)
    begin(guest, lambda: guest.type(Key.Key_Space))
    guest.press("Stop")
    guest.title("Review")
    guest.press("Sing again")
    guest.reads("Sing again leads back to the microphone.")
    guest.title("Sing")
    begin(guest, lambda: guest.press("Record"))
    guest.reads("Again beside it (R) keeps this take", "The round button.")
    guest.type(Key.Key_R)
    guest.until(lambda: takes_of(guest) == before + 2)
    guest.until(lambda: "Recording" in guest.window.windowTitle())
    voice.begin()
    guest.reads("How loud the microphone hears you")
    meter = found_one(guest.seen(LevelMeter))
    assert len(guest.seen(LabelledSlider)) == 2
    guest.until(lambda: "dB" in meter.words)
    guest.reads("Fold octaves draws you")
    assert found_one(guest.seen(Switch)).text() == "Fold octaves"
    guest.reads("The words, with what is due lit.", "Every three seconds get their score")
    cells = found_one(guest.seen(ClipCells))
    assert len(cells._cells()) >= 3
    guest.wait(3.0)
    guest.picture("singing")
    guest.reads("As soon as the song ends the review opens.")
    guest.title("Review")
    voice.end()
    # How soon scores come is the machine's; `test_window` waits for them in a longer song.
    guest.facts["scored_while_singing"] = sum(one.score is not None for one in cells.clips)


def review(guest: Guest) -> None:
    guest.until(lambda: guest.seen(AttributeTile))
    guest.wait(1.0)
    guest.picture("review")
    guest.reads("The take's score, with how far it would move")
    assert "of 100, ±" in found_one(guest.seen(ScoreNumber)).accessibleName()
    guest.reads("Beside it stands what it was measured against")
    guest.says("Measured against")
    guest.reads("Intonation, rhythm, vibrato, dynamics, steadiness, each from 0 to 100")
    tiles = {one.text(): one.attribute for one in guest.seen(AttributeTile)}
    assert set(tiles) == {"Intonation", "Rhythm", "Vibrato", "Dynamics", "Steadiness", "Tone"}
    guest.reads("Tone has no score")
    assert tiles["Tone"].score is None
    strip = found_one(guest.seen(ClipStrip))
    clips(guest, strip)
    rows(guest, strip)
    hearing(guest)
    guest.reads("Export gives the recording as it is")
    guest.press("Export")
    menu = found_one([one for one in guest.window.findChildren(QMenu) if one.isVisible()])
    assert [one.text() for one in menu.actions()] == ["Report with all plots", "Recording"]
    QTest.keyClick(menu, Key.Key_Escape)
    guest.until(lambda: not menu.isVisible())


def clips(guest: Guest, strip: ClipStrip) -> None:
    guest.reads("Every three seconds you sang.", "J and K go from one to the next")
    assert len(strip.clips) >= 3
    strip.setFocus()
    guest.type(Key.Key_Home, Key.Key_J)
    assert strip.selected == 1
    guest.type(Key.Key_K)
    assert strip.selected == 0
    guest.click(strip, QPoint(round(strip._x(4.5)), strip.height() // 2))
    guest.until(lambda: playing(guest) == "Me")
    guest.type(Key.Key_Space)
    guest.until(lambda: not playing(guest))


def playing(guest: Guest) -> str:
    """Which of the voices' buttons shows that it sounds."""
    voices = [one for one in guest.seen(Button) if one.text() in ("Me", "Original", "Both")]
    return next((one.text() for one in voices if one.sign == "square"), "")


def rows(guest: Guest, strip: ClipStrip) -> None:
    guest.reads("Your pitch over the original's, then chroma and spectrum")
    assert len(guest.seen(Row)) == 4
    guest.reads("The wheel zooms, 0 shows all of it again")
    axis = strip._axis
    guest.turn_wheel(strip, 3)
    assert not axis.whole
    guest.type(Key.Key_0)
    assert axis.whole
    for number in (Key.Key_1, Key.Key_2, Key.Key_3, Key.Key_4):
        guest.type(number)
        assert len(guest.seen(Row)) == 3
        guest.type(number)
        assert len(guest.seen(Row)) == 4


def hearing(guest: Guest) -> None:
    guest.reads("A plays you, B the original, D both")
    for key, word in ((Key.Key_A, "Me"), (Key.Key_B, "Original"), (Key.Key_D, "Both")):
        guest.type(key)
        guest.until(lambda word=word: playing(guest) == word)
        guest.type(Key.Key_Space)
        guest.until(lambda: not playing(guest))
    guest.type(Key.Key_A)
    guest.until(lambda: playing(guest) == "Me")
    guest.type(Key.Key_X)
    guest.until(lambda: playing(guest) == "Original")
    guest.type(Key.Key_Space)
    guest.until(lambda: not playing(guest))


def sounds(guest: Guest) -> bool:
    """Whether the head goes along the strip; in the usual window the list hides the buttons."""
    return found_one(guest.seen(ClipStrip))._playhead is not None


def places(guest: Guest) -> None:
    guest.reads("Press an attribute, and its places are listed")
    listed = [one for one in guest.seen(AttributeTile) if one.attribute.places]
    tile = max(listed, key=lambda one: len(one.attribute.places))
    guest.click(tile)
    found = found_one(guest.seen(QListWidget))
    assert found.count() == len(tile.attribute.places)
    guest.picture("places")
    guest.reads("Press a place, and it is shown and played.")
    guest.click(found.viewport(), found.visualItemRect(found.item(0)).center())
    guest.until(lambda: sounds(guest))
    guest.type(Key.Key_Space)
    guest.until(lambda: not sounds(guest))
    guest.reads("N goes to the next.")
    if found.count() > 1:
        guest.type(Key.Key_N)
        assert found.currentRow() == 1
        guest.until(lambda: sounds(guest))
        guest.type(Key.Key_Space)
    guest.reads("Pressed; pressed again, or with Esc, its places go.")
    guest.click(tile)
    assert not guest.seen(QListWidget)
    guest.click(tile)
    assert guest.seen(QListWidget)
    guest.until(lambda: not sounds(guest))
    guest.type(Key.Key_Escape)
    assert not guest.seen(QListWidget)


def not_scored(guest: Guest) -> None:
    """A take of a song with neither voice nor notes, in which nobody sings."""
    guest.control(Key.Key_1)
    guest.title("Songs")
    guest.press_in_row("Songs", BARE, "Sing")
    guest.title("Sing")
    guest.says("Not scored: this song has no original voice and no notes. Your take is kept.")
    begin(guest, lambda: guest.type(Key.Key_Space))
    guest.title("Review")
    guest.reads("A reason in place of a score", "The sentence says what to do.")
    guest.says("Not scored: the recording is silent; check the microphone")
    guest.picture("silent")


def calibrate(guest: Guest) -> None:
    """With a microphone that hears the headphones, as one that is held to them."""
    guest.press("Settings")
    guest.title("Settings")
    guest.pick("Microphone", "vdesk")
    guest.pick("Headphones", "vspeakers")
    guest.press("Sound check")
    guest.title("Sound check")
    guest.reads("Calibrate measures how late your voice arrives")
    guest.until(lambda: checked(guest)["Delay"] == "warning")
    guest.button("By ear")
    guest.press("Calibrate")
    guest.says("chirps")
    guest.until(lambda: checked(guest)["Delay"] == "good")
    guest.picture("calibrated")
    labels = [one.text() for one in guest.seen(QLabel)]
    assert any("spread" in one for one in labels)
