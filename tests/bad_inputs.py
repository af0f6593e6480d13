"""Bad inputs: how each is made, and what the program says to it.

``python -m tests.bad_inputs --table`` runs all of them through the command line and prints the
table that stands in docs/bad-inputs.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

Make = Callable[[Path], None]
NOBODY = 65534
TABLE_HEAD = """\
# Bad inputs

What the program says to each of {count} bad inputs, and its exit status: 2 where something asked
for or put in is wrong, 0 where a take is sound but cannot be scored. Nothing else is printed, no
file of the user's changes and nothing half-written stays. Made by
`python -m tests.bad_inputs --table`; a test compares it with what the program says.
"""


@dataclass(frozen=True)
class Bad:
    """One bad input: what is wrong, the command line, and what makes its files (in the cwd)."""

    wrong: str
    command: str | tuple[str, ...]
    make: Make = lambda here: None
    status: int = 2
    needs: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    unprivileged: bool = False

    @property
    def arguments(self) -> list[str]:
        """The command line as a list."""
        return self.command.split() if isinstance(self.command, str) else list(self.command)

    def missing(self) -> str | None:
        """Why this machine cannot try it, or None where it can."""
        for need in self.needs:
            if not _NEEDS[need]():
                return f"needs {need}"
        return None


@dataclass(frozen=True)
class Answer:
    """What a run printed, and whether it left the folder of the user as it was."""

    status: int
    out: str
    err: str
    untouched: bool

    @property
    def sentence(self) -> str:
        """What the user reads: the sentence on stderr, or why there is no score."""
        if self.err:
            return self.err.rstrip("\n")
        lines = [line.strip() for line in self.out.splitlines()]
        return next((line for line in lines if line.startswith("not scored")), "")


def ask(bad: Bad, place: Path) -> Answer:
    """Make the input in `place`/in and run the command there, in this process."""
    from asa_desktop.cli.app import run

    here, home = place / "in", place / "home"
    here.mkdir(parents=True)
    furnish(home)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(here), _surroundings(bad, home):
        bad.make(here)
        before = snapshot(place)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _rights(bad, place):
            status = run(bad.arguments)
        untouched = snapshot(place) == before
    said = (each.getvalue().replace(str(home), "(ASA_HOME)") for each in (out, err))
    return Answer(status, *said, untouched)


def furnish(home: Path) -> None:
    """A user's folder with something in it to lose."""
    from asa_desktop.services.library import Library

    with Library.open(home / "library", daily_backup=False) as library:
        library.add_person(name="Ada")
    (home / "settings.json").write_text('{"device": "auto"}', encoding="utf-8")


def snapshot(folder: Path) -> dict[str, tuple[int, str]]:
    """Mode and content of everything in a folder."""
    seen = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        mode = path.lstat().st_mode
        content = ""
        if stat.S_ISLNK(mode):
            content = str(path.readlink())
        elif stat.S_ISREG(mode) and path.stat().st_size < 50_000_000:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        elif stat.S_ISREG(mode):
            content = str(path.stat().st_size)
        seen[name] = (mode, content)
    return seen


@contextlib.contextmanager
def _surroundings(bad: Bad, home: Path) -> Iterator[None]:
    with mock.patch.dict(os.environ, {"ASA_HOME": str(home)}), contextlib.ExitStack() as stack:
        for name in bad.without:
            stack.enter_context(mock.patch.dict(sys.modules, {name: None}))
            stack.enter_context(mock.patch.dict(os.environ, {"PATH": ""}))
        yield


@contextlib.contextmanager
def _rights(bad: Bad, place: Path) -> Iterator[None]:
    """Root may do everything; to see what others may not, run as nobody."""
    if not bad.unprivileged or os.geteuid() != 0:
        yield
        return
    place.chmod(0o755)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def _has_av() -> bool:
    try:
        import av  # noqa: F401
    except ImportError:
        return False
    return True


def _has_demucs() -> bool:
    from importlib.util import find_spec

    return find_spec("demucs") is not None


def _has_no_cuda() -> bool:
    import torch

    return not torch.cuda.is_available()


_NEEDS = {
    "named pipes": lambda: hasattr(os, "mkfifo"),
    "/dev/full": lambda: Path("/dev/full").exists(),
    "rights": lambda: os.name != "nt",
    "links": lambda: os.name != "nt",
    "PyAV": _has_av,
    "demucs": _has_demucs,
    "no CUDA": _has_no_cuda,
}


def main() -> int:
    """Print the table."""
    from asa_desktop.cli.process import own_process
    from tests.bad_input_cases import CASES

    with own_process():
        print(table([(bad, run_apart(bad)) for bad in CASES if bad.missing() is None]), end="")
    return 0


def run_apart(bad: Bad) -> Answer:
    """Ask in a folder of its own that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="asa-bad-") as name:
        place = Path(name)
        try:
            return ask(bad, place)
        finally:
            for path in place.rglob("*"):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o755)


def table(answers: list[tuple[Bad, Answer]]) -> str:
    """The document."""
    rows = [TABLE_HEAD.format(count=len(answers)), "| what is wrong | command | it says | status |"]
    rows.append("| --- | --- | --- | --- |")
    for bad, answer in answers:
        shown = " ".join(_short(each) for each in bad.arguments)
        cells = (bad.wrong, f"`asa {shown}`", _said(bad, answer), str(answer.status))
        rows.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(rows) + "\n"


def _said(bad: Bad, answer: Answer) -> str:
    """The sentence; of `asa check`, which only counts on stderr, what it found."""
    if bad.arguments[0] != "check":
        return answer.sentence
    return next(line.strip() for line in answer.out.splitlines() if line.startswith("  "))


def _short(argument: str) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in argument)
    return f"{printable[:20]}..." if len(printable) > 60 else printable or '""'


if __name__ == "__main__":
    sys.exit(main())
