"""Every visible text, in the reader's language.

A text is named by key; both languages are compiled into the page and the language variable chooses, so a
switch needs no request. The composition root registers the catalogues and the variable once, before any page
is evaluated, which keeps this package free of the rest of the application.

Usage::

    rx.el.h1(t("datasets.title"))
    rx.el.p(t("datasets.rows_of", name=State.name))
    badge(t_of("jobs.state", State.state, ("queued", "running")))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import reflex as rx

if TYPE_CHECKING:
    Text = str | rx.Var[str]
else:
    Text = object

LANGUAGES = ("en", "sl")
_catalogues: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
_language: list[rx.Var[str]] = []


class UnknownTextError(KeyError):
    """A page names a text that a catalogue lacks; raised while the front end is compiled."""


def register(language: rx.Var[str], catalogues: Mapping[str, Mapping[str, str]]) -> None:
    """Take the language variable and the texts by language and key."""
    _language[:] = [language]
    for name in LANGUAGES:
        _catalogues[name].clear()
        _catalogues[name].update(catalogues[name])


def language() -> rx.Var[str]:
    """Return the variable that holds ``en`` or ``sl``."""
    return _language[0]


def texts_of(key: str) -> tuple[str, str]:
    """Return the English and the Slovenian text of ``key``.

    Raises:
        UnknownTextError: One of the catalogues lacks it.
    """
    try:
        return _catalogues["en"][key], _catalogues["sl"][key]
    except KeyError as error:
        raise UnknownTextError(key) from error


def either(english: Text, slovenian: Text) -> rx.Var[str]:
    """Return ``slovenian`` for Slovenian readers, else ``english``."""
    return cast("rx.Var[str]", rx.cond(language() == "sl", slovenian, english))


def t(key: str, **params: Text) -> rx.Var[str]:
    """Return the text named ``key`` with ``{name}`` replaced by the parameter of that name."""
    english, slovenian = texts_of(key)
    if params:
        english, slovenian = english.format(**params), slovenian.format(**params)
    return either(rx.Var.create(english), rx.Var.create(slovenian))


def t_of(prefix: str, value: rx.Var[str], names: Sequence[str]) -> rx.Var[str]:
    """Return the text ``prefix.<value>`` for a variable known to hold one of ``names``, else the value itself."""
    cases = [(name, t(f"{prefix}.{name}")) for name in names]
    return cast("rx.Var[str]", rx.match(value, *cases, value))
