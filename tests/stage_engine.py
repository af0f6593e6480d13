"""An engine without sound at the pace of a real one: a voice that sings the demo song, or nearly.

How is chosen by the name of the microphone: ``flat``, ``sharp``, ``low`` (an octave), ``humming``
(no song), ``away`` (the device leaves after two seconds), ``vague`` (a bit of everything),
``nearly`` (a little of everything).
``bleeds`` hears what is played, ``slow`` calibrates for a minute, ``noisy`` stands in a loud room,
``dead`` brings nothing at all, ``voice`` sings before the take too. Otherwise as
`tests.fake_engine`.
"""

from __future__ import annotations

import math
import time
from contextlib import closing
from multiprocessing.connection import Connection

import numpy as np
import soundfile

from asa_desktop.core.songs import load_song
from asa_desktop.engine import messages
from asa_desktop.engine.messages import Event, Gap, Job
from asa_desktop.engine.snapshot import Snapshot, SnapshotWriter, State, clock
from asa_desktop.services.paths import resources
from tests import fake_engine

HOP_S = 0.010
DELAY_S = 0.038


def main(connection: Connection, snapshot: str, kind: str = "") -> None:
    """What `engine.process.main` is. `kind` stands in for the name of the microphone."""
    with SnapshotWriter(snapshot) as writer, closing(connection):
        Stage(connection, writer, kind=kind).serve()


class Stage(fake_engine.Fake):
    """Ticks every hop in real time."""

    def __init__(self, connection: Connection, writer: SnapshotWriter, *, kind: str = "") -> None:
        super().__init__(connection, writer)
        self._kind = kind
        notes = load_song(resources() / "demo" / "pjs-medley").melody
        assert notes is not None
        self.notes = notes.notes
        self.started = self.done = 0.0
        self.lost = False
        self.rng = np.random.default_rng(1)

    @property
    def kind(self) -> str:
        """How it sings, and what goes wrong."""
        return self._kind or self.setup.input

    def serve(self) -> None:
        while True:
            try:
                if self.connection.poll(HOP_S / 2):
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

    def open(self, setup: messages.Setup) -> Event | None:
        answer = super().open(setup)
        self.opened = messages.Opened(
            setup.input or "USB headset", "USB headset", "Fake", 48_000, setup.block, "low",
            True, DELAY_S,
        )  # fmt: skip
        return answer if answer is None else self.opened

    def begin(self, job: Job) -> None:
        super().begin(job)
        self.started, self.done, self.lost = time.monotonic(), 0.0, False
        self.heard = np.zeros(0, np.float32)
        if job.accompaniment is not None and job.accompaniment.name.startswith("check"):
            played, _ = soundfile.read(job.accompaniment, dtype="float32")
            late = np.zeros(round(DELAY_S * self.opened.rate), np.float32)
            gain = 0.5 if self.kind == "bleeds" else 0.0
            noise = 1e-3 * self.rng.standard_normal(len(late) + len(played))
            self.heard = (gain * np.concatenate([late, played]) + noise).astype(np.float32)

    def carry_out(self, request: messages.Request) -> Event | None:
        calibrates = isinstance(request, messages.Calibrate | messages.TapAlong)
        if calibrates and self.kind == "slow":
            return None
        return super().carry_out(request)

    def tick(self) -> None:
        if self.job is None or self.part is None:
            self.publish(0.0, 0.0)
            return
        if not self.began:
            self.began = True
            self.connection.send(messages.Recording(self.job.part))
        now = time.monotonic() - self.started
        self.leave(now)
        if self.lost:
            self.publish(self.job.start_s + self.done, self.done)
            return
        while self.done + HOP_S <= now:
            self.done += HOP_S
            self.point(self.job.start_s + self.done)
        frames = round(self.done * self.opened.rate) - self.part.frames
        if frames > 0:
            self.part.append(self.brought(frames))
        self.publish(self.job.start_s + self.done, self.done)
        self.go_wrong(self.job, self.done)
        if self.job is not None and self.job.end_s and self.done >= self.job.end_s:
            self.end()

    def brought(self, count: int) -> np.ndarray:
        assert self.part is not None
        sound = np.zeros(count, np.float32)
        heard = self.heard[self.part.frames : self.part.frames + count]
        sound[: len(heard)] = heard
        return sound

    def leave(self, now: float) -> None:
        if self.kind == "away" and not self.lost and now > 2:
            self.lost = True
            self.gaps = (Gap(2.0, 2.2, 1.5, "lost"),)
            self.connection.send(messages.Lost("lost", 2.0))

    def point(self, song_s: float) -> None:
        at = song_s - DELAY_S - 0.008
        self.writer.point(at, self.hz(at), 0.9, -20.0)

    def hz(self, at: float) -> float:
        kind = self.kind
        if kind == "humming":
            midi = 55 + 3 * math.sin(at * 0.9) + 0.2 * math.sin(2 * math.pi * 5.5 * at)
            return 440 * 2 ** ((midi - 69) / 12) if at % 3 < 2.5 else 0.0
        note = next((each for each in self.notes if each.start <= at < each.end), None)
        if note is None or note.end - at < 0.03:
            return 0.0
        off = {"flat": -0.71, "sharp": 0.62, "low": -12.1}.get(kind, 0.0)
        if kind in ("vague", "nearly"):
            off = (1.1 if kind == "vague" else 0.4) * math.sin(note.start * 3.3)
        glide = -0.8 * math.exp(-(at - note.start) / 0.04)
        midi = note.midi + off + glide + 0.25 * math.sin(2 * math.pi * 5.5 * at)
        return 440 * 2 ** ((midi - 69) / 12)

    def publish(self, song_s: float, recorded_s: float) -> None:
        state = State.LOST if self.lost else State.RECORDING if self.job else State.IDLE
        singing = self.job is not None and not self.lost
        voice = singing or (self.kind == "voice" and time.monotonic() % 4 > 2)
        floor_db = {"noisy": -33.0, "dead": -122.0}.get(self.kind, -59.0)
        peak_db = -12 + 4 * math.sin(7 * song_s) if voice else floor_db + 2 * self.rng.random()
        self.writer.publish(
            Snapshot(
                state=state,
                song_s=song_s,
                recorded_s=recorded_s,
                peak_db=peak_db,
                rms_db=peak_db - 9,
                hz=self.hz(song_s) if singing else 0.0,
                pitch_song_s=song_s - DELAY_S,
                heard_at=clock(),
                xruns_in=1 if self.lost else 0,
                gaps=len(self.gaps),
                stamp_delay_s=DELAY_S,
            )
        )
