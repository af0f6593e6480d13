"""What whoever publishes does: a key, and a list from the changelog that the program believes."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
import release_list as maker
from asa_setup.layout import Layout

from asa_desktop import __version__
from asa_desktop.core.errors import UpdateError
from asa_desktop.services.updates import place
from asa_desktop.services.updates.release_list import believed, newer, read

NOW = datetime(2026, 11, 30, 12, 0, 0, 5, tzinfo=UTC)
PAGE = "https://example.org/asa/{version}"
CHANGELOG = """\
# Changelog

## 0.3.0 (unreleased)

- Something that is not there yet.

## 0.2.0 (2026-11-30)

- Reads `songs` of *three* more
  programs. And more of that.
- Another point.

## 0.1.0 (2026-01-31)

- The first.
"""


def made(
    text: str = CHANGELOG, *, version: str = "0.2.0", page: str = PAGE, days: int = 180
) -> bytes:
    return maker.content(maker.changes(text), version=version, page=page, now=NOW, days=days)


def test_a_list_is_made_of_what_was_released() -> None:
    found = read(made())
    assert [(one.version, one.about) for one in found.releases] == [
        ("0.2.0", "Reads songs of three more programs."), ("0.1.0", "The first."),
    ]  # fmt: skip
    assert found.releases[0].page == "https://example.org/asa/0.2.0"
    assert found.made == NOW.replace(microsecond=0)
    assert found.expires == found.made + timedelta(days=180)
    assert found.serial == int(NOW.timestamp())
    assert newer(found.releases, "0.1.0") == found.releases[0]


def test_it_is_as_the_published_description_says(checkout: Layout) -> None:
    schema = checkout.root / "resources" / "schema" / "releases-1.schema.json"
    jsonschema.validate(json.loads(made()), json.loads(schema.read_text("utf-8")))


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"version": "0.3.0"}, "no date for 0.3.0"),
        ({"version": "9.9.9"}, "no date for 9.9.9"),
        ({"page": "https://example.org/"}, r"needs \{version\}"),
        ({"page": "http://example.org/{version}"}, "would refuse"),
        ({"days": 1000}, "would refuse"),
        ({"days": 0}, "would refuse"),
        ({"text": CHANGELOG.replace("The first.", "x" * 121)}, "longer than the 120"),
        ({"text": CHANGELOG.replace("2026-01-31", "in January")}, "dates 0.1.0 in January"),
        ({"text": CHANGELOG.replace("- The first.", "")}, "would refuse"),
    ],
)
def test_what_cannot_be_is_said(how: dict[str, object], sentence: str) -> None:
    with pytest.raises(maker.Problem, match=sentence):
        made(**how)


def test_the_changelog_of_this_repository_can_be_read(checkout: Layout) -> None:
    entries = maker.changes((checkout.root / "CHANGELOG.md").read_text("utf-8"))
    assert __version__ in [one.version for one in entries]
    assert all(0 < len(one.about) <= 120 for one in entries)


def test_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    public = maker.new_key(path)
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = maker.private(path)
    assert key is not None
    assert maker.public(key) == public
    assert len(base64.b64decode(public)) == 32
    with pytest.raises(maker.Problem, match="was not written"):
        maker.new_key(path)
    with pytest.raises(maker.Problem, match="no place in the repository"):
        maker.new_key(maker.ROOT / "key")
    assert not (maker.ROOT / "key").exists()


def test_a_key_that_others_may_read_or_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "key"
    maker.new_key(path)
    if os.name != "nt":
        path.chmod(0o644)
        with pytest.raises(maker.Problem, match="Others may read"):
            maker.private(path)
        path.chmod(0o600)
    path.write_text("something else\n")
    with pytest.raises(maker.Problem, match="no key"):
        maker.private(path)


@pytest.fixture
def dated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose version has its date."""
    root = tmp_path / "root"
    root.mkdir()
    text = f"# Changelog\n\n## {__version__} (2026-11-30)\n\n- All of it.\n"
    (root / "CHANGELOG.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(maker, "ROOT", root)
    monkeypatch.delenv(maker.VARIABLE, raising=False)
    return root


def test_from_key_to_list_to_the_program(
    dated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key, out = tmp_path / "key", tmp_path / "out"
    assert maker.main(["key", str(key)]) == 0
    public = capsys.readouterr().out.splitlines()[0]
    assert maker.main(["make", str(out), "--page", PAGE, "--key", str(key)]) == 0
    assert "does not know this key yet" in capsys.readouterr().out
    content, signature = ((out / name).read_bytes() for name in (maker.NAME, maker.NAME + ".sig"))
    found = believed(content, signature, keys=[base64.b64decode(public)], now=datetime.now(UTC))
    assert [one.version for one in found.releases] == [__version__]
    monkeypatch.setattr(place, "KEYS", (public,))
    monkeypatch.setattr(place, "ADDRESS", "https://example.org/releases.json")
    monkeypatch.setenv(maker.VARIABLE, key.read_text())
    assert maker.main(["make", str(out), "--page", PAGE]) == 0
    assert "does not know" not in capsys.readouterr().out
    assert maker.main(["check", str(out / maker.NAME)]) == 0
    assert "releases: 1." in capsys.readouterr().out
    (out / maker.NAME).write_bytes(content.replace(b"All", b"Not"))
    assert maker.main(["check", str(out / maker.NAME)]) == 2
    assert "updates_refused" in capsys.readouterr().err
    with pytest.raises(UpdateError):
        maker.check(out / maker.NAME, ())


def test_without_a_key_it_is_left_out_in_words(
    dated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert maker.main(["make", str(tmp_path / "out"), "--page", PAGE]) == 0
    assert capsys.readouterr().out.startswith("No list of releases: there is no key")
    assert not (tmp_path / "out").exists()


def test_signing_needs_three_pins_and_nothing_heavy(checkout: Layout) -> None:
    """It runs where no environment of the program is."""
    said = maker.needs()
    assert [line.partition("==")[0] for line in said.splitlines() if "==" in line] == [
        "cffi", "pycparser", "pynacl",
    ]  # fmt: skip
    assert said.count("--hash=sha256:") > 10
    program = (
        "import sys, release_list\n"
        "print(*({'numpy', 'PySide6', 'platformdirs'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        cwd=checkout.root / "installer",
    )  # fmt: skip
    assert ran.stdout.strip() == ""
