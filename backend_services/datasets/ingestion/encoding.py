"""Which character encoding a text file has. Pure.

Byte order marks and valid UTF-8 decide first. Among the single-byte encodings the one wins that makes the likeliest
letters out of the bytes beyond ASCII; the weights below come from the alphabets of the languages that use each.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

UTF_8 = "utf-8"
_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES = ("cp1250", "cp1252", "iso8859-2", "cp852", "cp850", "mac_latin2", "cp1251")
_WEIGHTS = (
    ("čšžćđČŠŽĆĐ", 1.0),
    ("äöüÄÖÜß", 1.0),
    ("éèàçñóíáúêôâîùòìÉÈÀÇÑÓÍÁÚÊÔÂÎÙ", 0.8),
    ("ąęłńśźżĄĘŁŃŚŹŻřěůýďťňŘĚŮÝĎŤŇőűŐŰ", 0.7),
    ("€°„“”’–…§«»", 0.6),
    ("абвгдежзийклмнопрстуфхцчшщъыьэюя", 0.75),
    ("АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", 0.3),
)
_WEIGHT_OF = {letter: weight for letters, weight in _WEIGHTS for letter in letters}
_OTHER_LETTER = -0.2
_OTHER_SIGN = -0.8
_CONTROL_SIGN = -4.0
_UTF16_ZERO_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding by its Python name, and how many bytes of mark stand before the text.

    Attributes:
        sure: The bytes prove it; pure ASCII proves nothing about what follows.
    """

    name: str
    mark_bytes: int = 0
    sure: bool = True


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder(UTF_8)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(sample: bytes) -> str | None:
    half = len(sample) // 2
    if half == 0:
        return None
    if sample[1::2].count(0) / half > _UTF16_ZERO_SHARE and sample[0::2].count(0) == 0:
        return "utf-16-le"
    if sample[0::2].count(0) / half > _UTF16_ZERO_SHARE and sample[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _score(text: str) -> float:
    total = 0.0
    before = " "
    for letter in text:
        if ord(letter) >= 0x80:  # noqa: PLR2004 - the end of ASCII
            total += _letter_score(letter, before)
        before = letter
    return total


def _letter_score(letter: str, before: str) -> float:
    if "\x80" <= letter <= "\x9f":
        return _CONTROL_SIGN
    weight = _WEIGHT_OF.get(letter)
    if weight is None:
        return _OTHER_LETTER if letter.isalpha() else _OTHER_SIGN
    if letter.isupper() and before.islower():
        return -weight
    return weight


def detect_encoding(head: bytes, further: bytes = b"") -> Encoding:
    """Return the encoding of a file that begins with ``head``; ``further`` holds whole lines from elsewhere in it."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name=name, mark_bytes=len(mark))
    wide = _utf16_without_mark(head[:4096])
    if wide is not None:
        return Encoding(name=wide)
    if head.isascii() and further.isascii():
        return Encoding(name=UTF_8, sure=False)
    if _is_utf8(head) and _is_utf8(further):
        return Encoding(name=UTF_8)
    sample = head + b"\n" + further
    best, best_score = _CANDIDATES[0], float("-inf")
    for name in _CANDIDATES:
        score = _score(sample.decode(name, errors="replace"))
        if score > best_score:
            best, best_score = name, score
    return Encoding(name=best)
