"""What can go wrong while setting up, each in one sentence that says what to do."""

from __future__ import annotations

import errno
import re


class SetupError(Exception):
    """The surroundings do not allow it. `str(error)` is the sentence for the user."""

    status = 2


class UsageError(SetupError):
    """The command line was not understood."""


NO_NETWORK = (
    "The package index cannot be reached: check the network (or the proxy and pip's settings) "
    "and run the same command again; what has arrived is kept."
)
BAD_CERTIFICATE = (
    "The package index was reached, but its certificate is not trusted here: set the clock, or "
    "tell pip your company's certificate (pip config set global.cert FILE), and run again."
)
DISK_FULL = (
    "The disk is full: free about 3 GB in the checkout's folder and in the temporary folder, "
    "then run the same command again."
)
BAD_HASH = (
    "A downloaded package does not match its hash in installer/locks, so nothing of it was "
    "installed: run again, and if it stays so, do not trust that package index ({log})."
)

# In the order of precedence: a lost network also ends in "no matching distribution".
_PIP_SIGNS: tuple[tuple[str, str], ...] = (
    (r"No space left on device|not enough space on the disk|\[Errno 28\]", DISK_FULL),
    (r"DO NOT MATCH THE HASHES", BAD_HASH),
    (r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError", BAD_CERTIFICATE),
    (
        r"NewConnectionError|NameResolutionError|name resolution|getaddrinfo failed|"
        r"Network is unreachable|ConnectTimeout|Read timed out|ReadTimeout|ProxyError|"
        r"connection broken|Connection refused|Failed to connect|Failed to resolve|"
        r"Unable to connect|IncompleteRead|Connection reset",
        NO_NETWORK,
    ),
)
_NO_WHEEL = re.compile(r"No matching distribution found for (?P<package>[A-Za-z0-9._+=-]+)")
_ERROR_LINE = re.compile(r"^\s*(?:ERROR|error): (?P<words>.+)$", re.MULTILINE)


def package_without_wheel(output: str) -> str | None:
    """The `name==version` that pip found nowhere, from its output; None if that was not it."""
    found = _NO_WHEEL.search(output)
    return found["package"] if found else None


def explain_pip(output: str, *, log: str) -> str:
    """One sentence for a failed pip run, from everything it printed; `log` names the file."""
    for signs, sentence in _PIP_SIGNS:
        if re.search(signs, output):
            return sentence.format(log=log)
    missing = package_without_wheel(output)
    if missing:
        return (
            f"The package index has no ready-made {missing} for this Python and system: "
            "use Python 3.11, 3.12 or 3.13 on a supported system (README, Set-up)."
        )
    lines = _ERROR_LINE.findall(output)
    reason = lines[-1].strip().rstrip(".") if lines else "it gave no reason"
    return f"pip could not install the packages ({reason}): its whole output is in {log}."


def explain_os_error(error: OSError) -> str:
    """One sentence for a file operation that the system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    where = error.filename or "the checkout"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"No right to write {where}: give yourself that right, or use a checkout of your own."
        )
    return f"The system refused {where}: {error.strerror or error}."
