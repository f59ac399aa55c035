"""What an SMS says: a command, and pairs of product and quantity in any writing.

Its law: what is sure is accepted, what is nearly sure is asked about, all else is named; nothing is guessed.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from itertools import islice
from unicodedata import normalize

from msgspec import Struct
from msgspec.structs import replace

from bot.text.fold import bare, letter_by_letter, one_slip
from bot.text.numbers import ALONE, LOOK_ALIKES, NUMBER_WORDS, NUMERAL, digit, whole_number

# Ten parts of an SMS, and more than any list of products: a bound for noise, not for people.
_LONGEST = 1600
_MOST_ITEMS = 40
_HEARD = 24
_MOST_TOKENS = 1600

_SEPARATORS = frozenset({"et", "ni", "x"})
_NEVER_GUESSED = frozenset({"stop", "start", "cancel"})
_SHORTEST_GUESSED = 4
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’\u0300-\u036f])*|\d+")
_AFTER_KEYWORD = " \t\r\n:=,;.-/#!?"

# Letters stand for tokens: n a number, p a product, d a letter behind it that may be a digit, w another word.
# `12 CTE 5 SRO` is read in pairs only when it is so from end to end; else a number belongs to the word before it.
_NUMBERS_FIRST = re.compile("(?:np)+[wd]*")
_NUMBER_FIRST_ITEM = re.compile("np|[wd]")
_ITEM = re.compile("pd|[pw]n?|n|d")


class Verdict(Enum):
    """What became of one item: stored, asked about, or only named."""

    ACCEPTED = "accepted"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


class Item(Struct, frozen=True):
    """One pair of a report; `reason` is what is wrong with it, in words of the programme's own."""

    raw: str
    verdict: Verdict
    product: str = ""
    quantity: int | None = None
    suggestions: tuple[str, ...] = ()
    reason: str = ""


class Command(Struct, frozen=True):
    """What a keyword asks for, and what follows it."""

    name: str
    rest: str
    number: int | None = None
    """The rest, if it is a whole number and nothing else."""


class _Token(Struct, frozen=True):
    kind: str
    start: int
    end: int
    text: str


def read_items(
    text: str, products: Collection[str], most: int = 9999, units: Collection[str] = ()
) -> tuple[Item, ...]:
    """Read `CTE 12, sro=5` and its like into at most 40 items, in the order they were written.

    `units` are bare words that say nothing behind a number: `5 sachets`.
    """
    text = normalize("NFC", text[:_LONGEST])
    codes = {bare(product): product for product in products}
    tokens = list(islice(_tokens(letter_by_letter(text), tuple(codes), units), _MOST_TOKENS))
    kinds = "".join(token.kind for token in tokens)
    form = _NUMBER_FIRST_ITEM if _NUMBERS_FIRST.fullmatch(kinds) else _ITEM
    items = (_item(text, tokens[item.start() : item.end()], codes, most) for item in form.finditer(kinds))
    return _bounded(list(_once(items)))


def written(items: Iterable[Item]) -> str:
    """Write items as a report is written: `CTE 12, SRO 5`."""
    return ", ".join(f"{item.product} {item.quantity}" for item in items)


def heard(text: str) -> str:
    """Shorten what was heard to what a reply has room to repeat."""
    said = " ".join(text.split())
    return said if len(said) <= _HEARD else f"{said[: _HEARD - 2]}.."


def _bounded(items: list[Item]) -> tuple[Item, ...]:
    """At most forty, of which what was understood comes before any noise, in the order it was written."""
    room = _MOST_ITEMS - sum(item.verdict is not Verdict.REFUSED for item in items)
    kept = []
    for item in items:
        noise = item.verdict is Verdict.REFUSED
        if not noise or room > 0:
            kept.append(item)
        room -= noise
    return tuple(kept[:_MOST_ITEMS])


def read_command(text: str, keywords: Mapping[str, str]) -> Command:
    """Find the command of the longest keyword the text begins with; keywords are bare, of one or more words.

    A keyword of four letters or more may have one slip, if that leaves one command; but never `stop`, `start`
    or `cancel`. Else the name is `answer`, or `empty` when there is nothing to read.
    """
    longest = max((keyword.count(" ") + 1 for keyword in keywords), default=1)
    words = list(islice(_WORD.finditer(text), longest))
    if not words:
        return Command("empty", "")
    for count in range(len(words), 0, -1):
        name = keywords.get(" ".join(bare(word[0]) for word in words[:count]))
        if name:
            return _command(name, text[words[count - 1].end() :])
    names = _nearly(bare(words[0][0]), keywords)
    if len(names) == 1:
        return _command(names.pop(), text[words[0].end() :])
    return Command("answer", text.strip())


def _nearly(word: str, keywords: Mapping[str, str]) -> set[str]:
    return {
        name
        for keyword, name in keywords.items()
        if len(keyword) >= _SHORTEST_GUESSED and name not in _NEVER_GUESSED and one_slip(word, keyword)
    }


def _command(name: str, after: str) -> Command:
    rest = after.lstrip(_AFTER_KEYWORD).rstrip()
    return Command(name, rest, whole_number(rest.rstrip(" .!")))


@lru_cache(maxsize=64)
def _grammar(codes: tuple[str, ...]) -> re.Pattern[str]:
    """Compile the tokens for one list of products, tried in this order; kept, for it takes a hundred SMS' time."""
    longest_first = sorted(filter(None, codes), key=len, reverse=True)
    spelled = "|".join(
        "".join(f"[{re.escape(c + LOOK_ALIKES.get(c, ''))}]" for c in code) for code in longest_first
    )
    code = rf"(?:{spelled or '(?!)'})(?=$|[\W_]|{NUMERAL})"
    # A decimal, a date, `1 000` is one number that is not whole, not two that are; so is one behind a minus.
    signed = rf"(?:(?<![^\W_])-)?{NUMERAL}"
    joined = rf"(?:[.,/-]{NUMERAL}|(?<!\d{{4}})[^\S\n]\d{{3}}(?!\w))*"
    word = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
    in_words = rf"\b(?:{word})\b(?:(?:[\s-]|\b(?:et|ni)\b)+\b(?:{word})\b)*"
    # In `CT3 5` the number is five.
    mixed = r"[^\W\d_]+\d[^\W_]*+(?=[\s:=]+\d)"
    # `20cp` is twenty, but `1Ocp` may be ten.
    with_unit = r"\d+(?:[.,/-]\d+)*(?:[oil][^\W_]*)?"
    return re.compile(
        rf"(?P<n>{signed}{joined}(?![.,/-]\d)(?=$|[\W_]|{code}))"
        rf"|(?P<p>{code})"
        rf"|(?P<n_words>{in_words})"
        rf"|(?P<w>{mixed}|[^\W\d_]+)"
        rf"|(?P<n_unit>{with_unit})"
    )


def _tokens(letters: str, codes: tuple[str, ...], units: Collection[str]) -> Iterator[_Token]:
    behind_number = behind_product = False
    for found in _grammar(codes).finditer(letters):
        kind = str(found.lastgroup)[0]
        if kind == "w" and behind_product and ALONE.fullmatch(found[0]):
            kind = "d"
        silent = kind == "w" and (found[0] in _SEPARATORS or (behind_number and found[0] in units))
        behind_number, behind_product = kind == "n", kind == "p"
        if not silent:
            yield _Token(kind, found.start(), found.end(), found[0])


def _item(text: str, tokens: list[_Token], codes: Mapping[str, str], most: int) -> Item:
    raw = text[tokens[0].start : tokens[-1].end]
    if tokens[-1].kind == "d" and len(tokens) > 1:
        return _maybe(raw, tokens[-1].text, *_product(tokens[0].text, codes))
    return _pair(raw, tokens, codes, most)


def _pair(raw: str, tokens: list[_Token], codes: Mapping[str, str], most: int) -> Item:
    word = next((token.text for token in tokens if token.kind != "n"), "")
    number = next((token.text for token in tokens if token.kind == "n"), "")
    quantity = whole_number(number)
    if not word:
        return Item(raw, Verdict.REFUSED, quantity=quantity, reason="no_product")
    product, suggestions = _product(word, codes)
    if not product:
        nearly = suggestions and quantity is not None and quantity <= most
        verdict = Verdict.DOUBTFUL if nearly else Verdict.REFUSED
        return Item(raw, verdict, "", quantity, suggestions, "unknown_product")
    if not number:
        return Item(raw, Verdict.REFUSED, product, reason="no_quantity")
    if quantity is None:
        return Item(raw, Verdict.REFUSED, product, reason="not_whole")
    if quantity > most:
        return Item(raw, Verdict.REFUSED, product, quantity, reason="too_big")
    return Item(raw, Verdict.ACCEPTED, product, quantity)


def _maybe(raw: str, letter: str, product: str, near: tuple[str, ...]) -> Item:
    """`SRO O` may be `SRO 0`, and may be a slip: a stock-out is not made of a letter."""
    suggestions = (product,) if product else near
    return Item(raw, Verdict.DOUBTFUL, "", digit(letter), suggestions, "no_quantity")


def _product(word: str, codes: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Find the product it is; else those it may be."""
    alike = [word] if word in codes else [code for code in codes if _alike(word, code)]
    if len(alike) == 1:
        return codes[alike[0]], ()
    near = alike or [code for code in codes if one_slip(word, code)]
    return "", tuple(sorted(codes[code] for code in near))


def _alike(word: str, code: str) -> bool:
    return len(word) == len(code) and all(
        a == b or b in LOOK_ALIKES.get(a, "") for a, b in zip(word, code, strict=True)
    )


def _once(items: Iterator[Item]) -> Iterator[Item]:
    """Refuse a product said again with another quantity; the same quantity again says nothing new."""
    stored: dict[str, int | None] = {}
    for item in items:
        if item.verdict is Verdict.ACCEPTED and item.product in stored:
            if stored[item.product] == item.quantity:
                continue
            yield replace(item, verdict=Verdict.REFUSED, reason="repeated")
            continue
        if item.verdict is Verdict.ACCEPTED:
            stored[item.product] = item.quantity
        yield item
