"""One window for each user and home: a second start hands its files to the first, and ends."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from asa_desktop.services.handing import MOST_BYTES, TAKEN, Meeting, meeting_of, packed, unpacked

log = logging.getLogger(__name__)

_AT_ONCE, _TALK_MS = 8, 2000
_PATIENCE_S, _PAUSE_S, _ANSWER_MS = 3.0, 0.05, 2000


class Instance(QObject):
    """The first start of its user and home. `handed` gives what others were started with."""

    handed = Signal(list)

    def __init__(self, meeting: Meeting | None = None, lock: QLockFile | None = None) -> None:
        super().__init__()
        self._lock, self._talks = lock, set[_Talk]()
        self._server: QLocalServer | None = None
        if meeting is not None:
            self._listen(meeting)

    @property
    def listening(self) -> bool:
        """Whether a second start would find this one."""
        return self._server is not None

    def close(self) -> None:
        """Let the next start be the first."""
        for talk in list(self._talks):
            talk.end()
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def _listen(self, meeting: Meeting) -> None:
        # Whoever holds the lock is alone; a socket that is there was left by one that died.
        QLocalServer.removeServer(meeting.address)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.setMaxPendingConnections(_AT_ONCE)
        if not server.listen(meeting.address):
            log.warning("no second start will find this one: %s", server.errorString())
            return
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                Path(meeting.address).chmod(0o600)
        server.newConnection.connect(self._called)
        self._server = server

    def _called(self) -> None:
        server = self._server
        while server is not None and (socket := server.nextPendingConnection()) is not None:
            if len(self._talks) >= _AT_ONCE:
                socket.abort()
                socket.deleteLater()
                continue
            self._talks.add(_Talk(socket, self))

    def heard(self, talk: _Talk, paths: tuple[Path, ...] | None) -> None:
        """A talk is over; None: it was nothing of ours."""
        self._talks.discard(talk)
        if paths is not None:
            self.handed.emit(list(paths))


class _Talk(QObject):
    """One line from one other start, for as long as that may take."""

    def __init__(self, socket: QLocalSocket, instance: Instance) -> None:
        super().__init__(instance)
        self._socket, self._instance, self._over = socket, instance, False
        socket.setParent(self)
        socket.setReadBufferSize(MOST_BYTES + 1)
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(self.end)
        QTimer.singleShot(_TALK_MS, self, self.end)
        self._line = b""
        self._read()

    def _read(self) -> None:
        if self._over:
            return
        self._line += self._socket.read(MOST_BYTES + 1 - len(self._line)).data()
        if not self._line.endswith(b"\n") and len(self._line) <= MOST_BYTES:
            return
        paths = unpacked(self._line)
        if paths is None:
            self.end()
            return
        self._socket.write(TAKEN)
        self._socket.flush()
        self._finish(paths)

    def end(self) -> None:
        """Nothing came of it."""
        if not self._over:
            log.info("somebody called who is no start of this program")
            self._finish(None)

    def _finish(self, paths: tuple[Path, ...] | None) -> None:
        self._over = True
        self._socket.disconnectFromServer()
        self.deleteLater()
        self._instance.heard(self, paths)


def claim(home: Path, paths: Sequence[Path] = ()) -> Instance | None:
    """Be the first start; None where another is, and has taken `paths` and shows its window.

    Where the two cannot meet, or the other does not answer, this one goes on by itself.
    """
    meeting = meeting_of(home)
    if meeting is None:
        log.info("no folder to meet other starts in")
        return Instance()
    lock = QLockFile(str(meeting.lock))
    lock.setStaleLockTime(0)  # only of a process that is gone
    deadline = time.monotonic() + _PATIENCE_S
    while not lock.tryLock(0):
        if lock.error() != QLockFile.LockError.LockFailedError:
            log.warning("no lock: %s", lock.error())
            return Instance()
        if hand_over(meeting, paths):
            return None
        if time.monotonic() > deadline:
            log.warning("the first start does not answer")
            return Instance()
        time.sleep(_PAUSE_S)
    return Instance(meeting, lock)


def hand_over(meeting: Meeting, paths: Sequence[Path]) -> bool:
    """Say these paths to the first start; whether it took them."""
    socket = QLocalSocket()
    socket.connectToServer(meeting.address)
    if not socket.waitForConnected(_ANSWER_MS):
        return False
    socket.write(packed(paths))
    answer = b""
    while not answer.endswith(b"\n") and socket.waitForReadyRead(_ANSWER_MS):
        answer += socket.readAll().data()
    socket.abort()
    return answer == TAKEN
