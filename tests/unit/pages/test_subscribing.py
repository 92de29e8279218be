"""The form of a subscription and back: what a person chose elsewhere is not lost by opening and saving it."""

from __future__ import annotations

from typing import Any

import pytest

from backend_services.dashboards.subscriptions.schedule import Monthly, Weekly
from backend_services.dashboards.subscriptions.schemas import Channel, Recipients, SubscriptionChange
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.kernel.ids import new_id
from state.dashboards.conditions import condition_words
from state.deliveries.form import DAYS, chosen_of, form_of

SOMEBODY, ANOTHER, HOOK = new_id(), new_id(), new_id()


def _sent(values: dict[str, str]) -> dict[str, Any]:
    """Return the form as a browser sends it: a tick for each day, nothing for what is not shown."""
    ticks = {f"day-{day}": "on" for day in DAYS if day in values["days"]}
    return {name: value for name, value in values.items() if name != "days"} | ticks


def _made(**form: object) -> SubscriptionChange:
    return SubscriptionChange.model_validate(chosen_of({"title": "Sales", **form}, None))


def test_fields_that_are_not_shown_say_nothing() -> None:
    made = _made(kind="weekly", **{"day-5": True, "day-1": False}, at="07:00", channel="inbox", addresses=None)
    assert made.recipients == Recipients()
    assert made.schedule == Weekly(at="07:00", days=(5,))
    assert made.channel is Channel.INBOX


def test_addresses_are_parted_by_commas_semicolons_and_lines() -> None:
    made = _made(addresses="a@x.example; b@x.example,\nc@x.example ,", kind="monthly", date="0")
    assert made.recipients == Recipients(addresses=("a@x.example", "b@x.example", "c@x.example"))
    assert made.schedule == Monthly(at="07:00", day=0)


def test_a_week_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match=r"schedule\.weekly\.days"):
        _made(kind="weekly")


def test_people_and_addresses_stay_behind_when_the_channel_has_no_place_for_them() -> None:
    form = {"title": "Sales", "channel": "webhook", "webhook": str(HOOK), "addresses": "a@x.example"}
    chosen = chosen_of(form, None, user_ids=(SOMEBODY,), roles=("viewer",))
    assert SubscriptionChange.model_validate(chosen).recipients == Recipients(webhook_ids=(HOOK,))


@pytest.mark.parametrize(
    "chosen",
    [
        {"schedule": {"kind": "weekly", "at": "06:15", "days": [1, 3, 5]}},
        {"schedule": {"kind": "monthly", "at": "23:59", "day": 0}, "time_zone": "Europe/Ljubljana"},
        {"schedule": {"kind": "cron", "expression": "0 7 1 * *"}, "send_when": "changed"},
        {"schedule": {"kind": "weekdays", "at": "12:00"}, "format": "xlsx", "tile_id": "total"},
        {"period": {"kind": "last", "n": 30, "grain": "day"}, "send_when": "not_empty"},
        {"period": {"kind": "between", "start": "2026-01-01", "end": "2026-02-01"}},
        {"filters": [{"field": "region", "operator": "in", "values": ["North"]}], "channel": "inbox"},
        {"sheet": {"paper": "a3", "orientation": "portrait"}},
        {"recipients": {"user_ids": [SOMEBODY, ANOTHER], "roles": ["viewer", "owner"], "addresses": ["a@x.example"]}},
        {"channel": "webhook", "recipients": {"webhook_ids": [HOOK, ANOTHER]}},
    ],
)
def test_what_was_chosen_comes_back(chosen: dict[str, Any]) -> None:
    known = SubscriptionChange.model_validate({"title": "Sales", **chosen})
    to = known.recipients
    back = chosen_of(
        _sent(form_of(known)),
        known,
        own_period=known.period,
        filters=known.filters,
        user_ids=to.user_ids,
        roles=to.roles,
    )
    assert SubscriptionChange.model_validate(back) == known


@pytest.mark.parametrize(
    ("operator", "values", "words"),
    [
        (Operator.IN, ("North", "South"), "Region: North, South"),
        (Operator.STARTS_WITH, ("No",), "Region starts with No"),
        (Operator.IS_NULL, (), "Region is empty"),
    ],
)
def test_a_filter_is_said_whatever_it_compares_with(operator: Operator, values: tuple[str, ...], words: str) -> None:
    assert condition_words(Filter(field="region", operator=operator, values=values), "Region", "en") == words
