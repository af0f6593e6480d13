"""What a Linux desktop wants to know: menu entry, icons, kinds of files, AppStream."""

from __future__ import annotations

import datetime
import re
import shutil
from pathlib import Path

from asa_package import icons, place
from asa_package.place import Workshop

TEMPLATES = Path(__file__).with_name("templates")

# Recordings, karaoke files and notes that the window takes when they are dropped on it, and packs
# of models. UltraStar files are plain text, and nobody wants their texts opened by us.
KINDS = (
    "audio/flac", "audio/x-flac", "audio/wav", "audio/x-wav", "audio/vnd.wave", "audio/mpeg",
    "audio/ogg", "audio/x-vorbis+ogg", "audio/x-opus+ogg", "audio/aiff", "audio/x-aiff",
    "audio/mp4", "audio/x-m4a", "audio/midi", "application/vnd.recordare.musicxml",
    "application/vnd.recordare.musicxml+xml", "application/x-asa-models",
)  # fmt: skip


def filled(name: str, **facts: str) -> str:
    """A template with its @FACTS@ in place. Raises KeyError for one that is not given."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    for fact, value in facts.items():
        text = text.replace(f"@{fact.upper()}@", value)
    if left := re.search(r"@([A-Z]+)@", text):
        raise KeyError(left[1])
    return text


def entry(command: str) -> str:
    """The menu entry that starts `command`."""
    return filled("asa-desktop.desktop", command=command, mime=";".join(KINDS))


def metainfo(shop: Workshop) -> str:
    """The AppStream description of this version."""
    page = place.homepage(shop.root)
    day = datetime.datetime.fromtimestamp(place.epoch(shop.root), tz=datetime.UTC).date()
    return filled(
        "metainfo.xml",
        identifier=place.IDENTIFIER,
        version=place.version(shop.root),
        date=day.isoformat(),
        homepage=f'\n  <url type="homepage">{page}</url>' if page else "",
    )


def install(shop: Workshop, usr: Path, *, command: str) -> None:
    """Write everything below `usr`, such as a package's /usr."""
    share = usr / "share"
    written = {
        share / "applications" / f"{place.NAME}.desktop": entry(command),
        share / "metainfo" / f"{place.IDENTIFIER}.metainfo.xml": metainfo(shop),
        share / "mime" / "packages" / f"{place.NAME}.xml": filled("asa-desktop.xml"),
    }
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    pictures = icons.drawn(shop)
    hicolor = share / "icons" / "hicolor"
    for size in (*icons.SIZES, 512):
        _place(pictures / f"{size}.png", hicolor / f"{size}x{size}" / "apps" / f"{place.NAME}.png")
    _place(pictures / "emblem.svg", hicolor / "scalable" / "apps" / f"{place.NAME}.svg")


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
