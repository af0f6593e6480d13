"""What each system wraps the frozen folder in: heads, scripts, menus; the words without keys."""

from __future__ import annotations

import configparser
import plistlib
import re
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from asa_package import commands, deb, desktop, icons, macos, place, portable, rpm, windows
from asa_package.commands import Wish
from asa_package.place import Workshop
from asa_setup.failures import SetupError, UsageError
from asa_setup.layout import Layout

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")


@pytest.fixture
def shop(checkout: Layout) -> Workshop:
    return Workshop(checkout.root, windows=False)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("deb", Wish("deb")),
        ("portable --quick --again", Wish("portable", again=True, quick=True)),
        ("windows --try", Wish("windows", attempt=True)),
        ("--help", None),
    ],
)
def test_understood(words: str, expected: Wish | None) -> None:
    assert commands.parse(words.split()) == expected


@pytest.mark.parametrize("words", ["", "deb rpm", "tarball", "deb --fast", "deb --try"])
def test_not_understood(words: str) -> None:
    with pytest.raises(UsageError):
        commands.parse(words.split())


def test_every_kind_is_told_and_has_its_maker() -> None:
    assert all(f"  {kind} " in commands.USAGE for kind in commands.KINDS)
    assert set(commands.SQUEEZE) == set(commands.QUICK) <= set(commands.KINDS)


def test_a_gpu_build_is_kept_apart(checkout: Layout) -> None:
    plain, gpu = Workshop(checkout.root), Workshop(checkout.root, gpu=True)
    for name in ("venv", "frozen", "work"):
        assert getattr(plain, name) != getattr(gpu, name)
    assert (plain.variant, gpu.variant) == ("", "-gpu")
    assert plain.venv != checkout.venv, "the developer's environment is not frozen"


def test_version_and_time_are_the_sources(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    from asa_desktop import __version__

    assert place.version(shop.root) == __version__
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert place.epoch(shop.root) == 1_700_000_000
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "5")
    assert place.epoch(shop.root) == 315_532_800, "no zip knows 1970"


def test_the_menu_entry_opens_files(shop: Workshop) -> None:
    entry = configparser.RawConfigParser(strict=True)
    entry.optionxform = str
    entry.read_string(desktop.entry("asa"))
    told = entry["Desktop Entry"]
    assert told["Exec"] == "asa %F"
    assert told["StartupWMClass"] == told["Icon"] == place.NAME
    kinds = told["MimeType"].rstrip(";").split(";")
    assert {"audio/flac", "audio/midi", "application/x-asa-models"} <= set(kinds)
    assert "text/plain" not in kinds
    assert "application/zip" not in kinds


def test_appstream_and_kinds_of_files_are_whole(shop: Workshop) -> None:
    told = ElementTree.fromstring(desktop.metainfo(shop))
    assert told.findtext("id") == place.IDENTIFIER
    release = told.find("releases/release")
    assert release is not None
    assert release.get("version") == place.version(shop.root)
    assert told.findtext("launchable") == f"{place.NAME}.desktop"
    kinds = ElementTree.fromstring(desktop.filled("asa-desktop.xml"))
    (kind,) = [each.get("type") for each in kinds]
    assert kind in desktop.KINDS


def test_a_template_with_a_gap_is_refused() -> None:
    with pytest.raises(KeyError, match="VERSION"):
        desktop.filled("metainfo.xml", identifier="x", date="y", homepage="")


def test_the_sign_has_the_window_s_measures(shop: Workshop) -> None:
    lines = (shop.root / "resources/icons/audio-lines.svg").read_text(encoding="utf-8")
    drawn = ElementTree.fromstring(icons.vector(lines, ground="#123456", ink="#ABCDEF"))
    rect, group = drawn
    assert rect.get("fill") == "#123456"
    assert len(group) == lines.count("<path")
    side = float(drawn.attrib["viewBox"].split()[-1])
    assert 24 / side == pytest.approx(0.66, abs=1e-4)


def test_icons_of_windows_and_macos_hold_the_pictures() -> None:
    pictures = {16: b"sixteen", 256: b"large", 512: b"larger"}
    made = icons.ico(pictures)
    assert struct.unpack("<HHH", made[:6]) == (0, 1, 2)
    width, *_, size, offset = struct.unpack("<BBBBHHII", made[22:38])
    assert (width, made[offset : offset + size]) == (0, b"large")
    made = icons.icns(pictures)
    assert (made[:4], struct.unpack(">I", made[4:8])[0]) == (b"icns", len(made))
    assert made.endswith(b"ic09" + struct.pack(">I", 14) + b"larger")


def test_a_purge_says_where_recordings_are_and_leaves_them(tmp_path: Path) -> None:
    kept = tmp_path / "home" / "me" / ".local" / "share" / "ASA Desktop"
    kept.mkdir(parents=True)
    (kept / "take.flac").write_text("sung")
    script = desktop.filled("postrm.sh", homes=f"{tmp_path}/home/*")
    if sys.platform == "win32":
        pytest.skip("a shell script")
    for action, told in (("remove", False), ("purge", True)):
        reply = subprocess.run(
            ["sh", "-s", action], input=script, capture_output=True, text=True, check=True
        )
        assert (str(kept) in reply.stdout) == told
    assert (kept / "take.flac").read_text() == "sung"
    gone = subprocess.run(
        ["sh", "-s", "0"], input=rpm.script(), capture_output=True, text=True, check=True
    )
    assert "Recordings, scores and settings stay" in gone.stdout


def test_an_rpm_holds_every_file_and_its_own_folders(tmp_path: Path) -> None:
    library = tmp_path / "usr" / "lib" / place.NAME / "_internal"
    library.mkdir(parents=True)
    (library / "x.so").write_text("")
    (tmp_path / "usr" / "bin").mkdir()
    (tmp_path / "usr" / "bin" / "asa").symlink_to("../lib/asa-desktop/asa")
    told = {each["dst"]: each for each in rpm.contents(tmp_path, when="2026-01-01T00:00:00Z")}
    assert told["/usr/bin/asa"]["src"] == "../lib/asa-desktop/asa"
    assert told[f"/usr/lib/{place.NAME}/_internal/x.so"]["file_info"]["mode"] == 0o644
    folders = [dst for dst, each in told.items() if each.get("type") == "dir"]
    assert folders == [f"/usr/lib/{place.NAME}", f"/usr/lib/{place.NAME}/_internal"]


def _facts(**more: str) -> dict[str, str]:
    facts = {"version": "1.0", "variant": "", "machine": "x86_64", "squeezer": "gzip", "sum": "0"}
    return facts | {"glibc": "17", "kilobytes": "10", "libraries": ""} | more


@POSIX
def test_the_portable_head_knows_its_own_length() -> None:
    made = portable.head(_facts())
    found = re.search(rb"^skip=(\d+)$", made, re.MULTILINE)
    assert found is not None
    assert int(found[1]) == len(made)
    assert not found[1].startswith(b"0"), "the shell would read it as octal"


@POSIX
@pytest.mark.skipif(sys.platform == "darwin", reason="its tools are those of Linux")
def test_a_portable_file_unpacks_once_starts_and_goes(tmp_path: Path) -> None:
    import platform

    frozen = tmp_path / "frozen"
    (frozen / "_internal").mkdir(parents=True)
    start = frozen / "asa"
    start.write_text('#!/bin/sh\necho "sings: $*"\n')
    start.chmod(0o755)
    archive = tmp_path / "x.tar.gz"
    portable.squeezed(frozen, archive, squeeze="gzip:1", epoch=86_400)
    made = tmp_path / "asa.run"
    facts = _facts(sum=portable.digest(archive), machine=platform.machine())
    made.write_bytes(portable.head(facts) + archive.read_bytes())
    made.chmod(0o755)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": "/usr/bin:/bin:/sbin", "HOME": str(tmp_path), "XDG_DATA_HOME": ""}
        return subprocess.run(
            ["sh", made, *words], capture_output=True, text=True, env=environ, check=False
        )

    first, second = run("analyze", "a take.wav"), run("--version")
    assert (first.stdout, first.returncode) == ("sings: analyze a take.wav\n", 0), first.stderr
    assert "Unpacking" in first.stderr
    assert (second.stdout, second.stderr) == ("sings: --version\n", "")
    assert run("--portable-check").returncode == 0
    assert run("--portable-remove").returncode == 0
    without = _facts(**{**facts, "squeezer": "squeezer-that-is-not-here"})
    made.write_bytes(portable.head(without) + archive.read_bytes())
    lacking = run("--portable-check")
    assert lacking.returncode == 2
    assert "the command squeezer-that-is-not-here is needed" in lacking.stderr
    made.write_bytes(portable.head(facts) + archive.read_bytes())
    assert not (tmp_path / ".local/share/asa-desktop-portable").exists()
    made.write_bytes(made.read_bytes()[:-1] + b"?")
    damaged = run("--version")
    assert damaged.returncode == 2
    assert "damaged" in damaged.stderr
    assert not (tmp_path / ".local/share/asa-desktop-portable/1.0").exists()


def test_the_installer_of_windows_takes_back_what_it_wrote(shop: Workshop) -> None:
    text = windows.script(shop, Path("payload"), outfile=Path("x.exe"), icon=Path("x.ico"))
    wrote, _, took = text.partition('Section "Uninstall"')
    keys = set(re.findall(r'WriteReg\w+ HKCU "([^"]+)"', wrote))
    back = re.findall(r'DeleteReg(?:Key|Value) HKCU "([^"]+)"', took)
    assert keys
    assert all(any(key.startswith(one) for one in back) for key in keys)
    assert len(re.findall("OpenWithProgids", wrote)) == len(windows.ENDINGS)
    assert "$LOCALAPPDATA\\ASA Desktop" not in re.sub(r"(?m)^\s*;.*|^!define MUI_UN.*", "", took)
    assert "RequestExecutionLevel user" in text


def test_without_keys_signing_is_left_out_in_words() -> None:
    plain = macos.steps(Path("ASA.app"), Path("x.dmg"), Path("image"), {})
    left_out = {name: why for name, command, why in plain if command is None}
    assert set(left_out) == {"sign", "sign the image", "notarise", "staple"}
    assert all(left_out.values())
    keys = {macos.SIGN: "Developer ID", macos.NOTARISE: "profile"}
    done = macos.steps(Path("ASA.app"), Path("x.dmg"), Path("image"), keys)
    assert [name for name, command, _ in done if command] == [name for name, *_ in done]
    signed = done[0][1]
    assert signed is not None
    assert "runtime" in signed


def test_a_mac_asks_for_the_microphone_and_says_why() -> None:
    assert "records your singing" in macos.information()["NSMicrophoneUsageDescription"]
    with macos.ENTITLEMENTS.open("rb") as file:
        assert plistlib.load(file)["com.apple.security.device.audio-input"] is True


@pytest.mark.skipif(sys.platform == "win32", reason="there it is made")
def test_installers_of_other_systems_are_not_pretended(shop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="made there"):
        windows.make(shop, tmp_path)
    if sys.platform != "darwin":
        with pytest.raises(SetupError, match="on a Mac"):
            macos.make(shop, tmp_path)


def test_the_head_of_a_deb(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 1025)
    told = dict(
        line.split(": ", 1)
        for line in deb.control(shop, tmp_path, glibc=36).splitlines()
        if ": " in line
    )
    assert told["Package"] == place.NAME
    assert told["Installed-Size"] == "2"
    assert told["Depends"].startswith("libc6 (>= 2.36), ")
    assert "ffmpeg" in told["Recommends"]
