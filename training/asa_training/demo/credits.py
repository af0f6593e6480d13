"""What a listener must be told about the medley: whose it is, under which licence, what changed."""

from __future__ import annotations

from asa_training.demo.plan import MedleyPlan

_TEXT = """\
# {title}

Made from songs {songs} of
**PJS: phoneme-balanced Japanese singing-voice corpus**, version 1.1,
by Junya Koguchi and Shinnosuke Takamichi (2020; arXiv:2006.02959),
<https://sites.google.com/site/shinnosuketakamichi/research-topics/pjs_corpus>.
Compositions, lyrics, scores and recordings of that corpus are licensed under the
Creative Commons Attribution-ShareAlike 4.0 International licence (CC BY-SA 4.0),
<https://creativecommons.org/licenses/by-sa/4.0/>.

This folder is adapted material and is licensed under CC BY-SA 4.0 as well.
Its authors are not endorsed by those of the corpus.

What was changed:

- `vocal.flac`: the sung part of {count} recordings (24 kHz copies of 48 kHz originals), cut, faded,
  each brought to one level, moved by at most {shift_ms:.0f} ms against its score and laid one after
  the other. Not stretched, not tuned.
- `accompaniment.ogg`: new. Chords, bass, drums and strings were arranged by program from the notes
  of the songs and rendered with synthesised instruments; it holds no recording of the corpus.
- `notes.txt`, `lyrics.lrc`: the notes and syllables of the corpus' MIDI and MusicXML files, placed
  on the medley's clock and divided into lines.
"""


def licence(plan: MedleyPlan, *, shift_ms: float) -> str:
    """The text that lies in the medley's folder as LICENSE.md."""
    return _TEXT.format(
        title=plan.title,
        songs=", ".join(section.song for section in plan.sections),
        count=len(plan.sections),
        shift_ms=shift_ms,
    )
