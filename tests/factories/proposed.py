"""Catalogues as the platform proposes them: the samples, and uploads with names as people write them."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import duckdb

from backend_services.datasets.catalogue import Catalogue
from backend_services.datasets.demo_company import demo_orders_sql
from backend_services.datasets.naming import literal
from backend_services.datasets.proposal import propose
from backend_services.datasets.samples import SAMPLES, curate, sample_sql
from tests.factories import strangers
from tests.factories.datasets import convert

LAST_DAY = date(2026, 11, 21)
ORDERS = 20_000
INVOICES = 1_500
READINGS = 3_000
NAMES = {
    "demo-company": "Demo company: orders",
    "seattle-weather": "Weather in Seattle",
    "gapminder": "Countries of the world",
    "iowa-electricity": "Electricity in Iowa",
    "racuni": "izpis_racunov_koncno2",
    "air": "export (3) air quality",
}
_BUYERS = ("Kovinar d.o.o.", "Mlekarna Planika", "Gostilna Pri Lipi", "Občina Žalec", "Studio Čebela", "Alpina Šport")
_TOWNS = ("Ljubljana", "Maribor", "Žalec", "Koper", "Škofja Loka", "Novo mesto")
_SELLERS = ("Žiga Novak", "Ana Kralj", "Špela Čuk")
_STATES = ("Plačan", "Odprt", "Zapadel", "Storniran")
_WAYS = ("TRR", "Kartica", "Gotovina")
_GROUPS = ("Pisarniški material", "Čistila", "Hrana in pijača")
_STATIONS = ("Harbour", "Old Town", "Ring Road", "University")


def _decimal(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02}"


def invoices_csv() -> bytes:
    """Return invoices as a Slovenian accounting program exports them: semicolons, commas, dots, Windows-1250."""
    lines = [
        (
            "Št. računa;Datum izdaje;Rok plačila;Naziv kupca;Kraj;Skupina artiklov;Kol.;Znesek brez DDV (€);DDV;"
            "Način plačila;Komercialist;Stanje računa;Plačano"
        )
    ]
    for number in range(INVOICES):
        issued = date(2024, 1, 3) + timedelta(days=(number * 7) // 10)
        state = _STATES[(number * 5) % 7 % 4]
        net = 1_250 + (number * 7919) % 180_000
        lines.append(
            f"2024-{number:05};{issued:%d.%m.%Y};{issued + timedelta(days=30):%d.%m.%Y};"
            f"{_BUYERS[number * 11 % 17 % 6]};"
            f"{_TOWNS[number * 3 % 13 % 6]};{_GROUPS[number % 5 % 3]};{1 + number % 9};{_decimal(net)};"
            f"{_decimal(net * 22 // 100)};{_WAYS[number * 3 % 5 % 3]};{_SELLERS[number % 4 % 3]};{state};"
            f"{'da' if state == 'Plačan' else 'ne'}"
        )
    return "\r\n".join(lines).encode("cp1250")


def readings_csv() -> bytes:
    """Return hourly readings of a measuring network, with units and signs in the names."""
    lines = ["Time stamp,Stn name,PM2.5 [ug/m3],NO2_ugm3,Temp (C),RH %,windSpd_m_s,QC flag,"]
    for number in range(READINGS):
        hour = number // 4
        day = date(2025, 1, 1) + timedelta(days=hour // 24)
        lines.append(
            f"{day:%Y-%m-%d} {hour % 24:02}:00,{_STATIONS[number % 4]},{5 + number * 37 % 400 / 10},"
            f"{8 + number * 53 % 600 / 10},{-4 + number * 13 % 300 / 10},{35 + number * 17 % 60},"
            f"{number * 7 % 110 / 10},"
            f"{'ok' if number % 9 else 'suspect'},"
        )
    return "\n".join(lines).encode()


def _of_sample(folder: Path, name: str) -> Catalogue:
    sample = SAMPLES[name]
    query = (
        demo_orders_sql(last_day=LAST_DAY, orders=ORDERS) if sample.generated else sample_sql(sample, last_day=LAST_DAY)
    )
    target = folder / "sample.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO {literal(str(target))} (FORMAT parquet)")
    made = convert(folder, target.read_bytes(), file_name="sample.parquet")
    return curate(propose(made.columns, made.profile), sample)


def _of_upload(folder: Path, content: bytes) -> Catalogue:
    made = convert(folder, content)
    return propose(made.columns, made.profile)


@lru_cache(maxsize=1)
def stranger_catalogues() -> dict[str, Catalogue]:
    """Return the catalogues of tables from other trades, by their names in the question sets."""
    found: dict[str, Catalogue] = {}
    for name, content in strangers.CONTENTS.items():
        with tempfile.TemporaryDirectory() as folder:
            found[name] = _of_upload(Path(folder), content())
    return found


@lru_cache(maxsize=1)
def proposed_catalogues() -> dict[str, Catalogue]:
    """Return every catalogue by its name in the question sets."""
    found: dict[str, Catalogue] = {}
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            match name:
                case "racuni":
                    found[name] = _of_upload(Path(folder), invoices_csv())
                case "air":
                    found[name] = _of_upload(Path(folder), readings_csv())
                case _:
                    found[name] = _of_sample(Path(folder), name)
    return found
