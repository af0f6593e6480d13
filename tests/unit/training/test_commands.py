"""What `asa-train` offers, and that a command starts without the libraries of the others."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys

import pytest
from asa_training.__main__ import COMMANDS, main


def test_every_module_registers_the_commands_that_it_is_found_by():
    for name, commands in COMMANDS.items():
        subparsers = argparse.ArgumentParser().add_subparsers()
        importlib.import_module(f"asa_training.{name}").register(subparsers)
        assert tuple(subparsers.choices) == commands


def test_the_help_lists_all_commands(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert "{" + ",".join(each for names in COMMANDS.values() for each in names) in said


@pytest.mark.parametrize("command", ["prepare", "import"])
def test_a_command_starts_alone(command: str):
    program = (
        "import sys\n"
        "from asa_training.__main__ import main\n"
        "try:\n"
        f"    main(['{command}', '--help'])\n"
        "except SystemExit:\n"
        "    pass\n"
        "heavy = {'torch', 'librosa', 'scipy', 'matplotlib', 'distributed'} & set(sys.modules)\n"
        "sys.exit(' '.join(heavy) or 0)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"asa-train {command}" in ran.stdout
