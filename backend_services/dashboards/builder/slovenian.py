"""Names as they stand after "po" in Slovenian: "regija" becomes "po regijah". Pure.

Only what follows a rule or stands in the table is inflected; of anything else the caller is told that it is not known.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import simplemma

_KNOWN: Final = {
    "naročilo": "naročilih", "podkategorija": "podkategorijah", "rok": "rokih", "dan": "dnevih", "teden": "tednih",
    "mesec": "mesecih", "ime": "imenih", "vreme": "vremenu", "zaposleni": "zaposlenih", "oseba": "osebah",
    "človek": "ljudeh", "otrok": "otrocih", "artikel": "artiklih", "storitev": "storitvah", "trg": "trgih",
    "vir": "virih", "izvor": "izvorih", "prostor": "prostorih", "center": "centrih", "semester": "semestrih",
    "partner": "partnerjih", "sektor": "sektorjih", "denar": "denarju", "kontinent": "kontinentih",
    "starost": "starosti", "tip": "tipih", "spol": "spolih", "ura": "urah", "leto": "letih",
    "e-pošta": "e-poštnih naslovih", "stranka": "strankah", "država": "državah", "mesto": "mestih", "kraj": "krajih",
    "vrsta": "vrstah", "stanje": "stanjih", "celina": "celinah", "občina": "občinah", "skupina": "skupinah",
    "količina": "količinah", "cena": "cenah", "kategorija": "kategorijah",
}  # fmt: skip
_ADJECTIVES: Final = (
    "ni",
    "na",
    "no",
    "ski",
    "ska",
    "sko",
    "ški",
    "ška",
    "ško",
    "čji",
    "čja",
    "čje",
    "ji",
    "ova",
    "ovi",
)
_PREPOSITIONS: Final = frozenset({"v", "na", "za", "od", "do", "po", "s", "z", "iz", "pri"})
_UNSURE: Final = ("er", "ar", "or", "ir", "ur", "el", "en", "ev", "me", "i", "u", "y")
_SHORTEST: Final = 3


@lru_cache(maxsize=2_000)
def after_po(label: str) -> str | None:
    """Return how a dimension's name stands after "po" ("po vrstah plačila"), ``None`` where no rule is sure."""
    head, *rest = label.split()
    head = head if head[1:2].isupper() else head.lower()
    if not rest:
        return _many(head)
    if rest[0].lower() in _PREPOSITIONS or _base(rest[0]) != rest[0].lower() or head in _KNOWN:
        noun = _many(head)
        return None if noun is None else " ".join([noun, *rest])
    noun = _many(rest[0].lower())
    if noun is None or len(rest) > 1 or not head.endswith(_ADJECTIVES):
        return None
    return f"{head[:-1]}ih {noun}"


def _base(word: str) -> str:
    return simplemma.lemmatize(word.lower(), lang="sl")


def _many(noun: str) -> str | None:
    """Return the locative plural of a noun in its first form."""
    base = _base(noun)
    known = _KNOWN.get(noun)
    if known is not None:
        return known
    if noun.endswith("no") and base != noun:
        return None  # "plačano" says how something is
    if base in _KNOWN:
        return _KNOWN[base]
    is_word = base.replace("-", "").isalpha() and len(base) >= _SHORTEST and simplemma.is_known(base, lang="sl")
    return _by_rule(base) if is_word else None


def _by_rule(base: str) -> str | None:
    if base.endswith("a"):
        return f"{base}h"
    if base.endswith(("ek", "ec")) and len(base) > _SHORTEST:
        return f"{base[:-2]}{base[-1]}ih"
    if base.endswith(_UNSURE):
        return None
    return f"{base[:-1] if base.endswith(('o', 'e')) else base}ih"
