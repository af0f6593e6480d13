"""Making the locks: what goes in, with uv and the index replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
from asa_setup import lockfile, relock
from asa_setup.failures import SetupError
from asa_setup.layout import Layout
from asa_setup.lockfile import DEVELOPER, PROGRAM, Pin

PROJECT = {
    "build-system": {"requires": ["hatchling"]},
    "project": {
        "dependencies": ["numpy>=2", "torch==2.0", "torchcrepe==0.1"],
        "optional-dependencies": {
            "formats": ["av>=16"],
            "training": ["t"],
            "parquet": ["p"],
            "cluster": ["c"],
            "tensorboard": ["l"],
            "separate": ["s"],
            "package": ["freezer"],
            "dev": ["d"],
        },
    },
}


def test_torch_is_kept_out_of_the_universal_lock() -> None:
    told = relock.inputs(PROJECT)
    assert told["apart"] == ["torch==2.0", "torchcrepe==0.1"]
    assert {"numpy>=2", "av>=16", "hatchling", "pip"} <= set(told[PROGRAM])
    assert not {"torch==2.0", "torchcrepe==0.1"} & set(told[PROGRAM])
    assert told["developer"] == ["t", "p", "c", "l", "s", "d"]
    assert told["package"] == ["freezer"]


def test_what_an_extra_of_the_developers_brings_is_the_developers() -> None:
    """uv says "via fsspec" of what only Lightning's fsspec[http] wants."""
    wants = {
        "fsspec": (PROGRAM, "lightning"),
        "aiohttp": ("fsspec",),
        "yarl": ("aiohttp",),
        "lightning": (DEVELOPER,),
    }
    pins = [Pin(name, "1", "", (), parents) for name, parents in wants.items()]
    told = relock.by_extras(pins, {"fsspec"})
    assert [pin.wanted_by for pin in told] == [
        (PROGRAM, "lightning"), (DEVELOPER,), ("aiohttp",), (DEVELOPER,)
    ]  # fmt: skip
    assert [pin.name for pin in lockfile.closure(told, PROGRAM)] == ["fsspec"]
    assert len(lockfile.closure(told, DEVELOPER)) == 4


def test_what_makes_packages_keeps_to_the_universal_lock(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    known, fresh = (Pin(name, "1", "", ("sha256:" + "a" * 64,), ()) for name in ("numpy", "frost"))

    def resolve(
        layout: Layout, files: dict[str, list[str]], cutoff: str, *, without_torch: bool
    ) -> tuple[Pin, ...]:
        assert without_torch
        asked.extend(files.values())
        return (known, fresh)

    monkeypatch.setattr(relock, "resolve", resolve)
    assert relock.package_pins(layout, ["freezer"], (known,), "2026-01-01") == (fresh,)
    assert asked == [["freezer", "numpy==1"]]


def _index(tmp_path: Path, *names: str) -> str:
    folder = tmp_path / "whl" / "torch"
    folder.mkdir(parents=True)
    anchors = "".join(f'<a href="/whl/cpu/{name}">x</a>\n' for name in names)
    (folder / "index.html").write_text(anchors)
    return (tmp_path / "whl").as_uri()


def test_published_hashes_are_those_of_the_linux_cpu_wheels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def name(version: str, python: str, platform: str, letter: str) -> str:
        tag = f"cp{python}-cp{python}-{platform}"
        return f"torch-{version}%2Bcpu-{tag}.whl#sha256={letter * 64}"

    page = _index(
        tmp_path,
        name("2.0", "311", "manylinux_2_28_x86_64", "a"),
        name("2.0", "313", "manylinux_2_28_aarch64", "b"),
        name("2.0", "310", "manylinux_2_28_x86_64", "c"),
        name("2.0", "311", "win_amd64", "d"),
        name("2.1", "311", "manylinux_2_28_x86_64", "e"),
        name("2.0", "313t", "manylinux_2_28_x86_64", "f"),
    )
    opened = relock.urllib.request.urlopen
    monkeypatch.setattr(
        relock.urllib.request, "urlopen", lambda url, timeout: opened(url + "index.html")
    )
    expected = ("sha256:" + "a" * 64, "sha256:" + "b" * 64)
    assert relock.published_hashes("2.0", url=page) == expected


def _resolved(version: str) -> tuple[Pin, ...]:
    return (
        Pin("torch", version, "", ("sha256:" + "1" * 64,), ()),
        Pin("torchcrepe", "0.1", "", ("sha256:" + "2" * 64,), ()),
    )


def test_without_the_cpu_index_known_hashes_stay(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relock, "resolve", lambda *words: _resolved("2.0"))
    monkeypatch.setattr(relock, "published_hashes", lambda version: ())
    linux, elsewhere, crepe = relock.torch_pins(layout, [], "2026-01-01")
    assert linux.hashes == ("sha256:" + "a" * 64,)
    assert (linux.version, elsewhere.version, crepe.marker) == ("2.0+cpu", "2.0", "")


def test_without_the_cpu_index_a_new_torch_is_not_locked(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relock, "resolve", lambda *words: _resolved("2.1"))
    monkeypatch.setattr(relock, "published_hashes", lambda version: ())
    with pytest.raises(SetupError, match="does not answer"):
        relock.torch_pins(layout, [], "2026-01-01")


def test_a_written_lock_reads_back(tmp_path: Path) -> None:
    pins = (
        Pin("a", "1", "", ("sha256:" + "1" * 64,), (PROGRAM,)),
        Pin("b", "2", "sys_platform == 'win32'", ("sha256:" + "2" * 64,), ("a",)),
    )
    path = tmp_path / "lock.txt"
    relock.write(path, pins, "About.", "2026-01-01")
    assert lockfile.read(path) == pins
