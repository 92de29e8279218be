"""Whole numbers that name a thing (flight 1545) or count things (number of orders), by their column's name. Pure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from backend_services.datasets.naming import words_of

MANY: Final = 20
HIGH: Final = 100
_SIGNS: Final = re.compile(r"#|№|\bn[°º]", re.IGNORECASE)
_ABBREVIATED: Final = frozenset({"no", "nr", "nbr", "num", "number", "n"})
_SLOVENIAN: Final = frozenset({"st", "stev"})
_CODE_WORDS: Final = frozenset(
    {"id", "ids", "uuid", "guid", "key", "code", "nr", "no", "nbr", "num", "number", "sku", "sifra", "st", "stevilka",
     "oznaka", "koda", "zip", "index", "row", "rownum", "barcode", "ean", "gtin", "upc", "imei", "vin", "crtna",
     "serial", "ref", "reference", "acct", "pin", "pincode", "mobile", "fips", "siren", "siret", "isbn", "issn",
     "pmid", "mrn", "ssn", "iban", "wban", "usaf", "emso"}
)  # fmt: skip
_THINGS: Final = (
    "row|user|client|customer|cust|order|product|prod|item|record|session|device|account|acct|employee|emp|store|"
    "object|transaction|trans|invoice|event|parent|group|case"
)
_NUMBERED: Final = (
    "flight|tail|route|ticket|serial|phone|policy|part|room|seat|track|batch|lot|bib|train|bus|vehicle|postal"
)
_JOINED: Final = re.compile(rf"(?:{_THINGS}|e|f|g|o|p|u|x)id|(?:{_THINGS}|{_NUMBERED})(?:id|no|nr|num|number|code)")
_NAMED_BY_NUMBER: Final = frozenset(
    {"avtobus", "badge", "batch", "bib", "block", "bus", "chapter", "contract", "deed", "docket", "episode", "flight",
     "gate", "let", "linija", "lot", "pacient", "parcel", "parcela", "patient", "peron", "platform", "plot", "pogodba",
     "polica", "policy", "proga", "room", "route", "sarza", "seat", "sedez", "soba", "tail", "ticket", "train", "trip",
     "vehicle", "vlak", "voyage", "vozilo", "vozovnica", "ward"}
)  # fmt: skip
_COUNTS: Final = frozenset({"count", "counts", "cnt", "stevilo"})
_COUNTED: Final = frozenset({"children", "people", "men", "women", "sold", "dead", "born", "lost", "in"})
_SINGULAR: Final = ("ss", "us", "is", "os", "as")
_PLURAL_IN_I: Final = frozenset({"ljudi", "noci", "stvari", "dni", "oci", "smrti"})
_VOWELS: Final = tuple("aeiou")
_HEADS: Final = frozenset({"id", "code", "no", "nr"})
_NUMBER_HEADS: Final = frozenset({"num", "number", "key"})
_SLOVENIAN_HEADS: Final = frozenset({"id", "sifra", "koda", "st", "stevilka", "oznaka"})


def words_in(name: str) -> tuple[str, ...]:
    """Return the words of a column's name; the sign ``#`` is a number."""
    return words_of(_SIGNS.sub(" number ", name))


def says_count(name: str) -> bool:
    """Return whether the name says outright that things are counted: ``Number of orders``, ``orders_count``."""
    words = words_in(name)
    if not _COUNTS.isdisjoint(words):
        return True
    return any(word in _ABBREVIATED and after == "of" for word, after in pairwise(words))


def may_count(name: str) -> bool:
    """Return whether the name reads as a count: ``No. rooms``, ``št. sob``; one thing has a number: ``št. sobe``.

    The genitive of one Slovenian thing ends in a vowel, that of many hardly ever does.
    """
    words = words_in(name)
    if len(words) < 2:  # noqa: PLR2004 - a word that counts and what it counts
        return False
    if words[0] in _ABBREVIATED:
        return _is_many(words[-1]) or words[1] in _COUNTED or words[1].endswith("ed")
    if words[0] not in _SLOVENIAN or len(words[1]) < 2:  # noqa: PLR2004 - one letter is no thing
        return False
    return words[1] in _PLURAL_IN_I or not words[1].endswith(_VOWELS)


def _is_many(word: str) -> bool:
    return word in _COUNTED or (len(word) > 3 and word.endswith("s") and not word.endswith(_SINGULAR))  # noqa: PLR2004


def says_code(name: str) -> bool:
    """Return whether a word of the name says that its values tell which thing it is: ``invoice_no``, ``koda``."""
    words = words_in(name)
    if words[1:2] == ("of",):
        return words[0] in _CODE_WORDS  # "lines of code" are lines
    return any(word in _CODE_WORDS or _JOINED.fullmatch(word) for word in words)


def is_code_of_amount(name: str, *, is_unique: bool) -> bool:
    """Return whether the name of an amount only tells of what the code is: ``tax_id``, ``discount code``.

    A ``sales number`` that comes again is what was sold.
    """
    words = words_in(name)
    if len(words) < 2:  # noqa: PLR2004 - the amount and its code
        return False
    return words[-1] in (_HEADS | _NUMBER_HEADS if is_unique else _HEADS) or words[0] in _SLOVENIAN_HEADS


def is_named_by_number(name: str) -> bool:
    """Return whether the name is that of one thing which people call by its number: ``flight``, ``parcela``."""
    words = words_in(name)
    return len(words) == 1 and words[0] in _NAMED_BY_NUMBER
