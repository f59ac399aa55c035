"""The plain spelling of a text: for phones that have only GSM letters, and for comparing what people type.

Its law: to_gsm always gives GSM text, both folds change nothing the second time, and a text still compares
equal to its fold.
"""

import unicodedata

from bot.text.gsm import ALPHABET, OUTSIDE, is_gsm

# The Malian spelling of before 1982, which people still read: è ò ny. GSM has è and ò, but no È or Ò.
_BAMBARA = {"ɛ": "è", "Ɛ": "E", "ɔ": "ò", "Ɔ": "O", "ɲ": "ny", "Ɲ": "Ny", "ŋ": "ng", "Ŋ": "Ng"}
# Fulfulde and Tamasheq; and the Greek ε of those whose keyboard has no ɛ.
_NEIGHBOURS = {"ɓ": "b", "Ɓ": "B", "ɗ": "d", "Ɗ": "D", "ƴ": "y", "Ƴ": "Y", "ɣ": "gh", "Ɣ": "Gh"}
_VOWELS = {"ε": "è", "Ε": "E", "ə": "e", "Ə": "E", "ǝ": "e", "Ǝ": "E", "œ": "oe", "Œ": "Oe"}
_SIGNS = {"‹": "<", "›": ">", "·": ".", "×": "x", "÷": "/", "⁄": "/", "°": "o"}
_QUOTES = dict.fromkeys("‘’‚‛′ʼʻ´`", "'") | dict.fromkeys("“”„‟″«»", '"')
_DASHES = dict.fromkeys("‐‑‒–—―−•", "-")
_PLAIN = _BAMBARA | _NEIGHBOURS | _VOWELS | _SIGNS | _QUOTES | _DASHES
_INVISIBLE = frozenset({"Mn", "Me", "Cc", "Cf"})
_COMPARED = str.maketrans({"ñ": "ny", "'": None})


def to_gsm(text: str) -> str:
    """Spell the text in letters that every phone shows at seven bits each, and `?` for what cannot be."""
    return text if is_gsm(text) else _fold(text, lost="?")


def bare(text: str) -> str:
    """Strip a text for comparing: no case, accent, tone or apostrophe; ɛ is e, ɲ is ny; single spaces."""
    if (
        text.isascii() and text.isprintable() and "`" not in text
    ):  # as most are: nothing of it is spelled otherwise
        return " ".join(text.lower().replace("'", "").split())
    folded = _fold(text.casefold(), lost=None).casefold().translate(_COMPARED)
    spaced = " ".join(folded.split())
    return spaced if spaced.isascii() else _unmarked(spaced)


def letter_by_letter(text: str) -> str:
    """Strip each letter by itself, so that a place in the result is the same place in the text."""
    if text.isascii():
        return text.lower()
    return "".join(plain if len(plain := bare(char)) == 1 else char for char in text)


def one_slip(word: str, other: str) -> bool:
    """Tell whether one letter wrong, missing, added, or swapped with the next makes one word the other."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    at = next(
        (i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    rest, other_rest = word[at:], other[at:]
    return (
        rest[1:] == other_rest[1:]
        or rest[1:] == other_rest
        or rest == other_rest[1:]
        or (rest[1::-1] == other_rest[:2] and rest[2:] == other_rest[2:])
    )


def _fold(text: str, lost: str | None) -> str:
    composed = unicodedata.normalize("NFC", text)
    return OUTSIDE.sub(lambda char: _PLAIN.get(char[0]) or _spelled(char[0], lost), composed)


def _spelled(char: str, lost: str | None) -> str:
    if char.isspace():
        return " "
    return "".join(_PLAIN.get(c) or (c if c in ALPHABET else lost or c) for c in _unmarked(char))


def _unmarked(text: str) -> str:
    pieces = unicodedata.normalize("NFKD", text)
    return "".join(piece for piece in pieces if unicodedata.category(piece) not in _INVISIBLE)
