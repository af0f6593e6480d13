"""Small systems in folders, in which packages are installed and used. As root, on Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parents[1]
STEPS = ("clean_machine.sh", "clean_machine_window.sh")
TO_LOOK = (
    "xvfb", "xdotool", "scrot", "pulseaudio", "pulseaudio-utils", "procps", "sqlite3",
    "sndfile-programs",
)  # fmt: skip
MIRROR = "http://deb.debian.org/debian"
_AR = b"!<arch>\n"
DROP = "/proc/sys/vm/drop_caches"

# Namespaces of its own: what is mounted and started in there ends with the command. What apt
# fetched is one folder for all machines of a suite, so that it is fetched once and in none of them.
_ENTER = """
set -e
mount -t proc proc "$0/proc"
mkdir -p "$0/dev/shm" "$0/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"
for kept in cache/apt/archives lib/apt/lists; do
    mkdir -p "$2/${kept##*/}/partial"
    mount --bind "$2/${kept##*/}" "$0/var/$kept"
done
exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive HOME=/root TMPDIR=/tmp /bin/sh -c "$1"
"""


@dataclass
class Machine:
    """A small system in a folder, and what was seen in it.

    `fetched` is what apt fetched for it and its like. With `first` its user goes before all other
    work of this machine, so that times are about those of one that does nothing else.
    """

    folder: Path
    fetched: Path
    first: bool = False
    rows: list[tuple[str, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """Where the program keeps what is the singer's."""
        return self.folder / "home/singer/.local/share/ASA Desktop"

    @property
    def bench(self) -> Path:
        """What the bench and the steps in there tell each other."""
        return self.folder / "bench"

    def run(self, command: str, *, network: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a shell command inside, as root."""
        spaces = ["--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
        return subprocess.run(
            ["unshare", *spaces, "sh", "-c", _ENTER, str(self.folder), command, str(self.fetched)],
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
        self.bench.mkdir(exist_ok=True)
        self.bench.chmod(0o777)
        for name in STEPS:
            shutil.copyfile(Path(__file__).with_name(name), self.bench / name)
        # What only root may do is asked for through a pipe: empty the disk's cache; have the sound
        # server go first, as RealtimeKit does on a desktop; put all of this before other work.
        asks = (
            "cd /bench; rm -f ask answer; mkfifo -m 666 ask answer;"
            " (while read what who <ask; do case $what in"
            f" drop) sync; echo 3 >{DROP};;"
            " favour) chrt -a -r -p 5 $who;;"
            " first) echo -19 >/proc/$who/autogroup;;"
            " esac; echo $? >answer; done) &"
        )
        steps = (*(("goes_first",) if self.first else ()), *steps)
        words = f"ASA='{program}' MEDLEY='{medley}' sh /bench/{STEPS[0]} {' '.join(steps)}"
        reply = self.run(f'{asks} su singer -c "{words}"', network=False)
        print(reply.stdout[-9000:], reply.stderr[-3000:], sep="", flush=True)
        for line in reply.stdout.splitlines():
            kind, _, rest = line.partition("|")
            if kind == "measured":
                name, value = rest.split("|", 1)
                self.rows.append((name, value))
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

    def tell(self) -> int:
        """Print the table; 1 where something failed."""
        print()
        for name, value in self.rows:
            print(f"{name:52} {value}")
        print(f"{'load of this machine (1, 5, 15 minutes)':52} {os.getloadavg()}")
        shots = self.folder / "tmp/shots"
        if shots.is_dir() and (kept := os.environ.get("ASA_ARTIFACTS")):
            shots = Path(shutil.copytree(shots, Path(kept) / self.folder.name, dirs_exist_ok=True))
        for picture in sorted(shots.glob("*.png")):
            print(f"{'picture':52} {picture}")
        print("Failed: " + ", ".join(self.failed) if self.failed else "Nothing failed.")
        return 1 if self.failed else 0


def machine(suite: str, mirror: str, *, folder: Path, name: str = "") -> Machine:
    """A fresh copy of the smallest system of `suite`; its folder bears `name`."""
    folder = folder.resolve()
    base, fresh = folder / f"{suite}-base", folder / (name or suite)
    made = Machine(fresh, folder / f"{suite}-fetched")
    if not (base / "etc/debian_version").exists():
        begun = time.monotonic()
        base.mkdir(parents=True, exist_ok=True)
        command = ["debootstrap", "--variant=minbase", suite, str(base), mirror]
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            shutil.rmtree(base)
            raise SystemExit("debootstrap failed: is there a network, and are you root?")
        for archive in (base / "var/cache/apt/archives").glob("*.deb"):
            archive.unlink()
        made.rows.append(("debootstrap, s", f"{time.monotonic() - begun:.1f}"))
    if fresh.exists():
        shutil.rmtree(fresh)
    subprocess.run(["cp", "-a", base, fresh], check=True)
    shutil.copyfile("/etc/resolv.conf", fresh / "etc/resolv.conf")
    made.root("a user", "useradd -m singer")
    return made


def furnish(made: Machine, *packages: str) -> None:
    """Give it a screen and a sound server."""
    names = " ".join([*TO_LOOK, *packages])
    made.root(
        "screen and sound server",
        f"apt-get update -q && apt-get install -y -q --no-install-recommends {names}",
    )


def install(made: Machine, package: Path, name: str = "install") -> None:
    """Install a .deb with what it declares and no more."""
    held = made.folder / package.name
    _put(package, held)
    made.root(
        name, f"apt-get update -q && apt-get install -y -q --no-install-recommends /{package.name}"
    )
    held.unlink()


def _put(package: Path, held: Path) -> None:
    """The same file under another name; a copy where it lies on another disk."""
    held.unlink(missing_ok=True)
    try:
        held.hardlink_to(package)
    except OSError:
        shutil.copyfile(package, held)


def renumbered(package: Path, into: Path, version: str = "0.0.1") -> Path:
    """The same .deb under another number, so that the next is newer; its files are not unpacked."""
    parts = into / "renumbered"
    shutil.rmtree(parts, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-e", package, parts], check=True)
    control = parts / "control"
    lines = control.read_text().splitlines()
    lines = [f"Version: {version}" if each.startswith("Version:") else each for each in lines]
    control.write_text("\n".join(lines) + "\n")
    head = into / "control.tar"
    command = ("tar", "-C", parts, "--owner=0", "--group=0", "--numeric-owner", "-cf", head, ".")
    subprocess.run(command, check=True)
    made = into / f"{package.stem}-as-{version}.deb"
    with package.open("rb") as old, made.open("wb") as new:
        new.write(old.read(len(_AR)) + _member(old))  # the form's number
        _member(old)  # the old head
        new.write(_header("control.tar", head.stat().st_size) + head.read_bytes())
        shutil.copyfileobj(
            old, new
        )  # the files; a tar's length is even, so nothing is to be padded
    head.unlink()
    shutil.rmtree(parts)
    return made


def _header(name: str, size: int) -> bytes:
    """What stands before a member of an `ar` archive, which a .deb is."""
    return f"{name:16}{0:<12}{0:<6}{0:<6}{100644:<8}{size:<10}`\n".encode()


def _member(file: BinaryIO) -> bytes:
    """The next member, with its header and what pads it to an even length."""
    header = file.read(60)
    size = int(header[48:58])
    return header + file.read(size + size % 2)
