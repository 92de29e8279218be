"""The form of an alert and back: nothing that a person chose elsewhere is lost by opening and saving it."""

from __future__ import annotations

from typing import Any

import pytest

from backend_services.dashboards.alerts.schemas import AlertChange
from backend_services.kernel.ids import new_id
from state.alerts.form import EMPTY, NumberError, chosen_of, form_of

DATASET = str(new_id())
WATCHED = {"kind": "metric", "dataset_id": DATASET, "measure": "revenue", "period": {"kind": "last", "grain": "day"}}


@pytest.mark.parametrize(
    "chosen",
    [
        {"condition": {"kind": "threshold", "side": "above", "value": 12.5, "margin": 1}},
        {"condition": {"kind": "threshold", "side": "outside", "value": 12.5, "lower": -3}},
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
def test_what_was_chosen_comes_back(chosen: dict[str, Any]) -> None:
    body = {"title": "Revenue", "watched": WATCHED, "condition": {"kind": "threshold", "value": 1}, **chosen}
    known = AlertChange.model_validate(body)
    watched, to = known.watched, known.recipients
    filters = watched.filters if watched.kind == "metric" else ()
    back = chosen_of(form_of(known), known, filters=filters, user_ids=to.user_ids, roles=to.roles)
    assert AlertChange.model_validate(back) == known


@pytest.mark.parametrize(
    ("typed", "value"), [("12,5", 12.5), ("12.5", 12.5), (" -3 ", -3.0), ("\N{MINUS SIGN}3", -3.0), ("1 000", 1000.0)]
)
def test_numbers_are_taken_as_people_type_them(typed: str, value: float) -> None:
    form = EMPTY | {"title": "x", "dataset": DATASET, "measure": "revenue", "value": typed}
    assert (
        AlertChange.model_validate(chosen_of(form, None)).condition
        == AlertChange.model_validate(
            {"title": "x", "watched": WATCHED, "condition": {"kind": "threshold", "value": value}}
        ).condition
    )


@pytest.mark.parametrize(("field", "typed"), [("value", "much"), ("value", ""), ("for", "1.5"), ("every", "soon")])
def test_what_is_no_number_is_said_with_its_field(field: str, typed: str) -> None:
    with pytest.raises(NumberError) as wrong:
        chosen_of(EMPTY | {"title": "x", "dataset": DATASET, "value": "1", field: typed}, None)
    assert wrong.value.field == field
