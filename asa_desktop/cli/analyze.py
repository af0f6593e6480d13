"""`asa analyze`: many takes of one song, one model load."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from asa_desktop import words
from asa_desktop.cli import choose
from asa_desktop.cli.app import DONE, NOT_POSSIBLE, complain
from asa_desktop.cli.progress import ProgressLine
from asa_desktop.cli.table import table
from asa_desktop.core import analyse, load_model
from asa_desktop.core.errors import AudioError, PlaceError
from asa_desktop.core.take_timing import read_timing, with_delay
from asa_desktop.core.types import Analysis, Song
from asa_desktop.services.featurestore import FeatureStore
from asa_desktop.services.paths import places
from asa_desktop.services.report import write_report
from asa_desktop.services.result import dumps, to_json, write_json

if TYPE_CHECKING:
    from asa_desktop.core.networks.runner import Model


def run(options: argparse.Namespace) -> int:
    """Analyse every take; one that cannot be read does not stop the others."""
    targets = choose.targets_of(options)
    takes = _readable(options.takes)
    failed = len(takes) < len(options.takes)
    if not takes:
        return NOT_POSSIBLE
    session = Session.begin(options)
    for note in session.notes(brief=targets.json_to_stdout):
        if targets.json_to_stdout:
            complain(note)
        else:
            print(note)
    results: list[dict[str, object]] = []
    for number, take in takes.items():
        label = f"{number + 1}/{len(options.takes)} {take.name}"
        try:
            analysis = session.analyse(take, label=label)
        except (AudioError, PlaceError) as error:
            if len(options.takes) == 1 or error.facts.get("path") != take:
                raise
            complain(words.say(error))
            failed = True
            continue
        page = session.report(analysis, targets.reports[number])
        results.append(to_json(analysis, timings=options.timings))
        if not targets.json_to_stdout:
            _print(analysis, take, session, page, timings=options.timings)
    _write_results(results, targets, many=len(options.takes) > 1)
    return NOT_POSSIBLE if failed else DONE


@dataclass(frozen=True, slots=True)
class Session:
    """One song and one model, for as many takes as there are."""

    song: Song
    model: Model | None
    cache: FeatureStore
    line: ProgressLine
    delay_s: float | None = None
    in_step: bool = False
    systems: tuple[str, ...] = ()

    @classmethod
    def begin(cls, options: argparse.Namespace) -> Self:
        """Read the song, then load the model, which takes seconds."""
        folder = None if options.model is None else choose.model_folder(options.model)
        session = cls.of(choose.song_of(options), folder=folder, device=options.device)
        delay_s = None if options.delay is None else options.delay / 1000
        return replace(session, delay_s=delay_s, in_step=options.in_step, systems=options.systems)

    @classmethod
    def of(cls, song: Song, *, folder: Path | None = None, device: str = "auto") -> Self:
        """A song with the model in `folder`, or the default one where the song needs any."""
        if song.vocal is not None:
            choose.refuse_unreadable(song.vocal)
        model = None
        if song.vocal is not None or folder is not None or device != "auto":
            model = load_model(folder or choose.model_folder(None), device=device)
        return cls(song, model, FeatureStore(places().features), ProgressLine())

    def notes(self, *, brief: bool) -> list[str]:
        """What the song's reader repaired or guessed; `brief` leaves out what is merely absent."""
        notices = self.song.notices
        return [
            words.notice_text(each)
            for each in notices
            if not (brief and each.code == "parts_missing")
        ]

    def analyse(self, take: Path, *, label: str) -> Analysis:
        """One take, with progress behind `label`, put to the song as its own comment says."""
        tell = partial(_tell, self.line, label)
        timing, notices = read_timing(take)
        if self.delay_s is not None:
            timing = with_delay(timing, self.delay_s)
        try:
            found = analyse(
                take,
                self.song,
                model=self.model,
                cache=self.cache,
                progress=tell,
                timing=timing,
                align=not (self.in_step or timing.delay_from),
                systems=self.systems,
            )
        finally:
            self.line.clear()
        for each in notices:
            complain(words.notice_text(each))
        return replace(found, notices=(*found.notices, *notices)) if notices else found

    def report(self, analysis: Analysis, folder: Path | None) -> Path | None:
        """Write the report where one is asked for; its page."""
        if folder is None:
            return None
        self.line.show(words.sentence("drawing"))
        try:
            return write_report(
                analysis, folder, reason_text=words.reason_text, notice_text=words.notice_text
            )
        finally:
            self.line.clear()


def _tell(line: ProgressLine, label: str, stage: str, share: float) -> None:
    line.show(f"{words.on_one_line(label)}: {words.stage_text(stage)} {share:4.0%}")


def _readable(takes: list[Path]) -> dict[int, Path]:
    """The takes whose headers promise sound, by number. A single one that does not is raised."""
    good = {}
    for number, take in enumerate(takes):
        try:
            choose.refuse_unreadable(take)
        except (AudioError, PlaceError) as error:
            if len(takes) == 1:
                raise
            complain(words.say(error))
        else:
            good[number] = take
    return good


def _print(
    analysis: Analysis, take: Path, session: Session, page: Path | None, *, timings: bool
) -> None:
    scale = session.model.card.scale if session.model is not None else None
    print(table(analysis, take=take, scale=scale, timings=timings))
    if page is not None:
        print(f"  {words.sentence('report_at')} {words.on_one_line(page)}")
    print(flush=True)


def _write_results(
    results: list[dict[str, object]], targets: choose.Targets, *, many: bool
) -> None:
    if not results:
        return
    content = results if many else results[0]
    if targets.json is not None:
        write_json(targets.json, content)
    elif targets.json_to_stdout:
        print(dumps(content), end="", flush=True)
