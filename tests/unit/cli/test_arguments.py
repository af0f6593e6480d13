"""Slips on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from asa_desktop.cli.arguments import STDOUT, parse
from asa_desktop.core.errors import UsageError


def test_a_full_request() -> None:
    line = "analyze a.wav b.wav --song s --model m --device cpu --json o.json --report r"
    options = parse(line.split())
    assert options.takes == [Path("a.wav"), Path("b.wav")]
    assert (options.song, options.model, options.device) == ("s", "m", "cpu")
    assert (options.json, options.report) == (Path("o.json"), Path("r"))
    assert options.reference is options.accompaniment is None
    assert not options.timings


def test_json_without_a_file_goes_to_the_screen() -> None:
    assert parse(["analyze", "a.wav", "--json"]).json == STDOUT
    assert parse(["analyze", "a.wav", "--json", "-"]).json == STDOUT
    assert parse(["analyze", "a.wav"]).json is None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("analyze", "no_take"),
        ("analyze --json a.wav", "json_name"),
        ("analyze --json a.wav b.wav", "json_name"),
        ("analyze a.wav --song s --reference v.wav", "song_and_reference"),
        ("analyze a.wav --device gpu", "unknown_device"),
        ("analyze a.wav --model", "usage"),
        ("analyze a.wav --rep r", "usage"),  # no guessing at abbreviations
        ("check now", "usage"),
        ("dance", "unknown_command"),
        ("--loud", "usage"),
    ],
)
def test_a_slip_is_told_by_its_code(line: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(line.split())
    assert caught.value.code == code


@pytest.mark.parametrize("option", ["--song", "--reference", "--accompaniment", "--report"])
def test_empty_names(option: str) -> None:
    for arguments in (["analyze", ""], ["analyze", "a.wav", option, " "]):
        with pytest.raises(UsageError) as caught:
            parse(arguments)
        assert caught.value.code == "empty_name"


def test_a_take_that_looks_like_an_option() -> None:
    assert parse(["analyze", "--", "-a.wav"]).takes == [Path("-a.wav")]
