"""A list is believed only whole, signed, in order and of its time."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from carried import ROOT
from hypothesis import given
from hypothesis import strategies as st
from release_server import KEY, OTHER_KEY, list_of, release, signed

from asa_desktop.core.errors import UpdateError
from asa_desktop.services.updates.place import is_page
from asa_desktop.services.updates.release_list import (
    LARGEST,
    ReleaseList,
    believed,
    newer,
    order,
    read,
)

KEYS = (bytes(KEY.verify_key),)
NOW = datetime(2126, 6, 1, tzinfo=UTC)
SCHEMA = json.loads((ROOT / "resources/schema/releases-1.schema.json").read_text("utf-8"))


def packed(*releases: dict[str, Any], **other: Any) -> bytes:
    return json.dumps(list_of(*releases, **other)).encode()


def believe(content: bytes, signature: bytes | None = None, **how: Any) -> ReleaseList:
    signature = signed(content) if signature is None else signature
    return believed(content, signature, **{"keys": KEYS, "now": NOW, **how})


def refusal(content: bytes, signature: bytes | None = None, **how: Any) -> tuple[str, object]:
    with pytest.raises(UpdateError) as caught:
        believe(content, signature, **how)
    return caught.value.code, caught.value.facts["why"]


def test_a_good_list_is_believed() -> None:
    found = believe(packed(release(), release("0.1.0")))
    assert found.serial == 100
    assert [one.version for one in found.releases] == ["9.0.0", "0.1.0"]
    assert found.releases[0].about == "Sings along."
    assert believe(packed(further="entry")).releases == ()


def test_either_of_two_keys_will_do() -> None:
    content = packed()
    both = (bytes(OTHER_KEY.verify_key), *KEYS)
    assert believe(content, keys=both)
    assert believe(content, signed(content, OTHER_KEY), keys=both)


@pytest.mark.parametrize("wrong", [
    "other key", "no key", "broken key", "changed", "cut", "longer", "empty", "no base64", "short",
    "of another list", "large signature",
])  # fmt: skip
def test_what_nobody_signed_is_refused_unread(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from asa_desktop.services.updates import release_list

    monkeypatch.setattr(release_list, "read", lambda content: pytest.fail("was read"))
    content = packed(release())
    good, how = signed(content), {}
    signature = {
        "other key": signed(content, OTHER_KEY),
        "no base64": b"\xff" * 88,
        "short": base64.b64encode(b"s" * 63),
        "empty": b"",
        "of another list": signed(packed()),
        "large signature": good + b" " * 300,
    }.get(wrong, good)
    content = {"changed": content.replace(b"9.0.0", b"9.0.1"), "cut": content[:-1],
               "longer": content + b" "}.get(wrong, content)  # fmt: skip
    if wrong in ("no key", "broken key"):
        how = {"keys": () if wrong == "no key" else (b"short",)}
    assert refusal(content, signature, **how) == ("updates_refused", "signature")


def test_one_that_is_too_large_is_refused_though_signed() -> None:
    content = packed() + b" " * LARGEST
    assert refusal(content) == ("updates_refused", "signature")


def test_the_number_must_not_go_down() -> None:
    content = packed(release())
    assert believe(content, least_serial=100)
    assert refusal(content, least_serial=101) == ("updates_stale", "serial")


def test_one_that_has_expired_is_an_old_one() -> None:
    content = packed(made="2126-01-01T00:00:00Z", expires="2126-06-01T00:00:00Z")
    assert refusal(content) == ("updates_stale", "expired")
    assert believe(content, now=datetime(2126, 5, 31, 23, 59, 59, tzinfo=UTC))


@pytest.mark.parametrize("content", [
    b"", b"no JSON", b"[]", b"null", b"\xff\xfe", b"[" * 60_000, b'{"schema": 1}',
    b'{"schema": "urn:asa-desktop:releases:1"}', b"1" * 60_000,
])  # fmt: skip
def test_what_is_no_list_is_refused_though_signed(content: bytes) -> None:
    assert refusal(content)[0] == "updates_refused"


@pytest.mark.parametrize("change", [
    {"schema": "urn:asa-desktop:releases:2"}, {"serial": 0}, {"serial": -1}, {"serial": True},
    {"serial": 1.5}, {"serial": "100"}, {"serial": 10**400}, {"serial": None},
    {"releases": {}}, {"releases": None}, {"releases": [release()] * 51}, {"releases": ["9.0.0"]},
    {"made": "yesterday"}, {"expires": "2126-12-01"}, {"expires": None},
    {"expires": "2126-12-01T00:00:00+09:00"}, {"expires": "2126-13-01T00:00:00Z"},
    {"expires": "2126-01-01T00:00:00Z"}, {"expires": "9999-12-31T23:59:59Z"},
])  # fmt: skip
def test_a_list_with_an_odd_entry_is_refused(change: dict[str, Any]) -> None:
    assert refusal(packed(**change))[0] == "updates_refused"


@pytest.mark.parametrize("change", [
    {"version": "new"}, {"version": "9"}, {"version": "9.0.0 "}, {"version": "v9.0.0"},
    {"version": "9.0.0+evil"}, {"version": "9.0.0\n"}, {"version": "٩.٠"}, {"version": 9.0},
    {"version": "1" * 6 + ".0"}, {"version": "1.2.3.4.5"}, {"version": None},
    {"page": "http://example.org/"}, {"page": "javascript:alert(1)"}, {"page": "file:///etc/passwd"},
    {"page": "https://"}, {"page": "https://user@example.org/"}, {"page": "https://e.org/ x"},
    {"page": "https://exämple.org/"}, {"page": "https://e.org/" + "x" * 200}, {"page": None},
    {"page": "https://[::1"}, {"page": "https://e.org:port/"}, {"page": "HTTPS:///x"},
    {"page": "https://e.org/\\@evil.org"}, {"page": "https://e.org/\r\nX: y"},
    {"about": ""}, {"about": "x" * 121}, {"about": "two\nlines"}, {"about": "\u202eturned"},
    {"about": "\x1b[31mred"}, {"about": None}, {"about": ["x"]}, {"about": "\ud800"},
    {"date": "soon"}, {"date": "2026-02-30"}, {"date": None}, {"date": "20261130"},
])  # fmt: skip
def test_a_list_with_an_odd_release_is_refused_whole(change: dict[str, Any]) -> None:
    assert refusal(packed(release("8.0.0"), release(**change)))[0] == "updates_refused"


@pytest.mark.parametrize("name", ["version", "date", "page", "about"])
def test_a_release_that_lacks_something_is_refused(name: str) -> None:
    said = release()
    del said[name]
    assert refusal(packed(said))[0] == "updates_refused"


@given(st.binary(max_size=300))
def test_whatever_is_signed_is_a_list_or_refused(content: bytes) -> None:
    assert refusal(content)[0] == "updates_refused"


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("0.1.0", ["0.1.0", "0.0.9"], None),
        ("0.1.0", ["0.1.1", "0.2", "0.1.10"], "0.2"),
        ("0.9.0", ["0.10.0"], "0.10.0"),
        ("1.0", ["1.0.0", "1.0.0.0"], None),
        ("1.0", ["1.1b1", "2.0rc1"], None),
        ("1.1b1", ["1.1b2", "1.1a9"], "1.1b2"),
        ("1.1b1", ["1.1rc1", "1.1"], "1.1"),
        ("1.1rc9", ["1.1"], "1.1"),
        ("of my own", ["9.0"], None),
        ("0.1.0", [], None),
    ],
)
def test_the_newest_that_is_newer(ours: str, theirs: list[str], found: str | None) -> None:
    list_ = read(packed(*(release(one) for one in theirs)))
    release_found = newer(list_.releases, ours)
    assert (release_found.version if release_found else None) == found


def test_versions_are_in_order() -> None:
    versions = [
        "0.1",
        "0.1.1",
        "0.2a1",
        "0.2b1",
        "0.2b2",
        "0.2rc1",
        "0.2",
        "0.10",
        "1.0",
        "1.0.0.1",
    ]
    assert sorted(versions, key=lambda one: order(one) or ()) == versions


def test_the_published_description_says_the_same() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    good = list_of(release(), release("1.2rc1"))
    jsonschema.validate(good, SCHEMA)
    read(json.dumps(good).encode())
    for bad in (
        list_of(serial=0), list_of(schema="x"), list_of(made="now"), list_of(release("v1")),
        list_of(release(page="http://example.org/")), list_of(release(about="x" * 121)),
        list_of(*[release()] * 51),
    ):  # fmt: skip
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, SCHEMA)
        with pytest.raises(UpdateError):
            read(json.dumps(bad).encode())


def test_what_a_browser_may_be_given() -> None:
    assert is_page("https://example.org:8443/a/b?c=d&e=%20#f")
    assert not is_page(b"https://example.org/")
