"""What columns of everyday tables are proposed to be: no code is added up, no share or level summed."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_services.datasets.catalogue import Aggregation, Catalogue, Measure, UnitKind
from backend_services.datasets.proposal import propose
from tests.factories.datasets import convert

ROWS = 40


def proposed(folder: Path, columns: dict[str, list[object]]) -> Catalogue:
    names = list(columns)
    lines = [";".join(names)] + [";".join(str(columns[name][n]) for name in names) for n in range(ROWS)]
    made = convert(folder, "\n".join(lines))
    return propose(made.columns, made.profile)


def spread(low: float, high: float, decimals: int = 2) -> list[object]:
    """Return values between two bounds, none of them in order and few alike."""
    return [f"{low + (high - low) * (n * 17 % ROWS) / ROWS:.{decimals}f}" for n in range(ROWS)]


def measure_of(catalogue: Catalogue, column: str) -> Measure | None:
    return next(
        (
            one
            for one in catalogue.measures
            if one.column == column and one.aggregation is not Aggregation.COUNT_DISTINCT
        ),
        None,
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("barcode", [8_400_000_000_000 + n * 7 for n in range(ROWS)]),
        ("eid", [n * 977 % 5000 for n in range(ROWS)]),
        ("track", [123_456_789_012 + n * 31 for n in range(ROWS)]),
        ("konto", [7600 + n % 5 for n in range(ROWS)]),
        ("account", [1200 + n % 3 for n in range(ROWS)]),
        ("running", list(range(1, ROWS + 1))),
        ("income_bracket", [n % 6 for n in range(ROWS)]),
        ("nadstropje", [n % 4 for n in range(ROWS)]),
        ("hour", [n % 24 for n in range(ROWS)]),
    ],
)
def test_codes_counters_and_groups_are_no_measures(tmp_path: Path, name: str, values: list[object]) -> None:
    catalogue = proposed(tmp_path, {name: values, "sales": spread(1, 900)})
    assert measure_of(catalogue, name) is None
    assert any(one.column == name for one in catalogue.dimensions)
    assert catalogue.default_measure == "sales"


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("margin", spread(0, 0.5), UnitKind.PERCENT),
        ("Popust", spread(0, 0.3), UnitKind.PERCENT),
        ("bounce_rate", spread(0.1, 0.9), UnitKind.PERCENT),
        ("ctr", spread(0, 0.2, 4), UnitKind.PERCENT),
        ("exchange_rate", spread(0.8, 0.95, 4), UnitKind.NUMBER),
        ("probability", spread(0, 1), UnitKind.NUMBER),
        ("cpc", spread(0.1, 3), UnitKind.NUMBER),
        ("unit_cost", spread(1, 20), UnitKind.NUMBER),
        ("revenue_per_user", spread(1, 20), UnitKind.NUMBER),
        ("rssi", spread(-90, -40, 0), UnitKind.NUMBER),
        ("power_kw", spread(0, 5), UnitKind.NUMBER),
        ("co2_ppm", spread(400, 1500, 0), UnitKind.NUMBER),
        ("q1", [1 + n * 3 % 5 for n in range(ROWS)], UnitKind.NUMBER),
        ("delovna doba", spread(0, 30, 0), UnitKind.NUMBER),
    ],
)
def test_shares_rates_and_intensities_are_averaged(
    tmp_path: Path, name: str, values: list[object], kind: UnitKind
) -> None:
    found = measure_of(proposed(tmp_path, {"kraj": ["Bled", "Ptuj"] * 20, name: values}), name)
    assert found is not None
    assert (found.aggregation, found.unit.kind) == (Aggregation.AVG, kind)


@pytest.mark.parametrize("name", ["discount", "marža", "co2_emissions", "capacity", "children"])
def test_amounts_are_still_added_up(tmp_path: Path, name: str) -> None:
    found = measure_of(proposed(tmp_path, {"kraj": ["Bled", "Ptuj"] * 20, name: spread(2, 90)}), name)
    assert found is not None
    assert found.aggregation is Aggregation.SUM


def test_quotes_of_a_share_are_averaged_and_its_volume_is_not(tmp_path: Path) -> None:
    quotes = {name: spread(90, 110, 4) for name in ("Open", "High", "Low", "Close", "Adj Close")}
    catalogue = proposed(tmp_path, {**quotes, "Volume": spread(1000, 90_000, 0)})
    assert {one.aggregation for one in catalogue.measures if one.column in quotes} == {Aggregation.AVG}
    assert catalogue.default_measure == "volume"


def test_an_amount_with_tax_is_an_amount_and_no_tax(tmp_path: Path) -> None:
    catalogue = proposed(tmp_path, {"Znesek z DDV": spread(10, 900), "Znesek DDV": spread(1, 90)})
    gross, tax = measure_of(catalogue, "Znesek z DDV"), measure_of(catalogue, "Znesek DDV")
    assert gross is not None
    assert tax is not None
    assert "VAT" not in gross.synonyms.en
    assert "tax" in {word.lower() for word in (tax.label.en, *tax.synonyms.en)}


def test_a_table_of_people_counts_them_first(tmp_path: Path) -> None:
    people: dict[str, list[object]] = {
        "employee_id": [100 + n * 3 for n in range(ROWS)],
        "date_of_birth": [f"{n % 28 + 1}.1.1980" for n in range(ROWS)],
        "hired": [f"{n % 28 + 1}.1.2020" for n in range(ROWS)],
        "children": spread(0, 4, 0),
    }
    catalogue = proposed(tmp_path, people)
    assert catalogue.default_measure == "rows"
    assert catalogue.default_time == "hired"


def test_counts_of_things_have_a_slovenian_name(tmp_path: Path) -> None:
    catalogue = proposed(tmp_path, {"Poštna številka": [1000 + n % 9 for n in range(ROWS)], "n": spread(1, 9)})
    counted = next(one for one in catalogue.measures if one.aggregation is Aggregation.COUNT_DISTINCT)
    assert (counted.label.en, counted.label.sl) == ("Distinct Postcode", "Različne vrednosti: Poštna številka")


CODES: list[object] = [3000 + n * 977 % 5003 for n in range(ROWS)]
AMOUNTS: list[object] = [n * 977 % 5003 for n in range(ROWS)]
FEW: list[object] = [1 + n * 7 % 6 for n in range(ROWS)]


@pytest.mark.parametrize(
    "name",
    [
        "flight", "flight_num", "Flight #", "tailnum", "route", "orderno", "InvoiceNum", "account_number",
        "Postal code", "mobile", "ticket", "tax_id", "vat_number", "Reference", "room", "patient", "fips", "num",
        "koda", "šifra", "Št. računa", "Številka leta", "zap. št.", "vlak", "parcela", "Telefonska številka",
        "ID stranke",
    ],
)  # fmt: skip
def test_numbers_that_name_a_thing_are_dimensions(tmp_path: Path, name: str) -> None:
    catalogue = proposed(tmp_path, {name: CODES, "sales": spread(1, 900)})
    assert measure_of(catalogue, name) is None
    assert any(one.column == name and not one.hidden for one in catalogue.dimensions)
    assert catalogue.default_measure == "sales"


@pytest.mark.parametrize(
    "name",
    [
        "number of orders", "Number of employees", "order_count", "orders_count", "no_of_children", "No. of pages",
        "numberOfRooms", "# of orders", "# reviews", "num_comments", "nr_employed", "number_killed", "no_employees",
        "Število naročil", "št. sob", "Št. potnikov", "st_otrok", "št. ljudi", "število id kartic", "flights", "rooms",
    ],
)  # fmt: skip
@pytest.mark.parametrize("values", [AMOUNTS, FEW], ids=["many", "few"])
def test_numbers_of_things_are_measures(tmp_path: Path, name: str, values: list[object]) -> None:
    catalogue = proposed(tmp_path, {"kraj": ["Bled", "Ptuj"] * 20, name: values})
    assert measure_of(catalogue, name) is not None
    assert all(one.aggregation is not Aggregation.COUNT_DISTINCT for one in catalogue.measures)


@pytest.mark.parametrize("name", ["room", "ticket", "let", "block"])
def test_few_and_low_numbers_count_the_thing_that_is_called_by_number(tmp_path: Path, name: str) -> None:
    assert measure_of(proposed(tmp_path, {"kraj": ["Bled", "Ptuj"] * 20, name: FEW}), name) is not None


@pytest.mark.parametrize("name", ["flight", "route", "num", "key", "index"])
def test_numbers_below_zero_name_nothing(tmp_path: Path, name: str) -> None:
    values: list[object] = [n * 977 % 5003 - 2500 for n in range(ROWS)]
    assert measure_of(proposed(tmp_path, {"kraj": ["Bled", "Ptuj"] * 20, name: values}), name) is not None


def test_an_abbreviation_may_count_or_number_and_the_values_decide(tmp_path: Path) -> None:
    counted = proposed(tmp_path, {"kraj": ["Bled", "Ptuj"] * 20, "št. račun": AMOUNTS})
    numbered = proposed(tmp_path, {"kraj": ["Bled", "Ptuj"] * 20, "št. račun": CODES})
    assert measure_of(counted, "št. račun") is not None
    assert measure_of(numbered, "št. račun") is None


def test_a_number_with_a_unit_is_an_amount(tmp_path: Path) -> None:
    values: list[object] = [f"{n * 977 % 5003} €" for n in range(ROWS)]
    found = measure_of(proposed(tmp_path, {"kraj": ["Bled", "Ptuj"] * 20, "ticket": values}), "ticket")
    assert found is not None
    assert found.unit.kind is UnitKind.CURRENCY
