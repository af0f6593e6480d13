"""`asa-train evaluate --manifest`, as it is typed, on trees with planted quality."""

from __future__ import annotations

import argparse
import csv
import re
from pathlib import Path

import pytest
from asa_training import evaluation
from asa_training.__main__ import main
from rated_tree import SONGS, Planted, mast_tree, pesnq_tree

from asa_desktop.core.assess.systems import SYSTEMS
from asa_desktop.core.errors import AsaError

PITCH = "dtw_pitch"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def row_of(rows, system, measure="pearson", song=""):
    wanted = (system, measure, song)
    return next(row for row in rows if (row["system"], row["measure"], row["song"]) == wanted)


@pytest.fixture(scope="module")
def mast(tmp_path_factory) -> tuple[Planted, Path]:
    folder = tmp_path_factory.mktemp("rated") / "mast"
    planted = mast_tree(folder)
    assert main(["import", "mast", str(folder), "--out", str(folder / "m.csv")]) == 0
    return planted, folder / "m.csv"


@pytest.fixture(scope="module")
def evaluated(mast, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("results")
    words = ["evaluate", "--manifest", str(mast[1]), "--out", str(out), "--variants", "3"]
    assert main(words) == 0
    return out


def test_f0_alone_gives_the_planted_agreement(mast, evaluated):
    planted, _ = mast
    rows = rows_of(evaluated / "table.csv")
    found = row_of(rows, PITCH)
    assert found["n"] == "24"
    assert float(found["low"]) <= planted.correlation() <= float(found["high"])
    assert float(found["value"]) == pytest.approx(planted.correlation(), abs=0.06)
    assert found["variants"] == "3"
    for song in ("51_mel1", "52_mel1", "53_mel1"):
        assert row_of(rows, PITCH, "spearman", song)["n"] == "8"


def test_what_f0_does_not_allow_is_in_the_table_with_its_reason(evaluated):
    volume = row_of(rows_of(evaluated / "table.csv"), "dtw_volume")
    assert (volume["n"], volume["value"]) == ("0", "")
    assert volume["missing"].endswith(":24")


def test_the_human_line_counts_persons_not_rounds(evaluated, mast):
    people = row_of(rows_of(evaluated / "table.csv"), "one judge against the others")
    assert people["n"] == "24"
    assert 0.7 < float(people["lowest_judge"]) <= float(people["value"]) < 1
    page = (evaluated / "report.html").read_text("utf-8")
    assert "3 judges" in page
    assert "rounds of one person" in page


def test_each_performance_stands_with_its_ratings(mast, evaluated):
    planted, _ = mast
    rows = rows_of(evaluated / "performances.csv")
    assert len(rows) == 24
    for row in rows:
        key = (row["song"], row["singer"])
        assert float(row["human"]) == pytest.approx(planted.human[key], abs=1e-4)
        assert row[f"{PITCH}:value"] != ""


def test_chosen_systems_alone(mast, tmp_path, capsys):
    words = ["evaluate", "--manifest", str(mast[1]), "--systems", PITCH, "--out", str(tmp_path)]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "Variants tried before this one: not stated." in said
    assert re.search(rf"^{PITCH} .*\[.*\] \(24\)", said, flags=re.MULTILINE)
    found = {row["system"] for row in rows_of(tmp_path / "table.csv")}
    assert not found & (set(SYSTEMS) - {PITCH})
    assert found >= {PITCH, "one judge against the others", "two judges, mean of all pairs"}
    assert found >= {f"asa {name}" for name in ("overall", "intonation", "rhythm", "steadiness")}


def test_another_target_and_a_split(mast, tmp_path):
    words = ["evaluate", "--manifest", str(mast[1]), "--systems", PITCH, "--out", str(tmp_path)]
    assert main([*words, "--target", "verdict"]) == 0
    rows = rows_of(tmp_path / "table.csv")
    assert row_of(rows, PITCH)["target"] == "verdict"
    assert float(row_of(rows, PITCH)["value"]) > 0.5
    # The judges rated the overall impression, not the verdict.
    assert row_of(rows, "one judge against the others")["n"] == "0"


def refused(*words: object) -> str:
    """The code with which the command refuses; `main` puts it into a sentence."""
    parser = argparse.ArgumentParser()
    evaluation.register(parser.add_subparsers(required=True))
    args = parser.parse_args(["evaluate", *(str(word) for word in words)])
    with pytest.raises(AsaError) as fault:
        args.run(args)
    return fault.value.code


def test_what_cannot_be_done_is_refused(mast, tmp_path):
    manifest = ("--manifest", mast[1])
    assert refused(*manifest, "--target", "beauty") == "nothing_rated"
    assert refused(*manifest, "--split", "test") == "nothing_rated"
    assert refused(*manifest, "--systems", "dtw_smell") == "unknown_system"
    assert refused() == "nothing_to_evaluate"
    (tmp_path / "file").write_text("mine")
    assert refused(*manifest, "--out", tmp_path / "file") == "in_the_way"
    assert (tmp_path / "file").read_text() == "mine"


@pytest.fixture(scope="module")
def pesnq(tmp_path_factory) -> tuple[Planted, Path]:
    folder = tmp_path_factory.mktemp("rated") / "PESnQ"
    planted = pesnq_tree(folder)
    assert main(["import", "pesnq", str(folder), "--out", str(folder / "m.csv")]) == 0
    return planted, folder / "m.csv"


@pytest.mark.slow
def test_sound_gives_the_planted_agreement(pesnq, tmp_path):
    planted, manifest = pesnq
    words = ["evaluate", "--manifest", str(manifest), "--out", str(tmp_path), "--jobs", "2"]
    assert main(words) == 0
    rows = rows_of(tmp_path / "table.csv")
    for song in ("", *SONGS):
        found = row_of(rows, PITCH, song=song)
        wanted = planted.correlation(song or None)
        assert found["n"] == ("10" if song else "20")
        # Heard through sound a short sentence says less than its F0 did.
        assert float(found["value"]) == pytest.approx(wanted, abs=0.15)
        assert float(found["low"]) <= wanted <= float(found["high"])
    linear = row_of(rows, "linear in all, ridge")
    assert linear["n"] == "20"
    people = row_of(rows, "one judge against the others")
    assert (people["n"], people["singers"]) == ("20", "20")


@pytest.mark.slow
def test_a_model_gets_its_lines_and_figures_in_one_process_or_two(pesnq, tmp_path, settled):
    _, manifest = pesnq
    common = ["evaluate", "--manifest", str(manifest), "--model", str(settled)]
    for jobs in ("1", "2"):
        words = ["--systems", PITCH, "--out", str(tmp_path / jobs), "--jobs", jobs]
        assert main([*common, *words]) == 0
    one, two = (rows_of(tmp_path / jobs / "performances.csv") for jobs in ("1", "2"))
    for here, there in zip(one, two, strict=True):
        assert here["singer"] == there["singer"]
        assert int(here["clips"]) == int(there["clips"]) >= 1
        for name in ("settled:score", "settled cosine:value", f"{PITCH}:value"):
            # Sums run in another order on another number of threads.
            assert float(here[name]) == pytest.approx(float(there[name]), rel=1e-3, abs=1e-3)
    page = (tmp_path / "1" / "report.html").read_text("utf-8")
    assert "Clips as the model sees them" in page
    assert {row["system"] for row in rows_of(tmp_path / "1" / "table.csv")} >= {
        "settled", "settled cosine", PITCH, "linear in all, ridge", "asa overall", "asa intonation",
    }  # fmt: skip
