"""Delimited text as a source: encoding, dialect, names and the likely reading of each column."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path

from backend_services.datasets.errors import BadFileError, FileEmptyError, TooManyColumnsError, TooManyRejectsError
from backend_services.datasets.ingestion.dialect import Dialect, detect_dialect, parsed
from backend_services.datasets.ingestion.encoding import UTF_8, Encoding, detect_encoding
from backend_services.datasets.ingestion.inference import guess_locale, infer
from backend_services.datasets.ingestion.source import Source, SourceColumn
from backend_services.datasets.naming import literal, quoted, unique_names
from backend_services.datasets.settings import DatasetSettings

HEAD_BYTES = 512 * 1024
SPOTS = 24
SPOT_BYTES = 16 * 1024
SAMPLE_VALUES = 1200
TRANSCODE_BYTES = 1 << 20
MAX_COLUMNS_LOOKED_THROUGH = 200
"""In wider tables a row without any value stays; finding it would take a vector of memory for each column."""
MAX_LINE_BYTES = 8_000_000


def _sample(path: Path) -> tuple[bytes, bytes]:
    """Return the head of the file, and whole lines from spots spread over the rest."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if size <= HEAD_BYTES:
            return head, b""
        spots = []
        for spot in range(1, SPOTS + 1):
            file.seek(HEAD_BYTES + (size - HEAD_BYTES) * spot // (SPOTS + 1))
            lines = file.read(SPOT_BYTES).split(b"\n")
            spots.append(b"\n".join(lines[1:-1]))
    cut = head.rfind(b"\n")
    return (head[: cut + 1] if cut > 0 else head), b"\n".join(spots) + b"\n"


def to_utf8(path: Path, target: Path, encoding: Encoding) -> Path:
    """Rewrite a file in another encoding as UTF-8 without a mark; letters that are none become U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding.name)(errors="replace")
    with path.open("rb") as source, target.open("w", encoding=UTF_8, newline="") as out:
        source.seek(encoding.mark_bytes)
        while chunk := source.read(TRANSCODE_BYTES):
            out.write(decoder.decode(chunk))
        out.write(decoder.decode(b"", final=True))
    return target


def _relation(path: Path, dialect: Dialect, width: int, *, record: bool, strict: bool) -> str:
    columns = ", ".join(f"{literal(f'c{place}')}: 'VARCHAR'" for place in range(width))
    skip = dialect.skip_lines + int(dialect.has_header)
    tolerance = "store_rejects=true" if record else "ignore_errors=true"
    tolerance += "" if strict else ", strict_mode=false"
    quote = literal(dialect.quote)
    return (
        f"read_csv({literal(str(path))}, auto_detect=false, compression='none', header=false, skip={skip}, "
        f"delim={literal(dialect.delimiter)}, quote={quote}, escape={literal(dialect.escape)}, "
        f"columns={{{columns}}}, max_line_size={MAX_LINE_BYTES}, buffer_size={2 * MAX_LINE_BYTES}, {tolerance})"
    )


def open_delimited(path: Path, work_dir: Path, settings: DatasetSettings) -> Source:
    """Return a delimited text file as a source.

    Raises:
        FileEmptyError: There are no rows.
        TooManyRejectsError: There is something, but no row of it has the shape of the first line.
        TooManyColumnsError: There are more columns than the limit.
    """
    head, further = _sample(path)
    encoding = detect_encoding(head, further)
    if encoding.name != UTF_8 or encoding.mark_bytes:
        path = to_utf8(path, work_dir / "utf8.csv", encoding)
        head, further = _sample(path)
    text = head.decode(UTF_8, errors="replace")
    dialect = detect_dialect(text)
    if dialect.columns > settings.max_columns:
        raise TooManyColumnsError(params={"limit": settings.max_columns})
    rows = _table_rows(text, further.decode(UTF_8, errors="replace"), dialect)
    if not rows:
        raise _no_rows(text, dialect, more=path.stat().st_size > encoding.mark_bytes + len(head))
    originals = dialect.names or tuple(f"column{place}" for place in range(1, dialect.columns + 1))
    names = unique_names(originals)
    values = [[row[place] for row in rows] for place in range(len(names))]
    locale = guess_locale(values, delimiter=dialect.delimiter)
    columns = tuple(
        SourceColumn(
            expression=quoted(f"c{place}"),
            name=name,
            original=originals[place],
            reading=infer(name, values[place], locale),
            spare=not originals[place].strip() and not any(value.strip() for value in values[place]),
        )
        for place, name in enumerate(names)
    )
    return replace(_source(path, dialect, columns, strict=True), lenient=_source(path, dialect, columns, strict=False))


def _source(path: Path, dialect: Dialect, columns: tuple[SourceColumn, ...], *, strict: bool) -> Source:
    values = [column.expression for column in columns]
    return Source(
        relation=_relation(path, dialect, len(columns), record=False, strict=strict),
        recording=_relation(path, dialect, len(columns), record=True, strict=strict),
        columns=columns,
        first_line=dialect.skip_lines + int(dialect.has_header),
        size_bytes=path.stat().st_size,
        filled=f"coalesce({', '.join(values)}) IS NOT NULL" if 1 < len(values) <= MAX_COLUMNS_LOOKED_THROUGH else "",
    )


def _no_rows(text: str, dialect: Dialect, *, more: bool) -> BadFileError:
    """Return why a text gave no rows: there is nothing below the heading, or what is there has no shape of rows.

    ``more`` says that the file goes on behind ``text``, as it does with a line that never ends.
    """
    below = text.splitlines()[dialect.skip_lines + int(dialect.has_header) :]
    lines = sum(1 for line in below if line.strip())
    if lines or more:
        return TooManyRejectsError(params={"rows": 0, "rejected": max(lines, 1)})
    return FileEmptyError()


def _table_rows(text: str, further: str, dialect: Dialect) -> list[list[str]]:
    """Return sample rows of the right width, from the head and from further down."""
    options = {"delimiter": dialect.delimiter, "quote": dialect.quote, "escape": dialect.escape}
    first = dialect.skip_lines + int(dialect.has_header)
    rows = parsed(text, limit=SAMPLE_VALUES // 2 + first, **options)[first:]
    rows += parsed(further, limit=SPOTS * 400, **options)[:: max(1, SPOTS * 400 // SAMPLE_VALUES)]
    return [row for row in rows if len(row) == dialect.columns and (dialect.columns > 1 or row[0].strip())]
