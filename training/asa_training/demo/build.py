"""Strings the steps together: corpus and plan in, a song's folder out."""

from __future__ import annotations

import math
from pathlib import Path

from asa_desktop.core.errors import PlaceError
from asa_training.demo.arrange import arrange
from asa_training.demo.credits import licence
from asa_training.demo.folder import lrc, song_toml, ultrastar, write_sound, write_text
from asa_training.demo.mixing import TAIL_S, mastered, render
from asa_training.demo.plan import MedleyPlan
from asa_training.demo.score import read_piece
from asa_training.demo.synth import RATE
from asa_training.demo.timeline import Timeline, lay_out
from asa_training.demo.voice import lay_voice

# Such that both files played together stay below full scale, with the voice a little in front.
ACCOMPANIMENT_DB = -23.5
CEILING_DB = -6.0
VOICE_DB = -22.0


def build_medley(plan: MedleyPlan, corpus: Path, out: Path) -> tuple[Path, Timeline]:
    """Arrange, render and write the medley into ``out/<slug>``.

    The same corpus and plan give the same notes, texts, vocal and samples to be encoded.

    Raises
    ------
    PlaceError
        ``missing_file`` with `path`: the corpus lacks a song of the plan.
    SongError
        ``demo_song_broken``, ``demo_song_unfit``.
    """
    names = [section.song for section in plan.sections]
    for name in names:
        if not (corpus / name).is_dir():
            raise PlaceError("missing_file", path=corpus / name)
    timeline = lay_out(plan, {name: read_piece(corpus / name) for name in names})
    strikes = arrange(timeline, seed=plan.seed)
    backing = mastered(
        render(strikes, bpm=plan.bpm, beats=timeline.beats, seed=plan.seed),
        rms_db=ACCOMPANIMENT_DB,
        peak_db=CEILING_DB,
    )
    seconds = timeline.beats * timeline.beat_s + TAIL_S
    vocal, vocal_rate = lay_voice(timeline, seconds=seconds, active_db=VOICE_DB)
    folder = out / plan.slug
    folder.mkdir(parents=True, exist_ok=True)
    write_sound(folder / "accompaniment.ogg", backing, RATE)
    write_sound(folder / "vocal.flac", vocal, vocal_rate)
    write_text(folder / "notes.txt", ultrastar(plan, timeline.melody))
    write_text(folder / "lyrics.lrc", lrc(plan, timeline.melody))
    card = song_toml(title=plan.title, artist=plan.artist, language=plan.language)
    write_text(folder / "song.toml", card)
    shifts = [abs(section.piece.lag_s) for section in timeline.sections if section.piece]
    shift_ms = math.ceil(round(max(shifts) * 1000, 1))
    write_text(folder / "LICENSE.md", licence(plan, shift_ms=shift_ms))
    return folder, timeline
