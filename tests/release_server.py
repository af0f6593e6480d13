"""A server on this machine that stands for the one with the list of releases, good or hostile."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from nacl.signing import SigningKey

from asa_desktop.services.updates.place import Place
from tests.local_server import listening

KEY = SigningKey(b"k" * 32)
OTHER_KEY = SigningKey(b"o" * 32)
PAGE = "https://example.org/asa/9.0.0"


def release(version: str = "9.0.0", **other: Any) -> dict[str, Any]:
    """An entry of a list."""
    return {"version": version, "date": "2026-11-30", "page": PAGE, "about": "Sings along.",
            **other}  # fmt: skip


def list_of(*releases: dict[str, Any], **other: Any) -> dict[str, Any]:
    """A list that is good until long after these tests are read by anybody."""
    return {"schema": "urn:asa-desktop:releases:1", "serial": 100, "made": "2126-01-01T00:00:00Z",
            "expires": "2126-12-01T00:00:00Z", "releases": list(releases), **other}  # fmt: skip


def signed(content: bytes, key: SigningKey = KEY) -> bytes:
    """What lies beside a list."""
    return base64.b64encode(key.sign(content).signature) + b"\n"


@dataclass
class Server:
    """What it says, and what it was asked. `trouble` names what is wrong with it."""

    address: str = ""
    content: bytes = b""
    signature: bytes = b""
    trouble: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def offers(self, *releases: dict[str, Any], **other: Any) -> None:
        """Have it say a list, signed."""
        self.says(json.dumps(list_of(*releases, **other)).encode())

    def says(self, content: bytes, *, key: SigningKey = KEY) -> None:
        """Have it say these bytes, signed."""
        self.content, self.signature = content, signed(content, key)

    def place(self, *, certificates: str = "") -> Place:
        return Place(self.address, (bytes(KEY.verify_key),), True, certificates)


@contextlib.contextmanager
def serving(*, tls: bool = False) -> Iterator[Server]:
    """A server, as long as the block lasts."""
    said = Server()
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said.asked.append((self.path, dict(self.headers.items())))
            with contextlib.suppress(OSError):
                self._answer()

        def _answer(self) -> None:
            kind, _, rest = said.trouble.partition(" ")
            content = said.signature if self.path.endswith(".sig") else said.content
            if kind == "status":
                self.send_error(int(rest))
                return
            if kind == "redirect" and not self.path.startswith("/moved"):
                self._redirect(rest.replace("HERE", said.address.rpartition("/")[0]))
                return
            if kind == "circle":
                self._redirect(self.path)
                return
            if kind == "silent":
                stopped.wait(60)
                return
            self.send_response(200)
            self.send_header("Set-Cookie", "who=you")
            if kind == "cut":
                self.send_header("Content-Length", str(len(content)))
                content = content[: len(content) // 2]
            self.end_headers()
            if kind == "endless":
                while not stopped.is_set():
                    self.wfile.write(b" " * 4096)
            if kind == "drips":
                while not stopped.wait(0.05):
                    self.wfile.write(b" ")
                    self.wfile.flush()
            self.wfile.write(content)

        def _redirect(self, to: str) -> None:
            self.send_response(302)
            suffix = ".sig" if self.path.endswith(".sig") and to.startswith("/moved") else ""
            self.send_header("Location", to + suffix)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with listening(Handler, tls=tls, stopped=stopped) as address:
        said.address = f"{address}/releases.json"
        yield said
