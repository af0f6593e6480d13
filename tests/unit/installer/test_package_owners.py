"""Whose the files are, the notice and the bill of materials."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from asa_package import owners, sbom, third_party
from asa_package.owners import Part
from asa_package.place import Workshop
from asa_setup.failures import SetupError
from asa_setup.layout import Layout
from asa_setup.state import site_packages

MIT = "Permission is hereby granted, free of charge, to any person"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An environment's folder with one package in it, below the checkout as the real one is."""
    folder = tmp_path / "checkout" / "venv" / "site"
    info = folder / "Some_Thing-1.2.dist-info"
    (info / "licenses").mkdir(parents=True)
    (folder / "some").mkdir()
    (folder / "some" / "core.py").write_text("")
    (info / "licenses" / "LICENSE.txt").write_text(MIT)
    (info / "METADATA").write_text(
        "Name: Some_Thing\nVersion: 1.2\nLicense-Expression: MIT\n"
        "Project-URL: Homepage, https://example.org/thing\n"
    )
    (info / "RECORD").write_text("some/core.py,sha256=x,0\nsome/../some/data.bin,,\n")
    return folder


def owned(site: Path, *taken: Path) -> tuple[set[Path], set[str], list[Path]]:
    return owners.owned(
        taken,
        site=site,
        environment=site.parent,
        root=site.parents[1],
        library=Path("/usr/lib/python3"),
        packages=lambda path: "libffi8" if "libffi" in path.name else "",
    )


def test_every_file_has_an_owner(site: Path) -> None:
    infos, system, nobodys = owned(
        site,
        site / "some" / "core.py",
        site / "some" / "data.bin",
        Path("/usr/lib/python3/json/__init__.py"),
        Path("/usr/lib/libffi.so.8"),
        site.parents[1] / "asa_desktop" / "words.py",
        Path("/usr/lib/libpython3.11.so.1.0"),
    )
    assert [info.name for info in infos] == ["Some_Thing-1.2.dist-info"]
    assert system == {"libffi8"}
    assert nobodys == []


def test_a_file_of_nobody_is_told(site: Path) -> None:
    beside = site.parent / "share" / "data.bin"
    strange = [Path("/opt/somewhere/libstrange.so"), site / "stray.so", beside]
    assert owned(site, *strange)[2] == strange


def test_a_file_of_nobody_stops_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it lies among the installed packages, which are below the folder of all builds."""
    shop = Workshop(tmp_path)
    stray = site_packages(shop) / "stray.so"
    stray.parent.mkdir(parents=True)
    monkeypatch.setattr(owners, "contents", lambda shop: ({"stray.so": str(stray)}, {}))
    told = subprocess.CompletedProcess([], 0, "/usr/lib/python3\n3.11.2\n", "")
    monkeypatch.setattr(owners.subprocess, "run", lambda *words, **how: told)
    with pytest.raises(SetupError, match=r"Nobody knows whose .*stray\.so is"):
        owners.parts(shop, {})


def test_what_only_developers_need_is_strange_in_a_package(checkout: Layout) -> None:
    shop = Workshop(checkout.root)
    asked = ["numpy", "torch", "torchcrepe", "pyinstaller", "pynacl"]
    assert owners.strangers(asked, shop) == []
    theirs = ["lightning", "demucs", "tensorboard", "distributed", "aiohttp", "pytest", "made-up"]
    assert owners.strangers([*asked, *theirs], shop) == sorted(theirs)


def test_a_package_with_its_licence(site: Path) -> None:
    part = owners.package_of(next(site.glob("*.dist-info")), {})
    assert (part.name, part.version, part.licence) == ("some-thing", "1.2", "MIT")
    assert part.texts == (("LICENSE.txt", MIT),)
    assert part.address == "pkg:pypi/some-thing@1.2"
    assert part.home == "https://example.org/thing"


def test_a_package_without_the_text_of_its_licence_is_refused(site: Path) -> None:
    info = next(site.glob("*.dist-info"))
    (info / "licenses" / "LICENSE.txt").unlink()
    with pytest.raises(SetupError, match="some-thing comes without the text"):
        owners.package_of(info, {})
    given = site / "given.txt"
    given.write_text("LGPL")
    assert owners.package_of(info, {"some-thing": [given]}).texts == (("given.txt", "LGPL"),)


def _part(name: str, *, kind: str = "pypi", licence: str = "MIT", text: str = MIT) -> Part:
    return Part(name, "1.0+cpu", kind, licence, (("LICENSE", text),))


def test_the_notice_prints_every_text_once() -> None:
    found = [
        _part("one"),
        _part("two", text=MIT.replace(" ", "\n")),
        _part("soundfile", text="LGPL"),
    ]
    told = third_party.text("0.1.0", found)
    assert " ".join(told.split()).count(MIT) == 1
    assert "the same text as of one, LICENSE" in told
    assert "libsndfile (with soundfile): LGPL-2.1-or-later" in told
    assert "Qt 6 (with" not in told, "what is not there is not told"
    assert all(f"{part.name} 1.0+cpu" in told for part in found)


def test_the_bill_of_materials_tells_parts_and_who_needs_them() -> None:
    parts = [
        _part("torch", licence="MIT AND BSL-1.0"),
        _part("numpy"),
        _part("libffi8", kind="system"),
    ]
    wants = {"program": ("torch",), "torch": ("numpy", "absent")}
    bill = sbom.bill(parts, version="0.1.0", epoch=86_400, locks=wants)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert bill["metadata"]["timestamp"] == "1970-01-02T00:00:00Z"
    by_name = {each["name"]: each for each in bill["components"]}
    assert by_name["torch"]["licenses"] == [{"expression": "MIT AND BSL-1.0"}]
    assert by_name["libffi8"]["purl"] == "pkg:deb/debian/libffi8@1.0%2Bcpu"
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    assert needs["pkg:generic/asa-desktop@0.1.0"] == [
        by_name["libffi8"]["purl"],
        by_name["torch"]["purl"],
    ]
    assert needs[by_name["torch"]["purl"]] == [by_name["numpy"]["purl"]]
    assert set(needs) - {"pkg:generic/asa-desktop@0.1.0"} == {p.address for p in parts}
    again = sbom.bill(parts[::-1], version="0.1.0", epoch=86_400, locks=wants)
    assert sbom.as_text(again) == sbom.as_text(bill)
    assert json.loads(sbom.as_text(bill))["serialNumber"].startswith("urn:uuid:")
