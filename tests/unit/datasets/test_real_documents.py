"""Workbooks and JSON as people and programs make them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from backend_services.datasets.errors import (
    FileBinaryError,
    FileBrokenError,
    FileOldWorkbookError,
    FileProtectedError,
    FileShapeError,
)
from tests.factories.datasets import convert
from tests.unit.datasets.test_reading_files import rows, types

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        fill(book)
    return target.getvalue()


def test_a_cover_and_a_hidden_sheet_are_passed_over(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("Navodila").write_column(0, 0, ["To je predloga.", "Ne spreminjajte je."])
        hidden = book.add_worksheet("Seznami")
        hidden.write_row(0, 0, ["x", "y"])
        hidden.write_row(1, 0, [9, 9])
        hidden.hide()
        data = book.add_worksheet("Podatki")
        data.write_row(0, 0, ["kraj", "n"])
        data.write_row(1, 0, ["Bled", 4])

    found = convert(tmp_path, workbook(fill), file_name="t.xlsx")
    assert rows(found) == [("Bled", 4)]


def test_a_cell_merged_over_rows_counts_in_each(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range(1, 1, 1, 3, "Sales 2026")
        sheet.write_row(3, 1, ["region", "month", "n"])
        for start, region in ((4, "North"), (6, "South")):
            sheet.merge_range(start, 1, start + 1, 1, region)
            sheet.write_row(start, 2, ["Jan", 1])
            sheet.write_row(start + 1, 2, ["Feb", 2])

    found = convert(tmp_path, workbook(fill), file_name="t.xlsx")
    assert rows(found) == [("North", "Jan", 1), ("North", "Feb", 2), ("South", "Jan", 1), ("South", "Feb", 2)]


@pytest.mark.parametrize(
    ("stream", "refusal"),
    [("Workbook", FileOldWorkbookError), ("EncryptedPackage", FileProtectedError), ("WordDocument", FileBinaryError)],
)
def test_old_and_protected_workbooks_are_told_apart(tmp_path: Path, stream: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        convert(tmp_path, OLE + stream.encode("utf-16-le") + bytes(500), file_name="t.xls")


def test_strings_in_json_are_read_as_what_they_say(tmp_path: Path) -> None:
    lines = [
        {
            "id": str(n),
            "price": f"{n}.50",
            "zip": f"0{n}000",
            "sold": f"{n}. 4. 2026",
            "ok": "true",
            "at": 1704067200 + n,
        }
        for n in range(1, 9)
    ]
    found = convert(tmp_path, "\n".join(json.dumps(line) for line in lines), file_name="t.jsonl")
    assert types(found) == {
        "id": "BIGINT",
        "price": "DECIMAL(18,2)",
        "zip": "VARCHAR",
        "sold": "DATE",
        "ok": "BOOLEAN",
        "at": "TIMESTAMP",
    }
    assert rows(found)[0][2] == "01000"


def test_keys_that_change_their_kind_come_without_quotes(tmp_path: Path) -> None:
    lines = [{"v": 1, "w": "a"}, {"v": "x", "w": None}, {"v": {"deep": 1}}, {"v": [1]}, {"v": None, "new": 2}]
    found = convert(tmp_path, "\n".join(json.dumps(line) for line in lines), file_name="t.jsonl")
    assert [row[0] for row in rows(found)] == ["1", "x", '{"deep":1}', "[1]", None]


@pytest.mark.parametrize("content", ["[1, 2, 3]", '[["a", "b"], [1, 2]]'])
def test_json_that_is_whole_but_no_table_is_not_called_damaged(tmp_path: Path, content: str) -> None:
    with pytest.raises(FileShapeError):
        convert(tmp_path, content, file_name="t.json")
    with pytest.raises(FileBrokenError):
        convert(tmp_path, content[:-1], file_name="t.json")
