"""The form of an alert and back: nothing that a person chose elsewhere is lost by opening and saving it."""

from __future__ import annotations

from typing import Any

import pytest

from backend_services.dashboards.alerts.schemas import AlertChange
from backend_services.kernel.i18n import LANGUAGES
from backend_services.kernel.ids import new_id
from state.alerts.form import EMPTY, NumberError, chosen_of, form_of

DATASET = str(new_id())
WATCHED = {"kind": "metric", "dataset_id": DATASET, "measure": "revenue", "period": {"kind": "last", "grain": "day"}}


@pytest.mark.parametrize(
    "chosen",
    [
        {"condition": {"kind": "threshold", "side": "above", "value": 12.5, "margin": 1}},
        {"condition": {"kind": "threshold", "side": "outside", "value": 12.5, "lower": -3}},
        {"condition": {"kind": "threshold", "side": "outside", "value": 1_500_000.125, "lower": 1.125}},
        {"condition": {"kind": "threshold", "side": "below", "value": 1e30}},
        {"condition": {"kind": "change", "direction": "down", "by": 20, "against": "week"}},
        {"condition": {"kind": "change", "by": 5, "unit": "absolute"}, "schedule": {"kind": "daily", "at": "06:30"}},
        {"condition": {"kind": "missing"}, "watched": {**WATCHED, "measure": "rows__count"}},
        {"condition": {"kind": "missing", "stale_hours": 36}, "schedule": {"kind": "weekly", "days": [2]}},
        {"watched": {**WATCHED, "period": {"kind": "trailing", "n": 3, "grain": "week"}, "group": "country"}},
        {"watched": {**WATCHED, "filters": [{"field": "country", "operator": "in", "values": ["Italy"]}]}},
        {"watched": {"kind": "tile", "dashboard_id": DATASET, "tile_id": "revenue"}, "on_new_data": False},
        {"rules": {"for_evaluations": 3, "recover_after": 2, "no_data": "keep", "reminder_hours": 4}},
        {"recipients": {"roles": ["viewer", "owner"], "user_ids": [DATASET], "mail": False, "webhook_ids": [DATASET]}},
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_chosen_comes_back(chosen: dict[str, Any], language: str) -> None:
    body = {"title": "Revenue", "watched": WATCHED, "condition": {"kind": "threshold", "value": 1}, **chosen}
    known = AlertChange.model_validate(body)
    watched, to = known.watched, known.recipients
    filters = watched.filters if watched.kind == "metric" else ()
    back = chosen_of(
        form_of(known, language), known, language=language, filters=filters, user_ids=to.user_ids, roles=to.roles
    )
    assert AlertChange.model_validate(back) == known


@pytest.mark.parametrize(
    ("typed", "language", "value"),
    [
        ("12,5", "sl", 12.5),
        ("12,5", "en", 12.5),
        ("12.5", "sl", 12.5),
        ("1.000", "sl", 1000.0),
        ("1.000", "en", 1.0),
        ("1,000", "sl", 1.0),
        ("1,000", "en", 1000.0),
        ("1.250.000,5", "sl", 1_250_000.5),
        (" -3 ", "en", -3.0),
        ("\N{MINUS SIGN}3", "sl", -3.0),
        ("1 000", "sl", 1000.0),
    ],
)
def test_numbers_are_taken_as_people_type_them(typed: str, language: str, value: float) -> None:
    form = EMPTY | {"title": "x", "dataset": DATASET, "measure": "revenue", "value": typed}
    assert (
        AlertChange.model_validate(chosen_of(form, None, language=language)).condition
        == AlertChange.model_validate(
            {"title": "x", "watched": WATCHED, "condition": {"kind": "threshold", "value": value}}
        ).condition
    )


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("value", "much"),
        ("value", ""),
        ("value", "NaN"),
        ("value", "1_000"),
        ("value", "1.0.0,0"),
        ("value", "9" * 400),
        ("for", "1.5"),
        ("every", "soon"),
    ],
)
def test_what_is_no_number_is_said_with_its_field(field: str, typed: str) -> None:
    with pytest.raises(NumberError) as wrong:
        chosen_of(EMPTY | {"title": "x", "dataset": DATASET, "value": "1", field: typed}, None, language="en")
    assert wrong.value.field == field
