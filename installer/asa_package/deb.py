"""The package for Debian and Ubuntu."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from asa_setup.talk import say

from asa_package import desktop, freeze, needs, place, third_party, tree
from asa_package.place import Workshop

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
HOME_FOLDERS = "/root /home/*"


def root_of(shop: Workshop, frozen: Path) -> Path:
    """The package's files as they will lie below /, for .deb and .rpm alike."""
    root = shop.build / f"root{shop.variant}"
    shutil.rmtree(root, ignore_errors=True)
    library = root / "usr" / "lib" / place.NAME
    library.parent.mkdir(parents=True)
    tree.copy(frozen, library)
    command = root / "usr" / "bin" / place.COMMAND
    command.parent.mkdir(parents=True)
    command.symlink_to(f"../lib/{place.NAME}/{place.COMMAND}")
    desktop.install(shop, root / "usr", command=place.COMMAND)
    papers = root / "usr" / "share" / "doc" / place.NAME
    papers.mkdir(parents=True)
    (papers / "copyright").write_text(_copyright(shop), encoding="utf-8")
    shutil.copyfile(frozen / third_party.BILL, papers / third_party.BILL)
    tree.settle(root, place.epoch(shop.root))
    return root


def _copyright(shop: Workshop) -> str:
    papers = (shop.root / "LICENSE", shop.root / "resources" / "LICENSES.md")
    ours, bundled = (path.read_text(encoding="utf-8") for path in papers)
    return (
        f"{place.TITLE}\nLicence: Apache-2.0, see below.\nWorks of others that are inside: "
        f"/usr/lib/{place.NAME}/{third_party.NOTICE}\n\n{bundled}\n{ours}"
    )


def control(shop: Workshop, root: Path, *, glibc: int) -> str:
    """The package's head."""
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
    kilobytes = sum(-(-path.lstat().st_size // 1024) for path in tree.files(root))
    fields = {
        "Package": place.NAME + shop.variant,
        "Version": place.version(shop.root),
        "Section": "sound",
        "Priority": "optional",
        "Architecture": architecture,
        "Maintainer": place.MAINTAINER,
        "Installed-Size": str(kilobytes),
        "Depends": ", ".join(needs.debian(glibc)),
        "Recommends": ", ".join(needs.RECOMMENDED),
        "Homepage": place.homepage(shop.root),
        "Description": "singing coach on your own machine\n "
        + place.summary(shop.root)
        + "\n .\n Recordings are kept in every user's own folder, and stay when this package goes.",
    }
    if shop.gpu:
        fields |= {"Conflicts": place.NAME, "Provides": place.NAME}
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def make(shop: Workshop, frozen: Path, *, squeeze: str) -> Path:
    """Write the .deb into dist; its path. `squeeze` is such as ``zstd:9`` or ``xz:6``."""
    root = root_of(shop, frozen)
    about = root / "DEBIAN"
    about.mkdir()
    (about / "control").write_text(control(shop, root, glibc=needs.glibc(frozen)), encoding="utf-8")
    script = about / "postrm"
    script.write_text(desktop.filled("postrm.sh", homes=HOME_FOLDERS), encoding="utf-8")
    script.chmod(0o755)
    tree.settle(about, place.epoch(shop.root))
    os.utime(root, (place.epoch(shop.root),) * 2)
    shop.dist.mkdir(parents=True, exist_ok=True)
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
    name = f"{place.NAME}{shop.variant}_{place.version(shop.root)}_{architecture}.deb"
    made = shop.dist / name
    method, _, level = squeeze.partition(":")
    how = (f"-Z{method}", f"-z{level}", "--threads-max=2", "--root-owner-group")
    freeze.run(("dpkg-deb", *how, "-b", root, made), shop=shop, failing="No .deb was made")
    say(f"{made.name}: {made.stat().st_size / 1e6:.1f} MB")
    return made
