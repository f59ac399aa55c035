"""A whole number that somebody wrote into an address or a form: any text may come, in any script, of any length."""

LONGEST = 17
"""Digits that fit the store's 64 bits with room."""


def whole(text: str) -> int | None:
    """None: no such number, written as we write it."""
    return int(text) if len(text) <= LONGEST and text.isascii() and text.isdecimal() else None


def mark(text: str) -> tuple[int, int, int] | None:
    """A place in a feed, `1790000000000_-3_12`: only the middle one counts downwards for some."""
    parts = text.split("_")
    numbers = [whole(part.removeprefix("-") if at == 1 else part) for at, part in enumerate(parts)]
    if len(numbers) != 3 or None in numbers:
        return None
    moment, number, shard = (number or 0 for number in numbers)
    return moment, -number if parts[1].startswith("-") else number, shard
