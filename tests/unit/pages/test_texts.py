"""Texts of pages: the same keys and parameters in both languages, and nothing compiled without a text."""

from __future__ import annotations

import string

import pytest
import reflex as rx

from backend_services.kernel import i18n
from components import text


def parameters(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_have_the_same_texts_apart_from_plural_forms() -> None:
    forms = (".one", ".two", ".few", ".other")
    english = {key for key in i18n.texts("en") if not key.endswith(forms)}
    slovenian = {key for key in i18n.texts("sl") if not key.endswith(forms)}
    assert english == slovenian


def test_parameters_agree_between_languages() -> None:
    english, slovenian = i18n.texts("en"), i18n.texts("sl")
    wrong = [key for key in english if key in slovenian and parameters(english[key]) != parameters(slovenian[key])]
    assert wrong == []


def test_unknown_text_stops_the_build() -> None:
    text.register(rx.Var.create("en"), {"en": {"a": "x"}, "sl": {}})
    with pytest.raises(text.UnknownTextError):
        text.t("a")
    with pytest.raises(text.UnknownTextError):
        text.t("b")


def test_both_texts_are_compiled_with_their_parameters() -> None:
    text.register(rx.Var("lang").to(str), {"en": {"n": "{n} rows"}, "sl": {"n": "{n} vrstic"}})
    compiled = str(text.t("n", n=rx.Var("count").to(str)))
    assert "rows" in compiled
    assert "vrstic" in compiled
    assert "count" in compiled
