"""The manifest: one table of recordings, who sang what, what it was worth, and what may be done.

One row a recording, as CSV (UTF-8, comma; read also with semicolon or tab, a byte order mark and
any line ends, as spreadsheets write it) or, with pyarrow, as Parquet; in both all cells are text.

=============  ==================================================================================
path           the recording, below the root: the manifest's folder, or the one given to the
               reader. Written with ``/``; what leaves the root (an absolute path, ``..``, a link)
               is refused, and no switch allows it: name a higher root instead.
               ``take.wav#right`` is one channel of a stereo file, ``f0_hz.npz#NAME`` one F0
               track of an archive
sha256         of the file's bytes; may be empty, then it cannot be verified
singer         who sang; the same person has the same name wherever they sing
song           what was sung; the same song has the same name whoever sings it
part           section or sentence of the song, empty for all of it
take           tells performances of one song by one singer apart; empty where there is one
reference      what it is compared with: a recording, an F0 track or notes (.mid, .musicxml, .txt);
               several (renditions of one melody) are separated by ``|``
accompaniment  what was heard while singing
scores         ``overall=3.4 [1-5]; pitch=4 [1-5]``: people's mean rating, each with its scale.
               Not JSON: its doubled quotes do not survive being edited in a spreadsheet
judges         ``anna=4; ben=3``: each judge's own rating, on the scale of ``overall``; rounds of
               one person are told by a last ``_1``, ``_2``
licence        of the recording; empty or ``unknown`` where nobody says
split          train, validation, test or empty
=============  ==================================================================================

`path`, `singer` and `song` must be there. There is no column for the part that a recording plays:
a row is a reference when another row names it, and may be rated all the same.

A rating belongs to a performance: the rows of one singer, song and take. It may stand in one of
them or in all, but not differ between them.
"""

from asa_training.manifest.f0 import is_f0, open_f0
from asa_training.manifest.faults import Fault
from asa_training.manifest.performances import Performance, performances
from asa_training.manifest.reading import (
    Inspected,
    inspect_manifest,
    read_manifest,
    write_manifest,
)
from asa_training.manifest.sound import decoded, voice_16k
from asa_training.manifest.values import COLUMNS, Manifest, Row

__all__ = [
    "COLUMNS",
    "Fault",
    "Inspected",
    "Manifest",
    "Performance",
    "Row",
    "decoded",
    "inspect_manifest",
    "is_f0",
    "open_f0",
    "performances",
    "read_manifest",
    "voice_16k",
    "write_manifest",
]
