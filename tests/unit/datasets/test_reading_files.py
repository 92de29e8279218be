"""Files of every kind become typed tables, or a clear refusal."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from backend_services.datasets.errors import (
    BadFileError,
    DiskFullError,
    FileBinaryError,
    FileBrokenError,
    FileEmptyError,
    FileExpandsTooMuchError,
    TooManyColumnsError,
    TooManyRejectsError,
)
from backend_services.datasets.ingestion.conversion import Converted
from backend_services.datasets.settings import DatasetSettings
from tests.factories.datasets import convert

SLOVENIAN = '''Poročilo o naročilih;;;;;;
;;;;;;
Št. naročila;Datum;Kupec;Znesek;Popust;Plačano;Pošta
00012;3. 4. 2024;Žiga Čuk;1.234,50 €;5 %;da;01000
00013;14. 4. 2024;"Ana ""Š.""";12,00 €;-;ne;02000
00014;25. 12. 2024;"Novak; d.o.o.";99,90 €;12,5 %;da;03000
00015;narobe;Tone;1,00 €;0 %;da;04000
00016;1. 1. 2025;Tone;2.001,00 €;0 %;da;04000
00017;2. 1. 2025
'''


def types(converted: Converted) -> dict[str, str]:
    return {column.name: column.stored_as for column in converted.columns}


def rows(converted: Converted) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        return connection.execute("FROM read_parquet(?)", [str(converted.data)]).fetchall()


def rejects(converted: Converted) -> list[tuple[object, ...]]:
    assert converted.rejects is not None
    with duckdb.connect() as connection:
        return connection.execute("FROM read_parquet(?)", [str(converted.rejects)]).fetchall()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1250"])
def test_a_slovenian_export_is_understood_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    found = convert(tmp_path, SLOVENIAN.encode(encoding))
    assert types(found) == {
        "Št. naročila": "VARCHAR",
        "Datum": "DATE",
        "Kupec": "VARCHAR",
        "Znesek": "DECIMAL(18,2)",
        "Popust": "DOUBLE",
        "Plačano": "BOOLEAN",
        "Pošta": "VARCHAR",
    }
    first = rows(found)[0]
    assert first[0] == "00012"
    assert str(first[1]) == "2024-04-03"
    assert first[2] == "Žiga Čuk"
    assert str(first[3]) == "1234.50"
    assert first[4] == 0.05
    assert found.rows == 4
    assert found.rejected == 2
    assert [row[:3] for row in rejects(found)] == [(4, "value", "Datum"), (6, "columns_missing", "")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~"])
def test_any_common_delimiter(tmp_path: Path, delimiter: str) -> None:
    lines = [("id", "city", "amount"), ("1", "Ptuj", "1.5"), ("2", "Bled", "2.25"), ("3", "Piran", "10.0")]
    found = convert(tmp_path, "\n".join(delimiter.join(line) for line in lines))
    assert rows(found)[1][1] == "Bled"
    assert types(found) == {"id": "BIGINT", "city": "VARCHAR", "amount": "DECIMAL(18,2)"}


def test_codes_keep_zeros_and_big_integers_stay_exact(tmp_path: Path) -> None:
    text = "zip,phone,big,huge\n01000,+38641123456,9223372036854775807,170141183460469231731687303715884105727\n"
    text += "09000,+38640999888,-9223372036854775808,9223372036854775808\n"
    found = convert(tmp_path, text)
    assert types(found)["zip"] == "VARCHAR"
    assert rows(found)[0][0] == "01000"
    assert rows(found)[0][1] == "+38641123456"
    assert rows(found)[0][2] == 9223372036854775807
    assert str(rows(found)[0][3]) == "170141183460469231731687303715884105727"


def test_a_leading_zero_far_down_makes_the_column_text(tmp_path: Path) -> None:
    lines = ["code,n"] + [f"{n},{n}" for n in range(100_000, 160_000)] + ["000001,7"]
    found = convert(tmp_path, "\n".join(lines))
    assert types(found)["code"] == "VARCHAR"
    assert rows(found)[-1] == ("000001", 7)


def test_a_fraction_far_down_is_not_rounded(tmp_path: Path) -> None:
    lines = ["a,b"] + ["5,x"] * 60_000 + ["1.5,x"]
    found = convert(tmp_path, "\n".join(lines))
    assert types(found)["a"] == "DECIMAL(18,1)"
    assert str(rows(found)[-1][0]) == "1.5"


def test_names_are_made_unique(tmp_path: Path) -> None:
    found = convert(tmp_path, "a,a,,A,a_2\n1,2,3,4,5\n6,7,8,9,10\n")
    assert len({name.casefold() for name in types(found)}) == 5
    assert next(iter(types(found))) == "a"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("31/01/2024", "01/02/2024", "15/02/2024"), "2024-01-31"),
        (("01/31/2024", "02/01/2024", "02/15/2024"), "2024-01-31"),
        (("31.1.2024", "1.2.2024", "15. 2. 2024"), "2024-01-31"),
        (("2024-01-31", "2024-02-01", "2024-02-15"), "2024-01-31"),
        (("31. januar 2024", "1. februar 2024", "15. februarja 2024"), "2024-01-31"),
        (("31. Januar 2024", "1. März 2024", "15. Dezember 2024"), "2024-01-31"),
        (("Jan 31, 2024", "Feb 1, 2024", "Feb 15, 2024"), "2024-01-31"),
        (("20240131", "20240201", "20240215"), "2024-01-31"),
    ],
)
def test_dates_in_many_spellings(tmp_path: Path, values: tuple[str, ...], expected: str) -> None:
    found = convert(tmp_path, "date;x\n" + "\n".join(f"{value};1" for value in values))
    assert types(found)["date"] == "DATE"
    assert str(rows(found)[0][0]) == expected


def test_instants_with_an_offset_become_utc(tmp_path: Path) -> None:
    found = convert(tmp_path, "at,x\n2024-01-31T10:00:00+02:00,1\n2024-02-01T00:30:00Z,2\n")
    assert types(found)["at"] == "TIMESTAMP"
    assert str(rows(found)[0][0]) == "2024-01-31 08:00:00"


def test_formulas_are_stored_as_they_are(tmp_path: Path) -> None:
    found = convert(tmp_path, 'name,n\n"=HYPERLINK(""http://x"")",1\n@SUM(A1),2\n+cmd|calc,3\n')
    assert [row[0] for row in rows(found)] == ['=HYPERLINK("http://x")', "@SUM(A1)", "+cmd|calc"]


def workbook() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet("Empty")
        sheet = book.add_worksheet("Data")
        date = book.add_format({"num_format": "d. m. yyyy"})
        sheet.write_row(0, 0, ["code", "when", "amount", "ok"])
        for row in range(1, 4):
            sheet.write_string(row, 0, f"00{row}")
            sheet.write_number(row, 1, 45_000 + row, date)
            sheet.write_number(row, 2, row * 1.5)
            sheet.write_boolean(row, 3, row % 2 == 0)
    return target.getvalue()


def test_a_workbook_is_read_from_its_first_filled_sheet(tmp_path: Path) -> None:
    found = convert(tmp_path, workbook(), file_name="book.xlsx")
    assert types(found) == {"code": "VARCHAR", "when": "DATE", "amount": "DECIMAL(18,1)", "ok": "BOOLEAN"}
    assert str(rows(found)[0][1]) == "2023-03-16"


def test_json_in_its_shapes(tmp_path: Path) -> None:
    items = [{"id": "007", "n": 1, "place": {"city": "Bled"}}, {"id": "010", "n": 2.5, "place": {"city": "Ptuj"}}]
    for number, text in enumerate(
        (json.dumps(items), "\n".join(json.dumps(item) for item in items), json.dumps({"data": items}))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = convert(folder, text, file_name="t.json")
        assert sorted(types(found)) == ["id", "n", "place.city"]
        assert {str(row[0]) for row in rows(found)} == {"007", "010"}


def test_bad_lines_of_json_lines_are_rejected(tmp_path: Path) -> None:
    found = convert(tmp_path, '{"a":1}\n{"a":2\n{"a":3}\n', file_name="t.jsonl")
    assert found.rows == 2
    assert [row[:2] for row in rejects(found)] == [(2, "json")]


def test_parquet_and_gzip(tmp_path: Path) -> None:
    source = tmp_path / "a.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT range AS id, 'x' AS t, 1.5::FLOAT AS f, {{'k': 1}} AS s FROM range(10)) TO '{source}'"  # noqa: S608 - made of our own names and quoted literals
        )
    found = convert(tmp_path, source.read_bytes(), file_name="a.parquet")
    assert found.rows == 10
    assert types(found) == {"id": "BIGINT", "t": "VARCHAR", "f": "DOUBLE", "s.k": "BIGINT"}
    packed = convert(tmp_path, gzip.compress(b"a,b\n1,2\n3,4\n"), file_name="a.csv.gz")
    assert packed.rows == 2


@pytest.mark.parametrize(
    ("content", "file_name", "refusal"),
    [
        (b"", "a.csv", FileEmptyError),
        (b"\n\n  \n", "a.csv", FileEmptyError),
        (b"a,b,c\n", "a.csv", FileEmptyError),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "a.csv", FileBinaryError),
        (b"%PDF-1.7 something", "a.csv", FileBinaryError),
        (bytes(range(256)) * 40, "a.csv", FileBinaryError),
        (b"<!doctype html><html></html>", "a.csv", FileBinaryError),
        (b"PAR1 this is no parquet", "a.parquet", FileBrokenError),
        (b"PAR1" + bytes(100) + b"PAR1", "a.parquet", FileBrokenError),
        (b"PK\x03\x04 this is no workbook", "a.xlsx", FileBrokenError),
        (gzip.compress(b"a,b\n1,2\n" * 100)[:-20], "a.csv.gz", FileBrokenError),
        (b'[{"a": 1}, {"a": ', "a.json", FileBrokenError),
        (b"not json at all", "a.json", FileBrokenError),
    ],
)
def test_what_is_no_table_is_refused(
    tmp_path: Path, content: bytes, file_name: str, refusal: type[BadFileError]
) -> None:
    with pytest.raises(refusal):
        convert(tmp_path, content, file_name=file_name)


def test_rows_that_do_not_fit_one_table_are_refused(tmp_path: Path) -> None:
    lines = ["a,b,c", *["1,2,3"] * 500, *["1,2"] * 2000]
    with pytest.raises(TooManyRejectsError):
        convert(tmp_path, "\n".join(lines))


def test_zip_bombs_are_refused(tmp_path: Path) -> None:
    small = DatasetSettings(max_expanded_bytes=1_000_000, max_workbook_bytes=1_000_000)
    with pytest.raises(FileExpandsTooMuchError):
        convert(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * 1_000_000), file_name="a.csv.gz", settings=small)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", "0" * 5_000_000)
    with pytest.raises(FileExpandsTooMuchError):
        convert(tmp_path, bomb.getvalue(), file_name="a.xlsx", settings=small)


def test_a_parquet_file_that_claims_too_many_rows_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS a FROM range(2000000)) TO '{source}'")  # noqa: S608 - made of our own names and quoted literals
    with pytest.raises(FileExpandsTooMuchError):
        convert(tmp_path, source.read_bytes(), settings=DatasetSettings(max_expanded_bytes=1_000_000))


def test_a_full_disk_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(DiskFullError):
        convert(tmp_path, "a,b\n1,2\n", settings=DatasetSettings(min_free_bytes=10**18))


def test_two_thousand_columns_work_and_more_than_the_limit_do_not(tmp_path: Path) -> None:
    header = ",".join(f"c{n}" for n in range(2000))
    line = ",".join(str(n) for n in range(2000))
    found = convert(tmp_path, f"{header}\n{line}\n{line}")
    assert len(found.columns) == 2000
    with pytest.raises(TooManyColumnsError):
        convert(tmp_path, f"{header}\n{line}\n{line}", settings=DatasetSettings(max_columns=1000))
