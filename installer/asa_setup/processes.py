"""Starting other programs: streamed, logged, and never left behind by Ctrl-C."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

# Settings of the caller's own Python that would bend what happens inside our environment.
_BENDING = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_DRY_RUN",
    "__PYVENV_LAUNCHER__",
)


def clean_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without the variables that redirect Python or pip."""
    source = os.environ if environ is None else environ
    return {name: value for name, value in source.items() if name not in _BENDING}


def _end(process: subprocess.Popen[str]) -> None:
    """Let an interrupted child tidy up (it got the same Ctrl-C), then make sure it is gone."""
    try:
        process.wait(timeout=10)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def stream(
    command: Sequence[str | Path],
    *,
    log: Path,
    on_line: Callable[[str], None] = lambda line: None,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run a command; its lines go to `on_line` and are appended to `log`.

    Returns the exit status and all output. A command that does not exist gives status 127.
    """
    lines: list[str] = []
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as book:
        book.write(f"$ {' '.join(map(str, command))}\n")
        try:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                cwd=cwd,
                env=clean_environment(environ),
            )
        except FileNotFoundError:
            return 127, f"{command[0]}: not found"
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.append(line)
                book.write(line)
                on_line(line.rstrip())
            return process.wait(), "".join(lines)
        except BaseException:
            _end(process)
            raise


def attached(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> int:
    """Run a command on our own terminal and return its exit status.

    Ctrl-C is left to the command, which knows how to stop; we wait for it and give 130.
    """
    sys.stdout.flush()
    process = subprocess.Popen(
        [str(word) for word in command], cwd=cwd, env=clean_environment(environ)
    )
    stopped = False
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            stopped = True
            continue
        if status and stopped:
            return 130
        return 128 - status if status < 0 else status
