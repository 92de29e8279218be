"""One uploaded file → typed Parquet, rejected rows, profile. Runs in a thread of the worker."""

from __future__ import annotations

import bisect
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from backend_services.datasets.errors import (
    BadFileError,
    DiskFullError,
    FileBrokenError,
    FileEmptyError,
    TooManyRejectsError,
)
from backend_services.datasets.ingestion.checking import Checked, bad_rows_sql, bad_value_sql, check
from backend_services.datasets.ingestion.delimited import open_delimited
from backend_services.datasets.ingestion.engine import Engine, is_disk_full
from backend_services.datasets.ingestion.formats import FileFormat, check_workbook, detect_format, expand_gzip
from backend_services.datasets.ingestion.profiling import profile
from backend_services.datasets.ingestion.source import RejectedRow, Source
from backend_services.datasets.ingestion.structured import open_json, open_parquet
from backend_services.datasets.ingestion.workbook import workbook_to_csv
from backend_services.datasets.ingestion.writing import write, write_at_once
from backend_services.datasets.naming import literal
from backend_services.datasets.schemas import ColumnView, Profile
from backend_services.datasets.settings import DatasetSettings

MAX_LISTED_REJECTS = 100_000
MAX_REJECT_TEXT = 1000
_REASONS = {
    "MISSING COLUMNS": "columns_missing",
    "TOO MANY COLUMNS": "columns_extra",
    "UNQUOTED VALUE": "quotes",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
    "INVALID ENCODING": "encoding",
}


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a file.

    Attributes:
        rejects: Parquet file with the rejected rows (at most 100,000 of them), if there are any.
        rejected: How many there are in all.
    """

    data: Path
    rejects: Path | None
    rows: int
    rejected: int
    columns: tuple[ColumnView, ...]
    profile: Profile


def _open(path: Path, file_name: str, sheet: str, engine: Engine, work_dir: Path, settings: DatasetSettings) -> Source:
    path = expand_gzip(path, work_dir / "unpacked", settings)
    file_format = detect_format(path, file_name)
    match file_format:
        case FileFormat.PARQUET:
            return open_parquet(path, engine, settings)
        case FileFormat.JSON | FileFormat.JSON_LINES:
            return open_json(path, file_format, engine, work_dir, settings)
        case FileFormat.XLSX:
            check_workbook(path, settings)
            path = workbook_to_csv(path, work_dir / "sheet.csv", sheet=sheet)
        case FileFormat.CSV:
            pass
    return open_delimited(path, work_dir, settings)


def _bad_total(engine: Engine, checked: Checked) -> int:
    bad = bad_rows_sql(checked)
    counted = engine.run(f"SELECT count(*) FROM {checked.source.relation} WHERE {bad}") if bad else [(0,)]  # noqa: S608 - made here
    return int(str(counted[0][0]))


def _misshapen(engine: Engine, source: Source) -> tuple[list[RejectedRow], int]:
    """Return the rows that could not be parted into columns, and how many there are in all."""
    if not source.recording:
        return list(source.rejected), source.rejected_total
    total = int(str(engine.run("SELECT count(DISTINCT line) FROM reject_errors")[0][0]))
    found = engine.run(
        "SELECT line, CAST(any_value(error_type) AS VARCHAR), left(any_value(csv_line), 1000) FROM reject_errors "  # noqa: S608 - made of our own names and quoted literals
        f"GROUP BY line ORDER BY line LIMIT {MAX_LISTED_REJECTS}"
    )
    rejected = [
        RejectedRow(
            row=max(1, int(str(line)) - source.first_line),
            reason=_REASONS.get(str(reason), "columns_missing"),
            content=str(content or ""),
        )
        for line, reason, content in found
    ]
    return rejected, total


def _bad_values(engine: Engine, checked: Checked, misshapen: list[RejectedRow]) -> list[RejectedRow]:
    """Return the rows with a value that does not fit its column."""
    faulty = [column for column in checked.source.columns if column.name in checked.faulty]
    if not faulty:
        return []
    engine.one_thread()  # row numbers need the file's order
    cases = " ".join(f"WHEN {bad_value_sql(column)} THEN {place}" for place, column in enumerate(faulty))
    values = " ".join(f"WHEN {place} THEN {column.expression}" for place, column in enumerate(faulty))
    inner = f"SELECT *, row_number() OVER () AS omni_row FROM {checked.source.relation}"  # noqa: S608 - made of our own names and quoted literals
    which = f"SELECT *, CASE {cases} END AS omni_bad FROM ({inner})"  # noqa: S608 - made of our own names and quoted literals
    found = engine.run(
        f"SELECT omni_row, omni_bad, left(CASE omni_bad {values} END, {MAX_REJECT_TEXT}) FROM ({which}) "  # noqa: S608 - made of our own names and quoted literals
        f"WHERE omni_bad IS NOT NULL ORDER BY omni_row LIMIT {MAX_LISTED_REJECTS}"
    )
    # rows that DuckDB skipped before a good one shift its number
    before = [row.row - place for place, row in enumerate(misshapen, start=1)]
    rejected = []
    for number, place, content in found:
        counted = int(str(number))
        row = counted + bisect.bisect_left(before, counted)
        column = faulty[int(str(place))]
        rejected.append(RejectedRow(row=row, reason="value", column=column.name, content=str(content or "")))
    return rejected


def _write_rejects(engine: Engine, rejected: list[RejectedRow], target: Path) -> Path | None:
    if not rejected:
        return None
    rejected = sorted(rejected, key=lambda row: row.row)[:MAX_LISTED_REJECTS]
    columns: list[object] = [
        [row.row for row in rejected],
        [row.reason for row in rejected],
        [row.column for row in rejected],
        [row.content[:MAX_REJECT_TEXT] for row in rejected],
    ]
    engine.run(
        'CREATE TABLE omni_rejects AS SELECT unnest($1::BIGINT[]) AS "row", unnest($2::VARCHAR[]) AS reason, '
        'unnest($3::VARCHAR[]) AS "column", unnest($4::VARCHAR[]) AS content',
        columns,
    )
    engine.run(f"COPY omni_rejects TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)")
    return target


class Conversion:
    """Turns one file into a stored table; ``stop`` and ``fraction`` may be used from another thread."""

    def __init__(
        self, path: Path, *, file_name: str, work_dir: Path, settings: DatasetSettings, sheet: str = ""
    ) -> None:
        self._path = path
        self._file_name = file_name
        self._work_dir = work_dir
        self._settings = settings
        self._sheet = sheet
        self._engine = Engine(temp_dir=work_dir, settings=settings)

    @property
    def fraction(self) -> float:
        """How much is done, between 0 and 1."""
        return self._engine.fraction

    def stop(self) -> None:
        """End the conversion soon; ``run`` then raises."""
        self._engine.stop()

    def tick(self) -> None:
        """Hold the time limit; call it now and then while ``run`` is busy."""
        self._engine.check_time()

    def run(self) -> Converted:
        """Convert the file.

        Raises:
            BadFileError: It cannot be read as a table; nothing is left of it but what lies in the work folder.
            TooLargeError: It is larger than a limit.
            DiskFullError: There is no room left.
            ConversionStoppedError: ``stop`` was called.
        """
        try:
            with self._engine as engine:
                return self._convert(engine)
        except OSError as error:
            if is_disk_full(error):
                raise DiskFullError from error
            raise
        except duckdb.Error as error:
            raise FileBrokenError(params={"format": "table"}) from error

    def _convert(self, engine: Engine) -> Converted:
        self._require_room()
        source = _open(self._path, self._file_name, self._sheet, engine, self._work_dir, self._settings)
        engine.raise_if_stopped()
        data = self._work_dir / "data.parquet"
        at_once = write_at_once(engine, source, data, from_bytes=self._settings.single_pass_bytes)
        checked = at_once or check(engine, source)
        rows = checked.rows if at_once or not checked.rows else write(engine, checked, data)
        engine.stage(0.85, 0.05)
        misshapen, misshapen_total = _misshapen(engine, source)
        bad_values = _bad_values(engine, checked, misshapen)
        left_out = max(0, checked.rows - rows)
        rejected = misshapen_total + (_bad_total(engine, checked) if left_out and source.filled else left_out)
        if rejected > rows:
            raise TooManyRejectsError(params={"rows": rows, "rejected": rejected})
        if rows == 0:
            raise FileEmptyError
        engine.all_threads()
        rejects = _write_rejects(engine, misshapen + bad_values, self._work_dir / "rejects.parquet")
        columns = tuple(
            ColumnView(
                name=column.name,
                original=column.original,
                type=column.reading.type,
                stored_as=column.reading.stored_as,
                format=column.reading.format,
            )
            for column in checked.source.columns
        )
        engine.stage(0.90, 0.10)
        return Converted(
            data=data,
            rejects=rejects,
            rows=rows,
            rejected=rejected,
            columns=columns,
            profile=profile(engine, data, columns=columns, rows=rows),
        )

    def _require_room(self) -> None:
        free = shutil.disk_usage(self._work_dir).free
        if free < self._settings.min_free_bytes + self._path.stat().st_size:
            raise DiskFullError


__all__ = ["BadFileError", "Conversion", "Converted"]
