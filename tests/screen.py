"""A screen that nobody sees: an X server in memory, for the windows of child processes."""

from __future__ import annotations

import os
import shutil
import subprocess
from types import TracebackType

import pytest

_WAIT_S = 20.0


class VirtualScreen:
    """An Xvfb of its own; `environ` is what a process needs to open its window there."""

    def __init__(self, width: int, height: int) -> None:
        self._size = f"{width}x{height}x24"
        self._server: subprocess.Popen[bytes] | None = None
        self.environ: dict[str, str] = {}

    def __enter__(self) -> VirtualScreen:
        if shutil.which("Xvfb") is None:
            reason = "no virtual screen: install xvfb (python installer/bootstrap.py test)"
            if os.environ.get("ASA_REQUIRE_AUDIO") == "1":
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
        reads, writes = os.pipe()
        # The server finds a number that is free and writes it there when it can be used.
        self._server = subprocess.Popen(
            # Without -noreset it takes nobody for a moment whenever its last client has gone.
            [
                "Xvfb",
                "-displayfd",
                str(writes),
                "-screen",
                "0",
                self._size,
                "-nolisten",
                "tcp",
                "-noreset",
            ],
            pass_fds=(writes,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writes)
        with os.fdopen(reads, "rb") as told:
            number = told.readline().strip().decode()
        assert number, "the virtual screen did not come up"
        self.environ = {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(_WAIT_S)
