"""A question made into USSD screens: no page over budget, no word lost, an option's number never changes."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from msgspec import Struct

from bot.text.gsm import fitting, septets, ucs2_units

BACK = "0"
HOME = "00"
MORE = "98"
BACK_PAST_ZERO = "000"
"""Back, where 0 is itself an answer."""

# Two lines of a small phone; a longer footer is easier to read as a list.
_FOOTER_LINE = 32
_BREAKS = " \n"
_BEFORE_QUESTION = re.compile(r"\n+|(?<=[.!?…]) +")


class Budget(Struct, frozen=True):
    """What one page may hold: 160 septets less the 4 of `CON `, which some networks may count."""

    limit: int = 156
    ucs2: bool = False
    """Counted in UTF-16 units, for contacts who read ɛ ɔ ɲ ŋ where the programme pays for it."""

    def size(self, text: str) -> int:
        """ValueError for a text that should have been folded first."""
        return ucs2_units(text) if self.ucs2 else septets(text)

    def fits(self, text: str) -> bool:
        return self.size(text) <= self.limit


class _Rooms(Struct, frozen=True):
    """What the footer leaves of a page: of one that turns, and of the last one."""

    size: Callable[[str], int]
    turning: int
    last: int


def compile_screen(
    body: str,
    options: Sequence[tuple[str, str]],
    footer: Sequence[tuple[str, str]],
    more: str,
    budget: Budget,
) -> tuple[str, ...]:
    """Lay a screen out in pages, as few as reasonable; on all but the last, `98` shows the next.

    ValueError when there is nothing to show, or when the footer leaves less than a third of a page for it.
    """
    foot, turning_foot = _footer(footer), _footer([(MORE, more), *footer])
    rooms = _Rooms(
        budget.size,
        turning=budget.limit - budget.size(f"\n{turning_foot}"),
        last=budget.limit - budget.size(f"\n{foot}" if foot else ""),
    )
    # Two units, because a character may need them.
    if rooms.turning < max(2, budget.limit / 3):
        raise ValueError(
            f"the footer {turning_foot!r} leaves {rooms.turning} of {budget.limit} for the question"
        )
    pages = _pages(body.strip(_BREAKS), [f"{key} {label}".strip(_BREAKS) for key, label in options], rooms)
    screens = [f"{page}\n{turning_foot}" for page in pages[:-1]]
    screens.append("\n".join(filter(None, (pages[-1], foot))))
    if not screens[-1]:
        raise ValueError("a screen with nothing to show")
    return tuple(screens)


def _footer(items: Sequence[tuple[str, str]]) -> str:
    keys = [f"{key} {label}" for key, label in items]
    line = " ".join(keys)
    return line if len(line) <= _FOOTER_LINE else "\n".join(keys)


def _pages(body: str, options: list[str], rooms: _Rooms) -> list[str]:
    plain = _fill([body, *options] if body else options, rooms, rooms.last)
    if len(plain) == 1 or not options:
        return plain
    for head, question in _questions(body):
        ending = "\n".join([question, *options])
        if rooms.size(ending) > rooms.last:
            break
        together = [*_fill([head], rooms, rooms.turning), ending]
        if len(together) <= len(plain):
            return together
    return plain


def _questions(body: str) -> Iterator[tuple[str, str]]:
    """Cut the body before its last line or sentence, then before the last two, and so on."""
    for gap in reversed(list(_BEFORE_QUESTION.finditer(body))):
        yield body[: gap.start()].rstrip(_BREAKS), body[gap.end() :].lstrip(_BREAKS)


def _fill(blocks: list[str], rooms: _Rooms, last: int) -> list[str]:
    pages = []
    while rooms.size("\n".join(blocks)) > last:
        page, blocks = _turn(blocks, rooms)
        pages.append(page)
    return [*pages, "\n".join(blocks)]


def _turn(blocks: list[str], rooms: _Rooms) -> tuple[str, list[str]]:
    """One page and what is left; only a block that is too long for a page of its own is cut."""
    ends = accumulate(rooms.size(block) + 1 for block in blocks)
    whole = sum(end - 1 <= rooms.turning for end in ends)
    if whole:
        return "\n".join(blocks[:whole]), blocks[whole:]
    head, tail = _cut(blocks[0], rooms)
    return head, [tail, *blocks[1:]]


def _cut(text: str, rooms: _Rooms) -> tuple[str, str]:
    end = fitting(text, rooms.turning, rooms.size)
    gap = max(text.rfind(mark, 0, end + 1) for mark in _BREAKS)
    if gap > 0:
        end = gap
    return text[:end].rstrip(_BREAKS), text[end:].lstrip(_BREAKS)
