"""A look over a real connection, against a server that is good or hostile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from release_server import OTHER_KEY, PAGE, Server, list_of, release, serving

from asa_desktop import __version__
from asa_desktop.core.errors import Cancelled, PlaceError, UpdateError
from asa_desktop.services import https
from asa_desktop.services.crashes import reports
from asa_desktop.services.https import Unfetched
from asa_desktop.services.updates import fetching
from asa_desktop.services.updates.fetching import fetched
from asa_desktop.services.updates.looking import Memory, look, memory_file, remembered
from asa_desktop.services.updates.place import Place
from asa_desktop.services.updates.release_list import LARGEST, Release
from tests.local_server import CERTIFICATE

NOW = datetime(2126, 6, 1, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        made.offers(release(), release(__version__))
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return memory_file(tmp_path / "home")


def refused(server: Server, path: Path, **how: object) -> tuple[str, object]:
    with pytest.raises(UpdateError) as caught:
        look(server.place(), path, now=NOW, **how)
    return caught.value.code, caught.value.facts.get("why")


def test_what_is_newer_is_found_and_remembered(server: Server, path: Path) -> None:
    memory, found = look(server.place(), path, now=NOW)
    assert memory.found == Release("9.0.0", date(2026, 11, 30), PAGE, "Sings along.")
    assert (memory.newer(), memory.serial, memory.outcome) == (memory.found, 100, "")
    assert (found.serial, found.made) == (100, datetime(2126, 1, 1, tzinfo=UTC))
    assert remembered(path) == memory
    assert memory.newer("9.0.0") is None


def test_what_the_server_learns(server: Server, path: Path) -> None:
    """Two requests, without cookies, versions, or a word about this machine."""
    look(server.place(), path, now=NOW)
    look(server.place(), path, now=NOW)
    assert [one for one, _ in server.asked] == ["/releases.json", "/releases.json.sig"] * 2
    for _, headers in server.asked:
        assert set(headers) <= {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
        assert headers["User-Agent"] == "asa-desktop"


def test_nothing_newer_is_found_too(server: Server, path: Path) -> None:
    look(server.place(), path, now=NOW)
    server.offers(release("0.0.1"), serial=101)
    memory, _ = look(server.place(), path, now=NOW)
    assert (memory.found, memory.serial) == (None, 101)


def test_it_comes_over_tls_from_who_can_prove_it(path: Path) -> None:
    with serving(tls=True) as server:
        server.offers(release())
        place = server.place(certificates=str(CERTIFICATE))
        assert look(place, path, now=NOW)[0].found is not None
        asked = len(server.asked)
        assert refused(server, path) == ("updates_unreached", "SSLCertVerificationError")
        assert len(server.asked) == asked  # nothing was said to whom nobody vouches for


def test_authorities_are_found_where_other_systems_keep_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A Python from one system asks OpenSSL for its own place, which another does not have."""
    import ssl

    (tmp_path / "empty").mkdir()
    empty = str(tmp_path / "empty")
    nowhere = ssl.get_default_verify_paths()._replace(cafile=None, capath=empty)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    with serving(tls=True) as server:
        server.offers(release())
        monkeypatch.setattr(https, "AUTHORITIES", (str(tmp_path / "none"), str(CERTIFICATE)))
        assert fetched(server.place()) == (server.content, server.signature)
        (tmp_path / "broken").write_text("no certificate")
        monkeypatch.setattr(https, "AUTHORITIES", (str(tmp_path / "broken"),))
        with pytest.raises(Unfetched, match="SSLError"):
            fetched(server.place())


def test_without_tls_it_is_said_before_anybody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frozen program leaves OpenSSL to the system, which may have none."""
    ours, theirs = Pipe()
    monkeypatch.setitem(sys.modules, "ssl", None)
    fetching.probe(theirs, Place("", ()))
    assert json.loads(ours.recv_bytes()) == {"why": "no TLS"}


@pytest.mark.parametrize(
    ("trouble", "code", "why"),
    [
        ("status 404", "updates_unreached", "status 404"),
        ("status 500", "updates_unreached", "status 500"),
        ("endless", "updates_unreached", "size"),
        ("redirect https://example.org/releases.json", "updates_unreached", "redirect"),
        ("redirect http://localhost:1/releases.json", "updates_unreached", "redirect"),
        ("redirect http://127.0.0.1:1/releases.json", "updates_unreached", "redirect"),
        ("redirect file:///etc/passwd", "updates_unreached", "redirect"),
        ("redirect //example.org/x", "updates_unreached", "redirect"),
        ("redirect http://x@[", "updates_unreached", "redirect"),
        ("circle", "updates_unreached", "redirects"),
        ("cut", "updates_refused", "signature"),
    ],
)
def test_a_hostile_server_gets_nowhere(
    server: Server, path: Path, home: Path, trouble: str, code: str, why: str
) -> None:
    server.trouble = trouble
    assert refused(server, path) == (code, why)
    assert reports(home / "logs") == []  # nor does the process fall over
    memory = remembered(path)
    assert (memory.outcome, memory.looked, memory.found, memory.serial) == (code, NOW, None, 0)


def test_a_move_on_the_same_host_is_followed(server: Server, path: Path) -> None:
    server.trouble = "redirect /moved"
    assert look(server.place(), path, now=NOW)[0].found is not None
    assert ("/moved") in [one for one, _ in server.asked]


@pytest.mark.parametrize("trouble", ["silent", "drips"])
def test_a_slow_server_is_left_and_its_process_ended(
    server: Server, path: Path, trouble: str
) -> None:
    server.trouble = trouble
    began = time.monotonic()
    assert refused(server, path, limit_s=1.5) == ("updates_unreached", "time")
    assert time.monotonic() - began < 30  # not the sockets' own patience, nor for ever


def test_the_process_itself_loses_patience(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "ALL_S", 0.5)
    server.trouble = "drips"
    with pytest.raises(Unfetched, match="time"):
        fetched(server.place())
    monkeypatch.setattr(fetching, "SOCKET_S", 0.3)
    server.trouble = "silent"
    with pytest.raises(Unfetched, match="time"):
        fetched(server.place())


def test_a_bad_signature_changes_nothing(server: Server, path: Path) -> None:
    before, _ = look(server.place(), path, now=NOW)
    server.says(json.dumps(list_of(release("10.0.0"), serial=200)).encode(), key=OTHER_KEY)
    later = NOW + timedelta(days=2)
    with pytest.raises(UpdateError, match="updates_refused"):
        look(server.place(), path, now=later)
    assert remembered(path) == replace(before, looked=later, outcome="updates_refused")


def test_an_older_list_is_not_believed_again(server: Server, path: Path) -> None:
    look(server.place(), path, now=NOW)
    server.offers(release("8.0.0"), serial=99)
    assert refused(server, path) == ("updates_stale", "serial")
    assert remembered(path).found == Release("9.0.0", date(2026, 11, 30), PAGE, "Sings along.")
    server.offers(serial=101, made="2126-01-01T00:00:00Z", expires="2126-02-01T00:00:00Z")
    assert refused(server, path) == ("updates_stale", "expired")
    assert remembered(path).serial == 100


def test_one_that_is_too_large_is_not_taken_in(server: Server, path: Path) -> None:
    server.says(b" " * (LARGEST + 1))
    assert refused(server, path) == ("updates_unreached", "size")


def test_nobody_there(server: Server, path: Path) -> None:
    place = replace(server.place(), address="http://127.0.0.1:1/releases.json")
    with pytest.raises(UpdateError, match="ConnectionRefusedError"):
        look(place, path, now=NOW)


@pytest.mark.parametrize(
    "address",
    ["http://localhost/releases.json", "http://example.org/releases.json", "file:///etc/passwd",
     "ftp://127.0.0.1/x", "https://me@example.org/x", ""],
)  # fmt: skip
def test_only_https_and_only_this_machine_without(address: str) -> None:
    """Also where somebody would inject a place: nothing but 127.0.0.1 is asked without TLS."""
    with pytest.raises(Unfetched, match="redirect"):
        fetched(Place(address, (), local=True))
    with pytest.raises(Unfetched, match="redirect"):
        fetched(Place("http://127.0.0.1:1/releases.json", ()))


def dies(connection: Connection, place: Place) -> None:
    os._exit(3)


def babbles(connection: Connection, place: Place) -> None:
    connection.send_bytes(b"[" * 4000)


def floods(connection: Connection, place: Place) -> None:
    connection.send_bytes(b"{}")
    connection.send_bytes(b"x" * (LARGEST + 1))


def pickles(connection: Connection, place: Place) -> None:
    connection.send({"a": "pickle"})


@pytest.mark.parametrize("main", [dies, babbles, floods, pickles])
def test_whatever_the_other_process_does_it_is_only_not_reached(
    server: Server, path: Path, main: object
) -> None:
    assert refused(server, path, main=main)[0] == "updates_unreached"


def test_it_can_be_stopped(server: Server, path: Path) -> None:
    server.trouble = "silent"
    with pytest.raises(Cancelled):
        look(server.place(), path, now=NOW, cancelled=lambda: bool(server.asked))
    assert remembered(path).looked == NOW


def test_where_nothing_can_be_written_nobody_is_asked(server: Server, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(PlaceError):
        look(server.place(), memory_file(tmp_path / "home"), now=NOW)
    assert server.asked == []


def test_once_a_day() -> None:
    memory = Memory(looked=NOW)
    assert Memory().due(NOW)
    assert not memory.due(NOW)
    assert not memory.due(NOW + timedelta(hours=23, minutes=59))
    assert memory.due(NOW + timedelta(days=1))
    assert memory.due(NOW - timedelta(seconds=1))  # a clock that was wrong


@pytest.mark.parametrize(
    "kept",
    [b"", b"[]", b"null", b'{"serial": -1}', b'{"serial": "x"}', b'{"looked": "today"}',
     b'{"looked": "2026-01-01T00:00:00"}', b'{"found": {"version": "9.0.0"}}', b"\xff",
     b'{"found": {"version": "9.0.0", "date": "2026-01-01", "page": "file:///x", "about": "x"}}',
     b'{"outcome": 3}', b" " * 70_000, b"[" * 60_000],
)  # fmt: skip
def test_a_memory_that_cannot_be_read_is_none(path: Path, kept: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(kept)
    assert remembered(path) == Memory()


def test_the_process_that_asks_for_the_look_opens_nothing(server: Server, path: Path) -> None:
    """What speaks TLS and HTTP is not even imported where the window lives."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from datetime import UTC, datetime\n"
        "from asa_desktop.services.updates.looking import look\n"
        "from asa_desktop.services.updates.place import Place\n"
        "if __name__ == '__main__':\n"
        "    place = Place(sys.argv[1], (bytes.fromhex(sys.argv[2]),), True)\n"
        "    memory, _ = look(place, Path(sys.argv[3]), now=datetime(2126, 6, 1, tzinfo=UTC))\n"
        "    print(memory.found.version, *({'ssl', 'http.client', 'urllib.request'} &"
        " set(sys.modules)))\n"
    )
    script = path.parent.with_name("program.py")
    script.write_text(program)
    key = server.place().keys[0].hex()
    ran = subprocess.run(
        [sys.executable, str(script), server.address, key, str(path)], text=True, check=False,
        capture_output=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("9.0.0\n", "")
