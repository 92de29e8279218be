"""What pydantic finds wrong is told in both languages, and never with what was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, Field, ValidationError, model_validator

from backend_services.kernel.i18n import LANGUAGES, fault_text, field_text
from backend_services.kernel.schemas import Strict


class Cat(Strict):
    """One kind of pet."""

    kind: Literal["cat"] = "cat"


class Dog(Strict):
    """Another kind of pet."""

    kind: Literal["dog"] = "dog"


class Everything(Strict):
    """A field of each kind."""

    name: str = Field(default="a", min_length=2, max_length=4, pattern="^[a-z]*$")
    size: Literal["small", "large"] = "small"
    count: int = Field(default=1, ge=1, lt=10)
    at: AwareDatetime = datetime.fromisoformat("2026-01-01T00:00:00Z")
    many: tuple[int, ...] = Field(default=(), max_length=2)
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Cat()

    @model_validator(mode="after")
    def _fits(self) -> Everything:
        if self.count == 7:
            raise ValueError(field_text("fields.type_word", word="seven"))
        return self


def told(body: dict[str, object], language: str) -> str:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate_json(_json(body))
    (one,) = caught.value.errors()
    return fault_text(one, language)


def _json(body: dict[str, object]) -> str:
    class Body(BaseModel):
        root: dict[str, object]

    return Body(root=body).model_dump_json()[len('{"root":') : -1]


@pytest.mark.parametrize(
    ("body", "english"),
    [
        ({"secret": 1}, "There is no such field."),
        ({"name": 1}, "This has to be text."),
        ({"name": "a"}, "At least 2 characters."),
        ({"name": "abcde"}, "At most 4 characters."),
        ({"size": "huge"}, "Choose one of: small, large."),
        ({"count": "many"}, "This is no whole number."),
        ({"count": 0}, "This has to be 1 or more."),
        ({"count": 10}, "This has to be less than 10."),
        ({"count": 7}, "Type “seven”."),
        ({"at": "yesterday"}, "This is no time; write it like 2026-01-31T12:00:00Z."),
        ({"at": "2026-01-01T00:00:00"}, "This time needs an offset, such as Z."),
        ({"many": [1, 2, 3]}, "At most 2 entries."),
        ({"many": 1}, "This has to be a list."),
        ({"pet": {"kind": "hamster"}}, "There is no such kind. Choose one of: cat, dog."),
        ({"pet": {}}, "Say of which kind it is: kind."),
    ],
)
def test_a_fault_says_what_to_do_in_both_languages(body: dict[str, object], english: str) -> None:
    said = {language: told(body, language) for language in LANGUAGES}
    assert said["en"] == english
    assert said["sl"] != english
    assert "hamster" not in said["en"] + said["sl"]


def test_a_kind_of_fault_without_a_text_keeps_what_pydantic_says() -> None:
    found = {"type": "of_the_future", "loc": ("a",), "msg": "Input should be blue", "ctx": {"hue": 240}}
    assert fault_text(found, "sl") == "Input should be blue"


def test_a_rule_without_a_text_is_told_without_the_prefix() -> None:
    found = {
        "type": "value_error",
        "loc": (),
        "msg": "Value error, it is odd",
        "ctx": {"error": ValueError("it is odd")},
    }
    assert fault_text(found, "sl") == "it is odd"
