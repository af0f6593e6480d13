"""The list of releases that the program may look at: made from the changelog, and signed.

    python installer/release_list.py key FILE     make a key; its private half goes to FILE (0600)
    python installer/release_list.py make FOLDER --page ADDRESS [--key FILE] [--days N]
                                                  write releases.json and releases.json.sig
    python installer/release_list.py check LIST   would this build's keys believe it today?
    python installer/release_list.py needs        what pip has to install for this, from the lock

ADDRESS is the page of a release, with {version} in it. Without --key the key is taken from
ASA_RELEASE_KEY (the file's line); where there is none, none is made, and that is no fault.
docs/packages.md tells where it goes from here.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "installer")]

from asa_desktop import __version__  # noqa: E402
from asa_desktop.core.errors import AsaError  # noqa: E402
from asa_desktop.services.updates import place, release_list  # noqa: E402

if TYPE_CHECKING:
    from nacl.signing import SigningKey

NAME, VARIABLE = "releases.json", "ASA_RELEASE_KEY"
DAYS = 180
"""How long a list is good. A shorter time tells sooner that somebody holds newer ones back; the
list has to be signed anew before it is over, also where there was no release."""

_HEAD = re.compile(r"^## (?P<version>\S+) \((?P<when>[^)]+)\)$")
_SEED_BYTES = 32


class Problem(Exception):  # noqa: N818 - one sentence for whoever publishes
    """Why there is no list, in a sentence."""


@dataclass(frozen=True)
class Entry:
    """A version of the changelog; `when` is None while it is unreleased."""

    version: str
    when: date | None
    about: str


def changes(text: str) -> list[Entry]:
    """The versions of a changelog, the newest first. Raises Problem."""
    found: list[tuple[str, str, list[str]]] = []
    for line in text.splitlines():
        if head := _HEAD.match(line):
            found.append((head["version"], head["when"], []))
        elif found:
            found[-1][2].append(line)
    return [Entry(version, _day(version, when), _about(lines)) for version, when, lines in found]


def _day(version: str, when: str) -> date | None:
    if when == "unreleased":
        return None
    try:
        return date.fromisoformat(when)
    except ValueError:
        raise Problem(f"CHANGELOG.md dates {version} {when}: write it as 2026-01-31.") from None


def _about(lines: Sequence[str]) -> str:
    """The first sentence of the first point."""
    point: list[str] = []
    for line in lines:
        if line.startswith("- ") and point:
            break
        if line.startswith("- ") or (point and line.startswith("  ")):
            point.append(line.removeprefix("- ").strip())
    whole = " ".join(point).replace("`", "").replace("*", "")
    return re.split(r"(?<=[.!])\s", whole, maxsplit=1)[0]


def content(
    entries: Sequence[Entry], *, version: str, page: str, now: datetime, days: int
) -> bytes:
    """The list's exact bytes. Raises Problem where the program would not believe them."""
    ours = next((one for one in entries if one.version == version), None)
    if ours is None or ours.when is None:
        raise Problem(
            f"CHANGELOG.md has no date for {version}: give it one in place of unreleased."
        )
    if "{version}" not in page:
        raise Problem("The page's address needs {version} in it.")
    out: list[dict[str, Any]] = []
    for one in entries:
        if one.when is None or len(out) == release_list.MOST_RELEASES:
            continue
        if len(one.about) > release_list.LONGEST_ABOUT:
            raise Problem(
                f"The first sentence on {one.version} in CHANGELOG.md is longer than the"
                f" {release_list.LONGEST_ABOUT} characters of the notice: put a shorter one first."
            )
        at = page.replace("{version}", one.version)
        entry = {"version": one.version, "date": one.when.isoformat(), "page": at}
        out.append({**entry, "about": one.about})
    now = now.replace(microsecond=0)
    said = {
        "schema": release_list.SCHEMA,
        "serial": int(now.timestamp()),
        "made": _moment(now),
        "expires": _moment(now + timedelta(days=days)),
        "releases": out,
    }
    packed = json.dumps(said, indent=1, ensure_ascii=False).encode() + b"\n"
    try:
        release_list.read(packed)
    except AsaError as error:
        raise Problem(f"The program would refuse this list ({error}): see its schema.") from error
    if len(packed) > release_list.LARGEST:
        raise Problem("The list has become too large.")
    return packed


def _moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def new_key(path: Path) -> str:
    """Write a new private key to `path`, for its owner alone; the public half. Raises Problem."""
    from nacl.signing import SigningKey

    if path.resolve().is_relative_to(ROOT):
        raise Problem("A private key has no place in the repository: name a file elsewhere.")
    key = SigningKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Problem(f"{path} was not written: {error.strerror}.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(bytes(key)) + b"\n")
    return public(key)


def public(key: SigningKey) -> str:
    """The half that goes into `asa_desktop/services/updates/place.py`."""
    return base64.b64encode(bytes(key.verify_key)).decode()


def private(path: Path | None) -> SigningKey | None:
    """The key of a file, else of the environment; None where there is neither. Raises Problem."""
    from nacl.signing import SigningKey

    if path is None:
        text = os.environ.get(VARIABLE, "").strip()
        if not text:
            return None
    else:
        if os.name != "nt" and path.stat().st_mode & 0o077:
            raise Problem(f"Others may read {path}: run `chmod 600` on it, or make a new key.")
        text = path.read_text(encoding="ascii").strip()
    try:
        seed = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        seed = b""
    if len(seed) != _SEED_BYTES:
        raise Problem("That is no key of `release_list.py key`.")
    return SigningKey(seed)


def make(folder: Path, *, page: str, key: SigningKey, days: int) -> Path:
    """Write list and signature. Raises Problem."""
    entries = changes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    packed = content(entries, version=__version__, page=page, now=datetime.now(UTC), days=days)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    path.write_bytes(packed)
    signature = base64.b64encode(key.sign(packed).signature) + b"\n"
    path.with_name(NAME + place.SIGNATURE).write_bytes(signature)
    return path


def check(path: Path, keys: Sequence[bytes]) -> release_list.ReleaseList:
    """Believe a list as the program would today. Raises AsaError."""
    signature = path.with_name(path.name + place.SIGNATURE).read_bytes()
    return release_list.believed(path.read_bytes(), signature, keys=keys, now=datetime.now(UTC))


def needs() -> str:
    """The lines of the lock that signing needs, with their hashes."""
    from asa_setup import lockfile

    pins = lockfile.read(ROOT / "installer" / "locks" / "universal.txt")
    return "\n".join(pin.text for pin in pins if pin.name in ("pynacl", "cffi", "pycparser"))


def _words() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("key").add_argument("file", type=Path)
    making = actions.add_parser("make")
    making.add_argument("folder", type=Path)
    making.add_argument("--page", required=True)
    making.add_argument("--key", type=Path)
    making.add_argument("--days", type=int, default=DAYS)
    actions.add_parser("check").add_argument("list", type=Path)
    actions.add_parser("needs")
    return parser


def run(words: Sequence[str]) -> str:
    """Do what is asked; what there is to say of it. Raises Problem, AsaError, OSError."""
    asked = _words().parse_args(words)
    if asked.action == "key":
        half = new_key(asked.file)
        return f"{half}\nis the public half: it goes into KEYS in {place.__file__}."
    if asked.action == "needs":
        return needs()
    if asked.action == "check":
        here = place.here()
        if here is None:
            raise Problem("This build has no place and no keys: see services/updates/place.py.")
        found = check(asked.list, here.keys)
        return f"Good until {found.expires:%Y-%m-%d}; releases: {len(found.releases)}."
    key = private(asked.key)
    if key is None:
        return f"No list of releases: there is no key ({VARIABLE} is not set)."
    path = make(asked.folder, page=asked.page, key=key, days=asked.days)
    known = "" if public(key) in place.KEYS else " The program does not know this key yet."
    return f"{path} is good until {check(path, [bytes(key.verify_key)]).expires:%Y-%m-%d}.{known}"


def main(words: Sequence[str]) -> int:
    """The command line; 2 with one sentence where it cannot be done."""
    try:
        print(run(words))
    except (Problem, AsaError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
