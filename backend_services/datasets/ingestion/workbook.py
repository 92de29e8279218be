"""Workbooks as delimited text: the first sheet that can be a table, or the one that was asked for."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine

from backend_services.datasets.errors import (
    FileBrokenError,
    FileEmptyError,
    FileProtectedError,
    SheetNotFoundError,
)

MIN_TABLE_CELLS = 2
"""A sheet of one row or one column is a note beside tables."""
MAX_EXACT_FLOAT = 2**53


def _cell(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < MAX_EXACT_FLOAT:
            return str(int(value))
        case datetime():
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value.total_seconds())
        case _:
            return str(value)


def _table_sheet(workbook: python_calamine.CalamineWorkbook) -> python_calamine.CalamineSheet | None:
    """Return the first sheet that can be a table, rather than a cover or a note; hidden ones only where no other is."""
    metadata = [one for one in workbook.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
    visible = python_calamine.SheetVisibleEnum.Visible
    names = [one.name for one in sorted(metadata, key=lambda one: one.visible != visible)]
    filled: str | None = None
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.height >= MIN_TABLE_CELLS and sheet.width >= MIN_TABLE_CELLS:
            return sheet
        if sheet.height > 0 and filled is None:
            filled = name
    return workbook.get_sheet_by_name(filled) if filled is not None else None


def _open_sheet(path: Path, sheet: str) -> python_calamine.CalamineSheet:
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        if sheet:
            if sheet not in workbook.sheet_names:
                raise SheetNotFoundError(params={"sheet": sheet})
            return workbook.get_sheet_by_name(sheet)
        found = _table_sheet(workbook)
        if found is not None:
            return found
    except python_calamine.PasswordError as error:
        raise FileProtectedError from error
    except python_calamine.CalamineError as error:
        raise FileBrokenError(params={"format": "XLSX"}) from error
    raise FileEmptyError


def _unmerged(sheet: python_calamine.CalamineSheet) -> Iterator[list[object]]:
    """Return the rows; a cell merged over several rows counts in each, as it is seen."""
    _, first_column = sheet.start or (0, 0)  # the library gives the empty rows above, not the empty columns
    merged = {
        (top, left - first_column): bottom
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if left == right and bottom > top
    }
    open_cells: dict[int, tuple[int, object]] = {}
    columns = sorted({column for _, column in merged})
    for number, values in enumerate(sheet.iter_rows()):
        row: list[object] = list(values)
        for column in columns:
            if (number, column) in merged and column < len(row):
                open_cells[column] = (merged[number, column], row[column])
            elif column in open_cells and number <= open_cells[column][0] and column < len(row):
                row[column] = open_cells[column][1]
        yield row


def workbook_to_csv(path: Path, target: Path, *, sheet: str = "") -> Path:
    """Write a sheet as comma-separated UTF-8 and return its path.

    Raises:
        FileEmptyError: No sheet holds anything.
        FileProtectedError: The workbook has a password.
        FileBrokenError: It is damaged.
        SheetNotFoundError: It has no sheet of that name.
    """
    opened = _open_sheet(path, sheet)
    rows = _unmerged(opened)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        for row in rows:
            cells = [_cell(value) for value in row]
            if any(cells):
                writer.writerow(cells)
    return target
