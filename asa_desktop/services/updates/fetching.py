"""The process that opens a socket: it fetches the list and its signature, hands them over, ends.

It reads nothing of what it fetched, and knows nothing but the address: no cookies, no name of the
system, no version. What ssl and http need is imported in here alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urljoin, urlsplit

from asa_desktop.services.updates.place import Place, is_page
from asa_desktop.services.updates.release_list import LARGEST, LARGEST_SIGNATURE

if TYPE_CHECKING:
    import ssl
    import urllib.request
    from email.message import Message
    from http.client import HTTPResponse

AGENT = "asa-desktop"
SOCKET_S, ALL_S = 10.0, 25.0
_REDIRECTS = 3
_MOVED = (301, 302, 303, 307, 308)
_BLOCK = 1 << 13
# Where Linux systems keep their authorities: a Python that was built on one looks in its place.
_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine
)


class Unfetched(Exception):  # noqa: N818 - it becomes an error on the other side
    """Why nothing was fetched, in a word."""


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
    try:
        _context(place)
    except (Unfetched, OSError) as fault:
        why = str(fault) if isinstance(fault, Unfetched) else _why(fault)
        connection.send_bytes(json.dumps({"why": why}).encode())
        return
    import ssl

    for one in (b"{}", ssl.OPENSSL_VERSION.encode(), b""):
        connection.send_bytes(one)


def fetched(place: Place) -> tuple[bytes, bytes]:
    """The list and its signature, unread. Raises `Unfetched`."""
    end = time.monotonic() + ALL_S
    try:
        opener = _opener(place)
    except OSError as error:  # authorities that cannot be read
        raise Unfetched(_why(error)) from error
    content = _get(opener, place.address, LARGEST, place=place, end=end)
    return content, _get(opener, place.signature, LARGEST_SIGNATURE, place=place, end=end)


def _get(
    opener: urllib.request.OpenerDirector, address: str, most: int, *, place: Place, end: float
) -> bytes:
    import http.client
    import urllib.error
    import urllib.request

    at = address
    for _ in range(_REDIRECTS + 1):
        _refuse_elsewhere(at, place)
        request = urllib.request.Request(at, headers={"User-Agent": AGENT, "Accept": "*/*"})
        try:
            with opener.open(request, timeout=SOCKET_S) as reply:
                if reply.status != 200:
                    raise Unfetched(f"status {reply.status}")
                return _read(reply, most, end)
        except urllib.error.HTTPError as error:
            with error:  # its body is nobody's concern
                at = _moved_to(error.code, error.headers, at)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unfetched(_why(error)) from error
    raise Unfetched("redirects")


def _moved_to(status: int, headers: Message, at: str) -> str:
    to = headers.get("Location", "")
    if status not in _MOVED or not to:
        raise Unfetched(f"status {status}")
    try:
        return urljoin(at, str(to))
    except ValueError as error:
        raise Unfetched("redirect") from error


def _refuse_elsewhere(address: str, place: Place) -> None:
    """Follow nobody to another host, another port, or out of TLS."""
    try:
        there, ours = urlsplit(address), urlsplit(place.address)
        same = _door(there) == _door(ours)
    except ValueError as error:
        raise Unfetched("redirect") from error
    plain = there.scheme in ("http", "https") and "@" not in there.netloc
    this_machine = place.local and plain and there.hostname == "127.0.0.1"
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


def _opener(place: Place) -> urllib.request.OpenerDirector:
    """Only what is needed: no files, no ftp, no cookies, no redirects that nobody looked at."""
    import urllib.request as requests

    opener = requests.OpenerDirector()
    opener.addheaders = []
    handlers: list[requests.BaseHandler] = [
        requests.ProxyHandler({} if place.local else None),
        requests.HTTPDefaultErrorHandler(),
        requests.HTTPErrorProcessor(),
    ]
    if urlsplit(place.address).scheme == "http":
        handlers.append(requests.HTTPHandler())
    else:
        handlers.append(requests.HTTPSHandler(context=_context(place)))
    for one in handlers:
        opener.add_handler(one)
    return opener


def _context(place: Place) -> ssl.SSLContext:
    """TLS with the system's authorities, which the system keeps up to date."""
    try:
        import ssl
    except ImportError as error:  # the system's OpenSSL is missing
        raise Unfetched("no TLS") from error
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if os.name != "nt" and paths.cafile is None and not _holds_any(paths.capath):
        known = next((one for one in _AUTHORITIES if Path(one).is_file()), None)
        if known is not None:
            context.load_verify_locations(known)
    if place.certificates:
        context.load_verify_locations(place.certificates)
    return context


def _holds_any(folder: str | None) -> bool:
    with contextlib.suppress(OSError):
        return folder is not None and any(Path(folder).iterdir())
    return False


def _why(error: BaseException) -> str:
    inner = getattr(error, "reason", error)
    name = type(inner if isinstance(inner, BaseException) else error).__name__
    return "time" if isinstance(inner, TimeoutError) else name
