"""Does a package do its job on a machine that has nothing else? As root, on Debian or Ubuntu.

    python -m benchmarks.clean_machine deb dist/NAME.deb --suite bookworm
    python -m benchmarks.clean_machine portable dist/NAME.run --suite trixie

debootstrap makes the smallest system of the suite below build/machines (kept for the next run), the
package is installed with what it declares, then a screen and a sound server to look and listen
with. The network is taken away, and a user tests the program, opens the window, records through a
virtual microphone and has the take analysed. The .deb is first installed under an older number, so
that an upgrade keeps a library; at the end it is purged, and recordings have to stay.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INSIDE = Path(__file__).with_suffix(".sh")
TO_LOOK = ("xvfb", "xdotool", "scrot", "pulseaudio", "pulseaudio-utils", "procps")
MIRROR = "http://deb.debian.org/debian"
HELD = "/usr/lib/asa-desktop"
MEDLEY = "_internal/asa_desktop/_bundled/resources/demo/pjs-medley"

# Namespaces of its own: what is mounted and started in there ends with the command.
_ENTER = """
set -e
mount -t proc proc "$0/proc"
mkdir -p "$0/dev/shm" "$0/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"
exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive HOME=/root TMPDIR=/tmp /bin/sh -c "$1"
"""


@dataclass
class Machine:
    """A small system in a folder, and what was seen in it."""

    folder: Path
    rows: list[tuple[str, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def run(self, command: str, *, network: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a shell command inside, as root."""
        spaces = ["--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
        return subprocess.run(
            ["unshare", *spaces, "sh", "-c", _ENTER, str(self.folder), command],
            capture_output=True, text=True, check=False, errors="replace",
        )  # fmt: skip

    def root(self, name: str, command: str, *, network: bool = True) -> str:
        """Run as root and note the time. Raises SystemExit with the last words where it fails."""
        begun = time.monotonic()
        reply = self.run(command, network=network)
        if reply.returncode:
            raise SystemExit(f"{name} failed:\n{(reply.stdout + reply.stderr)[-3000:]}")
        self.rows.append((f"{name}, s", f"{time.monotonic() - begun:.1f}"))
        return reply.stdout

    def singer(self, *steps: str, program: str, medley: str) -> None:
        """Run steps of clean_machine.sh as a user, without a network."""
        shutil.copyfile(INSIDE, self.folder / "bench.sh")
        command = f"ASA='{program}' MEDLEY='{medley}' sh /bench.sh {' '.join(steps)}"
        reply = self.run(f'su singer -c "{command}"', network=False)
        print(reply.stdout[-6000:], reply.stderr[-3000:], sep="", flush=True)
        for line in reply.stdout.splitlines():
            kind, _, rest = line.partition("|")
            if kind == "measured":
                self.rows.append(tuple(rest.split("|", 1)))
            elif kind == "checked":
                name, good, seen = rest.split("|", 2)
                self.check(name, good == "ok", seen)
        if reply.returncode:
            self.failed.append(f"steps {steps}")

    def check(self, name: str, good: bool, seen: str) -> None:
        """Note whether something is as it should be."""
        self.rows.append((name, f"{'ok' if good else 'FAILED'} ({seen.strip()[:160]})"))
        if not good:
            self.failed.append(name)


def machine(suite: str, mirror: str, *, folder: Path) -> Machine:
    """A fresh copy of the smallest system of `suite`."""
    base, fresh = folder / f"{suite}-base", folder / suite
    made = Machine(fresh)
    if not (base / "etc/debian_version").exists():
        begun = time.monotonic()
        base.mkdir(parents=True, exist_ok=True)
        command = ["debootstrap", "--variant=minbase", suite, str(base), mirror]
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            shutil.rmtree(base)
            raise SystemExit("debootstrap failed: is there a network, and are you root?")
        made.rows.append(("debootstrap, s", f"{time.monotonic() - begun:.1f}"))
    if fresh.exists():
        shutil.rmtree(fresh)
    subprocess.run(["cp", "-a", base, fresh], check=True)
    shutil.copyfile("/etc/resolv.conf", fresh / "etc/resolv.conf")
    return made


def furnish(made: Machine, *packages: str) -> None:
    """Give it a screen and a sound server."""
    names = " ".join([*TO_LOOK, *packages])
    made.root(
        "screen and sound server",
        f"apt-get update -q && apt-get install -y -q --no-install-recommends {names}",
    )


def older(package: Path, into: Path, version: str = "0.0.1") -> Path:
    """The same .deb under an older number."""
    parts = into / "older"
    shutil.rmtree(parts, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", package, parts], check=True)
    control = parts / "DEBIAN" / "control"
    lines = control.read_text().splitlines()
    lines = [f"Version: {version}" if each.startswith("Version:") else each for each in lines]
    control.write_text("\n".join(lines) + "\n")
    made = into / f"older-{version}.deb"
    how = ("--root-owner-group", "-Zzstd", "-z1")
    subprocess.run(["dpkg-deb", *how, "-b", parts, made], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(parts)
    return made


def try_deb(made: Machine, package: Path, folder: Path) -> None:
    """Install, use, upgrade, purge."""
    before = older(package, folder)
    shutil.copyfile(before, made.folder / "before.deb")
    shutil.copyfile(package, made.folder / "now.deb")
    made.root(
        "install", "apt-get update -q && apt-get install -y -q --no-install-recommends /before.deb"
    )
    made.root("a user", "useradd -m singer")
    where = {"program": "asa", "medley": f"{HELD}/{MEDLEY}"}
    # Before anything else is there: what the package declares has to be enough.
    made.singer("no_network", f"finds_libraries:{HELD}", "tests_itself", **where)
    furnish(made)
    made.singer("room", "sings_into_library", **where)
    made.root("upgrade", "dpkg -i /now.deb", network=False)
    windows = ("opens_window:first", "opens_window:again")
    made.singer("room", "keeps_library:upgraded", *windows, "records", **where)
    made.root("ffmpeg", "apt-get install -y -q --no-install-recommends ffmpeg")
    made.singer("reads_foreign", **where)
    told = made.root("purge", "apt-get purge -y -q asa-desktop", network=False)
    kept = made.folder / "home/singer/.local/share/ASA Desktop"
    recordings = list(kept.rglob("*.flac"))
    made.check("recordings stay", bool(recordings), f"{len(recordings)} recordings")
    made.check("purge says where they are", "/home/singer/.local/share/ASA Desktop" in told, "")
    left = [path for path in (HELD, "/usr/bin/asa") if (made.folder / path[1:]).exists()]
    made.check("the program is gone", not left, ", ".join(left))


def try_portable(made: Machine, package: Path, folder: Path) -> None:
    """Unpack and use."""
    sys.path.insert(0, str(ROOT / "installer"))
    from asa_package import needs

    made.root("a user", "useradd -m singer")
    furnish(made, "xz-utils", *(part.package for part in needs.libraries()), "libasound2-plugins")
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
    recordings = list((made.folder / "home/singer/.local/share/ASA Desktop").rglob("*.flac"))
    made.check("recordings stay", bool(recordings), f"{len(recordings)} recordings")


def main() -> int:
    """Print the table; 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("deb", "portable"))
    parser.add_argument("package", type=Path)
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--mirror", default=MIRROR)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "machines")
    options = parser.parse_args()
    made = machine(options.suite, options.mirror, folder=options.folder)
    trial = try_deb if options.kind == "deb" else try_portable
    trial(made, options.package.resolve(), options.folder)
    print()
    for name, value in made.rows:
        print(f"{name:45} {value}")
    picture = made.folder / "tmp/window.png"
    if picture.exists():
        print(f"{'picture of the window':45} {picture}")
    print("Failed: " + ", ".join(made.failed) if made.failed else "Nothing failed.")
    return 1 if made.failed else 0


if __name__ == "__main__":
    sys.exit(main())
