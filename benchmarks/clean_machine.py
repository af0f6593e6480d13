"""Does a package do its job on a machine that has nothing else? As root, on Debian or Ubuntu.

    python -m benchmarks.clean_machine deb dist/NAME.deb
    python -m benchmarks.clean_machine portable dist/NAME.run --suite trixie
    python -m benchmarks.clean_machine first-song dist/NAME.deb
    python -m benchmarks.clean_machine upgrade dist/NAME.deb --older OLD.deb
    python -m benchmarks.clean_machine upgrade dist/NAME.deb --library FOLDER
    build/package/venv/bin/python -m benchmarks.clean_machine updates dist/NAME.deb

debootstrap makes the smallest system of the suite below build/machines (kept for the next run).
The network is taken away once the package is in, and a user goes to work. Pictures of what was
seen are copied to $ASA_ARTIFACTS, where that is set.

deb         tests the program, records through a virtual microphone and has the take analysed, opens
            the window with a cold disk and a warm one; installed under an older number first, and
            purged at the end, when recordings have to stay
first-song  from before the install to the review of a song that was sung, in the window, by keys
upgrade     from the package of an older build, or over a library that another program wrote
            (`benchmarks.old_library` makes one): everything in it has to be there as it was
updates     a look for newer versions, in a build that is given a place to look, which only the
            Python that froze it can do
"""

from __future__ import annotations

import argparse
import base64
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.library_facts import Facts, backups, facts
from benchmarks.machines import (
    MIRROR,
    ROOT,
    Machine,
    furnish,
    install,
    machine,
    renumbered,
)

HELD = "/usr/lib/asa-desktop"
MEDLEY = "_internal/asa_desktop/_bundled/resources/demo/pjs-medley"
INSTALLED = {"program": "asa", "medley": f"{HELD}/{MEDLEY}"}


def try_deb(made: Machine, package: Path, options: argparse.Namespace) -> None:
    """Install, use, upgrade, purge."""
    before = renumbered(package, options.folder)
    install(made, before)
    before.unlink()
    # Before anything else is there: what the package declares has to be enough.
    made.singer("no_network", f"finds_libraries:{HELD}", "tests_itself", **INSTALLED)
    furnish(made)
    made.singer("room", "sings_into_library", **INSTALLED)
    install(made, package, "upgrade")
    made.singer("room", "keeps_library:upgraded", "starts_cold_and_warm", **INSTALLED)
    windows = ("opens_window:first", "opens_window:again")
    made.singer("room", *windows, "records", **INSTALLED)
    made.root("ffmpeg", "apt-get install -y -q --no-install-recommends ffmpeg")
    made.singer("reads_foreign", **INSTALLED)
    told = made.root("purge", "apt-get purge -y -q asa-desktop", network=False)
    recordings = list(made.home.rglob("*.flac"))
    made.check("recordings stay", bool(recordings), f"{len(recordings)} recordings")
    made.check("purge says where they are", "/home/singer/.local/share/ASA Desktop" in told, "")
    left = [path for path in (HELD, "/usr/bin/asa") if (made.folder / path[1:]).exists()]
    made.check("the program is gone", not left, ", ".join(left))


def try_portable(made: Machine, package: Path, options: argparse.Namespace) -> None:
    """Unpack and use."""
    sys.path.insert(0, str(ROOT / "installer"))
    from asa_package import needs

    libraries = (part.package for part in needs.libraries())
    furnish(made, "xz-utils", "zstd", *libraries, "libasound2-plugins")  # zstd: of `--quick`
    held = made.folder / "home/singer/asa.run"
    shutil.copyfile(package, held)
    held.chmod(0o755)
    begun = time.monotonic()
    reply = made.run(
        "su singer -c '/home/singer/asa.run --portable-check && /home/singer/asa.run --version'",
        network=False,
    )
    made.rows.append(("check, unpack and first start, s", f"{time.monotonic() - begun:.1f}"))
    made.check("unpacks and starts", reply.returncode == 0, (reply.stdout + reply.stderr)[-150:])
    unpacked = next((made.folder / "home/singer/.local/share/asa-desktop-portable").glob("*"), None)
    if unpacked is None:
        return
    where = {
        "program": "/home/singer/asa.run",
        "medley": f"/{(unpacked / MEDLEY).relative_to(made.folder)}",
    }
    usual = ("no_network", "room", "tests_itself", "opens_window:first", "opens_window:again")
    made.singer(*usual, "records", "sings_into_library", **where)
    gone = made.run("su singer -c '/home/singer/asa.run --portable-remove'", network=False)
    made.check("removed", gone.returncode == 0 and not unpacked.exists(), gone.stderr)
    recordings = list(made.home.rglob("*.flac"))
    made.check("recordings stay", bool(recordings), f"{len(recordings)} recordings")


def try_first_song(made: Machine, package: Path, options: argparse.Namespace) -> None:
    """From a machine with a screen and sound, and the package's file, to a reviewed song."""
    furnish(made)
    made.bench.mkdir()
    (made.bench / "begun").write_text(f"{time.time():.3f}\n")
    install(made, package)
    made.singer("no_network", "room", "sings_first_song", **INSTALLED)
    (made.bench / "begun").unlink()
    made.check("the library in its file", *_sound(facts(made.home / "library")))


def try_upgrade(made: Machine, package: Path, options: argparse.Namespace) -> None:
    """An older build's library, or an older program's, and the new program over it."""
    furnish(made)
    made.bench.mkdir()
    (made.bench / "begun").write_text(f"{time.time():.3f}\n")
    if options.library is not None:
        shutil.copytree(options.library, made.home)
        made.run("chown -R singer:singer /home/singer")
    else:
        before = renumbered(options.older, options.folder)
        install(made, before, "install the older one")
        before.unlink()
        made.singer("no_network", "room", "sings_first_song", **INSTALLED)
    was = facts(made.home / "library")
    made.check("the library before", *_sound(was))
    # By apt: a newer build may ask for more than the older one did.
    install(made, package, "install" if options.library is not None else "upgrade")
    looks = "shows_takes:anew" if options.library is not None else "shows_takes:kept"
    made.singer("no_network", "room", looks, "keeps_library:after", **INSTALLED)
    now = facts(made.home / "library")
    made.check("the library after", *_sound(now))
    made.check("every take and analysis is as it was", now.keeps(was), f"{now}")
    saved = {name: one for name, one in backups(made.home / "library").items() if one.sound}
    if now.version > was.version:
        good = any("-before-" in name and one.keeps(was) for name, one in saved.items())
        made.check("a backup from before holds all of it", good, ", ".join(saved))
    else:
        made.rows.append(("backups", ", ".join(saved) or "none"))


def try_updates(made: Machine, package: Path, options: argparse.Namespace) -> None:
    """A look for newer versions, by a build that has a place to look: over TLS, from this machine.

    The system inside has no authorities at first.
    """
    from benchmarks.placed import give_place
    from tests.local_server import CERTIFICATE
    from tests.release_server import KEY, release, serving

    install(made, package)
    program = made.folder / HELD[1:] / "asa"

    def looks(name: str, status: int, says: str, *words: str, network: bool = True) -> None:
        command = " ".join(("asa", "updates", *words))
        reply = made.run(f"su singer -c '{command}'", network=network)
        said = " ".join((reply.stdout + reply.stderr).split())
        made.check(f"updates: {name}", reply.returncode == status and says in said, said)

    looks("a build without a place says so", 2, "has no place to look")
    now, form = datetime.now(UTC), "%Y-%m-%dT%H:%M:%SZ"
    good = {"made": f"{now - timedelta(days=1):{form}}", "expires": f"{now + timedelta(9):{form}}"}
    with serving(tls=True) as server:
        server.offers(release(), **good)
        key = base64.b64encode(bytes(KEY.verify_key)).decode()
        give_place(program, server.address, key)
        looks("where it would look", 0, server.address)
        looks("nobody vouches for the server", 2, "could not be fetched", "--look")
        made.check("updates: nothing was asked of it", not server.asked, f"{server.asked}")
        authorities = made.folder / "etc/ssl/certs/ca-certificates.crt"
        authorities.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(CERTIFICATE, authorities)
        looks("a newer version", 0, "9.0.0 of 2026-11-30 is newer than", "--look")
        looks("without a network", 2, "could not be fetched", "--look", network=False)
        server.signature = b"A" * 88
        looks("a list that nobody signed", 2, "is not that list", "--look")


def _sound(found: Facts) -> tuple[bool, str]:
    differ = f", recordings that differ: {found.differing}" if found.differing else ""
    return found.sound and bool(found.takes) and not found.differing, f"{found}{differ}"


TRIALS = {
    "deb": try_deb,
    "portable": try_portable,
    "first-song": try_first_song,
    "upgrade": try_upgrade,
    "updates": try_updates,
}


def main() -> int:
    """Print the table; 1 where something failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=TRIALS)
    parser.add_argument("package", type=Path)
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--mirror", default=MIRROR)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "machines")
    parser.add_argument("--older", type=Path, help="the .deb to upgrade from")
    parser.add_argument("--library", type=Path, help="the user's folder as another program left it")
    parser.add_argument(
        "--first", action="store_true", help="before all other work of this machine"
    )
    options = parser.parse_args()
    if options.kind == "upgrade" and (options.older is None) == (options.library is None):
        parser.error("upgrade wants --older or --library")
    made = machine(
        options.suite, options.mirror, folder=options.folder, name=f"{options.suite}-{options.kind}"
    )
    made.first = options.first
    package = options.package.resolve()
    made.rows.append((package.name, f"{package.stat().st_size / 1e6:.1f} MB"))
    TRIALS[options.kind](made, package, options)
    return made.tell()


if __name__ == "__main__":
    sys.exit(main())
