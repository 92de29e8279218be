"""The tiles of the how-to are tiles: they can be read, and they fit a dataset that has their fields."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest

from backend_services.dashboards.spec import ChartKind, DashboardSpec, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import (
    Aggregation,
    Catalogue,
    Dimension,
    FieldType,
    Grain,
    Measure,
    Text,
)

DOCS = Path(__file__).resolve().parents[3] / "docs"
DATASET = UUID("00000000-0000-0000-0000-000000000001")
SALES = Catalogue(
    measures=(
        Measure(id="revenue", column="amount", aggregation=Aggregation.SUM, label=Text(en="Revenue")),
        Measure(id="average_order", column="amount", aggregation=Aggregation.AVG, label=Text(en="Average order")),
        Measure(id="orders", aggregation=Aggregation.COUNT, label=Text(en="Orders")),
    ),
    dimensions=(
        Dimension(id="city", column="city", label=Text(en="City"), type=FieldType.TEXT),
        Dimension(id="country", column="country", label=Text(en="Country"), type=FieldType.TEXT),
        Dimension(
            id="ordered_at", column="ordered_at", label=Text(en="Time"), type=FieldType.DATETIME, grain=Grain.HOUR
        ),
    ),
    default_time="ordered_at",
)


@pytest.mark.parametrize("page", ["how-to/choose-a-tile.md", "sl/how-to/choose-a-tile.md"])
def test_the_examples_of_the_how_to_are_whole(page: str) -> None:
    written = (DOCS / page).read_text(encoding="utf-8")
    tiles = tuple(Tile.model_validate_json(one) for one in re.findall(r"```json\n(.*?)```", written, re.DOTALL))
    assert [one.chart for one in tiles] == [
        ChartKind.HEATMAP,
        ChartKind.HISTOGRAM,
        ChartKind.PIVOT,
        ChartKind.MAP,
        ChartKind.TEXT,
        ChartKind.LINE,
        ChartKind.NUMBER,
    ]
    assert problems_of(DashboardSpec(title="D", tiles=tiles), {DATASET: SALES}) == ()
    assert all(f"`{kind}`" in written for kind in ChartKind)
