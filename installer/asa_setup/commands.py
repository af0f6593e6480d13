"""The command line of bootstrap.py: run, test, lock, package."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asa_setup import environment, quality, relock
from asa_setup.failures import SetupError, UsageError, explain_os_error
from asa_setup.layout import Layout
from asa_setup.processes import attached, clean_environment

USAGE = """\
Sets ASA Desktop up in this checkout (in .venv) and starts or tests it.

  bootstrap.py run [--gpu | --no-gpu] [ARGUMENTS]   start; ARGUMENTS go to the program
  bootstrap.py test [--all] [-- PYTEST ARGUMENTS]   the default tests; --all adds slow and
                                                    end-to-end tests, lint, types, layers
  bootstrap.py lock                                 make the lock files anew (developers)
  bootstrap.py package KIND                         make a package; `package --help` has the kinds

  --gpu     torch with CUDA (Linux, several gigabytes); kept until --no-gpu
  run analyze TAKE.wav    passes `analyze TAKE.wav` on; `run -- --help` its own help
"""

# What `run` alone starts where there is no screen for the window. Where a microphone and headphones
# can be opened the program records somebody over the demo song, else it analyses the take that
# comes with it; it looks for itself.
WITHOUT_SCREEN = ("demo", "--sing", "auto")


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    command: str
    gpu: bool | None = None
    everything: bool = False
    arguments: tuple[str, ...] = ()


def _options(words: list[str], known: Sequence[str]) -> set[str]:
    """Take our own options off the front of `words`, up to `--` or the first other word."""
    taken = set()
    while words and words[0] in known:
        taken.add(words.pop(0))
    if words and words[0] == "--":
        words.pop(0)
    return taken


def parse(words: Sequence[str]) -> Request:
    """Read the command line. Raises UsageError."""
    rest = list(words)
    command = rest.pop(0) if rest else ""
    if command in ("-h", "--help", "help"):
        return Request("help")
    if command == "run":
        options = _options(rest, ("--gpu", "--no-gpu", "-h", "--help"))
        if {"--gpu", "--no-gpu"} <= options:
            raise UsageError("--gpu and --no-gpu exclude each other.")
        gpu = True if "--gpu" in options else False if "--no-gpu" in options else None
        asked = {"-h", "--help"} & options
        return Request("help") if asked else Request("run", gpu, arguments=tuple(rest))
    if command == "test":
        options = _options(rest, ("--all", "-h", "--help"))
        asked = {"-h", "--help"} & options
        return (
            Request("help")
            if asked
            else Request("test", everything="--all" in options, arguments=tuple(rest))
        )
    if command == "lock" and not rest:
        return Request("lock")
    if command == "package":
        return Request("package", arguments=tuple(rest))
    raise UsageError("Say what to do: `bootstrap.py run`, `test`, `test --all` or `--help`.")


def main_job(system: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """What `run` alone does: the window, or the same work without one."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if system != "linux" or any(environ.get(name) for name in screens):
        return ()
    return WITHOUT_SCREEN


def program(layout: Layout, arguments: Sequence[str]) -> tuple[str, ...]:
    """The command that starts the program."""
    job = arguments or main_job(sys.platform, os.environ)
    return (str(layout.python), "-m", "asa_desktop", *job)


def start(layout: Layout, arguments: Sequence[str]) -> int:
    """Start the program in the caller's folder; on POSIX it takes this process's place."""
    command = program(layout, arguments)
    if not layout.windows:
        sys.stdout.flush()
        os.execve(command[0], command, clean_environment())
    return attached(command)


def perform(request: Request, layout: Layout) -> int:
    """Do what was asked; returns the exit status."""
    if request.command == "help":
        print(USAGE, end="")
        return 0
    if request.command == "package":
        from asa_package import commands as packages  # nobody else needs what it imports

        return packages.run(request.arguments, layout.root)
    environment.ensure(layout, developer=request.command != "run", gpu=request.gpu)
    if request.command == "run":
        return start(layout, request.arguments)
    if request.command == "lock":
        return relock.make(layout)
    return quality.run(layout, request.arguments, everything=request.everything)


def main(words: Sequence[str], layout: Layout | None = None) -> int:
    """Run the command line; every trouble of the surroundings is one sentence and status 2."""
    layout = layout or Layout(Path(__file__).resolve().parents[2])
    try:
        return perform(parse(words), layout)
    except SetupError as error:
        sentence, status = str(error), error.status
    except OSError as error:
        sentence, status = explain_os_error(error), 2
    except KeyboardInterrupt:
        sentence, status = "Stopped; run the same command again to go on.", 130
    print(sentence, file=sys.stderr)
    return status
