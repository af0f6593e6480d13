"""Weights over a real connection: whole and compared, or not there; gone on with where it broke."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from weights_server import WeightsServer, serving_weights

from asa_desktop.core.errors import AsaError, Cancelled, PlaceError, SeparationError
from asa_desktop.core.separation import weights as core_weights
from asa_desktop.services.crashes import reports
from asa_desktop.services.https import Unfetched
from asa_desktop.services.paths import Places
from asa_desktop.services.separation import fetching, weights
from asa_desktop.services.separation.fetching import fetch
from asa_desktop.services.separation.source import HTDEMUCS, Source
from asa_desktop.services.separation.weights import (
    PART,
    are_there,
    fetched,
    kept_weights,
    taken_in,
    wanted_weights,
)
from asa_desktop.services.updates.place import is_page
from tests.local_server import CERTIFICATE

CONTENT = bytes(range(256)) * 1200


@pytest.fixture
def server() -> Iterator[WeightsServer]:
    with serving_weights(CONTENT) as made:
        yield made


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(home=tmp_path / "home", cache=tmp_path / "cache")


def part_of(places: Places, source: Source) -> Path:
    target = kept_weights(places, source)
    return target.with_name(target.name + PART)


def refused(places: Places, source: Source, **how: object) -> tuple[str, object]:
    with pytest.raises(AsaError) as caught:
        fetched(places, source, **how)
    assert not are_there(places, source)
    return caught.value.code, caught.value.facts.get("why")


def test_the_usual_weights_are_pinned() -> None:
    assert is_page(HTDEMUCS.address)
    assert len(HTDEMUCS.sha256) == 64
    assert HTDEMUCS.size < core_weights.LARGEST
    assert (HTDEMUCS.host, HTDEMUCS.megabytes, HTDEMUCS.local) == ("huggingface.co", 84, False)
    assert "/resolve/main/" not in HTDEMUCS.address  # another day other bytes


def test_they_come_whole(server: WeightsServer, places: Places) -> None:
    source = server.source()
    assert not are_there(places, source)
    path = fetched(places, source)
    assert path.read_bytes() == CONTENT
    assert are_there(places, source)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    if os.name != "nt":
        assert path.parent.stat().st_mode & 0o077 == 0


def test_what_the_server_learns(server: WeightsServer, places: Places) -> None:
    fetched(places, server.source())
    [(path, headers)] = server.asked
    assert path == "/w.safetensors"
    assert set(headers) <= {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}
    assert headers["User-Agent"] == "asa-desktop"


def test_a_broken_transfer_is_gone_on_with(server: WeightsServer, places: Places) -> None:
    source = server.source()
    server.trouble = "cut 100000"
    assert refused(places, source)[0] == "weights_unreached"
    got = part_of(places, source).stat().st_size
    assert 0 < got <= 100_000
    server.trouble = ""
    assert fetched(places, source).read_bytes() == CONTENT
    assert server.asked[-1][1]["Range"] == f"bytes={got}-"


@pytest.mark.parametrize("trouble", ["whole", "past"])
def test_a_server_that_cannot_go_on_begins_anew(
    server: WeightsServer, places: Places, trouble: str
) -> None:
    source = server.source()
    part_of(places, source).parent.mkdir(parents=True)
    part_of(places, source).write_bytes(b"old" * 99)
    server.trouble = trouble
    assert fetched(places, source).read_bytes() == CONTENT


@pytest.mark.parametrize("there", [len(CONTENT), len(CONTENT) + 7])
def test_a_part_that_is_too_long_begins_anew(
    server: WeightsServer, places: Places, there: int
) -> None:
    source = server.source()
    part_of(places, source).parent.mkdir(parents=True)
    part_of(places, source).write_bytes(b"x" * there)
    assert fetched(places, source).read_bytes() == CONTENT


def test_a_part_of_something_else_costs_one_try(server: WeightsServer, places: Places) -> None:
    source = server.source()
    part_of(places, source).parent.mkdir(parents=True)
    part_of(places, source).write_bytes(b"x" * 1000)
    assert refused(places, source) == ("weights_refused", None)
    assert not part_of(places, source).exists()
    assert fetched(places, source).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("trouble", "code", "why"),
    [
        ("other", "weights_refused", None),
        ("longer", "weights_refused", None),
        ("status 404", "weights_unreached", "status 404"),
        ("status 500", "weights_unreached", "status 500"),
        ("circle", "weights_unreached", "redirects"),
        ("redirect http://example.org/w", "weights_unreached", "redirect"),
        ("redirect http://localhost:1/w", "weights_unreached", "redirect"),
        ("redirect file:///etc/passwd", "weights_unreached", "redirect"),
        ("redirect https://me@example.org/w", "weights_unreached", "redirect"),
        ("redirect http://x@[", "weights_unreached", "redirect"),
    ],
)
def test_a_hostile_server_gets_nowhere(
    server: WeightsServer, places: Places, home: Path, trouble: str, code: str, why: str | None
) -> None:
    source = server.source()
    server.trouble = trouble
    assert refused(places, source) == (code, why)
    assert not kept_weights(places, source).exists()
    if code == "weights_refused":
        assert not part_of(places, source).exists()
    assert reports(home / "logs") == []  # nor does the process fall over


def test_a_range_that_was_not_asked_for_is_not_believed(
    server: WeightsServer, places: Places
) -> None:
    source = server.source()
    part_of(places, source).parent.mkdir(parents=True)
    part_of(places, source).write_bytes(CONTENT[:500])
    server.trouble = "odd range"
    assert refused(places, source)[0] in ("weights_refused", "weights_unreached")


def test_a_move_is_followed(server: WeightsServer, places: Places) -> None:
    server.trouble = "redirect HERE/moved?" + "x" * 3000  # as hubs sign their addresses
    assert fetched(places, server.source()).read_bytes() == CONTENT


def test_only_tls_from_who_can_prove_it(places: Places) -> None:
    with serving_weights(CONTENT, tls=True) as server:
        assert refused(places, server.source())[1] == "SSLCertVerificationError"
        assert server.asked == []
        source = server.source(certificates=str(CERTIFICATE))
        assert fetched(places, source).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "address", ["http://localhost/w", "http://example.org/w", "file:///etc/passwd", "ftp://x/w", ""]
)
def test_nothing_else_is_asked(address: str, tmp_path: Path) -> None:
    with pytest.raises(Unfetched, match="redirect"):
        fetch(Source("w", address, 9, "", local=True), tmp_path / "part")
    with pytest.raises(Unfetched, match="redirect"):
        fetch(Source("w", "http://127.0.0.1:1/w", 9, ""), tmp_path / "part")


def test_nobody_there(server: WeightsServer, places: Places) -> None:
    source = replace(server.source(), address="http://127.0.0.1:1/w")
    assert refused(places, source) == ("weights_unreached", "ConnectionRefusedError")


def test_a_silent_server_is_left(server: WeightsServer, places: Places) -> None:
    server.trouble = "silent"
    began = time.monotonic()
    assert refused(places, server.source(), stall_s=1.0) == ("weights_unreached", "time")
    assert time.monotonic() - began < fetching.SOCKET_S


def test_it_can_be_stopped(server: WeightsServer, places: Places) -> None:
    server.trouble = "silent"
    with pytest.raises(Cancelled):
        fetched(places, server.source(), cancelled=lambda: bool(server.asked))


def dies(connection: Connection, source: Source, part: Path) -> None:
    os._exit(3)


def babbles(connection: Connection, source: Source, part: Path) -> None:
    connection.send_bytes(b"[" * 4000)


def floods(connection: Connection, source: Source, part: Path) -> None:
    connection.send_bytes(b" " * 100_000)


def pickles(connection: Connection, source: Source, part: Path) -> None:
    connection.send({"a": "pickle"})


def odd_share(connection: Connection, source: Source, part: Path) -> None:
    connection.send_bytes(json.dumps({"got": [1]}).encode())


def lies(connection: Connection, source: Source, part: Path) -> None:
    part.write_bytes(bytes(source.size))
    connection.send_bytes(json.dumps({"got": 10**400}).encode())
    connection.send_bytes(b"{}")


def full(connection: Connection, source: Source, part: Path) -> None:
    connection.send_bytes(json.dumps({"why": "disk", "errno": 28}).encode())


@pytest.mark.parametrize(
    ("main", "codes"),
    [
        (dies, {"weights_unreached"}),
        (babbles, {"weights_unreached"}),
        (floods, {"weights_unreached"}),
        (pickles, {"weights_unreached"}),
        (odd_share, {"weights_unreached"}),
        (lies, {"weights_refused", "weights_unreached"}),
        (full, {"disk_full"}),
    ],
)
def test_whatever_the_other_process_does_nothing_is_believed(
    server: WeightsServer, places: Places, main: object, codes: set[str]
) -> None:
    assert refused(places, server.source(), main=main)[0] in codes


def test_how_far_it_is_is_told(places: Places) -> None:
    shares: list[float] = []

    def slowly(source: Source, part: Path) -> None:
        fetched(places, source, progress=shares.append)

    with serving_weights(CONTENT * 40) as server:
        slowly(server.source(), part_of(places, server.source()))
    assert shares
    assert shares == sorted(shares)
    assert 0 < shares[0] <= shares[-1] <= 1


def test_where_nothing_can_be_written_nobody_is_asked(
    server: WeightsServer, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file")
    places = Places(home=tmp_path / "home", cache=tmp_path / "cache")
    with pytest.raises(PlaceError, match="in_the_way"):
        fetched(places, server.source())
    assert server.asked == []


def test_weights_that_somebody_has(server: WeightsServer, places: Places, tmp_path: Path) -> None:
    source = server.source()
    (tmp_path / "mine").write_bytes(CONTENT)
    (tmp_path / "other").write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(SeparationError, match="weights_other"):
        taken_in(places, source, tmp_path / "other")
    assert not are_there(places, source)
    assert taken_in(places, source, tmp_path / "mine") == kept_weights(places, source)
    assert are_there(places, source)
    assert server.asked == []


def test_which_weights_are_used(
    server: WeightsServer, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = server.source()
    monkeypatch.setattr(core_weights, "find_spec", lambda name: object())
    with pytest.raises(SeparationError, match="no_weights"):
        wanted_weights(places, source)
    (tmp_path / "mine").write_bytes(b"any")
    mine = hashlib.sha256(b"any").hexdigest()
    assert wanted_weights(places, source, given=tmp_path / "mine") == (tmp_path / "mine", mine)
    with pytest.raises(PlaceError, match="missing_file"):
        wanted_weights(places, source, given=tmp_path / "none")
    path = fetched(places, source)
    assert wanted_weights(places, source) == (path, source.sha256)
    path.write_bytes(CONTENT[::-1])
    with pytest.raises(SeparationError, match="fetched_changed"):
        wanted_weights(places, source)


@pytest.mark.parametrize(("packaged", "code"), [(False, "no_demucs"), (True, "no_demucs_packaged")])
def test_without_demucs_it_is_said_which_way_out(
    places: Places, monkeypatch: pytest.MonkeyPatch, packaged: bool, code: str
) -> None:
    monkeypatch.setattr(core_weights, "find_spec", lambda name: None)
    monkeypatch.setattr(weights, "frozen", lambda: packaged)
    with pytest.raises(SeparationError) as caught:
        wanted_weights(places, HTDEMUCS)
    assert caught.value.code == code


def test_the_process_that_asks_opens_nothing(server: WeightsServer, tmp_path: Path) -> None:
    """What speaks TLS and HTTP is not even imported where the window lives; nor is torch."""
    source = server.source()
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from asa_desktop.services.paths import Places\n"
        "from asa_desktop.services.separation.source import Source\n"
        "from asa_desktop.services.separation.weights import fetched\n"
        "if __name__ == '__main__':\n"
        "    home = Path(sys.argv[1])\n"
        "    source = Source('w', sys.argv[2], int(sys.argv[3]), sys.argv[4], True)\n"
        "    fetched(Places(home, home / 'cache'), source)\n"
        "    print(*sorted({'ssl', 'http.client', 'urllib.request', 'torch', 'demucs'}"
        " & set(sys.modules)))\n"
    )
    script = tmp_path / "program.py"
    script.write_text(program)
    arguments = [str(tmp_path / "h"), source.address, str(source.size), source.sha256]
    ran = subprocess.run(
        [sys.executable, str(script), *arguments], text=True, check=False,
        capture_output=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("\n", "")
