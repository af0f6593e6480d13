"""Throws broken files at every reader of foreign files, and goes on where it was stopped.

``python -m tests.fuzz --state FOLDER [--inputs 100000] [--reader midi pack]`` changes sound files
at random (bits, pieces, lengths, numbers, tokens that mean something to the reader) and has them
read in a process of its own. An input is a finding when it raises anything but the program's own
errors, brings the process down, takes more than 5 s, or lets it grow by more than 500 MB; it is
kept in FOLDER, with what happened. The same seed gives the same inputs. Needs a system with alarms
(Linux, macOS).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

import numpy as np

from asa_desktop.engine.beside import write_json
from tests.fuzz_readers import READERS

HANG_S = 5
GROWTH_BYTES = 500 << 20
_AT_ONCE = 250
_A_WORKER = 10_000
_MOST_CHANGES = 6
_DEAD_S = 4 * HANG_S


@dataclass
class State:
    """How far one reader has come."""

    seed: int = 1
    done: int = 0
    seconds: float = 0.0
    refused: int = 0
    findings: list[str] = field(default_factory=list)


def changed(
    samples: Sequence[tuple[str, bytes]], tokens: Sequence[bytes], *, seed: int, number: int
) -> tuple[str, bytes]:
    """Input `number`: a sample with some changes, and its suffix."""
    rng = np.random.default_rng([seed, number])
    suffix, content = samples[int(rng.integers(len(samples)))]
    data = bytearray(content)
    for _ in range(int(rng.integers(1, _MOST_CHANGES + 1))):
        _change(data, tokens, rng)
    return suffix, bytes(data)


def _change(data: bytearray, tokens: Sequence[bytes], rng: np.random.Generator) -> None:
    at = int(rng.integers(len(data) + 1))
    length = int(min(rng.geometric(0.05), max(len(data) - at, 1)))
    kind = int(rng.integers(7))
    if kind == 0 and data:
        data[min(at, len(data) - 1)] ^= 1 << int(rng.integers(8))
    elif kind == 1:
        data[at : at + length] = rng.bytes(length)
    elif kind == 2:
        del data[at : at + length]
    elif kind == 3:
        data[at:at] = data[at : at + length] * int(rng.integers(1, 50))
    elif kind == 4:
        del data[at:]
    elif kind == 5 and tokens:
        token = tokens[int(rng.integers(len(tokens)))]
        data[at : at + (length if rng.random() < 0.5 else 0)] = token
    else:  # a number of 1 to 8 bytes at its edges
        size = int(2 ** rng.integers(4))
        whole = 1 << 8 * size
        value = (0, 1, whole // 2 - 1, whole // 2, whole - 1)[int(rng.integers(5))]
        data[at : at + size] = value.to_bytes(size, "little" if rng.random() < 0.5 else "big")


class HungError(BaseException):
    """An input took too long."""


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise HungError


def _work(connection: Connection, name: str, seed: int) -> None:
    """In a process of its own: read the inputs that are named, and tell what happened to each."""
    from asa_desktop.core.errors import AsaError

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # decoders complain there, once an input
    reader = READERS[name]
    samples = reader.samples()
    signal.signal(signal.SIGALRM, _ring)
    with tempfile.TemporaryDirectory() as folder:
        for suffix, content in samples:  # so that what is loaded once does not count
            path = Path(folder) / f"input{suffix}"
            path.write_bytes(content)
            reader.read(path)
        before = _largest()
        connection.send("ready")
        while (number := connection.recv()) is not None:
            suffix, content = changed(samples, reader.tokens, seed=seed, number=number)
            path = Path(folder) / f"input{suffix}"
            path.write_bytes(content)
            said = "read"
            signal.alarm(HANG_S)
            try:
                reader.read(path)
            except AsaError:
                said = "refused"
            except HungError:
                said = f"took more than {HANG_S} s"
            except BaseException:
                said = traceback.format_exc()
            signal.alarm(0)
            if _largest() - before > GROWTH_BYTES:
                said = f"grew by more than {GROWTH_BYTES >> 20} MB"
                before = _largest()
            connection.send(said)


def _largest() -> int:
    """The most memory that this process ever had, in bytes."""
    import resource  # not on every system, and only the other process needs it

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


@contextlib.contextmanager
def _worker(name: str, seed: int) -> Iterator[Connection]:
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_work, args=(theirs, name, seed), daemon=True)
    process.start()
    theirs.close()
    try:
        with contextlib.suppress(EOFError, OSError):
            ours.recv()  # what it loads first may take long, and is no input's doing
        yield ours
    finally:
        with contextlib.suppress(OSError):
            ours.send(None)
        process.join(1)
        process.kill()


def fuzz(name: str, *, inputs: int, folder: Path, seed: int) -> State:
    """Go on with one reader until it has had so many inputs; its state is kept in `folder`."""
    kept = folder / f"{name.replace(' ', '-')}.json"
    state = State(**json.loads(kept.read_text())) if kept.is_file() else State(seed=seed)
    samples = READERS[name].samples()
    while state.done < inputs:
        with _worker(name, state.seed) as worker:
            began = time.monotonic()
            for number in range(state.done, min(inputs, state.done + _A_WORKER)):
                said = _asked(worker, number)
                state.done = number + 1
                state.refused += said == "refused"
                if said not in ("read", "refused"):
                    print(f"{name}: input {number}: {said.strip().splitlines()[-1]}", flush=True)
                    _keep(name, samples, number, said, state=state, beside=kept)
                if state.done % _AT_ONCE == 0 or state.done == inputs:
                    state.seconds += time.monotonic() - began
                    began = time.monotonic()
                    write_json(kept, asdict(state))
                if said.startswith("died"):
                    break
    return state


def _keep(
    name: str,
    samples: Sequence[tuple[str, bytes]],
    number: int,
    said: str,
    *,
    state: State,
    beside: Path,
) -> None:
    """A finding's input and what happened, under names that tell which it was."""
    suffix, content = changed(samples, READERS[name].tokens, seed=state.seed, number=number)
    found = f"{beside.stem}-{number}{suffix}"
    beside.with_name(found).write_bytes(content)
    beside.with_name(f"{found}.txt").write_text(said)
    state.findings.append(found)


def _asked(worker: Connection, number: int) -> str:
    try:
        worker.send(number)
        if not worker.poll(_DEAD_S):
            return f"died: no answer after {_DEAD_S} s"
        return str(worker.recv())
    except (EOFError, OSError):
        return "died: the process went down"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--reader", nargs="+", choices=READERS, default=list(READERS))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    asked.state.mkdir(parents=True, exist_ok=True)
    found = 0
    for name in asked.reader:
        state = fuzz(name, inputs=asked.inputs, folder=asked.state, seed=asked.seed)
        found += len(state.findings)
        print(
            f"{name}: {state.done} inputs in {state.seconds / 60:.1f} min, {state.refused} refused,"
            f" {len(state.findings)} findings",
            flush=True,
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
