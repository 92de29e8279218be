"""Words of a question and of a catalogue made comparable: case, diacritics, inflection, typing errors. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import simplemma
from rapidfuzz import process
from rapidfuzz.distance import OSA

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def words_of(text: str) -> frozenset[str]:
    """Return the words of a list written as one text."""
    return frozenset(text.split())


_WORD = re.compile(
    r"(?<![\w.,)%-])[-\u2212]\d+(?:[.,]\d+)?(?![\w-])|\d{4}-\d{2}-\d{2}|\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{1,3}(?:[.,\u00a0]\d{3})+(?![\d])|\d+(?:[.,]\d+)?|[^\W\d_]+\d[^\W_]*|[^\W\d_]+(?:['\u2019][a-z]+)?"
    r"|[^\W_]+|[<>]=?|!=|=|%|\u20ac|\$|,|\u2264|\u2265"
)
_ENDINGS = (
    *("skega", "skemu", "skimi", "skih"),
    *("ijami", "ijah", "ami", "emi", "ega", "emu", "imi", "ima", "ama", "oma", "ema"),
    *("ah", "eh", "ih", "ov", "ev", "em", "om", "am", "im", "es", "a", "e", "i", "o", "u", "s"),
)
_CARONS = {"c": "č", "s": "š", "z": "ž"}
_MOST_CARONS = 4
_PLURAL = ("es", "s")
_SLOVENIAN = words_of(
    "po v z s za na od do in ali je so koliko kateri katera katero katere kaj kdo kje kdaj koliksen koliksna koliksno"
    " prikazi pokazi izpisi nastej naredi stevilo skupaj skupno skupni povprecno povprecna povprecje mesecno letno"
    " lani letos mesec mesecev mesecih letu leta najbolj najvec najmanj razen brez glede pregled ki bi kot kako"
    " prejsnji zadnjih zadnji delez vsak vsako vsakega ima imajo narocil prihodki"
)
_ENGLISH = words_of(
    "the of by per in for and or is are what which who how many much show list give total average number each with"
    " than from since last this between to top most least not without over under as a an me our monthly yearly"
)
_DIACRITICS = frozenset("čšžćđ")
_SHORT = {"min": "minimum", "max": "maximum", "avg": "average", "qty": "quantity", "amt": "amount"}
_SHORTEST_TYPO = 4
_LONG_WORD = 8


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a question.

    Attributes:
        keys: Folded form and lemmas: what cue words are compared with.
        stem: Folded word without its ending: a weaker key, for names of fields and values only.
        corrected: The word that a typing error was taken for.
    """

    text: str
    folded: str
    keys: frozenset[str]
    stem: str
    position: int
    start: int = 0
    end: int = 0
    corrected: str = ""

    @property
    def is_number(self) -> bool:
        """Return whether it is written in digits."""
        digits = self.folded.removeprefix("-")
        return digits[:1].isdigit() and "-" not in digits and number(self.folded) is not None


@dataclass(frozen=True, slots=True)
class Phrase:
    """A name in comparable words."""

    words: tuple[frozenset[str], ...]
    stems: tuple[str, ...]
    text: str = field(default="", compare=False)


def fold(text: str) -> str:
    """Return ``text`` in lower case without diacritics."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("\u2212", "-")


@lru_cache(maxsize=20_000)
def keys_of(word: str) -> frozenset[str]:
    """Return the folded word and its lemmas in both languages."""
    lower = word.casefold()
    found = {fold(lower)}
    if lower in _SHORT:
        found.add(_SHORT[lower])
    if lower.isalpha() and len(lower) > 1:
        found |= {fold(simplemma.lemmatize(one, lang="sl")) for one in _with_carons(lower)}
        found |= {fold(simplemma.lemmatize(lower, lang=language)) for language in ("en", "sl")}
    return frozenset(found)


def _with_carons(word: str) -> tuple[str, ...]:
    """Return the Slovenian words that ``word`` is, typed without carons: "cajem" is "čajem"."""
    places = [place for place, letter in enumerate(word) if letter in _CARONS]
    if not places or len(places) > _MOST_CARONS or not word.isascii() or len(word) < _SHORTEST_TYPO:
        return ()
    if any(simplemma.is_known(word, lang=language) for language in ("en", "sl")):
        return ()
    found = []
    for choice in product((False, True), repeat=len(places)):
        letters = list(word)
        for place, caron in zip(places, choice, strict=True):
            letters[place] = _CARONS[letters[place]] if caron else letters[place]
        found.append("".join(letters))
    return tuple(one for one in found[1:] if simplemma.is_known(one, lang="sl"))


def _is_english(word: str) -> bool:
    """Return whether only English has a word, so that no Slovenian ending is taken off it: "place" is no "plača"."""
    lower = word.casefold()
    return simplemma.is_known(lower, lang="en") and not simplemma.is_known(lower, lang="sl")


@lru_cache(maxsize=20_000)
def stem_of(word: str) -> str:
    """Return the folded word without its inflection, at least four letters of it."""
    folded = fold(word)
    if not folded.isalpha():
        return folded
    if folded.endswith("ies") and len(folded) > _SHORTEST_TYPO + 1:
        return folded[:-3]
    for ending in _PLURAL if _is_english(word) else _ENDINGS:
        if folded.endswith(ending) and len(folded) - len(ending) >= _SHORTEST_TYPO:
            return folded.removesuffix(ending)
    return folded


def tokens_of(text: str) -> tuple[Token, ...]:
    """Split ``text`` into words, numbers and comparison signs."""
    found: list[Token] = []
    for match in _WORD.finditer(text):
        word = re.sub(r"['\u2019]s$", "", match.group())
        found.append(
            Token(
                text=word,
                folded=fold(word),
                keys=keys_of(word),
                stem=stem_of(word),
                position=len(found),
                start=match.start(),
                end=match.end(),
            )
        )
    return tuple(found)


@lru_cache(maxsize=50_000)
def phrase_of(text: str, *, is_value: bool = False) -> Phrase:
    """Return a name in comparable words; ``snake_case`` and ``camelCase`` fall apart, but in a value ("PayPal")."""
    spaced = text if is_value else re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text)
    tokens = [token for token in tokens_of(spaced) if token.folded not in {",", "=", "%"}]
    return Phrase(words=tuple(one.keys for one in tokens), stems=tuple(one.stem for one in tokens), text=text)


def language_of(question: str, default: str = "en") -> str:
    """Return ``sl`` or ``en``, whichever the question's small words belong to."""
    words = [token.folded for token in tokens_of(question)]
    slovenian = sum(word in _SLOVENIAN for word in words) + 2 * any(
        letter in _DIACRITICS for letter in question.lower()
    )
    english = sum(word in _ENGLISH for word in words)
    if slovenian == english:
        return default
    return "sl" if slovenian > english else "en"


def number(text: str) -> float | None:
    """Read a number written with either decimal sign and either thousands sign."""
    clean = text.replace("\u00a0", "")
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", clean):
        return float(re.sub(r"[.,]", "", clean))
    try:
        return float(clean.replace(",", "."))
    except ValueError:
        return None


def correct(
    tokens: Sequence[Token],
    known: Collection[str],
    stems: Collection[str],
    vocabulary: Sequence[str],
    *,
    doubted: Collection[int] = (),
) -> tuple[Token, ...]:
    """Return the tokens with typing errors taken back.

    Args:
        tokens: Words of a question.
        known: Folded words that are right as they are.
        stems: Stems that are right as they are.
        vocabulary: Folded words that an unknown word may have been meant to be.
        doubted: Places of words that explain nothing, although a dictionary may know them ("moth" for "month").
    """
    return tuple(_corrected(token, known, stems, vocabulary, doubted=token.position in doubted) for token in tokens)


def _is_slip(word: str, other: str) -> bool:
    """Return whether a real word was hardly meant: a letter is lost, doubled or swapped; a "pilot" is no "pivot"."""
    return len(word) != len(other) or sorted(word) == sorted(other)


def _corrected(
    token: Token, known: Collection[str], stems: Collection[str], vocabulary: Sequence[str], *, doubted: bool
) -> Token:
    word = token.folded
    if not word.isalpha() or len(word) < _SHORTEST_TYPO or token.stem in stems or word in known:
        return token
    if not doubted and not token.keys.isdisjoint(known):
        return token
    if not doubted and any(simplemma.is_known(token.text.casefold(), lang=language) for language in ("en", "sl")):
        return token
    allowed = 2 if len(word) >= _LONG_WORD and not doubted else 1
    near = process.extract(word, vocabulary, scorer=OSA.distance, score_cutoff=allowed, limit=5)
    if doubted and any(simplemma.is_known(token.text.casefold(), lang=language) for language in ("en", "sl")):
        near = [one for one in near if _is_slip(word, one[0])]
    close = [(distance, other) for other, distance, _ in near if len(other) >= _SHORTEST_TYPO and other[0] == word[0]]
    if not close:
        close = [(distance, other) for other, distance, _ in near if sorted(other) == sorted(word)]
    if not close:
        return token
    best = min(close)[1]
    return replace(token, keys=token.keys | keys_of(best), stem=stem_of(best), corrected=best)
