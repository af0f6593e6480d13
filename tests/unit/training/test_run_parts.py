"""What a run writes down of its data and its code, and how its logs are taken back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from asa_training import parts
from asa_training.checkpoints import LOG
from asa_training.labelled import Labelled
from asa_training.logs import STEPS, last_check, losses_since, open_steps, take_back
from made_renditions import small_scene


def line(step: int, **more: object) -> dict[str, object]:
    renditions = small_scene("a")
    return {**parts.part_of(step=step, training=renditions, validation=[], about={}), **more}


def test_data_are_known_by_the_list_of_their_files():
    renditions = small_scene("a")
    assert parts.data_of(renditions) == {"renditions": len(renditions), "sha256": None}
    named = [
        replace(each, files=((each.name, f"{number:064}"),))
        for number, each in enumerate(renditions)
    ]
    listed = "".join(sorted(f"{each.files[0][1]}  {each.name}\n" for each in named))
    in_order = sorted(listed.splitlines(keepends=True), key=lambda line: line[66:])
    found = parts.data_of(named[::-1])
    assert found["sha256"] == hashlib.sha256("".join(in_order).encode()).hexdigest()
    clips = Labelled(scores=[1, 2], places=["a", "a"], cut=lambda number: None)
    assert parts.data_of(clips) == {"clips": 2, "sha256": None}


def test_code_is_known_by_its_source(tmp_path, monkeypatch):
    package = tmp_path / "package"
    package.mkdir()
    (package / "one.py").write_text("x = 1\n")
    monkeypatch.setattr(parts.asa_training, "__path__", [str(package)])
    before = parts.code_sha256()
    assert parts.code_sha256() == before
    (package / "one.py").write_text("x = 2\n")
    assert parts.code_sha256() != before


def test_a_run_from_before_has_no_hashes(tmp_path):
    assert parts.read_parts(tmp_path) == []
    assert parts.hashes_of(tmp_path) == {}


def test_every_part_is_a_line_and_what_changed_is_told(tmp_path):
    assert parts.add_part(tmp_path, line(0)) == []
    assert parts.add_part(tmp_path, line(40)) == []
    other = line(60, code_sha256="0" * 64, validation={"renditions": 3, "sha256": None})
    assert parts.add_part(tmp_path, other) == ["validation", "code_sha256"]
    assert [each["from_step"] for each in parts.read_parts(tmp_path)] == [0, 40, 60]
    assert parts.hashes_of(tmp_path) == {"code_sha256": [parts.code_sha256(), "0" * 64]}
    parts.add_part(tmp_path, line(40))
    assert [each["from_step"] for each in parts.read_parts(tmp_path)] == [0, 40]


@pytest.mark.parametrize("torn", ["", "9,0.", '{"st'])
def test_the_logs_are_taken_back_to_the_checkpoint(tmp_path, torn):
    with open_steps(tmp_path) as steps:
        steps.write("".join(f"{number},{number / 8!r}\n" for number in range(1, 9)) + torn)
    lines = [json.dumps({"step": step, "loss": 0.5}) + "\n" for step in (3, 6)]
    (tmp_path / LOG).write_text("".join(lines) + torn)
    take_back(tmp_path, 5)
    assert last_check(tmp_path) == 3
    assert losses_since(tmp_path, 3) == [0.5, 0.625]
    text = (tmp_path / STEPS).read_text()
    assert text.startswith("step,loss\n1,0.125\n")
    take_back(tmp_path, 5)
    assert (tmp_path / STEPS).read_text() == text
    with open_steps(tmp_path) as steps:
        steps.write("6,0.75\n")
    assert losses_since(tmp_path, 0)[-2:] == [0.625, 0.75]


def test_a_new_folder_has_no_logs(tmp_path):
    take_back(tmp_path, 0)
    assert (last_check(tmp_path), losses_since(tmp_path, 0)) == (0, [])
