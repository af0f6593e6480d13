#!/usr/bin/env python3
"""Set ASA Desktop up in this checkout, then start or test it.

    python3 installer/bootstrap.py run          (Windows: py installer\\bootstrap.py run)
    python3 installer/bootstrap.py test [--all]

Standard library only. This first file keeps to syntax that every Python reads, so that an
old one gets a sentence and not a SyntaxError; the work is in the package beside it.
"""

import os
import sys

SUPPORTED = ((3, 11), (3, 12), (3, 13))


def other_pythons(path):
    """Names of supported interpreters found in the folders of `path` (a PATH string)."""
    names = ["python" + ".".join(map(str, version)) for version in reversed(SUPPORTED)]
    folders = [folder for folder in path.split(os.pathsep) if folder]
    return [name for name in names if any(os.path.exists(os.path.join(f, name)) for f in folders)]  # noqa: PTH110, PTH118


def wrong_python(version, executable, path, windows=os.name == "nt"):
    """The sentence for an interpreter that is too old or too new; None when it fits."""
    if tuple(version[:2]) in SUPPORTED:
        return None
    found = other_pythons(path)
    start = (found or ["python3.12"])[0] + " installer/bootstrap.py run"
    if windows:
        start, found = "py -3.12 installer\\bootstrap.py run", []
    return (
        "ASA Desktop needs Python 3.11, 3.12 or 3.13, and this is "
        + ".".join(map(str, version[:3]))
        + " ("
        + str(executable)
        + "): "
        + ("" if found else "install one of those, then ")
        + "run `"
        + start
        + "`.\n"
    )


def incomplete_python(error, executable):
    """The sentence for a Python without its whole library (python3-minimal, own builds)."""
    return (
        "This Python ("
        + str(executable)
        + ") lacks a part of its standard library ("
        + str(error)
        + "): install the whole of Python (on Debian and Ubuntu: sudo apt-get install python3).\n"
    )


def main():
    """Run the command line; returns the exit status."""
    sentence = wrong_python(sys.version_info, sys.executable, os.environ.get("PATH", ""))
    if sentence:
        sys.stderr.write(sentence)
        return 2
    try:
        from asa_setup.commands import main as commands
    except ImportError as error:
        sys.stderr.write(incomplete_python(error, sys.executable))
        return 2
    return commands(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
