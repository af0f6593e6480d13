from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from asa_desktop.core.errors import PlaceError
from asa_desktop.engine import held
from asa_desktop.engine.held import hold, is_held, lock_path

HOLDER = """
import sys, time
from pathlib import Path
from asa_desktop.engine.held import hold
lock = hold(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def part(tmp_path: Path) -> Path:
    path = tmp_path / "a.w64"
    path.write_bytes(b"sung")
    return path


def test_a_part_is_held_until_it_is_let_go(part: Path) -> None:
    assert not is_held(part)
    with hold(part) as lock:
        assert is_held(part)
        assert part.read_bytes() == b"sung"
        with pytest.raises(PlaceError, match="part_held") as caught:
            hold(part)
        assert caught.value.facts == {"path": part}
    assert not is_held(part)
    assert not lock_path(part).exists()
    lock.close()
    hold(part).close()


def test_another_process_is_seen_and_its_death_too(part: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(part)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        assert is_held(part)
        with pytest.raises(PlaceError, match="part_held"):
            hold(part)
        holder.kill()
    assert lock_path(part).exists()
    assert not is_held(part)
    hold(part).close()
    assert not lock_path(part).exists()


def test_asking_does_not_stand_in_the_way(part: Path) -> None:
    lock_path(part).touch()
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(0.0005):
            is_held(part)

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    try:
        for _ in range(100):
            hold(part).close()
    finally:
        stop.set()
        for thread in asking:
            thread.join()


def test_only_one_of_many_holds_it(part: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(20):
            with contextlib.suppress(PlaceError), hold(part):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most
    assert max(most) == 1


def test_a_disk_without_locks_is_judged_by_age(part: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(handle: int, *, alone: bool) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(held, "_lock", refuse)
    with hold(part):
        assert is_held(part)
        os.utime(part, (1, 1))
        assert not is_held(part)


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="missing_file"):
        hold(tmp_path / "no" / "a.w64")
    assert not is_held(tmp_path / "no" / "a.w64")
