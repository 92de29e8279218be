"""Workbooks as delimited text: the first sheet that holds something, or the one that was asked for."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

import python_calamine

from backend_services.datasets.errors import (
    FileBrokenError,
    FileEmptyError,
    FileProtectedError,
    SheetNotFoundError,
)

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


def _open_sheet(path: Path, sheet: str) -> python_calamine.CalamineSheet:
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(path))
        if sheet:
            if sheet not in workbook.sheet_names:
                raise SheetNotFoundError(params={"sheet": sheet})
            return workbook.get_sheet_by_name(sheet)
        for name in workbook.sheet_names:
            found = workbook.get_sheet_by_name(name)
            if found.height > 0:
                return found
    except python_calamine.PasswordError as error:
        raise FileProtectedError from error
    except python_calamine.CalamineError as error:
        raise FileBrokenError(params={"format": "XLSX"}) from error
    raise FileEmptyError


def workbook_to_csv(path: Path, target: Path, *, sheet: str = "") -> Path:
    """Write a sheet as comma-separated UTF-8 and return its path.

    Raises:
        FileEmptyError: No sheet holds anything.
        FileProtectedError: The workbook has a password.
        FileBrokenError: It is damaged.
        SheetNotFoundError: It has no sheet of that name.
    """
    rows = _open_sheet(path, sheet).iter_rows()
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        for row in rows:
            cells = [_cell(value) for value in row]
            if any(cells):
                writer.writerow(cells)
    return target
