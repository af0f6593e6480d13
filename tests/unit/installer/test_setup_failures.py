"""Every trouble of the surroundings becomes one sentence."""

from __future__ import annotations

import errno
import re

import pytest
from asa_setup import failures

NO_NETWORK = """\
WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after
connection broken by 'NameResolutionError("Failed to resolve 'index.invalid'")': /simple/numpy/
ERROR: Could not find a version that satisfies the requirement numpy==2.4.6 (from versions: none)
ERROR: No matching distribution found for numpy==2.4.6
"""


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (NO_NETWORK, "cannot be reached"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left", "disk"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "hash"),
        ("SSLError(SSLCertVerificationError(1, 'certificate verify failed'))", "certificate"),
        ("ERROR: No matching distribution found for av==18.1.0", "ready-made av==18.1.0"),
        ("some words\nERROR: Something new.\n", r"\(Something new\): its whole output is in L"),
        ("", "gave no reason"),
    ],
)
def test_pips_troubles(output: str, words: str) -> None:
    sentence = failures.explain_pip(output, log="LOG")
    assert "\n" not in sentence
    assert re.search(words, sentence)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk is full"),
        (errno.EACCES, "No right to write /there/x"),
        (errno.EROFS, "No right to write /there/x"),
        (errno.EIO, "The system refused /there/x"),
    ],
)
def test_the_systems_troubles(number: int, words: str) -> None:
    sentence = failures.explain_os_error(OSError(number, "words", "/there/x"))
    assert sentence.startswith(words)
