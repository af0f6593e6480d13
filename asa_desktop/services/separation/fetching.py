"""The process that opens a socket for the weights: it fills a file, says how far it is, and ends.

It judges nothing of what it fetched: whoever started it compares the sha256. A file that is there
in part is gone on with where the server can do that, else it begins anew.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from asa_desktop.services.https import AGENT, Unfetched, moved_to, on_this_machine, opener, why
from asa_desktop.services.separation.source import Source
from asa_desktop.services.updates.place import is_page

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from typing import BinaryIO

SOCKET_S = 30.0
_REDIRECTS = 5
_LONGEST = 8192
_BLOCK = 1 << 16
_TELL_S = 0.2


Tell = Callable[[int], object]


@dataclass(slots=True)
class _Reply:
    """An answer, and at which byte of the file it begins."""

    http: HTTPResponse
    start: int


def main(connection: Connection, source: Source, part: Path) -> None:
    """Fetch into `part`; what is said are small JSON objects: ``got``, ``why``, or nothing more."""
    try:
        fetch(
            source, part, tell=lambda got: connection.send_bytes(json.dumps({"got": got}).encode())
        )
    except Unfetched as fault:
        connection.send_bytes(json.dumps({"why": str(fault)}).encode())
    except OSError as error:  # the disk's
        told = {"why": "disk", "errno": error.errno or 0}
        connection.send_bytes(json.dumps(told).encode())
    else:
        connection.send_bytes(b"{}")


def fetch(source: Source, part: Path, *, tell: Tell = lambda got: None) -> None:
    """Fill `part` up to the size of the source. Raises `Unfetched`, and OSError of the disk."""
    with part.open("ab") as file:
        there = file.seek(0, os.SEEK_END)
        if there >= source.size:
            file.truncate(there := 0)
        reply = _asked(source, there)
        with reply.http:
            if reply.start != there:
                file.truncate(0)
            _copy(reply, file, source.size, tell)
        file.flush()
        os.fsync(file.fileno())


def _asked(source: Source, there: int) -> _Reply:
    import http.client
    import urllib.error
    import urllib.request

    try:
        tls = not (source.local and source.address.startswith("http:"))
        made = opener(tls=tls, local=source.local, certificates=source.certificates)
    except OSError as error:  # authorities that cannot be read
        raise Unfetched(why(error)) from error
    at = source.address
    for _ in range(_REDIRECTS + 1):
        _refuse_odd(at, source)
        headers = {"User-Agent": AGENT, "Accept": "*/*"}
        if there:
            headers["Range"] = f"bytes={there}-"
        try:
            return _begun(made.open(urllib.request.Request(at, headers=headers), timeout=SOCKET_S))
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 416 and there:  # it does not go on from there
                    there = 0
                    continue
                at = moved_to(error.code, error.headers, at)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unfetched(why(error)) from error
    raise Unfetched("redirects")


def _begun(http: HTTPResponse) -> _Reply:
    if http.status == 200:
        return _Reply(http, 0)
    said = http.headers.get("Content-Range", "")
    first = said.removeprefix("bytes ").partition("-")[0]
    if http.status == 206 and first.isdecimal():
        return _Reply(http, int(first))
    http.close()
    raise Unfetched(f"status {http.status}")


def _refuse_odd(address: str, source: Source) -> None:
    """Stay within TLS. Other hosts are followed: hubs keep their files elsewhere, and the bytes are
    known by their sha256 alone."""
    try:
        fine = is_page(address, longest=_LONGEST) or (source.local and on_this_machine(address))
    except ValueError:
        fine = False
    if not fine:
        raise Unfetched("redirect")


def _copy(reply: _Reply, file: BinaryIO, size: int, tell: Tell) -> None:
    import http.client

    done, told = reply.start, 0.0
    while True:
        try:
            block = reply.http.read1(_BLOCK)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unfetched(why(error)) from error
        if not block:
            return
        if done + len(block) > size:
            raise Unfetched("size")
        file.write(block)
        done += len(block)
        if time.monotonic() - told > _TELL_S:
            told = time.monotonic()
            tell(done)
