"""The program for macOS: signed where there is an identity, in a .dmg, notarised where asked.

Not tried: nothing of this was run on a Mac.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asa_setup.failures import SetupError
from asa_setup.talk import say

from asa_package import freeze, place
from asa_package.place import Workshop

ENTITLEMENTS = Path(__file__).with_name("templates") / "entitlements.plist"
# An identity from the keychain, and a profile stored by `xcrun notarytool store-credentials`.
SIGN, NOTARISE = "ASA_SIGN_MACOS", "ASA_NOTARY_PROFILE"


def information() -> dict[str, Any]:
    """What the bundle's Info.plist says beyond names and version."""
    return {
        "CFBundleDisplayName": place.TITLE,
        "LSMinimumSystemVersion": "14.0",
        "LSApplicationCategoryType": "public.app-category.music",
        "NSHighResolutionCapable": True,
        "NSMicrophoneUsageDescription": (
            "ASA Desktop records your singing, to show how it went. "
            "The recordings stay on this computer."
        ),
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "Recording, song or notes",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": ["public.audio", "public.midi-audio"],
            },
            {
                "CFBundleTypeName": "Models for ASA Desktop",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Owner",
                "CFBundleTypeExtensions": ["asamodels"],
            },
        ],
    }


def signing(bundle: Path, identity: str) -> tuple[str | Path, ...]:
    """The command that signs the bundle, with the hardened run-time and the microphone's right.

    Papers came into it after PyInstaller had signed it and all code in it: it is sealed anew, and
    the code inside keeps its signatures (no ``--deep``, which Apple advises against).
    """
    hardened = ("--options", "runtime", "--timestamp", "--entitlements", ENTITLEMENTS)
    return ("codesign", "--force", *hardened, "--sign", identity, bundle)


def steps(
    bundle: Path, image: Path, staging: Path, environ: Mapping[str, str]
) -> list[tuple[str, tuple[str | Path, ...] | None, str]]:
    """What is done in which order: (name, command or None where it is left out, why)."""
    identity, profile = environ.get(SIGN, ""), environ.get(NOTARISE, "")
    unsigned = f"{SIGN} names no identity: macOS will ask whoever opens it, and may refuse"
    unseen = f"{NOTARISE} names no profile of notarytool: Apple has not seen it"
    title = ("-volname", place.TITLE, "-format", "UDZO", "-ov")
    notary = ("xcrun", "notarytool", "submit", image, "--keychain-profile", profile, "--wait")
    seen = bool(identity and profile)
    return [
        ("sign", signing(bundle, identity) if identity else None, unsigned),
        ("image", ("hdiutil", "create", *title, "-srcfolder", staging, image), ""),
        (
            "sign the image",
            ("codesign", "--timestamp", "--sign", identity, image) if identity else None,
            unsigned,
        ),
        ("notarise", notary if seen else None, unseen),
        ("staple", ("xcrun", "stapler", "staple", image) if seen else None, unseen),
    ]


def make(shop: Workshop, frozen: Path) -> Path:
    """Write the .dmg into dist; its path. On a Mac alone."""
    if platform.system() != "Darwin":
        raise SetupError("A .dmg is made on a Mac: PyInstaller freezes for the system it runs on.")
    bundle = frozen.parent / f"{place.TITLE}.app"
    staging = shop.build / "image"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    papers = (frozen / "LICENSE", frozen / "THIRD_PARTY.txt", frozen / "sbom.cdx.json")
    for paper in papers:
        shutil.copyfile(paper, bundle / "Contents" / "Resources" / paper.name)
    shutil.copytree(bundle, staging / bundle.name, symlinks=True)
    (staging / "Applications").symlink_to("/Applications")
    shop.dist.mkdir(parents=True, exist_ok=True)
    image = shop.dist / f"{place.NAME}-{place.version(shop.root)}-macos-{platform.machine()}.dmg"
    for name, command, why in steps(staging / bundle.name, image, staging, os.environ):
        if command is None:
            say(f"Left out: {name} ({why})")
        else:
            freeze.run(command, shop=shop, failing=f"No .dmg was made ({name})")
    say(f"{image.name}: {image.stat().st_size / 1e6:.1f} MB")
    return image
