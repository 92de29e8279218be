"""How far the cells of a workbook reach, found by streaming, before a library makes a grid of them in memory.

Two cells in opposite corners of a sheet are a few hundred bytes in the file and hundreds of gigabytes as a grid.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator

from backend_services.datasets.errors import FileBrokenError, FileExpandsTooMuchError
from backend_services.datasets.settings import DatasetSettings

CHUNK_BYTES = 1 << 20
MAX_TAG_BYTES = 4 << 20
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".bin", "/")
MAX_ROW = 1_048_576
MAX_COLUMN = 16_384
_CELL = re.compile(rb"""<(?:[\w.-]+:)?c\s[^<>]*?\br\s*=\s*["']\s*([A-Za-z]*)([0-9]*)""")


def column_number(letters: bytes) -> int:
    """Return the number of a column, counted from 1: ``A`` → 1, ``XFD`` → 16,384; nothing is 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def check_extents(archive: zipfile.ZipFile, settings: DatasetSettings) -> None:
    """Refuse a workbook with a sheet whose grid would be too large, or whose parts are not what they claim.

    Raises:
        FileBrokenError: A part is damaged, or a cell lies outside every sheet.
        FileExpandsTooMuchError: The grid from the first to the last cell would have too many cells.
    """
    try:
        for member in archive.infolist():
            if not member.filename.lower().endswith(_PICTURES):
                _check(_chunks(archive, member), settings)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise FileBrokenError(params={"format": "XLSX"}) from error


def _check(chunks: Iterator[bytes], settings: DatasetSettings) -> None:
    rows = columns = 0
    kept = b""
    for chunk in chunks:
        if len(kept) > MAX_TAG_BYTES:
            raise FileBrokenError(params={"format": "XLSX"})
        text = kept + chunk
        for letters, digits in _CELL.findall(text):
            if len(letters) > 3 or len(digits) > 7:  # noqa: PLR2004 - XFD and 1048576
                raise FileBrokenError(params={"format": "XLSX"})
            columns, rows = max(columns, column_number(letters)), max(rows, int(digits or 0))
        if columns > MAX_COLUMN or rows > MAX_ROW:
            raise FileBrokenError(params={"format": "XLSX"})
        if rows * columns > settings.max_workbook_cells:
            raise FileExpandsTooMuchError
        kept = _open_tag(text)


def _open_tag(text: bytes) -> bytes:
    """Return the tag that the end of ``text`` cuts in two."""
    start = text.rfind(b"<")
    if start < 0 or b">" in text[start:]:
        return b""
    return text[start:]


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as part:
        while chunk := part.read(CHUNK_BYTES):
            yield chunk
