"""Tables as offices export them: decimal commas, grouped numbers, signs in odd places, odd line ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_services.datasets.ingestion.conversion import Converted
from backend_services.datasets.settings import DatasetSettings
from tests.factories.datasets import convert
from tests.unit.datasets.test_reading_files import rejects, rows, types


def column(converted: Converted, name: str) -> list[str]:
    place = list(types(converted)).index(name)
    return [str(row[place]) for row in rows(converted)]


def test_a_decimal_comma_in_every_row_parts_no_columns(tmp_path: Path) -> None:
    found = convert(tmp_path, "mesec;znesek\n" + "".join(f"Kraj {n};{n},50\n" for n in range(60)))
    assert types(found) == {"mesec": "VARCHAR", "znesek": "DECIMAL(18,2)"}
    assert rows(found)[7] == ("Kraj 7", rows(found)[7][1])
    assert column(found, "znesek")[7] == "7.50"


@pytest.mark.parametrize("header", ["min;max\n", ""])
def test_columns_that_all_hold_decimal_commas(tmp_path: Path, header: str) -> None:
    found = convert(tmp_path, header + "".join(f"{n},5;{n + 1},7\n" for n in range(60)))
    assert list(types(found).values()) == ["DECIMAL(18,1)", "DECIMAL(18,1)"]
    assert found.rows == 60


def test_one_column_of_decimal_commas_stays_one(tmp_path: Path) -> None:
    found = convert(tmp_path, "Znesek\n12,50\n8,10\n1.200,00\n")
    assert column(found, "Znesek") == ["12.50", "8.10", "1200.00"]


def test_commas_inside_texts_of_a_semicolon_file(tmp_path: Path) -> None:
    found = convert(tmp_path, "datum;n\n" + "".join(f"Jan {n:02d}, 2024;{n}\n" for n in range(1, 29)))
    assert types(found) == {"datum": "DATE", "n": "BIGINT"}


@pytest.mark.parametrize("every", [2, 30])
def test_thousands_among_small_integers_are_no_fractions(tmp_path: Path, every: int) -> None:
    quantities = ["1.250" if n % every == 0 else str(n) for n in range(90)]
    found = convert(tmp_path, "artikel;količina\n" + "".join(f"A{n};{q}\n" for n, q in enumerate(quantities)))
    assert types(found)["količina"] == "BIGINT"
    assert column(found, "količina")[0] == "1250"
    assert found.rejected == 0


def test_grouped_amounts_far_down_are_read_and_not_left_out(tmp_path: Path) -> None:
    lines = ["item,qty,amount"] + [f"A{n},{n},{n}.25" for n in range(200)] + ['B,"1,250","12,250.75"']
    found = convert(tmp_path, "\n".join(lines))
    assert types(found) == {"item": "VARCHAR", "qty": "BIGINT", "amount": "DECIMAL(18,2)"}
    assert rows(found)[-1][1] == 1250
    assert str(rows(found)[-1][2]) == "12250.75"
    assert found.rejected == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a,amount\n1,"(1,200.50)"\n2,"3,400.00"\n3,"(7.00)"\n', ["-1200.50", "3400.00", "-7.00"]),
        ("a;amount\n1;1.200,50-\n2;3.400,00\n3;7,00-\n", ["-1200.50", "3400.00", "-7.00"]),
        ('a,amount\n1,"($1,200.50)"\n2,"$3,400.00"\n3,-$7.00\n', ["-1200.50", "3400.00", "-7.00"]),
        ("a,amount\n" + "1,2.50\n" * 60 + "2,(3.75)\n", ["2.50"] * 60 + ["-3.75"]),
    ],
)
def test_negative_numbers_as_bookkeepers_write_them(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert column(convert(tmp_path, text), "amount") == expected


def test_a_plus_is_a_sign_and_not_always_a_telephone(tmp_path: Path) -> None:
    found = convert(tmp_path, "delta;gsm2\n+5;+38640111222\n-3;+38640111223\n+12;+38640111224\n")
    assert types(found) == {"delta": "BIGINT", "gsm2": "VARCHAR"}
    assert column(found, "delta") == ["5", "-3", "12"]


def test_dates_without_zeros_are_dates_and_versions_are_not(tmp_path: Path) -> None:
    found = convert(tmp_path, "d;v\n25.2.2025;1.2.3\n3.4.2025;1.10.0\n1.1.2025;2.0.0\n")
    assert types(found) == {"d": "DATE", "v": "VARCHAR"}
    assert column(found, "d")[1] == "2025-04-03"


def test_a_line_of_totals_is_left_out_by_its_date(tmp_path: Path) -> None:
    body = "".join(f"{n % 28 + 1}.1.2025;{n};{n},10\n" for n in range(60))
    found = convert(tmp_path, "Izpis;;\n;;\nDatum;Količina;Znesek\n" + body + "SKUPAJ;1.770;1.776,00\n")
    assert types(found) == {"Datum": "DATE", "Količina": "BIGINT", "Znesek": "DECIMAL(18,2)"}
    assert [row[1:] for row in rejects(found)] == [("value", "Datum", "SKUPAJ")]


def test_the_line_by_which_spreadsheets_name_the_delimiter(tmp_path: Path) -> None:
    found = convert(tmp_path, "sep=;\r\na;b\r\n1;2,5\r\n3;4,5\r\n")
    assert types(found) == {"a": "BIGINT", "b": "DECIMAL(18,1)"}


@pytest.mark.parametrize("text", ["a,b\n1,2\r\n3,4\n5,6\r\n", "a,b\r\n1,2\r\n3,4\n5,6\n"])
def test_line_ends_of_two_systems_in_one_file(tmp_path: Path, text: str) -> None:
    found = convert(tmp_path, text)
    assert rows(found) == [(1, 2), (3, 4), (5, 6)]


def test_lines_without_any_value_are_no_rows(tmp_path: Path) -> None:
    found = convert(tmp_path, "a,b,c\n1,2,x\n,,\n3,4,\n,,\n,,\n")
    assert [row[:2] for row in rows(found)] == [(1, 2), (3, 4)]
    assert (found.rows, found.rejected) == (2, 0)


def test_a_delimiter_at_the_end_of_every_line_makes_no_column(tmp_path: Path) -> None:
    assert list(types(convert(tmp_path, "a;b;\n1;2;\n3;4;\n"))) == ["a", "b"]
    assert list(types(convert(tmp_path, "a;b;\n1;2;\n3;4;x\n"))) == ["a", "b", "column3"]
    assert list(types(convert(tmp_path, "a;b;c\n1;2;\n3;4;\n"))) == ["a", "b", "c"]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_large_file_read_at_once_skips_blank_lines_and_bears_two_kinds_of_line_ends(
    tmp_path: Path, ends: str
) -> None:
    body = "".join(f"{n},x{n % 7},{n}.5\n" for n in range(510_000))
    text = f"a,b,c\n{body}{ends.join(['1,y,1.5', ',,', '2,y,2.5'])}\n"
    found = convert(tmp_path, text, settings=DatasetSettings(single_pass_bytes=0))
    assert (found.rows, found.rejected) == (510_002, 0)
    assert list(types(found).values()) == ["BIGINT", "VARCHAR", "DECIMAL(18,1)"]


def test_a_value_far_down_keeps_a_column_that_seemed_spare(tmp_path: Path) -> None:
    text = "a;b;\n" + "1;2;\n" * 510_000 + "3;4;x\n"
    found = convert(tmp_path, text, settings=DatasetSettings(single_pass_bytes=0))
    assert list(types(found)) == ["a", "b", "column3"]
