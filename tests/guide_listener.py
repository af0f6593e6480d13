"""The guide without a microphone: the example, the teacher's part with its takes, the settings."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QListWidget

from asa_desktop.ui.pages.check_rows import CheckRow
from asa_desktop.ui.pages.review_attributes import AttributeTile
from asa_desktop.ui.theme.theme import tokens
from asa_desktop.ui.theme.tokens import DARK
from asa_desktop.ui.widgets.search import SearchField
from tests.guest import Guest, found_one
from tests.guide_singer import playing

Key = Qt.Key
MEDLEY = "PJS Medley"


def walk(guest: Guest) -> None:
    the_example(guest)
    without_a_microphone(guest)
    students(guest)
    orders(guest)
    there_and_back(guest)
    what_to_look_at(guest)
    assessed_again(guest)
    settings(guest)
    by_keys(guest)


def the_example(guest: Guest) -> None:
    guest.title("Introduction")
    guest.reads("Without a microphone, Look at an example")
    guest.press("Next")
    guest.title("Sound check")
    guest.until(lambda: any(one.state == "bad" for one in guest.seen(CheckRow)))
    assert not guest.button("Sing 30 seconds").isEnabled()
    guest.picture("no-microphone")
    guest.press("Look at an example")
    guest.title("Review")
    guest.says("an example, rendered, not sung", "Step 4 of 4")
    guest.type(Key.Key_Escape)
    guest.silent_on("Step 4 of 4")
    guest.control(Key.Key_2)
    guest.title("Takes")
    guest.says("No takes yet")
    guest.press("Look at an example")
    guest.says("an example, rendered, not sung")
    guest.reads("The example is never listed among yours.")
    guest.control(Key.Key_2)
    guest.says("No takes yet")


def without_a_microphone(guest: Guest) -> None:
    """The page for singing says what is missing; the way to the settings and back is one press."""
    guest.control(Key.Key_1)
    guest.until(lambda: guest.rows("Songs"))
    guest.press_in_row("Songs", MEDLEY, "Sing")
    guest.title("Sing")
    guest.until(lambda: "Not ready" in guest.window.windowTitle())
    assert not guest.button("Record").isEnabled()
    guest.picture("not-ready")
    guest.reads("A device is missing, and the sentence above", "Plug it in, and the button is")
    guest.press("Choose a device")
    guest.title("Settings")
    guest.says("The song waits until you have chosen.")
    guest.press("Go on")
    guest.title("Sing")
    guest.until(lambda: "Not ready" in guest.window.windowTitle())


def students(guest: Guest) -> None:
    guest.reads("A recording made elsewhere can be dropped here", "A student records with whatever")
    guest.reads("Drop it on the takes, choose the song", "It need not begin with the song")
    guest.control(Key.Key_2)
    guest.title("Takes")
    guest.drop(guest.things / "from home.flac")
    guest.says("Bring in from home.flac as a take")
    named(guest, "Ada")
    guest.until(lambda: len(guest.rows("Takes")) == 1)
    guest.in_file_window(guest.things / "another.flac", lambda: guest.press("Bring in a recording"))
    guest.says("Bring in another.flac as a take")
    named(guest, "Bo")
    guest.until(lambda: len(guest.rows("Takes")) == 2)


def named(guest: Guest, singer: str) -> None:
    """Choose the song, and write who sings; the panel's lists stand under the page's own."""
    (song,) = (one for one in guest.seen(QComboBox) if one.findText(MEDLEY, _STARTS) >= 0 and
               one.findText("All songs") < 0)  # fmt: skip
    guest.pick_in(song, MEDLEY)
    guest.write("Singer", singer)


_STARTS = Qt.MatchFlag.MatchStartsWith


def orders(guest: Guest) -> None:
    guest.reads("All takes of all singers: by Newest, Singer or Song")
    guest.reads("The list of takes sorts and filters by singer and by song:")
    for word in ("Newest", "Song", "Singer"):
        guest.press(word)
    first, second = guest.rows("Takes")
    assert "Ada" in first
    assert "Bo" in second
    guest.picture("takes")
    guest.pick("Singer", "Bo")
    assert "Bo" in found_one(guest.rows("Takes"))
    guest.pick("Singer", "All singers")
    guest.reads("on one song (chosen above the list")
    guest.pick("Song", MEDLEY)
    assert len(guest.rows("Takes")) == 2
    guest.pick("Song", "All songs")


def there_and_back(guest: Guest) -> None:
    guest.reads("Rename gives it another name or singer.")
    guest.choose_row("Takes", "Bo")
    guest.press("Rename")
    guest.write("Singer", "Cleo")
    guest.until(lambda: any("Cleo" in one for one in guest.rows("Takes")))
    guest.reads("Move to the bin gives the recording to the system's bin")
    for way in ("Undo", "Restore"):
        guest.choose_row("Takes", "Cleo")
        guest.press("Move to the bin")
        guest.until(lambda: len(guest.rows("Takes")) == 1)
        if way == "Undo":
            guest.press("Undo")
        else:
            guest.press("In the bin: 1")
            guest.until(lambda: "Cleo" in guest.rows("Takes")[0])
            guest.press_in_row("Takes", "Cleo", "Restore")
        guest.until(lambda: len(guest.rows("Takes")) == 2)


def what_to_look_at(guest: Guest) -> None:
    guest.choose_row("Takes", "Ada")
    guest.type(Key.Key_Return)
    guest.title("Review")
    guest.until(lambda: guest.seen(AttributeTile))
    guest.says("s into the song.")
    guest.reads("Press an attribute rather than read the number")
    tile = next(one for one in guest.seen(AttributeTile) if one.text() == "Intonation")
    guest.click(tile)
    listed = found_one(guest.seen(QListWidget))
    texts = [listed.item(at).text() for at in range(listed.count())]
    assert any("cents low" in one or "cents high" in one for one in texts), texts
    guest.reads("Both lets a student hear the difference.")
    guest.type(Key.Key_Escape)  # in the usual window the list stands where the clip is
    guest.press("Both")
    guest.until(lambda: playing(guest) == "Both")
    guest.press("Both")
    guest.until(lambda: not playing(guest))
    guest.picture("student")


def assessed_again(guest: Guest) -> None:
    guest.reads("Assess again judges a take anew")
    guest.control(Key.Key_2)
    guest.choose_row("Takes", "Ada")
    guest.press("Assess again")
    guest.says("The recording and what was found before stay as they are.")
    guest.press("Assess")
    guest.title("Review")
    guest.until(
        lambda: any(one.accessibleName() == "Analysis of the take" and one.count() == 2
                    for one in guest.seen(QComboBox))
    )  # fmt: skip


def settings(guest: Guest) -> None:
    guest.press("Settings")
    guest.title("Settings")
    guest.reads("Language, light or dark, and less motion")
    names = (
        "Language", "Theme", "Motion", "Name", "Microphone", "Headphones", "Test", "Model",
        "Runs on", "Folder", "Version", "Introduction", "Logs",
    )  # fmt: skip
    shown = guest.texts()
    assert [one for one in names if one not in shown] == []
    guest.button("Licences")
    guest.reads("Everything holds at once, but for what says otherwise.")
    guest.says("Used from the next start on.")
    guest.press("Dark")
    assert tokens() is DARK
    guest.picture("settings-dark")
    guest.press("Light")
    assert tokens() is not DARK
    guest.reads("In the settings, Newer versions:", "Look now, or a switch")
    guest.says("Newer versions")
    guest.button("Look now")
    guest.reads("The settings and the page for singing hold who sings now")
    guest.write("Name", "Dora")
    guest.reads("Settings, Play a tone and listen")
    guest.press("Play a tone and listen")
    guest.until(
        lambda: "Stop" not in {one.text() for one in guest.seen(type(guest.button("Dark")))}
    )
    guest.control(Key.Key_1)
    guest.press_in_row("Songs", MEDLEY, "Sing")
    guest.title("Sing")
    guest.until(lambda: guest.named(QLineEdit, "Singer").text() == "Dora")
    guest.press("Settings")
    guest.press("Show the introduction again")
    guest.title("Introduction")


def by_keys(guest: Guest) -> None:
    guest.reads("Everything can be done from the keyboard:", "Tab goes along, Enter presses")
    for key, page in ((Key.Key_1, "Songs"), (Key.Key_2, "Takes"), (Key.Key_3, "Settings")):
        guest.control(key)
        guest.title(page)
    guest.control(Key.Key_1)
    guest.title("Songs")
    guest.type(Key.Key_Slash)
    assert isinstance(guest.window.focusWidget(), SearchField)
    guest.type(Key.Key_Escape)
    guest.tab_to(lambda one: one.accessibleName() == "Add a folder")
    guest.tab_to(lambda one: one.accessibleName() == "Songs")
    guest.type(Key.Key_Return)
    guest.title("Sing")
    guest.type(Key.Key_F11)
    guest.until(guest.window.isFullScreen)
    guest.type(Key.Key_F11)
    guest.until(lambda: not guest.window.isFullScreen())
    guest.type(Key.Key_Escape)
    guest.title("Songs")
