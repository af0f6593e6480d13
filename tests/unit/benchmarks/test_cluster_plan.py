"""The plan's command: the work adds up, what is asked for is simulated, and the lines say so."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from benchmarks import cluster_plan
from benchmarks.cluster_setting import Case, Setting


@pytest.mark.parametrize("long", [0.0, 0.3])
def test_the_work_is_that_of_the_hours(long):
    setting = Setting(hours=200, fatal=0.1, core_seconds=100, audio_mb=50, feature_mb=150)
    work = setting.work(Case("x", long=long, fatal=0.1))
    assert work.read.sum() / 50e6 == pytest.approx(200)
    assert work.written.sum() == pytest.approx(3 * work.read.sum())
    assert work.compute_s.sum() == pytest.approx(200 * 100, rel=0.02)
    assert np.mean(work.fatal) == pytest.approx(0.1, abs=0.03)
    assert np.sum(work.read == 50e6) == round(200 * long)


def test_every_case_is_a_line_for_each_scheduler(monkeypatch, capsys):
    words = ["plan", "--hours", "20", "--nodes", "2", "--cores", "2", "--price", "2", "--seed", "3"]
    monkeypatch.setattr(sys, "argv", words)
    assert cluster_plan.main() == 0
    said = capsys.readouterr().out
    assert "20 hours of audio" in said
    assert "Seed 3" in said
    lines = said.split("\n\n")[1].splitlines()
    cases = Setting().cases()
    assert len(lines) == 1 + 2 * len(cases)
    for line in lines[1:]:
        hours, least = (float(word) for word in line[35:51].split())
        assert hours >= least > 0


def test_what_one_case_changes_is_that_alone():
    setting = Setting(nodes=64)
    peace, *others = setting.cases()
    usual = setting.machines(peace, "cluster")
    assert usual.handling_s == 0.005
    assert setting.machines(peace, "crew").handling_s == 0.0001
    assert (usual.deaths, usual.preempted, usual.slow) == (0, 0, 0)
    last = setting.machines(others[-1], "cluster")
    assert (last.deaths, last.preempted, last.slow) == (0.05, 0.1, 2)
    assert last.bandwidth == usual.bandwidth
