"""Details of the audit log in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.audit.details import lines_of


def said(details: dict[str, Any], language: str = "en") -> list[str]:
    return [f"{one['label']}: {one['text']}" for one in lines_of(details, language)]


def test_a_change_is_told_from_before_to_after_and_what_stayed_is_not() -> None:
    details = {
        "before": {"roles": ["viewer"], "status": "active"},
        "after": {"roles": ["analyst", "finance"], "status": "active"},
    }
    assert said(details) == ["Roles: Viewer\N{NO-BREAK SPACE}→ Analyst, Finance"]
    assert said(details, "sl") == ["Vloge: Bralec\N{NO-BREAK SPACE}→ Analitik, Finance"]


@pytest.mark.parametrize(
    ("details", "english", "slovenian"),
    [
        ({"after": {"roles": ["viewer"]}}, ["Roles: Viewer"], ["Vloge: Bralec"]),
        ({"before": {"name": "Old"}}, ["Name: was Old"], ["Ime: prej Old"]),
        ({"before": "Orders"}, ["Before: Orders"], ["Prej: Orders"]),
        (
            {"file": "a.csv", "size_bytes": 1_284_503, "sha256": "ab" * 32, "version": 2},
            ["File: a.csv", "Size: 1.3\N{NO-BREAK SPACE}MB", "Fingerprint: abababababab", "Version: 2"],
            ["Datoteka: a.csv", "Velikost: 1,3\N{NO-BREAK SPACE}MB", "Prstni odtis: abababababab", "Različica: 2"],
        ),
        ({"rows": 8214, "tls": True}, ["Rows: 8,214", "TLS: yes"], ["Vrstice: 8.214", "TLS: da"]),
        ({"port": 15432, "folder": None}, ["Port: 15432", "Folder: –"], ["Vrata: 15432", "Mapa: –"]),
        ({"some_new_thing": "x"}, ["Some new thing: x"], ["Some new thing: x"]),
        ({"rule": {"filters": [{"field": "country"}]}}, ["Rule: Only rows with: Field: country"],
         ["Pravilo: Le vrstice z: Polje: country"]),
        ({"changed": ["language", "time_zone"]}, ["Changed: language, time zone"], ["Spremenjeno: jezik, časovni pas"]),
        ({}, [], []),
    ],
)  # fmt: skip
def test_everything_has_a_label_and_a_form(details: dict[str, Any], english: list[str], slovenian: list[str]) -> None:
    assert said(details) == english
    assert said(details, "sl") == slovenian


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=12), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["before", "after", "rows", "x"]), JSON, max_size=4))
def test_nothing_that_json_can_hold_breaks_a_line(details: dict[str, Any]) -> None:
    for language in ("en", "sl"):
        for line in lines_of(details, language):
            assert line["text"]
            assert len(line["text"]) <= 200
