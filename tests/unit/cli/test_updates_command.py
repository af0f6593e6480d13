"""`asa updates`: it says what it would do, and asks nobody before --look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from release_server import PAGE, Server, release, serving

from asa_desktop import __version__
from asa_desktop.cli import app, updates
from asa_desktop.services import processes
from asa_desktop.services.settings import Settings, save_settings
from asa_desktop.services.updates import place
from asa_desktop.services.updates.place import Place

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving() as made:
        # Expires within the longest life there may be, from whenever this is run.
        made.offers(release(), **now_good())
        monkeypatch.setattr(updates, "here", made.place)
        yield made


def now_good() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"made": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
            "expires": f"{now + timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"}  # fmt: skip


@pytest.mark.parametrize("words", [[], ["--look"]])
def test_a_build_without_a_place_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, words: list[str]
) -> None:
    monkeypatch.setattr(place, "ADDRESS", "")
    assert app.run(["updates", *words]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("This build of the program has no place to look")
    assert printed.out == ""
    assert not home.exists()


def test_without_look_nobody_is_asked(
    home: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(
        processes.multiprocessing, "get_context", lambda kind: pytest.fail("a process was begun")
    )
    assert app.run(["updates"]) == 0
    said = capsys.readouterr().out
    assert f"list of releases: {server.address}" in said
    assert "does not look there by itself" in said
    assert "last look" not in said
    assert server.asked == []
    assert not home.exists()
    save_settings(home / "settings.json", Settings(updates=True))
    assert app.run(["updates"]) == 0
    assert "looks there by itself, once a day at most" in capsys.readouterr().out
    assert server.asked == []


def test_look_says_what_is_newer(home: Path, server: Server, capsys: Captured) -> None:
    assert app.run(["updates", "--look"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [f"9.0.0 of 2026-11-30 is newer than {__version__}: Sings along.", PAGE]
    app.run(["updates"])
    assert "last look: " in capsys.readouterr().out


def test_look_says_that_nothing_is(home: Path, server: Server, capsys: Captured) -> None:
    server.offers(release(__version__), **now_good())
    assert app.run(["updates", "--look"]) == 0
    assert f"{__version__} is the newest version, as of" in capsys.readouterr().out


def test_a_list_that_nobody_signed(home: Path, server: Server, capsys: Captured) -> None:
    server.signature = b"A" * 88
    assert app.run(["updates", "--look"]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("What came in place of the list of releases is not that list")
    assert printed.out == ""
    app.run(["updates"])
    assert "; What came in place of the list" in capsys.readouterr().out


def test_the_place_is_the_builds_own() -> None:
    """No option and no variable of the environment leads elsewhere."""
    assert updates.here is place.here
    assert Place.__dataclass_fields__["local"].default is False
