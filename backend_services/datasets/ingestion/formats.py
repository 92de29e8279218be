"""Which format a file has, judged by its bytes; unpacking with limits against zip bombs."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from backend_services.datasets.errors import (
    BadFileError,
    FileBinaryError,
    FileBrokenError,
    FileEmptyError,
    FileExpandsTooMuchError,
    FileOldWorkbookError,
    FileProtectedError,
)
from backend_services.datasets.ingestion.extent import check_extents
from backend_services.datasets.settings import DatasetSettings

CHUNK_BYTES = 1 << 20
FREE_EXPANSION_BYTES = 100_000_000
HEAD_BYTES = 65_536
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD_WORKBOOKS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book\0"))
_PARQUET = b"PAR1"
_OTHER = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ\x90", b"SQLite format 3", b"Rar!", b"7z\xbc\xaf",  # noqa: E501 - one line an entry
          b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"OggS", b"ID3", b"RIFF", b"%!PS", b"{\\rtf", b"PE\x00\x00")  # fmt: skip  # noqa: E501 - one line an entry
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<svg")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BLANK = b" \t\r\n\x00\xef\xbb\xbf"
_CONTROL = bytes(sign for sign in range(0x20) if sign not in b"\t\n\r\x0c\x01\x1f")
MAX_CONTROL_SHARE = 0.02


class FileFormat(StrEnum):
    """What can be taken in."""

    CSV = "CSV"
    JSON = "JSON"
    JSON_LINES = "JSON Lines"
    PARQUET = "Parquet"
    XLSX = "XLSX"


def read_head(path: Path, size: int = HEAD_BYTES) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


def expand_gzip(path: Path, target: Path, settings: DatasetSettings) -> Path:
    """Unpack a gzip file to ``target`` and return that; any other file is returned as it is.

    Raises:
        FileExpandsTooMuchError: It becomes larger than the limits allow.
        FileBrokenError: It is damaged or cut off.
    """
    if not read_head(path, 2).startswith(_GZIP):
        return path
    packed = path.stat().st_size
    limit = min(settings.max_expanded_bytes, max(FREE_EXPANSION_BYTES, int(packed * settings.max_expansion)))
    written = 0
    try:
        with gzip.open(path, "rb") as source, target.open("wb") as out:
            while chunk := source.read(CHUNK_BYTES):
                written += len(chunk)
                if written > limit:
                    raise FileExpandsTooMuchError
                out.write(chunk)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileBrokenError(params={"format": "gzip"}) from error
    if read_head(target, 2).startswith(_GZIP):
        raise FileBinaryError
    return target


def check_workbook(path: Path, settings: DatasetSettings) -> None:
    """Refuse a zip that is no workbook, is damaged, or would unpack to more than the limits allow."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive.infolist(), settings)
            check_extents(archive, settings)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileBrokenError(params={"format": FileFormat.XLSX.value}) from error


def _check_members(members: list[zipfile.ZipInfo], settings: DatasetSettings) -> None:
    names = {member.filename for member in members}
    other = any(name in {"content.xml", "xl/workbook.bin"} for name in names)  # ODS and XLSB, whose grids nobody bounds
    if other or not any(name.startswith("xl/workbook") for name in names):
        raise FileBinaryError
    if any(member.flag_bits & 1 for member in members):
        raise FileProtectedError
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    too_dense = unpacked > FREE_EXPANSION_BYTES and unpacked / packed > settings.max_expansion
    if unpacked > settings.max_workbook_bytes or too_dense:
        raise FileExpandsTooMuchError


def _json_format(head: bytes) -> FileFormat | None:
    text = head.lstrip(_BLANK)
    if text.startswith(b"["):
        rest = text[1:].lstrip(_BLANK)
        is_json = not rest or rest[:1] in b'{["]-0123456789tfn'
        return FileFormat.JSON if is_json else None
    if not text.startswith(b"{"):
        return None
    if text[1:].lstrip(_BLANK)[:1] not in {b'"', b"}"}:
        return None
    first, _, rest = text.partition(b"\n")
    whole = first.rstrip().endswith(b"}") and rest.lstrip(_BLANK).startswith(b"{")
    return FileFormat.JSON_LINES if whole else FileFormat.JSON


def _is_binary(head: bytes) -> bool:
    if head.startswith(_WIDE_MARKS):
        return False
    zeros = head.count(0)
    if zeros:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        return not (min(even, odd) == 0 and zeros > len(head) * 0.2)
    control = len(head) - len(head.translate(None, _CONTROL))
    return control > len(head) * MAX_CONTROL_SHARE


def _old_workbook(path: Path) -> BadFileError:
    """Return why a compound file is refused: a workbook before 2007, one with a password, or something else."""
    kept = b""
    is_workbook = False
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            text = kept + chunk
            if _ENCRYPTED in text:
                return FileProtectedError()
            is_workbook = is_workbook or any(name in text for name in _OLD_WORKBOOKS)
            kept = text[-len(_ENCRYPTED) :]
    return FileOldWorkbookError() if is_workbook else FileBinaryError()


def detect_format(path: Path, file_name: str) -> FileFormat:
    """Return the format of an unpacked file.

    Raises:
        FileEmptyError: There is nothing in it.
        FileBinaryError: It is of a kind that holds no table.
        FileBrokenError: It begins like a Parquet file and does not end like one.
        FileOldWorkbookError: It is a workbook of the kind before 2007.
        FileProtectedError: It is a workbook with a password.
    """
    head = read_head(path)
    if not head.strip(_BLANK):
        raise FileEmptyError
    if head.startswith(_PARQUET):
        with path.open("rb") as file:
            file.seek(-min(4, path.stat().st_size), 2)
            if path.stat().st_size < 12 or file.read(4) != _PARQUET:  # noqa: PLR2004 - two marks and a length
                raise FileBrokenError(params={"format": FileFormat.PARQUET.value})
        return FileFormat.PARQUET
    if head.startswith(_OLE):
        raise _old_workbook(path)
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        return FileFormat.XLSX
    if head.startswith(_OTHER) or head.lstrip(_BLANK)[:16].lower().startswith(_MARKUP) or _is_binary(head):
        raise FileBinaryError
    named_json = file_name.lower().removesuffix(".gz").endswith((".json", ".jsonl", ".ndjson"))
    found = _json_format(head)
    if found is None and named_json:
        raise FileBrokenError(params={"format": FileFormat.JSON.value})
    return found or FileFormat.CSV
