"""The command that throws broken files at readers: it finds what is there, and goes on."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from asa_desktop.core.errors import AudioError
from tests import fuzz
from tests.fuzz_readers import READERS, Reader

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs alarms"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


def _fragile(path: Path) -> object:
    """Sound where it begins as it should; else, by its first byte, it fails in every way."""
    first = path.read_bytes()[:1]
    if first == b"a":
        return None
    if first in (b"", b"b"):
        raise ValueError("unlooked for")
    if first < b"`":
        raise AudioError("damaged", path=path)
    if first == b"c":
        time.sleep(60)
    os._exit(3)


def test_the_same_number_is_the_same_input() -> None:
    samples = [(".txt", b"do re mi fa sol la si do")]
    again = [fuzz.changed(samples, (b"X",), seed=1, number=each) for each in range(200)]
    assert again == [fuzz.changed(samples, (b"X",), seed=1, number=each) for each in range(200)]
    assert len({content for _, content in again}) > 150


def test_what_goes_wrong_is_found_kept_and_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(READERS, "fragile", Reader(_fragile, lambda: [(".txt", b"a" * 8)]))
    inputs = [b"a", b"0", b"b", b"x", b"a", b"0"]
    monkeypatch.setattr(fuzz, "changed", lambda *_, number, **__: (".txt", inputs[number]))
    monkeypatch.setattr(fuzz.multiprocessing, "get_context", _forking)
    state = fuzz.fuzz("fragile", inputs=6, folder=tmp_path, seed=1)
    assert (state.done, state.refused) == (6, 2)
    assert state.findings == ["fragile-2.txt", "fragile-3.txt"]
    assert (tmp_path / "fragile-2.txt").read_bytes() == b"b"
    assert "unlooked for" in (tmp_path / "fragile-2.txt.txt").read_text()
    assert "went down" in (tmp_path / "fragile-3.txt.txt").read_text()
    assert json.loads((tmp_path / "fragile.json").read_text())["done"] == 6
    monkeypatch.setattr(fuzz, "_asked", lambda *_: pytest.fail("asked again"))
    assert fuzz.fuzz("fragile", inputs=6, folder=tmp_path, seed=1) == state


def _forking(_kind: str) -> object:
    """What is patched here is patched in the other process, too."""
    import multiprocessing.context

    return multiprocessing.context.ForkContext()


@pytest.mark.parametrize("name", READERS)
def test_some_hundred_inputs_find_nothing(tmp_path: Path, name: str) -> None:
    if name == "film":
        pytest.importorskip("av")
    state = fuzz.fuzz(name, inputs=300, folder=tmp_path, seed=20)
    assert state.findings == []
    assert state.done == 300
