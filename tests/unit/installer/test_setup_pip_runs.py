"""Running pip and other programs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from asa_setup import pip_runs, processes
from asa_setup.failures import SetupError
from asa_setup.layout import Layout
from asa_setup.lockfile import Pin

PIN = Pin("numpy", "2.0", "", ("sha256:" + "a" * 64,), ())


class Pip:
    """Stands for `stream` with a pip at its end."""

    def __init__(self, status: int = 0, output: str = "") -> None:
        self.status, self.output = status, output
        self.command: list[str] = []

    def __call__(self, command: list[object], **_: object) -> tuple[int, str]:
        self.command = [str(word) for word in command]
        return self.status, self.output


def test_locked_packages_are_checked_and_never_compiled(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(pip_runs, "pip", lambda _, *words: asked.extend(words))
    layout.venv.mkdir()
    pip_runs.install_pins(layout, [PIN], "--extra-index-url", "X")
    assert {"--require-hashes", "--no-deps", "--only-binary", ":all:"} <= set(asked)
    assert asked[-2:] == ["--extra-index-url", "X"]
    wanted = Path(asked[asked.index("-r") + 1]).read_text()
    assert wanted == f"numpy==2.0 \\\n    --hash=sha256:{'a' * 64}\n"


def test_a_failure_is_a_sentence(layout: Layout) -> None:
    runner = Pip(1, "ERROR: No matching distribution found for torch==2.0+cpu\n")
    with pytest.raises(pip_runs.MissingWheelError) as caught:
        pip_runs.pip(layout, "x", runner=runner)
    assert caught.value.package == "torch==2.0+cpu"
    with pytest.raises(SetupError, match="cannot be reached"):
        pip_runs.pip(layout, "x", runner=Pip(1, "NewConnectionError(...)"))


def test_an_interrupted_pip_is_an_interruption(layout: Layout) -> None:
    with pytest.raises(KeyboardInterrupt):
        pip_runs.pip(layout, "x", runner=Pip(130))


def test_the_carried_pip_is_checked(layout: Layout) -> None:
    with pytest.raises(SetupError, match="missing or damaged"):
        pip_runs.install_carried_pip(layout, runner=Pip())
    (layout.root / "installer" / "wheels" / "pip-1.0-py3-none-any.whl").write_bytes(b"other")
    with pytest.raises(SetupError, match="missing or damaged"):
        pip_runs.install_carried_pip(layout, runner=Pip())


def test_the_carried_pip_installs_itself_without_a_network(checkout: Layout) -> None:
    runner = Pip()
    pip_runs.install_carried_pip(checkout, runner=runner)
    assert runner.command[1] == str(checkout.pip_wheel / "pip")
    assert "--no-index" in runner.command


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  Downloading torch-2.13.0-cp311-x.whl (191.8 MB)", "  fetching torch, 191 MB\n"),
        ("  Downloading tqdm-4.70-py3-none-any.whl (80 kB)", ""),
        ("  Downloading joblib-1.6-py3-none-any.whl (3.1 MB)", ""),
        ("Installing collected packages: a, b", "  unpacking\n"),
        ("Collecting numpy", ""),
    ],
)
def test_only_long_waits_are_told(line: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    pip_runs.tell(line)
    assert capsys.readouterr().err == told


def test_a_program_is_streamed_and_logged(tmp_path: Path) -> None:
    lines: list[str] = []
    script = "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"
    log = tmp_path / "log"
    status, output = processes.stream([sys.executable, "-c", script], log=log, on_line=lines.append)
    assert status == 3
    assert sorted(lines) == ["one", "two"]
    assert "one" in output
    assert "two" in log.read_text()


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    assert processes.stream(["/nowhere/at-all"], log=tmp_path / "log")[0] == 127


def test_the_callers_python_settings_do_not_leak() -> None:
    told = processes.clean_environment({"PYTHONPATH": "/x", "PIP_USER": "1", "PIP_INDEX_URL": "y"})
    assert told == {"PIP_INDEX_URL": "y"}


def test_attached_gives_the_programs_status() -> None:
    assert processes.attached([sys.executable, "-c", "raise SystemExit(5)"]) == 5


class Interrupted:
    """A started program; its first wait is cut by Ctrl-C, the second gives its status."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.waits = 0

    def wait(self) -> int:
        self.waits += 1
        if self.waits == 1:
            raise KeyboardInterrupt
        return self.status


@pytest.mark.parametrize(("status", "expected"), [(1, 130), (130, 130), (-2, 130), (0, 0)])
def test_ctrl_c_is_left_to_the_program(
    monkeypatch: pytest.MonkeyPatch, status: int, expected: int
) -> None:
    program = Interrupted(status)
    monkeypatch.setattr(processes.subprocess, "Popen", lambda *_, **__: program)
    assert processes.attached(["program"]) == expected
    assert program.waits == 2


def test_a_signal_becomes_the_shells_status(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Interrupted(-15)
    program.waits = 1
    monkeypatch.setattr(processes.subprocess, "Popen", lambda *_, **__: program)
    assert processes.attached(["program"]) == 143
