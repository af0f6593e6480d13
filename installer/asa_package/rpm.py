"""The package for Fedora, openSUSE and their like, by nfpm."""

from __future__ import annotations

import datetime
import json
import platform
import stat
from pathlib import Path
from typing import Any

from asa_setup.talk import say

from asa_package import deb, desktop, freeze, needs, place, tree
from asa_package.place import Workshop

# RPM's own scripts are told how many versions stay: 0 when the program goes.
_GONE = 'if [ "$1" = 0 ]; then set -- purge; fi\n'


def script() -> str:
    """What is said when the program is removed: the words of the .deb's, under RPM's rules."""
    text = desktop.filled("postrm.sh", homes=deb.HOME_FOLDERS)
    first, _, rest = text.partition("set -e\n")
    return f"{first}set -e\n{_GONE}{rest}"


def contents(root: Path, *, when: str) -> list[dict[str, Any]]:
    """Every file and link below `root` as nfpm wants it: place, kind, right and time."""
    told: list[dict[str, Any]] = []
    for path in tree.files(root):
        place_in_system = "/" + path.relative_to(root).as_posix()
        entry: dict[str, Any] = {"dst": place_in_system, "file_info": {"mtime": when}}
        if path.is_symlink():
            entry |= {"src": str(path.readlink()), "type": "symlink"}
        else:
            runs = path.stat().st_mode & stat.S_IXUSR
            entry["src"] = str(path)
            entry["file_info"] |= {
                "mode": 0o755 if runs else 0o644,
                "owner": "root",
                "group": "root",
            }
        told.append(entry)
    own = f"/usr/lib/{place.NAME}"
    folders = [
        own,
        *(
            f"/{p.relative_to(root)}"
            for p in tree.everything(root)
            if p.is_dir() and not p.is_symlink()
        ),
    ]
    told += [
        {"dst": folder, "type": "dir", "file_info": {"mode": 0o755, "mtime": when}}
        for folder in sorted({f for f in folders if f.startswith(own)})
    ]
    return told


def recipe(shop: Workshop, root: Path, *, squeeze: str, postremove: Path) -> dict[str, Any]:
    """nfpm's settings."""
    epoch = place.epoch(shop.root)
    when = datetime.datetime.fromtimestamp(epoch, tz=datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "name": place.NAME + shop.variant,
        "arch": deb.ARCHITECTURES.get(platform.machine(), platform.machine()),
        "platform": "linux",
        "version": place.version(shop.root),
        "release": "1",
        "maintainer": place.MAINTAINER,
        "description": place.summary(shop.root),
        "homepage": place.homepage(shop.root),
        "license": "Apache-2.0",
        "mtime": when,
        "depends": list(needs.fedora(needs.glibc(root))),
        "recommends": ["ffmpeg-free", "alsa-plugins-pulseaudio"],
        "contents": contents(root, when=when),
        "scripts": {"postremove": str(postremove)},
        "rpm": {
            "group": "Applications/Multimedia",
            "summary": place.summary(shop.root),
            "compression": squeeze,
            "buildhost": "localhost",
        },
    }


def make(shop: Workshop, frozen: Path, *, squeeze: str) -> Path:
    """Write the .rpm into dist; its path. `squeeze` is such as ``zstd:best`` or ``xz``."""
    root = deb.root_of(shop, frozen)
    postremove = shop.build / "postremove.sh"
    postremove.write_text(script(), encoding="utf-8")
    settings = shop.build / "nfpm.json"
    told = recipe(shop, root, squeeze=squeeze, postremove=postremove)
    settings.write_text(json.dumps(told, indent=1), encoding="utf-8")
    shop.dist.mkdir(parents=True, exist_ok=True)
    name = f"{place.NAME}{shop.variant}-{told['version']}-1.{platform.machine()}.rpm"
    made = shop.dist / name
    words = ("package", "--packager", "rpm", "--config", settings, "--target", made)
    freeze.run((shop.command("nfpm"), *words), shop=shop, failing="No .rpm was made")
    say(f"{made.name}: {made.stat().st_size / 1e6:.1f} MB")
    return made
