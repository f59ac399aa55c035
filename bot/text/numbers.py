"""Whole numbers as people type them: digits, letters that look like digits, and words up to twenty."""

import re

from bot.text.fold import bare

LOOK_ALIKES = {"0": "o", "1": "il", "o": "0", "i": "1", "l": "1"}
"""What an eye, or a keypad in the wrong mode, takes for what."""

NUMERAL = r"(?:[oil]*\d[\doil]*)"
"""In bare text; one digit must be real, or `il` would be eleven."""

ALONE = re.compile("[oil]")
"""Such a letter by itself, in bare text: a digit behind a product, or a word; never taken for the one or the other."""

_NUMERAL = re.compile(NUMERAL)
_DIGITS = str.maketrans({"o": "0", "i": "1", "l": "1"})
_LONGEST = 15

_WRITTEN = re.compile(r"-?[0-9]{1,15}")


def written(text: str) -> int | None:
    """A whole number as a file has it: plain digits, no more than can be counted; None for anything else."""
    return int(text) if _WRITTEN.fullmatch(text) else None


_TO_SIXTEEN = (
    *("zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"),
    *("neuf", "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize"),
)
_FRENCH = {word: value for value, word in enumerate(_TO_SIXTEEN)} | {"une": 1, "vingt": 20}
_FRENCH_TEENS = {f"dix {_TO_SIXTEEN[unit]}": 10 + unit for unit in (7, 8, 9)}
_UNITS = ("kelen", "fila", "saba", "naani", "duuru", "wooro", "wolonwula", "segin", "kononton")
_BAMBARA = {word: value for value, word in enumerate(_UNITS, 1)} | {"wolonfila": 7, "seegin": 8}
_BAMBARA_TEENS = {f"tan ni {word}": 10 + value for word, value in _BAMBARA.items()}
_VALUES = _FRENCH | _FRENCH_TEENS | _BAMBARA | _BAMBARA_TEENS | {"fu": 0, "tan": 10, "mugan": 20}

# Parts of larger numbers: known, so that `quatre cents` is not taken for four, but not read.
_LARGER = {
    "trente",
    "quarante",
    "cinquante",
    "soixante",
    "vingts",
    "cent",
    "cents",
    "mille",
    "bi",
    "keme",
    "waa",
}
NUMBER_WORDS = frozenset(word for phrase in _VALUES for word in phrase.split()) - {"ni"} | _LARGER


def digit(letter: str) -> int:
    """The digit that a letter alone may be."""
    return int(letter.translate(_DIGITS))


def whole_number(text: str) -> int | None:
    """Read `12`, `I2`, `douze`, `dix-sept` or `tan ni fila`; None for all else, decimals included."""
    word = bare(text)
    if _NUMERAL.fullmatch(word):
        return int(word.translate(_DIGITS)) if len(word) <= _LONGEST else None
    return _VALUES.get(" ".join(word.replace("-", " ").split()))
