"""Gives an Ogg stream a fixed serial number: libsndfile draws one, so no two files were equal."""

from __future__ import annotations

import struct

_HEADER = struct.Struct("<4sBBqIIIB")  # RFC 3533, section 6: the page header up to its table
_SERIAL, _CHECKSUM = 14, 22
_POLYNOMIAL = 0x04C11DB7


def _row(byte: int) -> int:
    value = byte << 24
    for _ in range(8):
        value = (value << 1) ^ (_POLYNOMIAL if value & 0x80000000 else 0)
    return value & 0xFFFFFFFF


_TABLE = tuple(_row(byte) for byte in range(256))


def with_serial(stream: bytes, serial: int) -> bytes:
    """The same stream under another serial number.

    Raises
    ------
    ValueError
        If `stream` is not a whole number of Ogg pages.
    """
    pages = bytearray(stream)
    start = 0
    while start < len(pages):
        if pages[start : start + 4] != b"OggS" or start + _HEADER.size > len(pages):
            raise ValueError(f"no Ogg page at {start}")
        segments = pages[start + _HEADER.size - 1]
        body = start + _HEADER.size + segments
        end = body + sum(pages[start + _HEADER.size : body])
        struct.pack_into("<I", pages, start + _SERIAL, serial)
        struct.pack_into("<I", pages, start + _CHECKSUM, 0)
        struct.pack_into("<I", pages, start + _CHECKSUM, checksum(pages[start:end]))
        start = end
    return bytes(pages)


def checksum(page: bytes | bytearray) -> int:
    """Ogg's CRC-32: no reflection, starting at 0."""
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _TABLE[(value >> 24) ^ byte]
    return value
