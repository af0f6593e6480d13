"""What the first bytes of a recording say: its kind, and how much sound it promises.

libsndfile mends a short WAV or AIFF silently and guesses from the suffix; both hide faults that
the singer should hear about, so the few header fields that matter are read here.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, Literal

Kind = Literal["sndfile", "foreign"]

_SNDFILE_MAGIC = (b"fLaC", b"OggS", b"ID3", b".snd", b"caff", b"riff")
_FOREIGN_MAGIC = (
    b"\x1aE\xdf\xa3",  # Matroska, WebM
    b"0&\xb2u\x8ef\xcf\x11",  # ASF: wma, wmv
    b"FLV",
    b"\x00\x00\x01\xba",  # MPEG programme stream
    b"#!AMR",
    b"MAC ",
    b"wvpk",
    b"TTA1",
    b"\x0bw",  # AC-3
)
_UNKNOWN_SIZE = 0x7FFF0000  # programs that write to a pipe put such a number


def kind_of(path: Path, head: bytes) -> Kind | None:
    """Who can read a file that begins with `head` (at least 512 bytes), or None if nobody can."""
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return "sndfile" if head[8:12] == b"WAVE" else _avi(head)
    if head[:4] == b"FORM":
        return "sndfile" if head[8:12] in (b"AIFF", b"AIFC") else None
    if head.startswith(_SNDFILE_MAGIC):
        return "foreign" if _tagged_adts(path, head) else "sndfile"
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide") or head.startswith(_FOREIGN_MAGIC):
        return "foreign"
    if head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G":
        return "foreign"  # MPEG transport stream
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _mpeg_audio(head)
    return None


def _avi(head: bytes) -> Kind | None:
    return "foreign" if head[8:12] == b"AVI " else None


def _mpeg_audio(head: bytes) -> Kind | None:
    layer = head[1] & 0x06
    if layer == 0:  # ADTS, the wrapping of raw AAC
        return "foreign" if head[1] & 0xF0 == 0xF0 else None
    plausible = head[1] & 0x18 != 0x08 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C
    return "sndfile" if plausible else None


def _tagged_adts(path: Path, head: bytes) -> bool:
    """Whether raw AAC follows an ID3 tag (phones and video sites write that)."""
    if not head.startswith(b"ID3"):
        return False
    with path.open("rb") as file:
        file.seek(id3_size(head))
        after = file.read(2)
    return len(after) == 2 and after[0] == 0xFF and after[1] & 0xF6 == 0xF0


def id3_size(head: bytes) -> int:
    """Bytes of the ID3v2 tag at the start of `head`, 0 if there is none."""
    if not head.startswith(b"ID3") or len(head) < 10:
        return 0
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10


def missing_share(path: Path) -> float:
    """Share of the promised sound that is not in the file, 0 to 1, from its header.

    Only where the header tells plainly: WAV, AIFF and MP3 with a Xing or Info frame. The other
    formats show it when they are read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] == b"RIFF" and head[8:] == b"WAVE":
            return _missing_in_chunk(file, size, b"data", "<I")
        if head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC"):
            return _missing_in_chunk(file, size, b"SSND", ">I")
        file.seek(0)
        return _missing_in_mp3(file, size)


def _missing_in_chunk(file: BinaryIO, size: int, wanted: bytes, order: str) -> float:
    for _ in range(256):  # a hostile file could hold millions of empty chunks
        header = file.read(8)
        if len(header) < 8:
            return 0.0
        length = int(struct.unpack(order, header[4:])[0])
        if header[:4] == wanted:
            here = size - file.tell()
            known = 0 < length < _UNKNOWN_SIZE
            return max(0.0, 1 - here / length) if known else 0.0
        file.seek(length + length % 2, 1)
    return 0.0


def _missing_in_mp3(file: BinaryIO, size: int) -> float:
    """From the byte count of the Xing/Info frame, which counts from that frame on."""
    head = file.read(10)
    start = id3_size(head)
    file.seek(start)
    frame = file.read(200)
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return 0.0
    at = max(frame.find(b"Xing", 4, 64), frame.find(b"Info", 4, 64))
    if at < 0:
        return 0.0
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    if not flags & 2:
        return 0.0
    field = at + 8 + (4 if flags & 1 else 0)
    promised = int.from_bytes(frame[field : field + 4], "big")
    return max(0.0, 1 - (size - start) / promised) if promised else 0.0
