"""Lengths of time are converted into the unit of the column, and refused where that is not known."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from backend_services.dashboards.builder.plan import Plan, make_plan
from backend_services.dashboards.builder.retrieve import Index, build_index
from backend_services.datasets.catalogue import Unit
from backend_services.datasets.proposal import propose
from tests.benchmarks import accuracy
from tests.benchmarks.gold import canonical
from tests.factories.datasets import convert
from tests.unit.builder.test_real_tables import DATASET
from tests.unit.builder.test_real_tables import plan as real_plan


@cache
def index(air_time: str = "") -> Index:
    rows = [f"{'Bled' if n % 2 else 'Ptuj'};{n * 7 % 200};{n * 11 % 900};{n * 3 % 9}.5;{n * 5 % 70}" for n in range(60)]
    table = "\n".join(["city;delay_minutes;pause_seconds;work_hours;air_time", *rows])
    with TemporaryDirectory() as folder:
        made = convert(Path(folder), table)
    catalogue = propose(made.columns, made.profile)
    told = [
        one.model_copy(update={"unit": Unit(code=air_time)}) if one.id == "air_time" else one
        for one in catalogue.measures
    ]
    return build_index(catalogue.model_copy(update={"measures": tuple(told)}), "Rides")


def plan(question: str, air_time: str = "") -> Plan:
    return make_plan(question, index(air_time), DATASET, today=accuracy.TODAY)


@pytest.mark.parametrize(
    ("question", "reading"),
    [
        ("rides with a delay over 2 hours", "rows where delay_minutes__each>120"),
        ("how many rides had a delay of more than half an hour", "rows where delay_minutes__each>30"),
        ("how many rides had a delay of more than an hour", "rows where delay_minutes__each>60"),
        ("rides late by more than an hour and a half", "rows where delay_minutes__each>90"),
        ("rides delayed more than 1.5 hours", "rows where delay_minutes__each>90"),
        ("rides delayed more than 45 minutes", "rows where delay_minutes__each>45"),
        ("rides delayed more than 90 seconds", "rows where delay_minutes__each>1.5"),
        ("vožnje z zamudo več kot dve uri", "rows where delay_minutes__each>120"),
        ("koliko voženj je zamujalo več kot pol ure", "rows where delay_minutes__each>30"),
        ("koliko voženj je zamujalo več kot 20 minut", "rows where delay_minutes__each>20"),
        ("rides with a pause over 3 minutes", "rows of table where pause_seconds__each>180"),
        ("rides with a pause over 90 seconds", "rows of table where pause_seconds__each>90"),
        ("rides with a pause between 1 and 2 hours", "rows of table where pause_seconds__each between 3600/7200"),
        ("how many rides had a delay of more than 2 hours by city", "rows by city where delay_minutes__each>120"),
    ],
)
def test_a_length_of_time_is_told_in_the_unit_of_the_column(question: str, reading: str) -> None:
    assert canonical(plan(question)) == reading


@pytest.mark.parametrize(
    ("code", "least"), [("min", "120"), ("h", "2"), ("s", "7200"), ("ms", "7200000")], ids=["min", "h", "s", "ms"]
)
def test_the_unit_of_the_catalogue_tells(code: str, least: str) -> None:
    found = plan("rides with an air time over 2 hours", code)
    assert canonical(found) == f"rows of table where air_time__each>{least}"


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("flights delayed more than 2 hours", "more than 2 hours"),
        ("how many flights were late by more than half an hour", "more than half an hour"),
        ("flights with an air time over 3 hours", "over 3 hours"),
        ("koliko letov je zamujalo več kot dve uri", "več kot dve uri"),
        ("koliko letov zamuja več kot pol ure", "več kot pol ure"),
    ],
)
def test_a_unit_that_is_not_known_is_never_guessed(question: str, missing: str) -> None:
    assert [one.text for one in real_plan("flights", question).missing] == [missing]
