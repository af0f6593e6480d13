"""The list of releases: believed only with its signature, its date and its number in order.

The published description is `resources/schema/releases-1.schema.json`. The signature is over the
exact bytes, and nothing of them is read before it was found good.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from asa_desktop.core.errors import UpdateError
from asa_desktop.services.updates.place import is_page

SCHEMA = "urn:asa-desktop:releases:1"
LARGEST, LARGEST_SIGNATURE = 1 << 16, 256
MOST_RELEASES, LONGEST_ABOUT = 50, 120
LONGEST_LIFE = timedelta(days=400)
"""A list that were good for ever could be shown for ever, in place of every later one."""

_LARGEST_SERIAL = 1 << 53
_VERSION = re.compile(r"(\d{1,5}(?:\.\d{1,5}){1,3})(?:(a|b|rc)(\d{1,4}))?", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FINAL = ("z", 0)

Order = tuple[tuple[int, ...], tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Release:
    """One version: when it came, the page that has it, and what is new in a sentence."""

    version: str
    date: date
    page: str
    about: str


@dataclass(frozen=True, slots=True)
class ReleaseList:
    """A list that was believed. `serial` grows with each that is made."""

    serial: int
    made: datetime
    expires: datetime
    releases: tuple[Release, ...]


def believed(
    content: bytes,
    signature: bytes,
    *,
    keys: Sequence[bytes],
    now: datetime,
    least_serial: int = 0,
) -> ReleaseList:
    """The list that these bytes are.

    Raises
    ------
    UpdateError
        ``updates_refused`` where none of the keys signed them or they are no such list;
        ``updates_stale`` where the list has expired, or one with a higher number was seen.
    """
    if len(content) > LARGEST or not signed(content, signature, keys):
        raise UpdateError("updates_refused", why="signature")
    found = read(content)
    if found.expires <= now:
        raise UpdateError("updates_stale", why="expired")
    if found.serial < least_serial:
        raise UpdateError("updates_stale", why="serial")
    return found


def read(content: bytes) -> ReleaseList:
    """What the bytes of a list say. Raises `UpdateError` ``updates_refused``."""
    try:
        said = json.loads(content.decode("utf-8"))
        return _list(said)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise UpdateError("updates_refused", why=type(error).__name__) from error


def newer(releases: Sequence[Release], than: str) -> Release | None:
    """The newest release that is newer; one for trying only for who uses such a one already."""
    ours = order(than)
    if ours is None:
        return None
    trying = ours[1] != _FINAL
    found: tuple[Order, Release] | None = None
    for release in releases:
        theirs = order(release.version)
        if theirs is None or theirs <= ours or (theirs[1] != _FINAL and not trying):
            continue
        if found is None or theirs > found[0]:
            found = theirs, release
    return found[1] if found else None


def order(version: object) -> Order | None:
    """By what versions are compared; None for what is no version."""
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None:
        return None
    numbers = tuple(int(one) for one in match[1].split("."))
    while len(numbers) > 1 and not numbers[-1]:
        numbers = numbers[:-1]
    return numbers, (match[2], int(match[3])) if match[2] else _FINAL


def release_of(said: Mapping[str, Any]) -> Release:
    """One entry of a list. Raises ValueError, KeyError or TypeError."""
    about = said["about"]
    if order(said["version"]) is None or not is_page(said["page"]):
        raise ValueError("no version, or no page")
    if not isinstance(about, str) or not 0 < len(about) <= LONGEST_ABOUT or not _plain(about):
        raise ValueError("no sentence")
    if not _DAY.fullmatch(said["date"]):
        raise ValueError("no date")
    return Release(said["version"], date.fromisoformat(said["date"]), said["page"], about)


def moment(said: str) -> datetime:
    """A moment of a list. Raises ValueError or TypeError."""
    if not _MOMENT.fullmatch(said):
        raise ValueError("no moment")
    return datetime.fromisoformat(said.removesuffix("Z")).replace(tzinfo=UTC)


def _list(said: Any) -> ReleaseList:
    if not isinstance(said, dict) or said["schema"] != SCHEMA:
        raise ValueError("another form")
    serial, entries = said["serial"], said["releases"]
    if type(serial) is not int or not 0 < serial < _LARGEST_SERIAL:
        raise ValueError("no serial number")
    if not isinstance(entries, list) or len(entries) > MOST_RELEASES:
        raise ValueError("no list")
    made, expires = moment(said["made"]), moment(said["expires"])
    if not made < expires <= made + LONGEST_LIFE:
        raise ValueError("no life that can be")
    return ReleaseList(serial, made, expires, tuple(release_of(one) for one in entries))


def _plain(text: str) -> bool:
    """Nothing that paints elsewhere, ends a line or turns the way of writing."""
    odd = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return not any(unicodedata.category(one) in odd for one in text)


def signed(content: bytes, signature: bytes, keys: Sequence[bytes]) -> bool:
    """Whether one of the keys (Ed25519, 32 bytes) made this signature (base64) of the bytes."""
    from nacl.exceptions import BadSignatureError
    from nacl.signing import VerifyKey

    if len(signature) > LARGEST_SIGNATURE:
        return False
    try:
        raw = base64.b64decode(signature.strip(), validate=True)
    except (ValueError, binascii.Error):
        return False
    if len(raw) != 64:
        return False
    for key in keys:
        try:
            VerifyKey(key).verify(content, raw)
        except (BadSignatureError, ValueError):
            continue
        return True
    return False
