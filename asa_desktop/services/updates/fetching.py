"""The process that opens a socket: it fetches the list and its signature, hands them over, ends.

It reads nothing of what it fetched, and knows nothing but the address: no cookies, no name of the
system, no version.
"""

from __future__ import annotations

import json
import time
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from asa_desktop.services.https import (
    AGENT,
    Unfetched,
    moved_to,
    on_this_machine,
    opener,
    tls_library,
    why,
)
from asa_desktop.services.updates.place import Place, is_page
from asa_desktop.services.updates.release_list import LARGEST, LARGEST_SIGNATURE

if TYPE_CHECKING:
    import urllib.request
    from http.client import HTTPResponse

SOCKET_S, ALL_S = 10.0, 25.0
_REDIRECTS = 3
_BLOCK = 1 << 13


def main(connection: Connection, place: Place) -> None:
    """Fetch and hand over: what went wrong as JSON, or ``{}``, the list and its signature."""
    try:
        content, signature = fetched(place)
    except Unfetched as fault:
        connection.send_bytes(json.dumps({"why": str(fault)}).encode())
        return
    for one in (b"{}", content, signature):
        connection.send_bytes(one)


def probe(connection: Connection, place: Place) -> None:
    """Open nothing: hand over what would speak TLS, or why nothing could."""
    del place
    try:
        library = tls_library()
    except (Unfetched, OSError) as fault:
        word = str(fault) if isinstance(fault, Unfetched) else why(fault)
        connection.send_bytes(json.dumps({"why": word}).encode())
        return
    for one in (b"{}", library.encode(), b""):
        connection.send_bytes(one)


def fetched(place: Place) -> tuple[bytes, bytes]:
    """The list and its signature, unread. Raises `Unfetched`."""
    end = time.monotonic() + ALL_S
    try:
        tls = urlsplit(place.address).scheme != "http"
        made = opener(tls=tls, local=place.local, certificates=place.certificates)
    except OSError as error:  # authorities that cannot be read
        raise Unfetched(why(error)) from error
    content = _get(made, place.address, LARGEST, place=place, end=end)
    return content, _get(made, place.signature, LARGEST_SIGNATURE, place=place, end=end)


def _get(
    made: urllib.request.OpenerDirector, address: str, most: int, *, place: Place, end: float
) -> bytes:
    import http.client
    import urllib.error
    import urllib.request

    at = address
    for _ in range(_REDIRECTS + 1):
        _refuse_elsewhere(at, place)
        request = urllib.request.Request(at, headers={"User-Agent": AGENT, "Accept": "*/*"})
        try:
            with made.open(request, timeout=SOCKET_S) as reply:
                if reply.status != 200:
                    raise Unfetched(f"status {reply.status}")
                return _read(reply, most, end)
        except urllib.error.HTTPError as error:
            with error:  # its body is nobody's concern
                at = moved_to(error.code, error.headers, at)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unfetched(why(error)) from error
    raise Unfetched("redirects")


def _refuse_elsewhere(address: str, place: Place) -> None:
    """Follow nobody to another host, another port, or out of TLS."""
    try:
        there, ours = urlsplit(address), urlsplit(place.address)
        same = _door(there) == _door(ours)
    except ValueError as error:
        raise Unfetched("redirect") from error
    this_machine = place.local and on_this_machine(address)
    if not same or not (is_page(address) or this_machine):
        raise Unfetched("redirect")


def _door(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port


def _read(reply: HTTPResponse, most: int, end: float) -> bytes:
    content = bytearray()
    while block := reply.read1(_BLOCK):
        content += block
        if len(content) > most:
            raise Unfetched("size")
        if time.monotonic() > end:
            raise Unfetched("time")
    return bytes(content)
