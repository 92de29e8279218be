"""Titles in Slovenian are Slovenian: names are inflected where a rule is sure, and set apart where none is."""

from __future__ import annotations

from uuid import UUID

import pytest

from backend_services.dashboards.builder import wording
from backend_services.dashboards.builder.plan import make_plan
from backend_services.dashboards.builder.slovenian import after_po
from backend_services.datasets.catalogue import Grain, GroupBy
from backend_services.kernel.i18n import text
from tests.benchmarks import accuracy
from tests.factories.catalogues import ORDERS


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Regija", "regijah"),
        ("Država kupca", "državah kupca"),
        ("Vrsta plačila", "vrstah plačila"),
        ("Prodajni kanal", "prodajnih kanalih"),
        ("Blagovna znamka", "blagovnih znamkah"),
        ("Izdelek", "izdelkih"),
        ("Oddelek", "oddelkih"),
        ("Mesto", "mestih"),
        ("Dan v tednu", "dnevih v tednu"),
        ("Države", "državah"),
        ("Stanje računa", "stanjih računa"),
        ("CPV koda", None),
        ("Plačano", None),
        ("emp_dept", None),
        ("", None),
    ],
)
def test_names_after_po(label: str, expected: str | None) -> None:
    assert after_po(label or " x") == expected


@pytest.mark.parametrize(
    ("groups", "title"),
    [
        ((GroupBy(field="ordered_at", grain=Grain.MONTH), GroupBy(field="country")), "Prihodki po mesecih in državah"),
        ((GroupBy(field="country"), GroupBy(field="ordered_at", grain=Grain.QUARTER)),
         "Prihodki po četrtletjih in državah"),
        ((GroupBy(field="country"), GroupBy(field="channel"), GroupBy(field="ordered_at", grain=Grain.YEAR)),
         "Prihodki po letih, državah in kanalih"),
        ((GroupBy(field="country"), GroupBy(field="is_gift")), "Prihodki po državah, razčlenitev: darilo"),
        ((GroupBy(field="is_gift"),), "Prihodki, razčlenitev: darilo"),
        ((), "Prihodki"),
    ],
)  # fmt: skip
def test_titles(groups: tuple[GroupBy, ...], title: str) -> None:
    assert wording.by_groups("Prihodki", groups, ORDERS, "sl") == title


def test_a_question_by_month_and_country_has_a_title_in_both_languages() -> None:
    index = accuracy.indexes()["orders"]
    plan = make_plan("net revenue by month and country", index, UUID(int=1), today=accuracy.TODAY)
    assert wording.tile_title(plan.tiles[0], ORDERS, "en") == "Net revenue by month and country"
    assert wording.tile_title(plan.tiles[0], ORDERS, "sl") == "Čisti prihodki po mesecih in državah"


def test_details_of_a_refusal_speak_the_language_too() -> None:
    params = {"part": "country", "type": "text", "action": "sum", "value": "x"}
    assert wording.detail_texts(params, ORDERS, "sl") == {
        "part": "Država", "type": text("datasets.type.text", "sl"), "action": "vsota", "value": "x"
    }  # fmt: skip
    assert wording.detail_texts({"type": "unheard"}, ORDERS, "sl") == {"type": "unheard"}
