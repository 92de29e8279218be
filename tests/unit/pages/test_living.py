"""How a dashboard is looked at, which events concern it, and what tiles keep when a renewal fails."""

from __future__ import annotations

import json
import shlex
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend_services.dashboards.schemas import Overrides
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.kernel.clock import now
from backend_services.kernel.events.schemas import Event
from backend_services.kernel.ids import new_id
from state.dashboards.concerns import Concerns
from state.dashboards.place import REFRESHES, Place, read, refresh_of
from state.dashboards.shown import failed_tile, kept_tile, loading_tile, rest_call
from tests.factories.dashboards import query, tile

DASHBOARD, DATASET = UUID(int=1), UUID(int=2)


def _event(name: str, subject: UUID | None) -> Event:
    return Event(id=new_id(), name=name, tenant_id=UUID(int=9), subject_id=subject, created_at=now())


def test_the_way_of_looking_stands_in_the_address_and_nonsense_is_left_out() -> None:
    place = read({"refresh": "5m", "view": "full", "period": "7d"})
    assert place == Place("7d", refresh="5m", view="full")
    assert read(place.parameters()) == place
    assert read({"refresh": "1s", "view": "everything"}) == Place()
    assert place.widened() == Place(refresh="5m", view="full")
    assert (place.narrowed, place.widened().narrowed) == (True, False)
    assert place.within("30d").parameters()["refresh"] == "5m"


def test_the_address_goes_before_what_the_dashboard_says_of_renewing() -> None:
    assert refresh_of(Place(), None) == "off"
    assert refresh_of(Place(), 900) == "15m"
    assert refresh_of(Place(refresh="30s"), 900) == "30s"
    assert refresh_of(Place(refresh="off"), 900) == "off"
    assert set(REFRESHES.values()) == {0, 30, 60, 300, 900}


def test_a_page_hears_of_its_own_data_and_dashboard_only() -> None:
    concerns = Concerns(DASHBOARD, {DATASET})
    assert concerns(_event("datasets.version_ready", DATASET))
    assert concerns(_event("datasets.dataset_deleted", DATASET))
    assert concerns(_event("dashboards.updated", DASHBOARD))
    assert not concerns(_event("dashboards.comment_added", DASHBOARD))
    assert not concerns(_event("datasets.version_ready", UUID(int=3)))
    assert not concerns(_event("kernel.job_changed", DATASET))
    assert not concerns(_event("datasets.version_ready", None))


def test_a_figure_that_does_not_renew_keeps_what_it_had_unless_it_was_taken() -> None:
    waiting = loading_tile(tile(ChartKind.NUMBER))
    ready = {**waiting, "state": "ready", "value": "12"}
    kept = failed_tile(ready, message="The database took too long.", code="too_long", keep=True)
    assert (kept["state"], kept["value"], kept["stale"]) == ("ready", "12", "The database took too long.")
    taken = failed_tile(ready, message="Gone.", code="gone")
    assert (taken["state"], taken["value"], taken["problem_code"]) == ("failed", "", "gone")
    assert failed_tile(waiting, message="No.", code="no", keep=True)["state"] == "failed"


def test_a_dashboard_saved_anew_keeps_the_answers_that_still_fit() -> None:
    one = tile(ChartKind.NUMBER)
    before = {"one": {**loading_tile(one), "state": "ready", "value": "12"}}
    renamed = kept_tile(one.model_copy(update={"title": "Takings"}), before)
    assert (renamed["title"], renamed["value"], renamed["state"]) == ("Takings", "12", "ready")
    assert kept_tile(tile(ChartKind.BAR, query("revenue", by=["country"])), before)["state"] == "loading"
    assert kept_tile(tile(ChartKind.NUMBER, tile_id="two"), before)["state"] == "loading"


@given(st.text(min_size=1).filter(lambda text: "\x00" not in text))
def test_whatever_a_reader_filters_by_is_one_word_for_the_shell(value: str) -> None:
    narrowed = Overrides(filters=(Filter(field="country", operator=Operator.IN, values=(value,)),))
    call = 'curl -G "https://omni.example' + rest_call(DASHBOARD, "total", narrowed)
    read_back = Overrides.model_validate_json(narrowed.model_dump_json())
    words = shlex.split(call.replace(" \\\n", " "))
    assert words[:2] == ["curl", "-G"]
    assert words[2] == f"https://omni.example/api/v1/dashboards/{DASHBOARD}/tiles/total/result"
    assert words[3:6] == ["-H", "X-API-Key: $OMNI_KEY", "--data-urlencode"]
    assert words[6].startswith("overrides=")
    assert len(words) == 7
    assert Overrides.model_validate(json.loads(words[6].removeprefix("overrides="))) == read_back


def test_a_call_without_narrowing_has_no_more_than_address_and_key() -> None:
    assert rest_call(DASHBOARD, "total", Overrides()).count("\n") == 1
