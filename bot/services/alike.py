"""Rows of the roster that may be one person: the same name in the same place, or the same number of staff. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations

from msgspec import Struct

from bot.people import Contact
from bot.text.fold import bare

MOST = 5
"""Of a name that more people bear in one place, nothing is guessed."""


class Pair(Struct, frozen=True):
    """Two who may be one; `why`: `name` or `external_id`."""

    one: Contact
    other: Contact
    why: str


def alike(contacts: Iterable[Contact]) -> list[Pair]:
    """By place and name; each pair once, whatever it has in common."""
    same: defaultdict[tuple[str, str, str], list[Contact]] = defaultdict(list)
    for one in sorted(contacts, key=lambda one: one.msisdn):
        for why, what, where in _marks(one):
            same[why, what, where].append(one)
    found: dict[tuple[str, str], Pair] = {}
    for (why, *_), some in sorted(same.items()):
        for one, other in combinations(some, 2) if len(some) <= MOST else ():
            if one.role == other.role:
                found.setdefault((one.msisdn, other.msisdn), Pair(one, other, why))
    return sorted(found.values(), key=lambda pair: (pair.one.path, pair.one.name, pair.one.msisdn))


def _marks(one: Contact) -> Iterator[tuple[str, str, str]]:
    if one.external_id:
        yield "external_id", one.external_id.casefold(), ""
    if words := sorted(bare(one.name).split()):
        yield "name", " ".join(words), one.org_unit
