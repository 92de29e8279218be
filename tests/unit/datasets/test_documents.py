"""Documents as rows."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.connections.documents import columns_of, flattened, row_of, tops_of

KEYS = st.text("abc", min_size=1, max_size=3)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
DOCUMENTS = st.dictionaries(
    KEYS, st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=3))
)


def test_nested_fields_get_dotted_names_and_arrays_are_text() -> None:
    assert flattened({"a": {"b": {"c": 1}, "d": [1, {"e": 2}]}, "f": {}, "g": None}) == {
        "a.b.c": 1,
        "a.d": '[1,{"e":2}]',
        "f": "{}",
        "g": None,
    }


def test_columns_hold_what_all_documents_have() -> None:
    columns = columns_of([{"n": 1, "t": "x"}, {"n": 2.5, "late": True}, {"t": 3, "none": None}])
    assert [(one.name, one.native, one.type) for one in columns] == [
        ("n", "int | double", FieldType.DECIMAL),
        ("t", "string | int", FieldType.TEXT),
        ("late", "bool", FieldType.BOOLEAN),
        ("none", "null", FieldType.TEXT),
    ]
    assert row_of({"late": False, "n": 7}, columns) == (7, None, False, None)


def test_what_lies_too_deep_is_text() -> None:
    deep: dict[str, Any] = {"x": 1}
    for _ in range(40):
        deep = {"a": deep}
    ((name, value),) = flattened(deep).items()
    assert name == ".".join("a" * 13)
    assert json.loads(value)["a"]


@given(st.lists(DOCUMENTS, max_size=4))
def test_every_document_fits_the_columns_of_all(documents: list[dict[str, Any]]) -> None:
    columns = columns_of(documents)
    assert len({one.name for one in columns}) == len(columns)
    assert set(tops_of(columns)) == {key for document in documents for key in document}
    for document in documents:
        values = row_of(document, columns)
        assert not any(isinstance(value, dict | list) for value in values)
        assert {one.name: value for one, value in zip(columns, values, strict=True) if value is not None} == {
            name: value for name, value in flattened(document).items() if value is not None
        }
