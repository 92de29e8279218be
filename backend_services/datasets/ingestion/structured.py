"""Files that carry types of their own as sources: Parquet, JSON and JSON Lines."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import replace
from pathlib import Path

import duckdb

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.errors import (
    BadFileError,
    FileBrokenError,
    FileEmptyError,
    FileExpandsTooMuchError,
    FileShapeError,
    TooManyColumnsError,
)
from backend_services.datasets.ingestion.delimited import to_utf8
from backend_services.datasets.ingestion.encoding import UTF_8, detect_encoding
from backend_services.datasets.ingestion.engine import Engine
from backend_services.datasets.ingestion.formats import FileFormat, read_head
from backend_services.datasets.ingestion.inference import guess_locale, infer
from backend_services.datasets.ingestion.period_reading import epoch_reading
from backend_services.datasets.ingestion.reading import Reading, decimal_reading, huge_reading, text_reading
from backend_services.datasets.ingestion.source import RejectedRow, Source, SourceColumn
from backend_services.datasets.naming import literal, quoted, unique_names, words_of
from backend_services.datasets.settings import DatasetSettings

MAX_JSON_OBJECT_BYTES = 32_000_000
MAX_LOOKED_AT_BYTES = 4_000_000
SAMPLE_ROWS = 1200
MAX_NESTING = 4
MAX_LISTED_REJECTS = 100_000
_STRUCT_FIELD = re.compile(r'^(?:"((?:[^"]|"")*)"|([A-Za-z_]\w*)) (.*)$', re.DOTALL)
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})


def _split_fields(body: str) -> list[tuple[str, str]]:
    """Return names and types of the fields of ``STRUCT(…)``."""
    parts: list[str] = []
    depth, in_quotes, start = 0, False, 0
    for place, letter in enumerate(body):
        if letter == '"':
            in_quotes = not in_quotes
        elif not in_quotes and letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and depth == 0 and not in_quotes:
            parts.append(body[start:place].strip())
            start = place + 1
    parts.append(body[start:].strip())
    matches = [_STRUCT_FIELD.match(part) for part in parts]
    return [((m[1] or "").replace('""', '"') or m[2] or "", m[3]) for m in matches if m is not None]


def _leaves(expression: str, name: str, kind: str, depth: int = 0) -> list[tuple[str, str, str]]:
    """Return expression, name and type of each simple value in a column that may be nested."""
    if kind.startswith("STRUCT(") and kind.endswith(")") and depth < MAX_NESTING:
        found: list[tuple[str, str, str]] = []
        for field, inner in _split_fields(kind[len("STRUCT(") : -1]):
            found += _leaves(f"{expression}.{quoted(field)}", f"{name}.{field}", inner, depth + 1)
        return found
    return [(expression, name, kind)]


def _native(kind: str) -> Reading:  # noqa: C901, PLR0911 - a table of cases
    """Return how a typed value of DuckDB type ``kind`` is stored."""
    base = kind.split("(", maxsplit=1)[0]
    match base:
        case "BOOLEAN":
            return Reading(type=FieldType.BOOLEAN, template="{v}", stored_as="BOOLEAN")
        case _ if kind in _INTEGERS:
            return Reading(type=FieldType.INTEGER, template="CAST({v} AS BIGINT)", stored_as="BIGINT")
        case "UBIGINT" | "HUGEINT" | "UHUGEINT":
            huge = "TRY_CAST({v} AS DECIMAL(38,0))"
            return Reading(type=FieldType.INTEGER, template=huge, stored_as="DECIMAL(38,0)")
        case "DECIMAL":
            whole = kind.endswith(",0)")
            kept = FieldType.INTEGER if whole else FieldType.DECIMAL
            return Reading(type=kept, template="{v}", stored_as=kind)
        case "FLOAT" | "DOUBLE":
            finite = "CASE WHEN isfinite({v}) THEN CAST({v} AS DOUBLE) END"
            return Reading(type=FieldType.DECIMAL, template=finite, stored_as="DOUBLE")
        case "DATE":
            return Reading(type=FieldType.DATE, template="{v}", stored_as="DATE")
        case "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS":
            return Reading(type=FieldType.DATETIME, template="CAST({v} AS TIMESTAMP)", stored_as="TIMESTAMP")
        case "TIMESTAMP WITH TIME ZONE":
            return Reading(type=FieldType.DATETIME, template="({v} AT TIME ZONE 'UTC')", stored_as="TIMESTAMP")
        case "JSON":
            plain = (
                "CASE json_type({v}) WHEN 'VARCHAR' THEN {v}->>'$' WHEN 'NULL' THEN NULL ELSE CAST({v} AS VARCHAR) END"
            )
            return Reading(type=FieldType.TEXT, template=plain, stored_as="VARCHAR")
        case "VARCHAR" | "ENUM" | "UUID" | "TIME" | "INTERVAL" | "BIT":
            return Reading(type=FieldType.TEXT, template="CAST({v} AS VARCHAR)", stored_as="VARCHAR")
        case "BLOB":
            return Reading(type=FieldType.TEXT, template="base64({v})", stored_as="VARCHAR", format="base64")
        case _:
            as_json = "CAST(to_json({v}) AS VARCHAR)"
            return Reading(type=FieldType.TEXT, template=as_json, stored_as="VARCHAR", format="JSON")


def _typed_columns(described: list[tuple[str, str]], settings: DatasetSettings) -> tuple[SourceColumn, ...]:
    leaves = [leaf for name, kind in described for leaf in _leaves(quoted(name), name, kind)]
    if not leaves:
        raise FileEmptyError
    if len(leaves) > settings.max_columns:
        raise TooManyColumnsError(params={"limit": settings.max_columns})
    names = unique_names(leaf[1] for leaf in leaves)
    return tuple(
        SourceColumn(expression=expression, name=name, original=original, reading=_native(kind), native=True)
        for (expression, original, kind), name in zip(leaves, names, strict=True)
    )


def open_parquet(path: Path, engine: Engine, settings: DatasetSettings) -> Source:
    """Return a Parquet file as a source.

    Raises:
        FileBrokenError: It is damaged.
        FileExpandsTooMuchError: It claims more rows or bytes than the limits allow.
        FileEmptyError: There are no rows.
    """
    file = literal(str(path))
    try:
        sizes = engine.run(f"SELECT num_rows FROM parquet_file_metadata({file})")  # noqa: S608 - our path
        unpacked = engine.run(f"SELECT sum(total_uncompressed_size) FROM parquet_metadata({file})")  # noqa: S608 - made of our own names and quoted literals
        described = engine.describe(f"read_parquet({file})", max_columns=settings.max_columns)
    except duckdb.Error as error:
        raise FileBrokenError(params={"format": FileFormat.PARQUET.value}) from error
    rows = int(str(sizes[0][0]))
    size = int(str(unpacked[0][0] or 0))
    if max(size, rows * len(described)) > settings.max_expanded_bytes:
        raise FileExpandsTooMuchError
    if rows == 0:
        raise FileEmptyError
    return Source(relation=f"read_parquet({file})", columns=_typed_columns(described, settings))


def _json_relation(path: Path, file_format: FileFormat, *, types: dict[str, str] | None = None) -> str:
    kind = "newline_delimited" if file_format is FileFormat.JSON_LINES else "auto"
    columns = ""
    if types:
        columns = ", columns={" + ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in types.items()) + "}"
    return (
        f"read_json({literal(str(path))}, format={literal(kind)}, records=true, "
        f"maximum_object_size={MAX_JSON_OBJECT_BYTES}, sample_size={-1 if types is None else 1}{columns})"
    )


def _clean_lines(path: Path, target: Path) -> tuple[int, tuple[RejectedRow, ...], int]:
    """Copy the lines that hold an object to ``target``; return good ones, the bad ones, and how many these are."""
    bad: list[RejectedRow] = []
    good = bad_total = row = 0
    with path.open("rb") as source, target.open("wb") as out:
        for line in source:
            if not line.strip():
                continue
            row += 1
            try:
                is_object = isinstance(json.loads(line), dict)
            except (ValueError, RecursionError):
                is_object = False
            if is_object:
                good += 1
                out.write(line if line.endswith(b"\n") else line + b"\n")
                continue
            bad_total += 1
            if len(bad) < MAX_LISTED_REJECTS:
                bad.append(RejectedRow(row=row, reason="json", content=line[:1000].decode(errors="replace").strip()))
    return good, tuple(bad), bad_total


def _widened(described: list[tuple[str, str]]) -> dict[str, str]:
    """Return the types to read with: numbers that JSON's floats would round come as their own text."""
    return {name: "VARCHAR" if kind in {"DOUBLE", "HUGEINT", "UBIGINT"} else kind for name, kind in described}


def _as_utf8(path: Path, work_dir: Path) -> Path:
    head = read_head(path)
    encoding = detect_encoding(head)
    if head.startswith(codecs.BOM_UTF8) or encoding.name != UTF_8:
        return to_utf8(path, work_dir / "utf8.json", encoding)
    return path


def open_json(path: Path, file_format: FileFormat, engine: Engine, work_dir: Path, settings: DatasetSettings) -> Source:
    """Return a JSON file (an array of objects, one object, or an object around such an array) or JSON Lines.

    Raises:
        FileBrokenError: It is damaged.
        FileEmptyError: There are no rows.
    """
    path = _as_utf8(path, work_dir)
    rejected: tuple[RejectedRow, ...] = ()
    rejected_total = 0
    try:
        described = _describe_json(path, file_format, engine, settings)
    except duckdb.Error as error:
        if file_format is not FileFormat.JSON_LINES:
            raise _unreadable(path) from error
        good, rejected, rejected_total = _clean_lines(path, work_dir / "lines.jsonl")
        if good == 0:
            raise FileBrokenError(params={"format": file_format.value}) from error
        path = work_dir / "lines.jsonl"
        described = _describe_json(path, file_format, engine, settings)
    lists = [name for name, kind in described if kind.startswith("STRUCT(") and kind.endswith("[]")]
    if file_format is FileFormat.JSON and len(lists) == 1 and _is_wrapper(path, file_format, engine):
        plain = _json_relation(path, file_format)
        relation = f"(SELECT unnest({quoted(lists[0])}, max_depth := 2) FROM {plain})"  # noqa: S608 - quoted name
        described = engine.describe(relation, max_columns=settings.max_columns)
        return _with_text_readings(Source(relation=relation, columns=_typed_columns(described, settings)), engine)
    if not described:
        raise FileEmptyError
    types = _widened(described)
    columns = _typed_columns([(name, types[name]) for name, _ in described], settings)
    kinds = dict(described)
    source = Source(
        relation=_json_relation(path, file_format, types=types),
        columns=tuple(_with_number_reading(column, kinds) for column in columns),
        rejected=rejected,
        rejected_total=rejected_total,
    )
    return _with_text_readings(source, engine)


def _unreadable(path: Path) -> BadFileError:
    """Return why a JSON file is refused: it is damaged, or whole but no table."""
    if path.stat().st_size <= MAX_LOOKED_AT_BYTES:
        try:
            json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            return FileBrokenError(params={"format": FileFormat.JSON.value})
        return FileShapeError()
    return FileBrokenError(params={"format": FileFormat.JSON.value})


def _with_text_readings(source: Source, engine: Engine) -> Source:
    """Return the source with numbers, dates and truth values read that stand as strings in the JSON."""
    texts = [one for one in source.columns if one.native and one.reading.is_text and not one.reading.format]
    moments = [one for one in source.columns if one.native and one.reading.stored_as == "BIGINT"]
    chosen = {
        one.name: one.reading.sql(one.expression) if one in texts else f"CAST({one.expression} AS VARCHAR)"
        for one in (*texts, *moments)
    }
    if not chosen:
        return source
    rows = engine.run(f"SELECT {', '.join(chosen.values())} FROM {source.relation} LIMIT {SAMPLE_ROWS}")  # noqa: S608 - made here
    values = [[str(row[place]) for row in rows if row[place] is not None] for place in range(len(chosen))]
    locale = guess_locale(values, delimiter="")
    sampled = dict(zip(chosen, values, strict=True))
    columns = []
    for column in source.columns:
        found: Reading | None = None
        if column in texts:
            found = infer(column.name, sampled[column.name], locale)
        elif column in moments:
            found = epoch_reading(set(words_of(column.name)), sampled[column.name])
        if found is None or found.is_text:
            columns.append(column)
        else:
            columns.append(replace(column, expression=f"({chosen[column.name]})", reading=found, native=False))
    return replace(source, columns=tuple(columns))


def _describe_json(
    path: Path, file_format: FileFormat, engine: Engine, settings: DatasetSettings
) -> list[tuple[str, str]]:
    rows = engine.run(f"DESCRIBE SELECT * FROM {_json_relation(path, file_format)}")  # noqa: S608 - our path
    if len(rows) > settings.max_columns:
        raise TooManyColumnsError(params={"limit": settings.max_columns})
    return [(str(row[0]), str(row[1])) for row in rows]


def _is_wrapper(path: Path, file_format: FileFormat, engine: Engine) -> bool:
    """Return whether the file is one object around the array that holds the rows."""
    relation = _json_relation(path, file_format)
    return len(engine.run(f"SELECT 1 FROM {relation} LIMIT 2")) == 1  # noqa: S608 - our path


def _with_number_reading(column: SourceColumn, kinds: dict[str, str]) -> SourceColumn:
    """Return the column with its numbers read from their text, where DuckDB would have rounded them."""
    match kinds.get(column.original):
        case "DOUBLE":
            reading = decimal_reading()
        case "HUGEINT" | "UBIGINT":
            reading = huge_reading()
        case _:
            return column
    return SourceColumn(
        expression=column.expression, name=column.name, original=column.original, reading=reading or text_reading()
    )
