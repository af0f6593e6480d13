"""A server on this machine that has a file of weights, and misbehaves when asked to."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from asa_desktop.services.separation.source import Source
from tests.local_server import listening


@dataclass
class WeightsServer:
    """What it has, how it behaves, and what it was asked for: paths with their headers.

    `trouble`: empty, or ``status 404``, ``cut 1000`` (ends after so many bytes), ``longer``,
    ``other``, ``redirect ADDRESS`` (HERE stands for the server), ``circle``, ``silent``,
    ``whole`` (knows no ranges), ``odd range``, ``past`` (416).
    """

    content: bytes
    address: str = ""
    trouble: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def source(self, *, certificates: str = "") -> Source:
        digest = hashlib.sha256(self.content).hexdigest()
        return Source("w.safetensors", self.address, len(self.content), digest, True, certificates)


@contextlib.contextmanager
def serving_weights(content: bytes, *, tls: bool = False) -> Iterator[WeightsServer]:
    """A server, as long as the block lasts."""
    said = WeightsServer(content)
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said.asked.append((self.path, dict(self.headers.items())))
            with contextlib.suppress(OSError):
                self._answer()

        def _answer(self) -> None:
            kind, _, rest = said.trouble.partition(" ")
            if kind == "silent":
                stopped.wait(60)
                return
            if kind == "status":
                self.send_error(int(rest))
                return
            if kind == "circle" or (kind == "redirect" and not self.path.startswith("/moved")):
                to = self.path if kind == "circle" else rest
                self.send_response(302)
                self.send_header("Location", to.replace("HERE", said.address.rpartition("/")[0]))
                self.end_headers()
                return
            self._file(kind, rest)

        def _file(self, kind: str, rest: str) -> None:
            whole = bytes(len(said.content)) if kind == "other" else said.content
            whole += b"more" if kind == "longer" else b""
            wanted = self.headers.get("Range", "")
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            if kind == "past" and start:
                self.send_error(416)
                return
            if kind == "whole":
                start = 0
            part = whole[start:]
            self.send_response(206 if start else 200)
            if start:
                first = 3 if kind == "odd" else start
                self.send_header("Content-Range", f"bytes {first}-{len(whole) - 1}/{len(whole)}")
            self.send_header("Set-Cookie", "who=you")
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part[: int(rest)] if kind == "cut" else part)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with listening(Handler, tls=tls, stopped=stopped) as address:
        said.address = f"{address}/w.safetensors"
        yield said
