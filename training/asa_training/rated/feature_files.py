"""`asa-train features`: F0, notes and the five channels of takes, as files for researchers.

Beside a take's name: ``.f0.csv`` (time_s, hz, confidence; hz 0 where there is no pitch),
``.notes.csv`` (the notes as they were sung: start_s, end_s, midi with its fraction, confidence),
``.npz`` with the channels, and ``.json`` with the FeatureSpec that says what they are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asa_desktop.core.audio import ANALYSIS_RATE, mono_16k, sha256
from asa_desktop.core.errors import AudioError, PlaceError, place_error
from asa_desktop.core.examples import examples
from asa_desktop.core.features import channels
from asa_desktop.core.features.spec import FeatureSpec
from asa_desktop.core.features.track import Activation, TrackFeatures, track_features
from asa_desktop.core.notes.segment import segment_notes
from asa_desktop.core.notes.syllables import syllable_level
from asa_desktop.core.notes.tracker import fine_pitch
from asa_desktop.core.types import FloatArray, SungNote
from asa_training.rated.takes import takes_in
from asa_training.writing import write_text, write_whole

UNITS = {
    "time_s": "seconds, the centre of the frame; (T,)",
    "hz": "F0, 0 where there is no pitch; (T,)",
    "confidence": "of the pitch tracker, 0 to 1; (T,)",
    "voiced": "whether the voice detector hears a voice; (T,)",
    "spec": "log-mel in dB at one loudness; (rows, T)",
    "chroma": "rows from C upwards, 8 a semitone; (rows, T)",
    "tchroma": "as chroma, the pitch classes in the circle of fifths; (rows, T)",
    "f0": "CREPE's activation, 75 cents a row; (rows, T)",
    "tempo": "cyclic tempogram; (rows, T)",
}


def export_take(
    take: Path, out: Path, name: str, *, spec: FeatureSpec, activation: Activation, f0_only: bool
) -> bool:
    """Write the files of one take; False where they are there already, of the same bytes.

    Raises
    ------
    AudioError, PlaceError
        When the take cannot be read, or the files cannot be written.
    """
    digest = sha256(take)
    about = {
        "take": take.name,
        "sha256": digest,
        "features": spec.to_dict(),
        "key": spec.track_key,
        "hop_s": spec.hop_s,
        "f0_only": f0_only,
    }
    if _is_there(out / f"{name}.json", about):
        return False
    samples = mono_16k(take)
    track = track_features(samples, spec, activation)
    # What is there is of other bytes or of another run: no file of it may stand beside new ones.
    _remove(out / f"{name}.json")
    if f0_only:
        _remove(out / f"{name}.npz")
    write_text(out / f"{name}.f0.csv", f0_csv(track))
    write_text(out / f"{name}.notes.csv", notes_csv(sung_notes(samples, track)))
    arrays = f0_arrays(track) if f0_only else {**f0_arrays(track), **channel_arrays(track)}
    if not f0_only:
        write_whole(out / f"{name}.npz", lambda stream: _savez(stream, arrays))
    about |= {"frames": track.frames, "arrays": {each: UNITS[each] for each in arrays}}
    # Last, since it says that the others are whole.
    write_text(out / f"{name}.json", json.dumps(about, indent=2, ensure_ascii=False) + "\n")
    return True


def f0_arrays(track: TrackFeatures) -> dict[str, NDArray[Any]]:
    """Time, F0, its confidence and voicing, each of shape (T,)."""
    return {
        "time_s": np.arange(track.frames) * track.spec.hop_s,
        "hz": track.pitch.hz,
        "confidence": track.pitch.confidence,
        "voiced": track.voicing.frames,
    }


def channel_arrays(track: TrackFeatures) -> dict[str, NDArray[Any]]:
    """The five channels over the whole take, in its own key, each of shape (rows, T)."""
    return {
        "spec": track.mel,
        "chroma": track.chroma,
        "tchroma": channels.by_fifths(track.chroma),
        "f0": channels.f0_rows(track.activation, track.spec, cents=0.0),
        "tempo": track.tempo,
    }


def f0_csv(track: TrackFeatures) -> str:
    """One line a frame."""
    stream = StringIO()
    stream.write("time_s,hz,confidence\n")
    columns = f0_arrays(track)
    for at, hz, sure in zip(columns["time_s"], columns["hz"], columns["confidence"], strict=True):
        stream.write(f"{at:.4f},{hz:.3f},{sure:.4f}\n")
    return stream.getvalue()


def sung_notes(samples: FloatArray, track: TrackFeatures) -> tuple[SungNote, ...]:
    """The notes of a recording at 16 kHz, in its own pitch. `track` holds its features."""
    fine = fine_pitch(samples, rate=ANALYSIS_RATE, guide=track.pitch, voiced=track.voicing.frames)
    return segment_notes(fine, level_db=syllable_level(samples, rate=ANALYSIS_RATE))


def notes_csv(notes: Sequence[SungNote]) -> str:
    """One line a note."""
    lines = [
        f"{note.start:.3f},{note.end:.3f},{note.midi:.3f},{note.confidence:.3f}\n" for note in notes
    ]
    return "".join(["start_s,end_s,midi,confidence\n", *lines])


def file_names(takes: Sequence[Path]) -> list[str]:
    """A name for each take's files: its stem, numbered where an earlier one has it already.

    Names that differ in case alone count as the same, as on many disks.
    """
    given: set[str] = set()
    names = []
    for take in takes:
        name, number = take.stem, 1
        while name.casefold() in given:
            number += 1
            name = f"{take.stem}-{number}"
        given.add(name.casefold())
        names.append(name)
    return names


def _is_there(path: Path, about: dict[str, Any]) -> bool:
    try:
        known = json.loads(path.read_text("utf-8"))
        return all(known.get(name) == value for name, value in about.items())
    except (OSError, ValueError, AttributeError):
        return False


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise place_error(error, path) from error


def _savez(stream: Any, arrays: dict[str, Any]) -> None:
    np.savez_compressed(stream, **arrays)


def register(subparsers: Any) -> argparse.ArgumentParser:
    """Add `asa-train features`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "features",
        help="export F0, notes and the five channels of takes",
        epilog=examples("asa-train features resources/demo/takes --f0-only --out f0"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("takes", type=Path, nargs="+", help="recordings, or folders of them")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument(
        "--f0-only", action="store_true", help="F0 and notes as CSV, and no channels"
    )
    parser.set_defaults(run=run)
    return parser


def run(args: argparse.Namespace) -> int:
    """Export every take; 2 where one could not be read, after the others."""
    import torch

    from asa_desktop.core.networks.crepe import load_crepe

    takes = takes_in(args.takes)
    spec = FeatureSpec()
    crepe = load_crepe(spec.crepe, torch.device("cpu"))
    counts = Counter[str]()
    for take, name in zip(takes, file_names(takes), strict=True):
        try:
            made = export_take(
                take, args.out, name, spec=spec, activation=crepe.activation, f0_only=args.f0_only
            )
        except (AudioError, PlaceError) as fault:
            if fault.facts.get("path") != take:
                raise
            print(f"{take}: {fault}", file=sys.stderr)
            counts["not readable"] += 1
        else:
            counts["written" if made else "there already"] += 1
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    return 2 if counts["not readable"] else 0
