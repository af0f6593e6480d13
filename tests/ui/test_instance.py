"""A second start hands its files to the first; strangers are not heard; files reach their page."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from lists_room import Room, with_takes
from material import RATE, sing
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot
from record_room import until

from asa_desktop.services.handing import GREETING, MOST_BYTES, Meeting, meeting_of, packed
from asa_desktop.ui.context import AppContext
from asa_desktop.ui.inbox import Inbox
from asa_desktop.ui.instance import Instance, claim
from asa_desktop.ui.pages.base import Page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its sockets have no files there")

SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from asa_desktop.ui.instance import claim
application = QCoreApplication([])
found = claim(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
print("handed over" if found is None else f"alone, {found.listening}")
"""


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="asa") as folder:  # short: a socket's address is
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(folder)
    tempfile.tempdir = None


class First:
    """The first start of a home, and what it was handed."""

    def __init__(self, qtbot: QtBot, home: Path) -> None:
        self.qtbot, self.home = qtbot, home
        found = claim(home)
        assert found is not None
        self.instance: Instance = found
        self.got: list[list[Path]] = []
        self.instance.handed.connect(self.got.append)
        meeting = meeting_of(home)
        assert meeting is not None
        self.meeting: Meeting = meeting

    def second(self, *paths: object) -> str:
        """Start another, and let this one live meanwhile."""
        other = subprocess.Popen(
            [sys.executable, "-c", SECOND, self.home, *map(str, paths)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        until(self.qtbot, lambda: other.poll() is not None)
        assert other.stdout is not None
        with other.stdout:
            return other.stdout.read().strip()

    def call(self, message: bytes, *, hang_up: bool = False) -> QLocalSocket:
        """Say something as anybody could."""
        socket = QLocalSocket(self.instance)
        socket.connectToServer(self.meeting.address)
        assert socket.waitForConnected(2000)
        socket.write(message)
        socket.flush()
        if hang_up:
            socket.disconnectFromServer()
        return socket


@pytest.fixture
def first(qtbot: QtBot, qapp: object, runtime: Path, tmp_path: Path) -> Iterator[First]:
    made = First(qtbot, tmp_path / "home")
    yield made
    made.instance.close()


def test_a_second_start_hands_its_files_over_and_ends(first: First, tmp_path: Path) -> None:
    files = [tmp_path / "Zoë 歌.wav", tmp_path / "a song"]
    assert first.second(*files) == "handed over"
    assert first.got == [files]
    assert first.second() == "handed over"  # to show the window
    assert first.got == [files, []]


def test_only_its_user_can_reach_it(first: First) -> None:
    address = Path(first.meeting.address)
    assert stat.S_ISSOCK(address.stat().st_mode)
    assert address.stat().st_mode & 0o077 == 0
    assert address.parent.stat().st_mode & 0o077 == 0


def test_another_home_has_a_window_of_its_own(first: First, tmp_path: Path) -> None:
    other = claim(tmp_path / "elsewhere")
    assert other is not None
    assert other.listening
    other.close()


@pytest.mark.parametrize(
    "message",
    [b"\n", b"\0" * 100 + b"\n", b"GET / HTTP/1.1\r\n\r\n", GREETING + b'["relative"]\n',
     b"x" * (MOST_BYTES + 10), GREETING + b'["/a"]\n\n'],
)  # fmt: skip
def test_garbage_is_not_heard_and_harms_nobody(first: First, message: bytes) -> None:
    socket = first.call(message)
    until(first.qtbot, lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert socket.readAll().data() == b""
    assert first.got == []
    assert first.second("/a") == "handed over"
    assert first.got == [[Path("/a")]]


def test_a_line_in_pieces_is_heard_and_a_broken_one_is_not(first: First) -> None:
    line = packed([Path("/music/a.wav")])
    first.call(line[:20], hang_up=True)
    socket = first.call(line[:20])
    first.qtbot.wait(50)
    socket.write(line[20:])
    until(first.qtbot, lambda: first.got == [[Path("/music/a.wav")]])


def test_many_who_say_nothing_do_not_keep_others_out(first: First) -> None:
    silent = [first.call(b"") for _ in range(20)]
    until(
        first.qtbot,
        lambda: all(
            one.state() == QLocalSocket.LocalSocketState.UnconnectedState for one in silent
        ),
    )
    assert first.second("/a") == "handed over"


def test_what_a_killed_start_left_is_in_nobodys_way(
    qtbot: QtBot, qapp: object, runtime: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    killed = SECOND + "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", killed, str(home)], check=False, capture_output=True)
    meeting = meeting_of(home)
    assert meeting is not None
    assert Path(meeting.address).exists()
    after = First(qtbot, home)
    assert after.instance.listening
    assert after.second("/a") == "handed over"
    after.instance.close()
    assert not Path(meeting.address).exists()


def test_one_that_does_not_answer_keeps_nobody_waiting(
    first: First, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asa_desktop.ui.instance._PATIENCE_S", 0.1)
    monkeypatch.setattr("asa_desktop.ui.instance._ANSWER_MS", 50)
    alone = claim(first.home)  # in this very process, whose events nobody looks at meanwhile
    assert alone is not None
    assert not alone.listening
    alone.close()
    assert first.instance.listening


def test_without_a_place_to_meet_everybody_is_alone(
    qapp: object, runtime: Path, tmp_path: Path
) -> None:
    (runtime / "asa-desktop").mkdir()
    (runtime / "asa-desktop").chmod(0o777)
    (runtime / f"asa-desktop-{os.getuid()}").mkdir()
    (runtime / f"asa-desktop-{os.getuid()}").chmod(0o777)
    for _ in range(2):
        alone = claim(tmp_path / "home")
        assert alone is not None
        assert not alone.listening


# What becomes of the files


class Lists(Room):
    """The window with songs and takes, and its inbox."""

    def __init__(self, qtbot: QtBot, context: AppContext, folder: Path) -> None:
        super().__init__(qtbot, context)
        self.library(lambda it: with_takes(it, folder))
        self.inbox = Inbox(self.window)


@pytest.fixture
def lists(qtbot: QtBot, ring: object, context: AppContext, tmp_path: Path) -> Lists:
    return Lists(qtbot, context, tmp_path / "files")


def recording(tmp_path: Path) -> Path:
    path = tmp_path / "sung elsewhere.wav"
    soundfile.write(path, sing(1.0), RATE)
    return path


def test_recordings_come_to_the_question_whose_they_are(lists: Lists, tmp_path: Path) -> None:
    lists.inbox.take([recording(tmp_path)])
    lists.until(lambda: lists.window.page is not None and lists.window.page.title == "Takes")
    takes: Any = lists.window.page
    lists.until(takes.bring_panel.isVisible)
    assert takes.bring_panel.files == [recording(tmp_path)]
    assert takes.bring_panel.other.isVisible()  # it may be a song as well
    assert not lists.window.isMinimized()


def test_songs_are_put_on_the_list(lists: Lists, tmp_path: Path) -> None:
    folder = tmp_path / "My song"
    folder.mkdir()
    soundfile.write(folder / "vocal.wav", sing(4.0), RATE)
    (folder / "notes.txt").write_text("#TITLE:Given\n#ARTIST:A\n#BPM:120\n: 0 4 0 la\nE\n")
    lists.inbox.take([folder])
    lists.until(lambda: "Given" in lists.said)
    assert lists.window.windowTitle() == "Songs – ASA Desktop"


@pytest.mark.parametrize("ending", ["zip", "asamodels"])
def test_a_pack_that_is_none_is_said(
    lists: Lists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "own"))
    pack = tmp_path / f"models.{ending}"
    pack.write_bytes(b"no zip at all")
    lists.inbox.take([pack])
    lists.until(lambda: pack.name in lists.said)
    assert not (tmp_path / "own" / "models").exists()


def test_while_somebody_sings_they_wait(
    lists: Lists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = lists.songs()
    monkeypatch.setattr(type(page), "busy", property(lambda _: True))
    lists.inbox.take([recording(tmp_path)])
    lists.qtbot.wait(300)
    assert lists.window.page is page
    monkeypatch.setattr(type(page), "busy", Page.busy)
    lists.until(lambda: lists.window.page is not page)


def test_the_system_can_ask_for_a_file(
    lists: Lists, tmp_path: Path, qapp: QCoreApplication
) -> None:
    qapp.installEventFilter(lists.inbox)
    QCoreApplication.sendEvent(qapp, QFileOpenEvent(str(recording(tmp_path))))
    qapp.removeEventFilter(lists.inbox)
    takes: Any = lists.takes()
    lists.until(takes.bring_panel.isVisible)
