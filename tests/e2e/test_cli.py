"""The command line as a process: results, exit statuses, interruption, full disks."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import soundfile

from asa_desktop.core.errors import AsaError
from asa_desktop.services.paths import bundled_models, resources
from asa_desktop.services.result import SCHEMA_FILE
from tests import material

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
ASA = (sys.executable, "-m", "asa_desktop")
posix = pytest.mark.skipif(os.name == "nt", reason="signals and limits of POSIX")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with takes, an original and a model."""
    folder = tmp_path_factory.mktemp("desk")
    sounds = {
        "voice.wav": material.sing(7),
        "take.wav": material.sing(7, off_cents=80),
        "käse 唱.wav": material.sing(7, off_cents=30),
        "long.wav": material.sing(180),
    }
    for name, sound in sounds.items():
        soundfile.write(folder / name, sound, material.RATE)
    material.untrained_model(folder / "model")
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    # Without a screen: `asa` alone would open the window, and wait.
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ours = {name: value for name, value in os.environ.items() if name not in screens}
    return {**ours, "ASA_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}


def asa(
    desk: Path, environment: dict[str, str], *arguments: str, **how: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ASA, *arguments],
        cwd=desk,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=150,
        check=False,
        **how,  # type: ignore[call-overload]
    )


WITH_MODEL = ("--reference", "voice.wav", "--model", "model", "--device", "cpu")


def schema() -> dict[str, object]:
    found: dict[str, object] = json.loads((resources() / SCHEMA_FILE).read_text("utf-8"))
    return found


def test_many_takes_as_json_twice_the_same(desk: Path, environment: dict[str, str]) -> None:
    runs = [
        asa(desk, environment, "analyze", "take.wav", "käse 唱.wav", *WITH_MODEL, "--json")
        for _ in range(2)
    ]
    for done in runs:
        assert (done.returncode, done.stderr) == (0, "")
    results = json.loads(runs[0].stdout)
    assert runs[0].stdout == runs[1].stdout
    assert [each["take"] for each in results] == ["take.wav", "käse 唱.wav"]
    for each in results:
        jsonschema.validate(each, schema())
        assert each["status"] == "scored"
        assert len(each["clips"]) == 2


def test_a_table_a_json_file_and_a_report_at_once(
    desk: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    file, report = tmp_path / "out.json", tmp_path / "report"
    arguments = ("--json", str(file), "--report", str(report), "--timings")
    done = asa(desk, environment, "analyze", "take.wav", *WITH_MODEL, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(file.read_text("utf-8"))
    jsonschema.validate(result, schema())
    assert result["timings"]["total"] > 0
    shown = re.search(r"score (\d+) of 100", done.stdout)
    assert shown is not None
    assert abs(int(shown[1]) - result["overall"]["score"]) <= 0.55  # the file has a tenth
    assert "made up for tests" in done.stdout, "the card says what the scale means"
    assert str(report / "report.html") in done.stdout
    assert json.loads((report / "analysis.json").read_text("utf-8"))["clips"] == result["clips"]
    assert list((report / "plots").glob("*.svg"))


def test_one_bad_take_does_not_stop_the_others(desk: Path, environment: dict[str, str]) -> None:
    done = asa(desk, environment, "analyze", "gone.wav", "take.wav", *WITH_MODEL, "--json")
    assert done.returncode == 2
    assert done.stderr == 'There is no file "gone.wav"; check its name and folder.\n'
    assert [each["take"] for each in json.loads(done.stdout)] == ["take.wav"]


def test_results_are_utf8_whatever_the_locale(desk: Path, environment: dict[str, str]) -> None:
    plain = {**environment, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = asa(desk, plain, "analyze", "käse 唱.wav", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["take"] == "käse 唱.wav"


def test_codecs_do_not_chatter(desk: Path, environment: dict[str, str], tmp_path: Path) -> None:
    whole = tmp_path / "a.mp3"
    soundfile.write(whole, material.sing(6), material.RATE)
    whole.write_bytes(whole.read_bytes()[:9000])
    done = asa(desk, environment, "analyze", str(whole))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "is cut short" in done.stderr


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("analyze", "--help"), ()])
def test_help_and_version_are_quick(
    desk: Path, environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    spent = []
    for _ in range(3):
        start = time.perf_counter()
        done = asa(desk, environment, *arguments)
        spent.append(time.perf_counter() - start)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout
    bare = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    assert min(spent) < 0.3 + 3 * (time.perf_counter() - bare)


def test_help_imports_nothing_heavy(desk: Path, environment: dict[str, str]) -> None:
    script = (
        "import sys; sys.argv = ['asa', '--help']; from asa_desktop.__main__ import main; main();"
        "print(sorted({'torch', 'numpy', 'librosa', 'soundfile'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("[]\n")


def test_a_fault_of_the_program_names_the_log(
    desk: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    script = (
        "import sys; import asa_desktop.cli.choose as choose\n"
        "def broken(options): raise ZeroDivisionError('deep down')\n"
        "choose.targets_of = broken\n"
        "sys.argv = ['asa', 'analyze', 'take.wav']\n"
        "from asa_desktop.__main__ import main\n"
        "sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=desk,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    log = tmp_path / "home" / "logs" / "asa.log"
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert str(log) in done.stderr
    assert "ZeroDivisionError: deep down" in log.read_text("utf-8")
    assert "Traceback" not in done.stderr


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(
    desk: Path, environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    targets = ("--json", str(out / "a.json"), "--report", str(out / "report"))
    process = subprocess.Popen(
        [*ASA, "analyze", "long.wav", *WITH_MODEL, *targets],
        cwd=desk,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    time.sleep(4)
    assert process.poll() is None, "too quick to be interrupted"
    process.send_signal(number)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (printed, said) == ("", "Stopped.\n")
    assert list(out.iterdir()) == []


@posix
def test_a_reader_that_stops_reading(desk: Path, environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        [*ASA, "analyze", "take.wav", "take.wav"],
        cwd=desk,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=120) == 130
    assert said == ""


@posix
def test_a_file_may_not_grow(desk: Path, environment: dict[str, str], tmp_path: Path) -> None:
    import resource

    report = tmp_path / "report"
    done = asa(
        desk,
        environment,
        *("analyze", "take.wav", "--report", str(report)),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)),
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not report.exists()
    assert [each.name for each in tmp_path.iterdir() if each.name != "home"] == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB, where a test may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root may mount a disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk(desk: Path, environment: dict[str, str], tiny_disk: Path) -> None:
    done = asa(desk, environment, "analyze", "take.wav", "--report", str(tiny_disk / "report"))
    assert done.returncode == 2
    assert "The disk is full" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list(tiny_disk.iterdir()) == []


def bundle_is_complete() -> bool:
    """Whether the bundled take and a model are there."""
    from asa_desktop.cli.choose import bundled_take

    try:
        bundled_take()
    except AsaError:
        return False
    return bool(bundled_models())


complete = pytest.mark.skipif(not bundle_is_complete(), reason="no bundled take or model yet")


@complete
def test_demo_writes_a_report_and_says_where(
    desk: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    done = asa(desk, environment, "demo")
    assert (done.returncode, done.stderr) == (0, "")
    page = tmp_path / "home" / "reports" / "demo" / "report.html"
    assert str(page) in done.stdout
    assert page.exists()
    assert " of 100" in done.stdout
    again = asa(desk, environment, "demo", "--report", str(tmp_path / "elsewhere"))
    assert again.returncode == 0
    assert (tmp_path / "elsewhere" / "report.html").read_bytes() == page.read_bytes()


@complete
def test_self_test_passes(desk: Path, environment: dict[str, str]) -> None:
    done = asa(desk, environment, "self-test")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(line.startswith("ok  ") for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) >= 5


@complete
def test_check_on_a_new_machine(desk: Path, environment: dict[str, str]) -> None:
    done = asa(desk, environment, "check")
    assert (done.returncode, done.stderr) == (0, "")
