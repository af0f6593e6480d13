"""An engine without sound: the same messages and files as the real one, at twenty times the speed.

What goes wrong is chosen by the name of the microphone, see `Fake`. It runs as a process of its
own, as the real one does.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from asa_desktop.core.errors import AsaError, AudioError, PlaceError
from asa_desktop.engine import messages
from asa_desktop.engine.faults import fault_of
from asa_desktop.engine.finish import finish_part
from asa_desktop.engine.held import hold
from asa_desktop.engine.messages import Device, Event, Gap, Job, Measured, Opened
from asa_desktop.engine.part import PartWriter, write_part_note
from asa_desktop.engine.snapshot import Snapshot, SnapshotWriter, State
from tests.material import sing

RATE = 16_000
STEP_S = 0.2
SPEED = 20.0
ENDLESS_S = 3600.0
DEVICES = (
    Device("mic", "Fake", 2, 0, RATE, default_input=True),
    Device("phones", "Fake", 0, 2, RATE, default_output=True),
)


def main(connection: Connection, snapshot: str) -> None:
    """What `engine.process.main` is."""
    with SnapshotWriter(snapshot) as writer:
        Fake(connection, writer).serve()


class Fake:
    """The microphone ``mic`` does all that it should; others do one thing otherwise.

    gone: is not there. mute: opening is never answered. dies: the process ends two seconds into
    the take. crashes: says so first. full: the disk is full after two seconds. leaves: goes away
    at one second and comes back. soft, silent, clips: the level. deaf: calibration hears nothing.
    late: is there from the third opening on. stalls: is lost when the first take begins, and stays
    closed until it is opened anew. unplugged: goes away before the first take, for a second.
    """

    def __init__(self, connection: Connection, writer: SnapshotWriter) -> None:
        self.connection = connection
        self.writer = writer
        self.setup = messages.Setup()
        self.job: Job | None = None
        self.part: PartWriter | None = None
        self.gaps: tuple[Gap, ...] = ()
        self.openings = 0
        self.closed = True
        self.absent_until: float | None = None

    def serve(self) -> None:
        while True:
            try:
                if self.connection.poll(STEP_S / SPEED):
                    request = self.connection.recv()
                    answer = self.answer(request)
                    if answer is not None:
                        self.connection.send(answer)
                    if isinstance(request, messages.Quit):
                        break
                self.tick()
            except (EOFError, OSError):
                break
        if self.job is not None:
            self.end()

    def answer(self, request: messages.Request) -> Event | None:
        try:
            return self.carry_out(request)
        except AsaError as error:
            return fault_of(error)

    def carry_out(self, request: messages.Request) -> Event | None:
        match request:
            case messages.ListDevices():
                return messages.Devices(DEVICES)
            case messages.Open(setup):
                return self.open(setup)
            case messages.Record(job):
                self.refuse()
                self.begin(job)
            case messages.Close():
                self.closed = True
            case messages.Stop():
                if self.job is not None:
                    self.end()
            case messages.Play():
                self.connection.send(messages.Done())
                return messages.Played()
            case messages.Calibrate() | messages.TapAlong():
                if self.setup.input == "deaf":
                    raise AudioError("no_loop", found=1, played=12, peak_db=-80.0)
                method = "chirps" if isinstance(request, messages.Calibrate) else "taps"
                return messages.Calibrated(0.0321, 0.0004, 12, 12, method, 0.03)
        return messages.Done()

    def open(self, setup: messages.Setup) -> Event | None:
        self.setup = setup
        if setup.input == "mute":
            return None
        self.openings += 1
        if setup.input == "gone" or (setup.input == "late" and self.openings < 3):
            raise PlaceError("device_missing", name=setup.input)
        self.closed = False
        rate = setup.rate or RATE
        name = setup.input or "mic"
        self.opened = Opened(name, "phones", "Fake", rate, setup.block, "low", True, 0.0305)
        return self.opened

    def refuse(self) -> None:
        if self.setup.input == "stalls" and self.openings == 1 and not self.closed:
            self.closed = True
            raise PlaceError("device_silent", name="stalls")
        if self.closed:
            raise PlaceError("no_device_open")
        if self.absent_until is not None:
            raise PlaceError("device_lost")

    def unplug(self) -> None:
        """Away at the first look after the opening, and back a second later."""
        if self.closed or self.setup.input != "unplugged" or self.openings > 1:
            return
        if self.absent_until is None:
            self.absent_until = time.monotonic() + 1
            self.writer.publish(Snapshot(state=State.LOST))
            self.connection.send(messages.Lost("lost", 0.0))
        elif time.monotonic() > self.absent_until:
            self.absent_until, self.openings = None, 2
            self.writer.publish(Snapshot(state=State.IDLE))
            self.connection.send(messages.Back(self.opened, None))

    def begin(self, job: Job) -> None:
        self.held = hold(job.part)
        write_part_note(job.part, {**job.note, "target": str(job.target)})
        self.part = PartWriter(job.part, rate=self.opened.rate)
        self.voice = sing(10, rate=self.opened.rate)
        self.job, self.gaps = job, ()
        self.publish(job.start_s, 0.0)
        self.began = False

    def tick(self) -> None:
        job, part = self.job, self.part
        if job is None or part is None:
            self.unplug()
            return
        if not self.began:
            self.began = True
            self.connection.send(messages.Recording(job.part))
        count = round(STEP_S * self.opened.rate)
        at = part.frames % (len(self.voice) - count)
        part.append(self.voice[at : at + count])
        part.sync()
        seconds = part.frames / self.opened.rate
        self.publish(job.start_s + seconds, seconds)
        self.go_wrong(job, seconds)
        if self.job is not None and seconds >= (job.end_s or ENDLESS_S) - job.start_s:
            self.end()

    def publish(self, song_s: float, recorded_s: float) -> None:
        peak_db = {"soft": -48.0, "silent": -120.0}.get(self.setup.input, -12.0)
        self.writer.point(song_s, 452.9, 0.9, -20.0)
        self.writer.publish(
            Snapshot(
                state=State.RECORDING,
                song_s=song_s,
                recorded_s=recorded_s,
                peak_db=peak_db,
                clipping=self.setup.input == "clips",
                hz=452.9,
                clarity=0.9,
            )
        )

    def go_wrong(self, job: Job, seconds: float) -> None:
        kind = self.setup.input
        if kind in ("dies", "crashes") and seconds > 2:
            if kind == "crashes":
                self.connection.send(messages.Crashed("Traceback: deep down"))
            os._exit(9)
        if kind == "full" and seconds > 2:
            self.close_part()
            fault = fault_of(PlaceError("disk_full", path=job.target))
            self.connection.send(messages.Kept(job.part, seconds, fault))
            self.job = None
        if kind == "leaves" and not self.gaps and seconds > 1:
            self.gaps = (Gap(1.0, 1.2, 2.5, "lost"),)
            self.connection.send(messages.Lost("lost", 1.0))
            time.sleep(0.05)
            self.connection.send(messages.Back(self.opened, self.gaps[0]))

    def end(self) -> None:
        job, part = self.job, self.part
        assert job is not None
        assert part is not None
        seconds = part.frames / self.opened.rate
        self.close_part()
        self.job = None
        measured = self._measured(job, seconds)
        note = {**job.note, **_plain(measured), "target": str(job.target)}
        try:
            sha256 = finish_part(job.part, job.target, note=note, note_path=job.note_path)
        except AsaError as error:
            self.connection.send(messages.Kept(job.part, seconds, fault_of(error)))
        else:
            self.connection.send(messages.Finished(job.target, sha256, measured))

    def close_part(self) -> None:
        assert self.part is not None
        with closing(self.held):
            self.part.close()

    def _measured(self, job: Job, seconds: float) -> Measured:
        opened = self.opened
        return Measured(
            latency_s=opened.stamp_delay_s if job.delay_s is None else job.delay_s,
            delay_from=job.delay_from,
            stamp_delay_s=opened.stamp_delay_s,
            clock_ratio=1.0,
            duration_s=seconds,
            sample_rate=opened.rate,
            device=f"{opened.input} ({opened.host_api})",
            xruns=2 if self.setup.input == "leaves" else 0,
            gaps=self.gaps,
            start_s=job.start_s,
            clipped=7 if self.setup.input == "clips" else 0,
        )


def _plain(measured: Measured) -> dict[str, object]:
    values = {name: getattr(measured, name) for name in measured.__slots__}
    return values | {"gaps": [[gap.start_s, gap.end_s] for gap in measured.gaps]}


def read_part(path: Path) -> np.ndarray:
    """The samples of a part that was left behind."""
    from asa_desktop.engine.part import read_blocks

    return np.concatenate([np.zeros(0, np.float32), *read_blocks(path)])
