"""Where the list of releases lies, and the keys by which it is believed.

Whoever publishes the program fills in the two lines below (docs/packages.md says how); until then
the program has no place to look, and says so.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urlsplit

ADDRESS = ""
"""The list, such as ``https://example.org/asa-desktop/releases.json``; its signature lies beside it
with ``.sig`` at the end. Served from there itself: other hosts are not followed."""

KEYS: tuple[str, ...] = ()
"""Ed25519 public keys, base64, as ``installer/release_list.py key`` says them; any of them will do.
Two, so that a new one can come while the old one is still in use."""

SIGNATURE = ".sig"
LONGEST_ADDRESS = 200
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Place:
    """A list of releases. Only tests have `local` ones: plain http, from this machine alone.

    `certificates` is a file of authorities to be trusted beside the system's.
    """

    address: str
    keys: tuple[bytes, ...]
    local: bool = False
    certificates: str = ""

    @property
    def signature(self) -> str:
        return self.address + SIGNATURE

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""


def here() -> Place | None:
    """This build's place; None where it has none, or one that cannot be."""
    keys = tuple(key for key in map(_key, KEYS) if key is not None)
    if not keys or not is_page(ADDRESS):
        return None
    return Place(ADDRESS, keys)


def is_page(address: object, *, longest: int = LONGEST_ADDRESS) -> bool:
    """Whether this is an https address that may be opened: a host, no user, nothing odd in it."""
    if not isinstance(address, str) or not 0 < len(address) <= longest:
        return False
    if not address.isascii() or not address.isprintable() or set(address) & set(' "<>\\^`{|}'):
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    named = bool(parts.hostname) and parts.hostname != "." and "@" not in parts.netloc
    return parts.scheme == "https" and address.startswith("https://") and named


def _key(text: str) -> bytes | None:
    try:
        key = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return key if len(key) == _KEY_BYTES else None
