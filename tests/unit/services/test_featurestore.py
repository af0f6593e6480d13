from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asa_desktop.services.featurestore import FeatureStore

ARRAYS = {
    "chroma": np.arange(12, dtype=np.float32).reshape(3, 4),
    "voiced": np.array([True, False]),
}


def entries(store: FeatureStore) -> list[Path]:
    return sorted(one for one in store.folder.rglob("*") if one.is_file())


def test_what_is_put_comes_back(home: Path) -> None:
    store = FeatureStore(home / "features")
    key = "ab" * 32 + ":rori-1/é"
    assert store.get(key) is None
    store.put(key, ARRAYS)
    kept = store.get(key)
    assert kept is not None
    assert kept.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert kept[name].dtype == array.dtype
        np.testing.assert_array_equal(kept[name], array)
    assert store.get("ab" * 32 + ":rori-3") is None
    # Another store on the folder, as after a restart.
    assert FeatureStore(home / "features").get(key) is not None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=st.sets(st.text("abcfile/.\\é _", min_size=1, max_size=12), max_size=4),
    n=st.integers(0, 9),
)
def test_any_names_and_sizes(home: Path, names: set[str], n: int) -> None:
    store = FeatureStore(home / "features")
    arrays = {name: np.full((n, 2), n, np.float64) for name in names}
    store.put("key", arrays)
    kept = store.get("key")
    assert kept is not None
    assert kept.keys() == names
    for array in kept.values():
        assert array.shape == (n, 2)


def test_a_damaged_entry_is_removed_wherever_it_is_damaged(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("ERROR")
    store = FeatureStore(home / "features")
    key = "key"
    store.put(key, ARRAYS)
    (path,) = entries(store)
    whole = path.read_bytes()
    refused = 0
    places = range(0, len(whole), 3)
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        path.write_bytes(bytes(damaged))
        kept = store.get(key)
        if kept is None:
            refused += 1
            assert not path.exists()
        else:  # a byte that does not count, such as a date in the zip folder
            for name, array in ARRAYS.items():
                np.testing.assert_array_equal(kept[name], array)
    assert refused > len(places) / 2
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert store.get(key) is None
    path.write_bytes(whole)
    assert store.get(key) is not None


def test_another_keys_entry_is_not_taken(home: Path) -> None:
    store = FeatureStore(home / "features")
    store.put("one", ARRAYS)
    (path,) = entries(store)
    other = store._path("two")
    other.parent.mkdir(exist_ok=True)
    path.rename(other)
    assert store.get("two") is None


def test_the_longest_unused_go_first(home: Path) -> None:
    array = {"x": np.zeros(25_000, np.float32)}
    store = FeatureStore(home / "features", limit_bytes=350_000)
    for age, key in enumerate(("newest", "middle", "oldest")):
        store.put(key, array)
        then = time.time() - 100 * (age + 1)
        os.utime(store._path(key), (then, then))
    assert store.get("oldest") is not None  # used just now
    store.put("fourth", array)
    assert store.size_bytes() <= 350_000
    assert store.get("middle") is None
    for key in ("newest", "oldest", "fourth"):
        assert store.get(key) is not None, key


def test_what_is_larger_than_the_store_is_not_kept(home: Path) -> None:
    store = FeatureStore(home / "features", limit_bytes=1_000)
    store.put("key", {"x": np.zeros(1_000)})
    assert store.get("key") is None
    assert not store.folder.exists()


def test_objects_are_refused_as_our_own_fault(home: Path) -> None:
    store = FeatureStore(home / "features")
    with pytest.raises(ValueError, match="plain"):
        store.put("key", {"x": np.array([{}], dtype=object)})


def test_a_full_disk_costs_only_time(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = FeatureStore(small_disk / "features")
    store.put("small", ARRAYS)
    store.put("big", {"x": np.zeros(500_000)})
    assert store.get("big") is None
    assert store.get("small") is not None
    assert len(entries(store)) == 1
    assert "disk_full" in caplog.text or "No space" in caplog.text


def test_a_closed_folder_costs_only_time(closed_folder: Path) -> None:
    store = FeatureStore(closed_folder / "features")
    store.put("key", ARRAYS)
    assert store.get("key") is None


def test_a_left_over_half_is_swept_and_a_growing_one_left(home: Path) -> None:
    store = FeatureStore(home / "features")
    store.put("key", ARRAYS)
    (path,) = entries(store)
    old, new = path.with_name(".old.tmp"), path.with_name(".new.tmp")
    for one in (old, new):
        one.write_bytes(b"half")
    os.utime(old, (1, 1))
    store.put("other", ARRAYS)
    assert not old.exists()
    assert new.exists()
    store.clear()
    assert store.get("key") is None
