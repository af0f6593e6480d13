"""The recordings of real singing that training stands on, and who may be learnt from.

The data folder is laid out as its sources publish them: `pjs/<song>/<song>_song.flac`,
`makam/<singer>/<song>_<part>.flac`, `nit_song070/*.flac`, `vocadito/*.flac` and
`everything_is_remixed/*_lead_vocal.ogg`.

The split is by singer AND song:

- train: pjs_male, idil, the three singers of vocadito; not the four songs of pjs that the bundled
  demo is made from;
- validation: guelcin;
- test: barbaros and goekhan, guelen and safiye, who sing the same songs in pairs, and nit_female.

Some of makam's songs are sung by two singers under different file names (`Melihat_Gulses` is
Kimseye etmem, `Sakin--Gec--Kalma` is Bu aksam gun batarken gel). Where they fall into two splits,
one of the two recordings is left out (`_APART`).

everything_is_remixed belongs to no split. Its leads are voiced for 16 % of their length (the
singers above for 69 % and more), and inside what passes for a note the pitch strays by a median of
38 to 48 cents (theirs 22 to 33): spoken rather than sung.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asa_desktop.core.audio import sha256
from asa_desktop.core.errors import PlaceError, UsageError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

LICENCES = {
    "pjs": "CC BY-SA 4.0",
    "makam": "CC BY 4.0",
    "nit_song070": "CC BY 3.0",
    "vocadito": "CC BY 4.0",
    "everything_is_remixed": "CC0 1.0",
}
_BY_CORPUS: dict[str, Split] = {"pjs": "train", "vocadito": "train", "nit_song070": "test"}
_BY_SINGER: dict[str, Split] = {
    "idil": "train",
    "guelcin": "validation",
    "barbaros": "test",
    "goekhan": "test",
    "guelen": "test",
    "safiye": "test",
}
# Songs that would be in two splits: guelcin sings the one, idil the other.
_APART = frozenset({("idil", "bu_aksam_gun_batarken"), ("goekhan", "kimseye_etmem")})
_DEMO_SONGS = frozenset({"pjs009", "pjs031", "pjs063", "pjs100"})
# How makam's files name a song, and the song they mean.
MAKAM_SONGS = {
    "02_Gel": "gel_guzelim",
    "02_Koklasam": "koklasam",
    "02_Kimseye": "kimseye_etmem",
    "Melihat_Gulses": "kimseye_etmem",
    "bu_aksam": "bu_aksam_gun_batarken",
    "Sakin--Gec--Kalma": "bu_aksam_gun_batarken",
    "01_Aksam": "aksam_oldu_huzunlendim",
    "01_Olmaz": "olmaz_ilac",
    "01_Bakmiyor": "bakmiyor_cesmi_siyah",
    "05_Semahat_Ozdenses_-_Bir_Ihtimal_Daha_Var": "bir_ihtimal_daha_var",
}


@dataclass(frozen=True, slots=True)
class Recording:
    """One solo recording, of a corpus below or of a manifest (`render.own`).

    `place` is where it lies below the data folder or the manifest's root, POSIX, with ``#right``
    behind it for one channel; `path` is the file, and `channel` "right" or "". `part` is the
    section of the song that it holds, "" for all of it. `split` is None where it is not used.
    `listed` is the sha256 that a manifest gives the file, "" where it gives none.
    """

    id: str
    path: Path
    place: str
    corpus: str
    singer: str
    song: str
    part: str
    licence: str
    split: Split | None
    listed: str = ""
    channel: str = ""

    def sha256(self) -> str:
        """The file's fingerprint, in hexadecimal. Raises PlaceError."""
        return sha256(self.path)


def split_of(corpus: str, *, singer: str, song: str) -> Split | None:
    """Where a recording of a corpus belongs, or None where it is not used."""
    if (singer, song) in _APART or song in _DEMO_SONGS:
        return None
    return _BY_CORPUS.get(corpus) or _BY_SINGER.get(singer)


def recordings(data: Path) -> list[Recording]:
    """All recordings below `data`, in the order of their ids.

    Raises PlaceError `training_data_missing` where the folder or every corpus in it is missing.
    """
    found = [*_pjs(data), *_makam(data), *_nit(data), *_vocadito(data), *_remixed(data)]
    if not found:
        raise PlaceError("training_data_missing", path=data)
    return sorted(found, key=lambda one: one.id)


def of_split(
    found: Iterable[Recording],
    split: Split,
    *,
    excluding: Iterable[str] = (),
    only: Iterable[str] = (),
) -> list[Recording]:
    """The recordings of one split, in their order.

    Those whose id, song, singer or corpus is in `excluding` are left out; with `only`, so are all
    that are not in it. Raises UsageError `unknown_split`.
    """
    if split not in SPLITS:
        raise UsageError("unknown_split", split=split, known=SPLITS)
    unwanted, wanted = set(excluding), set(only)
    chosen = []
    for one in found:
        names = {one.id, one.song, one.singer, one.corpus}
        if one.split == split and not unwanted & names and (not wanted or wanted & names):
            chosen.append(one)
    return chosen


def pairs(found: Iterable[Recording]) -> list[tuple[Recording, Recording]]:
    """Recordings of the same part of one song by two singers, each pair once, the first by name.

    Their takes are not aligned: each has its own tempo.
    """
    parts = [one for one in found if one.part]
    return [
        (one, other)
        for one in parts
        for other in parts
        if (one.song, one.part) == (other.song, other.part) and one.singer < other.singer
    ]


def _record(
    path: Path, data: Path, corpus: str, *, singer: str, song: str, part: str = ""
) -> Recording:
    name = re.sub(r"[^A-Za-z0-9]+", "_", f"{song}_{part}" if part else song).strip("_")
    return Recording(
        id=f"{corpus}-{singer}-{name}",
        path=path,
        place=path.relative_to(data).as_posix(),
        corpus=corpus,
        singer=singer,
        song=song,
        part=part,
        licence=LICENCES[corpus],
        split=split_of(corpus, singer=singer, song=song),
    )


def _pjs(data: Path) -> Iterator[Recording]:
    for path in (data / "pjs").glob("pjs*/pjs*_song.flac"):
        yield _record(path, data, "pjs", singer="pjs_male", song=path.parent.name)


def _makam(data: Path) -> Iterator[Recording]:
    for path in (data / "makam").glob("*/*.flac"):
        stem = path.stem
        for prefix, song in MAKAM_SONGS.items():
            if stem.startswith(f"{prefix}_"):
                # Two sections may bear the same name; the time in the mix tells them apart.
                part = stem[len(prefix) + 1 :]
                yield _record(path, data, "makam", singer=path.parent.name, song=song, part=part)


def _nit(data: Path) -> Iterator[Recording]:
    for path in (data / "nit_song070").glob("*.flac"):
        yield _record(path, data, "nit_song070", singer="nit_female", song=path.stem)


def _vocadito(data: Path) -> Iterator[Recording]:
    for path in (data / "vocadito").glob("vocadito_*.flac"):
        yield _record(path, data, "vocadito", singer=path.stem, song=path.stem)


def _remixed(data: Path) -> Iterator[Recording]:
    for path in (data / "everything_is_remixed").glob("*_lead_vocal.ogg"):
        song = path.stem.removesuffix("_lead_vocal")
        yield _record(
            path, data, "everything_is_remixed", singer="everything_is_remixed", song=song
        )
