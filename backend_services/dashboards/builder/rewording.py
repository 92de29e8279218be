"""Words that say two things at once, taken apart: "najdražji" is "highest price", "unpaid" is "not paid". Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import cues
from backend_services.dashboards.builder.normalise import Token, keys_of, stem_of, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_SUPERLATIVES: Final = {
    "busiest": ("most", "common"),
        "expensive": ("highest", "price"), "priciest": ("highest", "price"), "cheapest": ("lowest", "price"),
    "hottest": ("highest", "temperature"), "warmest": ("highest", "temperature"),
    "coldest": ("lowest", "temperature"), "windiest": ("highest", "wind"), "wettest": ("highest", "precipitation"),
    "richest": ("highest", "income"), "wealthiest": ("highest", "income"), "poorest": ("lowest", "income"),
    "oldest": ("highest", "age"), "youngest": ("lowest", "age"), "heaviest": ("highest", "weight"),
    "lightest": ("lowest", "weight"), "najlazj": ("najnizja", "teza"), "najmocnejs": ("najvisja", "moc"),

    "tallest": ("highest", "height"), "fastest": ("highest", "speed"), "slowest": ("lowest", "speed"),
    "najstarej": ("najvisja", "starost"), "najmlajs": ("najnizja", "starost"), "najtezj": ("najvisja", "teza"),
    "najhitrej": ("najvisja", "hitrost"), "najpocasnej": ("najnizja", "hitrost"),
    "rainiest": ("highest", "precipitation"), "driest": ("lowest", "precipitation"),
    "najdrazj": ("najvisja", "cena"), "najcenej": ("najnizja", "cena"), "najtoplej": ("najvisja", "temperatura"),
    "najbogatej": ("najvisji", "dohodek"), "najrevnej": ("najnizji", "dohodek"),
    "najhladnej": ("najnizja", "temperatura"), "najbolj vetrovn": ("najvisja", "veter"),
}  # fmt: skip
_WITH_MOST: Final = {
    "powerful": ("highest", "power"),
    "vroc": ("najvisja", "temperatura"), "mrzl": ("najnizja", "temperatura"), "hladn": ("najnizja", "temperatura"),
    "topl": ("najvisja", "temperatura"), "vetrovn": ("najvisji", "veter"), "drag": ("najvisja", "cena"),
    "bogat": ("najvisji", "dohodek"), "revn": ("najnizji", "dohodek"),
}  # fmt: skip
_ADJECTIVES: Final = {
    "rated": "rating", "weigh": "weight", "tehta": "teza",
    "profitable": "profit", "priced": "price", "discounted": "discount",
    "populous": "population", "populated": "population", "obljuden": "prebivalstvo", "naseljen": "prebivalstvo",
    "ocenjen": "ocena", "dobickonosn": "dobicek", "donosn": "dobicek",
}  # fmt: skip
_COMPARATIVES: Final = {
    "heavier": ("weight", "more"), "lighter": ("weight", "less"), "faster": ("speed", "more"),
    "slower": ("speed", "less"), "cheaper": ("price", "less"), "taller": ("height", "more"),
    "tezji": ("teza", "vecja"), "tezje": ("teza", "vecja"), "tezjih": ("teza", "vecja"), "lazji": ("teza", "manjsa"),
    "lazje": ("teza", "manjsa"), "lazjih": ("teza", "manjsa"),
}  # fmt: skip
_THAN: Final = words_of("than od kot")
_SIGNS: Final = {"negative": ("below", "0"), "positive": ("over", "0")}
_NEGATIONS: Final = ("un", "non", "ne")
_SHORTEST_REST: Final = 4
_MOST: Final = words_of("most najbolj")
_HOW: Final = words_of("how kako")
_QUANTITIES: Final = {
    "heavy": "weight", "far": "distance", "fast": "speed", "old": "age", "tall": "height", "expensive": "price",
    "late": "delay", "delayed": "delay", "warm": "temperature", "hot": "temperature", "cold": "temperature",
    "tezk": "teza", "dalec": "razdalja", "hitr": "hitrost", "star": "starost", "visok": "visina", "drag": "cena",
    "topl": "temperatura", "hladn": "temperatura",
}  # fmt: skip
_SIZE: Final = words_of("size velikost")
_TOGETHER: Final = words_of(
    "party group table family household team crew omizje omizja omizij skupina skupine skupin miza mize miz druzina"
    " druzine druzin gospodinjstvo gospodinjstva gospodinjstev ekipa ekipe ekip"
)


def reworded(tokens: Sequence[Token], known: Collection[str], answers: Collection[str]) -> tuple[Token, ...]:
    """Return the tokens with such words taken apart.

    Args:
        tokens: Words of a question.
        known: Folded words of the catalogue, which stay as they are.
        answers: Stems of yes/no columns and of values, the only ones that a prefix may negate.
    """
    found: list[Token] = []
    for token in _sizes(tokens, known):
        most = bool(found) and found[-1].folded in _MOST
        pieces = None if token.folded in known else _pieces(token.folded, answers, most=most)
        following = tokens[token.position + 1].folded if token.position + 1 < len(tokens) else ""
        pieces = pieces if token.folded in known else _SIGNS.get(token.folded, pieces)
        asked = bool(found) and found[-1].folded in _HOW and token.folded not in _MOST
        pieces = _quantity(token.folded, known) or pieces if asked else pieces
        pieces = _COMPARATIVES.get(token.folded, pieces) if following in _THAN else pieces
        if pieces is None:
            found.append(token)
            continue
        if len(pieces) == 2 and found and found[-1].folded in _MOST:  # noqa: PLR2004 - two words
            found.pop()
        found += [
            replace(token, text=token.text if word == pieces[-1] else word, folded=word, keys=keys_of(word),
                    stem=stem_of(word), corrected="")
            for word in pieces
        ]  # fmt: skip
    return tuple(replace(token, position=place) for place, token in enumerate(found))


def _quantity(word: str, known: Collection[str]) -> tuple[str, ...] | None:
    """Return what "how *heavy*" asks for, where the data has it."""
    nouns = (noun for start, noun in _QUANTITIES.items() if word.startswith(start) and len(word) <= len(start) + 3)
    noun = next((one for one in nouns if one in known), None)
    return (noun,) if noun is not None else None


def _sizes(tokens: Sequence[Token], known: Collection[str]) -> list[Token]:
    """Leave out whose size a plain ``size`` is: the *party* of "party size", "velikost *omizja*"."""
    sizes = {one.position for one in tokens if _SIZE & one.keys and one.folded in known}
    return [
        one
        for one in tokens
        if (one.folded in known and one.folded not in cues.WORDS)
        or _TOGETHER.isdisjoint(one.keys)
        or sizes.isdisjoint({one.position - 1, one.position + 1})
    ]


def _pieces(word: str, answers: Collection[str], *, most: bool) -> tuple[str, ...] | None:
    for table_word, pieces in {**_SUPERLATIVES, **(_WITH_MOST if most else {})}.items():
        if word.startswith(table_word):
            return pieces
    for table_word, noun in _ADJECTIVES.items():
        if word.startswith(table_word):
            return (noun,)
    for prefix in _NEGATIONS:
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) >= _SHORTEST_REST and stem_of(rest) in answers:
            return ("not", rest)
    return None
