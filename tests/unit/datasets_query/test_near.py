"""Answers at hand: bounded in bytes and age, one per key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.query.cache import Answer
from backend_services.datasets.query.near import NearAnswers


def answer(rows: int) -> Answer:
    return Answer(names=("n",), types=(FieldType.INTEGER,), rows=tuple((one,) for one in range(rows)), truncated=False)


def test_an_answer_is_found_at_its_own_place_only() -> None:
    near = NearAnswers(most_bytes=10, ttl_s=60)
    near.put("a", answer(3), size_bytes=3)
    assert near.get("a") == answer(3)
    assert near.get("b") is None


def test_the_answers_asked_for_last_stay() -> None:
    near = NearAnswers(most_bytes=10, ttl_s=60)
    for name in "abc":
        near.put(name, answer(4), size_bytes=4)
        near.get("a")
    assert [near.get(name) is not None for name in "abc"] == [True, False, True]


def test_what_is_too_large_pushes_nothing_out() -> None:
    near = NearAnswers(most_bytes=10, ttl_s=60)
    near.put("small", answer(9), size_bytes=9)
    near.put("large", answer(11), size_bytes=11)
    assert near.get("small") is not None
    assert near.get("large") is None


def test_nothing_is_kept_for_no_time() -> None:
    near = NearAnswers(most_bytes=10, ttl_s=0)
    near.put("a", answer(1), size_bytes=1)
    assert near.get("a") is None


def test_an_empty_answer_counts_too() -> None:
    near = NearAnswers(most_bytes=2, ttl_s=60)
    for name in "abc":
        near.put(name, answer(0), size_bytes=1)
    assert [near.get(name) is not None for name in "abc"] == [False, True, True]


def test_threads_may_ask_at_once() -> None:
    near = NearAnswers(most_bytes=50, ttl_s=60)

    def work(number: int) -> bool:
        near.put(str(number % 30), answer(5), size_bytes=5)
        found = near.get(str(number % 7))
        return found is None or found == answer(5)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(work, range(4000)))
