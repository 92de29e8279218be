"""Both languages say the same things, and every refusal has its sentence."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import backend_services
import state
from backend_services.kernel import clock, i18n
from backend_services.kernel.errors import ConflictError, DomainError, InvalidInputError
from backend_services.kernel.i18n.catalogue import PLURAL_FORMS, parameters_of
from state.feedback import said_of

REFUSING = {"errors", "deps", "problems", "etags", "idempotency", "session", "policy"}
PLURALS = {"en": {"one", "other"}, "sl": {"one", "two", "few", "other"}}


def _split(key: str, known: set[str]) -> tuple[str, str]:
    base, _, form = key.rpartition(".")
    return (base, form) if form in PLURAL_FORMS and f"{base}.other" in known else (key, "")


def _grouped(language: str) -> dict[str, dict[str, str]]:
    texts = i18n.texts(language)
    grouped: dict[str, dict[str, str]] = {}
    for key, text in texts.items():
        base, form = _split(key, set(texts))
        grouped.setdefault(base, {})[form] = text
    return grouped


def _calls() -> Iterator[ast.Call]:
    """Yield every call in the rules and in the doors."""
    for package in (backend_services, state):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            yield from (one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.Call))


def _is_sentence(value: ast.expr) -> bool:
    is_words = isinstance(value, ast.Constant) and isinstance(value.value, str) and " " in value.value
    return is_words or isinstance(value, ast.JoinedStr)


def test_what_is_said_about_a_field_has_a_key() -> None:
    refusals = [one for one in _calls() if isinstance(one.func, ast.Name) and one.func.id.endswith("Error")]
    fields = [word.value for one in refusals for word in one.keywords if word.arg == "fields"]
    said = [value for one in fields if isinstance(one, ast.Dict) for value in one.values]
    assert len(said) > 20
    assert [ast.unparse(one) for one in said if _is_sentence(one)] == []


def test_the_keys_of_fields_have_texts() -> None:
    named = [one for one in _calls() if isinstance(one.func, ast.Name) and one.func.id == "field_text"]
    keys = {one.args[0].value for one in named if isinstance(one.args[0], ast.Constant)}
    assert len(keys) > 15
    assert {key for key in keys if not i18n.has_text(str(key), "sl")} == set()


def test_a_field_is_told_in_the_readers_language() -> None:
    fields = {"sort": i18n.field_text("fields.sort", names="name"), "other": "as it was sent"}
    assert fields["sort"] == "Sort by one of: name."
    assert i18n.field_texts(fields, "en") == fields
    assert i18n.field_texts(fields, "sl") == {"sort": "Razvrstite po enem od polj: name.", "other": "as it was sent"}
    refused = InvalidInputError(fields=fields)
    assert said_of(refused, "sl") == "Razvrstite po enem od polj: name. as it was sent"
    assert said_of(InvalidInputError(), "sl") == i18n.text("errors.invalid_input", "sl")


def test_both_languages_have_the_same_keys() -> None:
    assert set(_grouped("en")) == set(_grouped("sl"))


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_plural_has_every_form_of_its_language(language: str) -> None:
    wrong = {
        base: sorted(forms)
        for base, forms in _grouped(language).items()
        if "" not in forms and not PLURALS[language] <= set(forms)
    }
    assert wrong == {}


def test_both_languages_take_the_same_parameters() -> None:
    english, slovenian = _grouped("en"), _grouped("sl")
    wrong = {
        base for base in english.keys() & slovenian.keys() if _parameters(english[base]) != _parameters(slovenian[base])
    }
    assert wrong == set()


def _parameters(forms: dict[str, str]) -> frozenset[str]:
    return frozenset(name for text in forms.values() for name in parameters_of(text)) - {"n"}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_text_is_empty_or_has_stray_braces(language: str) -> None:
    wrong = {
        key
        for key, text in i18n.texts(language).items()
        if not text.strip() or re.search(r"[{}]", re.sub(r"\{[a-z_][a-z0-9_]*\}", "", text))
    }
    assert wrong == set()


def _errors() -> set[type[DomainError]]:
    for package in (backend_services, state):
        for found in pkgutil.walk_packages([str(Path(str(package.__file__)).parent)], f"{package.__name__}."):
            if found.name.rpartition(".")[2] in REFUSING:
                importlib.import_module(found.name)
    pending, seen = [DomainError], set()
    while pending:
        kind = pending.pop()
        seen.add(kind)
        pending.extend(kind.__subclasses__())
    return seen


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_refusal_has_a_sentence(language: str) -> None:
    missing = {kind.code for kind in _errors() if not i18n.has_text(f"errors.{kind.code}", language)}
    assert missing == set()


def test_a_missing_text_or_parameter_is_a_defect() -> None:
    with pytest.raises(i18n.MissingTextError):
        i18n.text("no.such.key", "en")
    with pytest.raises(i18n.MissingTextError):
        i18n.text("jobs.send_mail", "en")


def test_a_refusal_speaks_the_readers_language() -> None:
    error = ConflictError()
    assert i18n.error_text(error, "en") == "This was changed meanwhile. Load it again and repeat your change."
    assert i18n.error_text(error, "sl").startswith("Medtem")
    assert i18n.error_text(ConflictError("The tile was moved."), "en") == "The tile was moved."


def test_numbers_percent_and_money() -> None:
    assert i18n.format_number(1284503.5, "en") == "1,284,503.5"
    assert i18n.format_number(1284503.5, "sl") == "1.284.503,5"
    assert i18n.format_percent(0.325, "en") == "32.5%"
    assert i18n.format_percent(0.325, "sl") == "32,5\N{NO-BREAK SPACE}%"
    assert i18n.format_money(123450, "EUR", "en") == "€1,234.50"
    assert i18n.format_money(-123450, "EUR", "en") == "-€1,234.50"
    assert i18n.format_money(-123450, "EUR", "sl") == "-1.234,50\N{NO-BREAK SPACE}€"
    assert i18n.format_money(1234, "JPY", "en") == "JP¥1,234"


@pytest.mark.parametrize("value", [1e30, -1e308, 10**400])
def test_a_number_of_any_size_is_written_with_all_its_digits(value: float) -> None:
    written = i18n.format_number(value, "sl")
    assert int(written.replace(".", "")) == int(value) or float(written.replace(".", "")) == value
    assert i18n.format_percent(value, "en").endswith("0.0%")
    assert i18n.format_short(value, "en").endswith("T")
    assert i18n.format_short(value, "sl", currency="EUR").endswith("€")


def test_short_numbers() -> None:
    assert i18n.format_short(208_400, "en") == "208.4k"
    assert i18n.format_short(1_284_503, "en") == "1.28M"
    assert i18n.format_short(208_400, "en", currency="EUR") == "€208.4k"
    assert i18n.format_short(1_284_503, "sl").replace("\N{NO-BREAK SPACE}", " ") == "1,28 mio."
    assert i18n.format_short(208_400, "sl", currency="EUR").replace("\N{NO-BREAK SPACE}", " ") == "208,4 tis. €"


def test_dates_and_times() -> None:
    moment = datetime(2026, 11, 30, 23, 2, tzinfo=UTC)
    assert i18n.format_date(date(2026, 11, 30), "en") == "30 Nov 2026"
    assert i18n.format_date(date(2026, 11, 30), "sl") == "30. 11. 2026"
    assert i18n.format_date(moment, "en", style="text") == "30 November 2026"
    assert i18n.format_date(moment, "sl", style="text", time_zone="Europe/Ljubljana") == "1. december 2026"
    assert i18n.format_time(moment, "sl", time_zone="Europe/Ljubljana") == "00:02"
    assert i18n.format_datetime(moment, "en", zone=True) == "30 Nov 2026, 23:02 UTC"
    with clock.frozen(datetime(2026, 12, 1, 2, 2, tzinfo=UTC)):
        assert i18n.format_relative(moment, "en") == "3 hours ago"
        assert i18n.format_relative(moment, "sl") == "pred 3 urami"
