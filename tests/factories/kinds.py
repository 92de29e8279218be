"""A table with something for every kind of figure: dates, names of countries, prices, places."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backend_services.datasets.catalogue import (
    Aggregation,
    Catalogue,
    Dimension,
    FieldType,
    Grain,
    Measure,
    Text,
)
from tests.factories.dashboards import EUR

COLUMNS = (
    ("ordered_at", FieldType.DATE, "DATE"),
    ("country", FieldType.TEXT, "VARCHAR"),
    ("product", FieldType.TEXT, "VARCHAR"),
    ("customer", FieldType.INTEGER, "BIGINT"),
    ("price", FieldType.DECIMAL, "DOUBLE"),
    ("lat", FieldType.DECIMAL, "DOUBLE"),
    ("lon", FieldType.DECIMAL, "DOUBLE"),
)
CATALOGUE = Catalogue(
    measures=(
        Measure(id="revenue", column="price", aggregation=Aggregation.SUM, label=Text(en="Revenue"), unit=EUR),
        Measure(id="orders", aggregation=Aggregation.COUNT, label=Text(en="Orders", sl="Naročila")),
        Measure(id="average", column="price", aggregation=Aggregation.AVG, label=Text(en="Average"), unit=EUR),
        Measure(id="customers", column="customer", aggregation=Aggregation.COUNT_DISTINCT, label=Text(en="Customers")),
    ),
    dimensions=tuple(
        Dimension(
            id=name,
            column=name,
            label=Text(en=name.title()),
            type=kind,
            grain=Grain.DAY if kind is FieldType.DATE else None,
        )
        for name, kind, _ in COLUMNS
        if name != "customer"
    ),
    default_time="ordered_at",
    default_measure="revenue",
)
NAMES = ("Slovenija", "Austria", "HR", "USA", "Atlantis", None)
CITIES = ((46.05, 14.51), (45.81, 15.98), (91.0, 15.0))


def orders_of_three_years() -> pd.DataFrame:
    """Return three years of orders: a leap year, days without any, prices below zero and unknown ones."""
    random, size = np.random.default_rng(20240229), 6_000
    days = pd.Timestamp("2022-01-01") + pd.to_timedelta(random.integers(0, 1096, size), unit="D")
    city = random.integers(0, len(CITIES), size)
    frame = pd.DataFrame(
        {
            "ordered_at": days,
            "country": [NAMES[at] for at in random.integers(0, len(NAMES), size)],
            "product": [f"P{at}" for at in random.integers(0, 7, size)],
            "customer": random.integers(0, 400, size),
            "price": np.round(random.normal(12, 9, size), 2),
            "lat": [CITIES[at][0] for at in city],
            "lon": [CITIES[at][1] for at in city],
        }
    )
    frame.loc[frame.index % 17 == 0, "price"] = None
    frame.loc[frame.index % 97 == 0, "ordered_at"] = pd.NaT
    return frame[(frame["ordered_at"].isna()) | (frame["ordered_at"] != pd.Timestamp("2024-05-31"))]
