"""Reading small files whole, within a limit, and turning their bytes into text."""

from __future__ import annotations

import codecs
import re
import stat
from pathlib import Path

from asa_desktop.core.errors import PlaceError, SongError, place_error
from asa_desktop.core.songs.notices import NoticeList

TEXT_LIMIT = 5_000_000
LEGACY = ("cp1252", "cp1250")

# The code page of old Windows editors follows the language; these were written in Central Europe.
_CENTRAL_EUROPEAN = re.compile(
    r"polish|polski|czech|slovak|hungarian|magyar|croatian|hrvatski|sloven|romanian|albanian|"
    r"bosnian|serbian",
    re.IGNORECASE,
)
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_bounded(path: Path, *, limit: int = TEXT_LIMIT) -> bytes:
    """All bytes of an ordinary file of at most `limit` bytes.

    Raises
    ------
    SongError
        ``file_too_large`` above the limit.
    PlaceError
        Where the file is missing, closed to us or not an ordinary file.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise PlaceError("is_folder", path=path)
        if not stat.S_ISREG(mode):  # a pipe would block
            raise PlaceError("not_a_file", path=path)
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise place_error(error, path) from error
    except ValueError as error:  # a NUL in the name
        raise PlaceError("missing_file", path=path) from error
    if len(data) > limit:
        raise SongError("file_too_large", path=path, limit_mb=limit // 1_000_000)
    return data


def split_lines(text: str) -> list[str]:
    """The lines of `text`; only CR, LF and CRLF end one, unlike `str.splitlines`."""
    return re.split(r"\r\n|\r|\n", text)


def decode(
    data: bytes,
    notices: NoticeList,
    *,
    declared: str | None = None,
    language: str = "",
    legacy: bool = True,
) -> str:
    """Text from bytes: a byte order mark, else `declared`, else UTF-8, else the old code page.

    Parameters
    ----------
    declared
        The code page the file says it is in; None where it says nothing.
    language
        Chooses between the two `LEGACY` code pages.
    legacy
        Whether a file that is not UTF-8 may be in an old code page; otherwise what cannot be
        decoded is replaced. Either is reported.
    """
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _replacing(data, codec, notices)
    if declared in LEGACY:
        return _replacing(data, declared, notices)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        if not legacy:
            return _replacing(data, "utf-8", notices)
    codec = "cp1250" if _CENTRAL_EUROPEAN.search(language) else "cp1252"
    notices.add("encoding_guessed", encoding=codec)
    return data.decode(codec, errors="replace")


def _replacing(data: bytes, codec: str, notices: NoticeList) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        notices.add("encoding_broken", encoding=codec.removesuffix("-sig"))
        return data.decode(codec, errors="replace")
