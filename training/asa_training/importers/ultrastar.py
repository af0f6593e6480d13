"""UltraStar folders: a song's .txt with notes and tags, and the recordings that the tags name.

Read by the program's own reader (`core.songs`, after the published format, usdx.eu/format): in
each folder below the source, VOCALS is the recording and INSTRUMENTAL the accompaniment; where
there is no VOCALS, the mix (AUDIO, MP3) is the recording, which a notice says: it is not solo
singing. The notes are the reference, the artist is the singer. The format has no tag for a
licence.
"""

from __future__ import annotations

from pathlib import Path

from asa_desktop.core.errors import AsaError
from asa_desktop.core.songs import load_song
from asa_desktop.core.songs.ultrastar import looks_like_ultrastar
from asa_training.importers.layout import UNKNOWN, Imported, Layout, below, counted, imported
from asa_training.importers.layout import is_hidden as hidden
from asa_training.manifest.values import Row, in_order

NAME = "ultrastar"


def read(source: Path) -> Imported:
    """Every song at or below the folder."""
    folders = {
        path.parent
        for path in source.rglob("*.txt")
        if not hidden(path, source) and path.is_file() and looks_like_ultrastar(path)
    }
    rows: list[Row] = []
    unread: list[str] = []
    mixed: list[str] = []
    for folder in sorted(folders, key=lambda one: in_order(below(one, source))):
        name = below(folder, source)
        try:
            song = load_song(folder)
        except AsaError as error:
            unread.append(f"{name} ({error.code})")
            continue
        recording = song.vocal or song.mix
        if recording is None:
            unread.append(f"{name} (no voice)")
            continue
        if song.vocal is None:
            mixed.append(name)
        notes = song.melody.source if song.melody else None
        title = f"{song.artist} - {song.title}" if song.artist else song.title
        rows.append(
            Row(
                path=below(recording, source),
                singer=song.artist or UNKNOWN,
                song=title,
                reference=(below(notes, source),) if notes else (),
                accompaniment=below(song.accompaniment, source) if song.accompaniment else "",
                licence=UNKNOWN,
            )
        )
    notices = [
        *counted(unread, "Songs left out"),
        *counted(mixed, "Songs whose recording is the whole mix; take the voice out before use"),
    ]
    return imported(NAME, source, rows, notices, looked_for="song folder with an UltraStar .txt")


LAYOUT = Layout(NAME, "karaoke songs with notes", UNKNOWN, read)
