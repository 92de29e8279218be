"""Words by meaning, with the real model: near ones are found, absent things are not talked into being."""

from __future__ import annotations

import pytest

from backend_services.dashboards.builder import vectors
from backend_services.dashboards.builder.unexplained import Unknown
from backend_services.llm.embeddings import get_embedder
from tests.factories.catalogues import ORDERS

FIELDS = vectors.described(ORDERS)


@pytest.fixture(scope="module")
def known() -> list[list[float]]:
    return get_embedder().embed([sentence for _, sentence in FIELDS])


def meant(word: str, place: str, known: list[list[float]]) -> str | None:
    unknown = [Unknown(word, place, 0)]
    found = vectors.clear_matches(unknown, get_embedder().embed([word]), FIELDS, known)
    return found[word].field_id if found else None


@pytest.mark.parametrize(
    ("word", "place", "field"),
    [
        ("delivery fees", "thing", "shipping_cost"),
        ("price reductions", "thing", "discount"),
        ("nation", "by", "country"),
        ("how people pay", "by", "payment_method"),
    ],
)
def test_near_words_are_found(word: str, place: str, field: str, known: list[list[float]]) -> None:
    assert meant(word, place, known) == field


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("profit", "thing"),
        ("salaries", "thing"),
        ("website visits", "thing"),
        ("churn rate", "thing"),
        ("planet", "by"),
        ("warehouse", "by"),
        ("employee", "by"),
    ],
)
def test_things_that_are_not_there_stay_unknown(word: str, place: str, known: list[list[float]]) -> None:
    assert meant(word, place, known) is None
