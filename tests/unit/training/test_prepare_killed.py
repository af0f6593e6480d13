"""Feature jobs whose workers are killed, that are stopped, or that run beside each other."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import cheap_job
import numpy as np
import psutil
import pytest
import soundfile
from asa_training.prepared.crew import TRIES
from asa_training.prepared.job import HERE, Means, run_job
from asa_training.prepared.recordings import of_places
from asa_training.prepared.store import PARTS
from asa_training.prepared.task import Outcome
from carried import ROOT, SINGING, SUNG
from disks import small_disk
from distributed import LocalCluster

from asa_desktop.core.features.spec import FeatureSpec

SPEC = FeatureSpec()
KILLS = 10
DASK = ("", "local")


def prepared(folder: Path, cache: Path, means: Means, *, kills: int = 0) -> list[Outcome]:
    """A whole job, of which a worker is killed after every fourth recording."""
    dice = random.Random(7)
    found, killed = [], 0
    for outcome in run_job(of_places([folder]), cache=cache, spec=SPEC, means=means):
        found.append(outcome)
        if killed < kills and len(found) % 4 == 0:
            time.sleep(dice.uniform(0, 2.5 * cheap_job.HALF_S))
            killed += kill_one(dice)
    assert killed == kills
    return found


def kill_one(dice: random.Random) -> bool:
    """Kill a worker of this process, or of one of its children, by surprise."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        running = workers_of(os.getpid())
        if running:
            dice.choice(running).kill()
            return True
        time.sleep(0.02)
    return False


def workers_of(pid: int) -> list[psutil.Process]:
    """The processes below one that Python spawned to work, in the order of their numbers."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if any("spawn_main" in word for word in child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return sorted(found, key=lambda process: process.pid)


# A worker of Dask's takes seconds to start, ten times.
@pytest.mark.parametrize("dask", ["", pytest.param("local", marks=pytest.mark.slow)])
@pytest.mark.timeout(600)
def test_ten_killed_workers_change_no_byte(tmp_path, dask):
    folder = cheap_job.recordings(tmp_path / "takes", 60)
    prepared(folder, tmp_path / "calm", Means(work=cheap_job.work))
    means = Means(workers=2, dask=dask, work=cheap_job.work)
    found = prepared(folder, tmp_path / "killed", means, kills=KILLS)
    assert sorted(each.recording.place for each in found) == sorted(map(str, folder.iterdir()))
    assert all(each.fault is None for each in found)
    calm, killed = (cheap_job.tree(tmp_path / name) for name in ("calm", "killed"))
    assert len(calm) == 61
    assert killed == calm


@pytest.mark.slow
@pytest.mark.parametrize("dask", DASK)
@pytest.mark.timeout(900)
def test_ten_killed_workers_change_no_byte_of_real_features(tmp_path, dask):
    folder = tmp_path / "takes"
    folder.mkdir()
    for name in SUNG:
        samples, rate = soundfile.read(SINGING / f"{name}.flac")
        for number, piece in enumerate(np.array_split(samples, 18)):
            path = folder / f"{name}-{number:02}.flac"
            soundfile.write(path, piece, rate)
            os.utime(path, (1e9, 1e9))
    prepared(folder, tmp_path / "calm", Means(workers=HERE))
    found = prepared(folder, tmp_path / "killed", Means(workers=2, dask=dask), kills=KILLS)
    assert [each.fault for each in found] == [None] * 54
    assert cheap_job.tree(tmp_path / "killed") == cheap_job.tree(tmp_path / "calm")


@pytest.mark.parametrize("dask", DASK)
def test_a_recording_that_brings_workers_down_is_given_up_and_named(tmp_path, dask):
    folder = cheap_job.recordings(tmp_path / "takes", 12)
    bad = folder / "bad.wav"
    bad.write_bytes(cheap_job.POISON)
    found = prepared(folder, tmp_path / "c", Means(workers=2, dask=dask, work=cheap_job.work))
    faults = {each.recording.place: each.fault for each in found if each.fault is not None}
    assert list(faults) == [str(bad)]
    assert faults[str(bad)].code == "worker_lost"
    if not dask:
        assert faults[str(bad)].facts["count"] == TRIES
    assert len(found) == 13
    assert len(cheap_job.tree(tmp_path / "c")) == 13


def test_a_cluster_that_runs_elsewhere_does_the_same(tmp_path):
    folder = cheap_job.recordings(tmp_path / "takes", 20)
    prepared(folder, tmp_path / "calm", Means(work=cheap_job.work))
    words = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**words, memory_limit=0) as cluster:
        means = Means(dask=cluster.scheduler_address, work=cheap_job.work)
        found = prepared(folder, tmp_path / "there", means)
        assert len(cluster.workers) == 2, "it is not ours to end"
    assert [each.fault for each in found] == [None] * 20
    assert cheap_job.tree(tmp_path / "there") == cheap_job.tree(tmp_path / "calm")


def started(folder: Path, cache: Path, *words: str) -> subprocess.Popen[str]:
    """The command in a session of its own, as in a terminal of its own."""
    command = [sys.executable, "-m", "cheap_job", "prepare", "--recordings", folder]
    path = os.pathsep.join(
        str(ROOT / part) for part in ("tests/unit/training", "training", "tests", ".")
    )
    return subprocess.Popen(
        [*command, "--cache", cache, "--workers", "2", *words],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_for_entries(cache: Path, count: int) -> None:
    """Return as soon as so many recordings are kept."""
    deadline = time.monotonic() + 60
    while sum(1 for _ in cache.rglob("*.npz")) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("dask", DASK)
def test_the_command_goes_on_after_ctrl_c(tmp_path, dask):
    words = ("--dask", dask) if dask else ()
    folder = cheap_job.recordings(tmp_path / "takes", 80)
    prepared(folder, tmp_path / "calm", Means(work=cheap_job.work))
    job = started(folder, tmp_path / "cache", *words)
    wait_for_entries(tmp_path / "cache", 5)
    workers = workers_of(job.pid)
    os.killpg(job.pid, signal.SIGINT)
    said, errors = job.communicate(timeout=60)
    assert (job.returncode, errors) == (130, "")
    assert "the same command goes on" in said
    assert workers
    assert not psutil.wait_procs(workers, timeout=10)[1]
    assert not (tmp_path / "cache" / PARTS).exists()
    there = sum(1 for _ in (tmp_path / "cache").rglob("*.npz"))
    assert there < 80
    said, errors = started(folder, tmp_path / "cache", *words).communicate(timeout=60)
    assert f"80 recordings: {80 - there} written, {there} there already" in said, errors
    assert cheap_job.tree(tmp_path / "cache") == cheap_job.tree(tmp_path / "calm")


def test_a_job_that_is_killed_itself_leaves_nothing_behind_for_long(tmp_path):
    folder = cheap_job.recordings(tmp_path / "takes", 80)
    prepared(folder, tmp_path / "calm", Means(work=cheap_job.work))
    job = started(folder, tmp_path / "cache")
    wait_for_entries(tmp_path / "cache", 5)
    workers = workers_of(job.pid)
    os.killpg(job.pid, signal.SIGKILL)
    job.communicate(timeout=60)
    assert not psutil.wait_procs(workers, timeout=10)[1]
    left = tmp_path / "cache" / PARTS / f"elsewhere-1-{'x' * 8}.part"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"of another machine")
    said, errors = started(folder, tmp_path / "cache").communicate(timeout=60)
    assert "80 recordings" in said, errors
    # Another machine may still be writing, for an hour.
    assert [path.name for path in left.parent.iterdir()] == [left.name]
    os.utime(left, (1e9, 1e9))
    started(folder, tmp_path / "cache").communicate(timeout=60)
    assert cheap_job.tree(tmp_path / "cache") == cheap_job.tree(tmp_path / "calm")


def test_workers_end_with_a_job_that_was_killed_alone(tmp_path):
    folder = cheap_job.recordings(tmp_path / "takes", 80)
    job = started(folder, tmp_path / "cache")
    wait_for_entries(tmp_path / "cache", 5)
    workers = workers_of(job.pid)
    job.kill()
    job.communicate(timeout=60)
    assert workers
    assert not psutil.wait_procs(workers, timeout=10)[1]


def test_two_jobs_at_once_on_one_cache(tmp_path):
    folder = cheap_job.recordings(tmp_path / "takes", 60)
    prepared(folder, tmp_path / "calm", Means(work=cheap_job.work))
    jobs = [started(folder, tmp_path / "cache") for _ in range(2)]
    for job in jobs:
        said, errors = job.communicate(timeout=120)
        assert job.returncode == 0, errors
        assert "\n60 recordings: " in f"\n{said}"
    assert cheap_job.tree(tmp_path / "cache") == cheap_job.tree(tmp_path / "calm")


def test_a_full_disk_is_told_and_leaves_whole_entries(tmp_path):
    folder = cheap_job.recordings(tmp_path / "takes", 40, size=20_000)
    prepared(folder, tmp_path / "calm", Means(work=cheap_job.work))
    whole = cheap_job.tree(tmp_path / "calm")
    with small_disk(tmp_path / "disk", kilobytes=500) as disk:
        job = started(folder, disk / "cache")
        _said, errors = job.communicate(timeout=60)
        assert job.returncode == 2
        assert errors.startswith("asa-train: The disk is full at ")
        assert errors.count("\n") == 1
        kept = {
            name: data for name, data in cheap_job.tree(disk / "cache").items() if "npz" in name
        }
        assert 5 < len(kept) < 40
        assert kept.items() <= whole.items()
        assert not (disk / "cache" / PARTS).exists()
