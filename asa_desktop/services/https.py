"""What speaks TLS and HTTP for the few processes that may: no files, no cookies, nobody followed.

ssl and http are imported in here alone, and only when asked for: the window's process never does.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    import ssl
    import urllib.request
    from email.message import Message

AGENT = "asa-desktop"
MOVED = (301, 302, 303, 307, 308)
# Where Linux systems keep their authorities: a Python that was built on one looks in its place.
AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine
)


class Unfetched(Exception):  # noqa: N818 - it becomes an error on the other side
    """Why nothing was fetched, in a word."""


def opener(*, tls: bool, local: bool, certificates: str = "") -> urllib.request.OpenerDirector:
    """Only what is needed: no files, no ftp, no cookies, no redirects that nobody looked at.

    `local` knows no proxies; `certificates` is a file of authorities to be trusted beside the
    system's. Raises `Unfetched`, and `OSError` where authorities cannot be read.
    """
    import urllib.request as requests

    made = requests.OpenerDirector()
    made.addheaders = []
    handlers: list[requests.BaseHandler] = [
        requests.ProxyHandler({} if local else None),
        requests.HTTPDefaultErrorHandler(),
        requests.HTTPErrorProcessor(),
    ]
    if tls:
        handlers.append(requests.HTTPSHandler(context=_context(certificates)))
    else:
        handlers.append(requests.HTTPHandler())
    for one in handlers:
        made.add_handler(one)
    return made


def tls_library() -> str:
    """What speaks TLS here, as it names itself. Raises `Unfetched` as `opener`, and `OSError`."""
    _context("")
    import ssl

    return ssl.OPENSSL_VERSION


def moved_to(status: int, headers: Message, at: str) -> str:
    """Where an answer of this status leads. Raises `Unfetched`."""
    to = headers.get("Location", "")
    if status not in MOVED or not to:
        raise Unfetched(f"status {status}")
    try:
        return urljoin(at, str(to))
    except ValueError as error:
        raise Unfetched("redirect") from error


def on_this_machine(address: str) -> bool:
    """Whether an address is 127.0.0.1 itself, which tests may speak to without TLS."""
    parts = urlsplit(address)
    plain = parts.scheme in ("http", "https") and "@" not in parts.netloc
    return plain and parts.hostname == "127.0.0.1"


def why(error: BaseException) -> str:
    """What went wrong, in a word."""
    inner = getattr(error, "reason", error)
    name = type(inner if isinstance(inner, BaseException) else error).__name__
    return "time" if isinstance(inner, TimeoutError) else name


def _context(certificates: str) -> ssl.SSLContext:
    """TLS with the system's authorities, which the system keeps up to date."""
    try:
        import ssl
    except ImportError as error:  # the system's OpenSSL is missing
        raise Unfetched("no TLS") from error
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if os.name != "nt" and paths.cafile is None and not _holds_any(paths.capath):
        known = next((one for one in AUTHORITIES if Path(one).is_file()), None)
        if known is not None:
            context.load_verify_locations(known)
    if certificates:
        context.load_verify_locations(certificates)
    return context


def _holds_any(folder: str | None) -> bool:
    with contextlib.suppress(OSError):
        return folder is not None and any(Path(folder).iterdir())
    return False
